# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions that the tests of the command share. Sourced, not run.

work=$(mktemp -d)
export ASAN_OPTIONS=detect_leaks=0

skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# The command or the device does not work, or an earlier test has left something behind.
give_up()	# NAME
{
	ok 1 "$1"
	finish
}

# A place where every user may run it; the directory of the tests need not allow that.
install_command()
{
	chmod 755 "$work"
	mkdir "$work/bin"
	cp "$(dirname "$0")"/swaplab{,-sim,-record,-workload} "$work/bin"
	PATH=$work/bin:$PATH
	cd "$work" || exit
}

# shellcheck disable=SC2317 # by the trap
reset_device()
{
	chmod 600 /dev/swaplab0
	swaplab reset
	swaplab detach --all
	rm -rf "$work"
} > /dev/null 2>&1

# swaplab0 with a store, until the end of the test, and programs where every user may run them.
prepare_device()	# FRAMES PROGRAM...
{
	local pool=/sys/class/swaplab/swaplab0 store=${SWAPLAB_STORE:-/dev/nullb0}

	[ "$(id -u)" = 0 ] || skip "not root"
	[ -e $pool ] || skip "no device: load the module"
	[ -b "$store" ] || skip "no store"
	[ "$(< $pool/swap_file)" = none ] || give_up "swaplab0 is not in use"
	trap reset_device EXIT
	install_command
	cp "${@:2}" bin
	swaplab attach 0 "$store" --overwrite --frames "$1" > /dev/null ||
		give_up "the store is attached"
	echo 1 > $pool/stats/reset
}

number=0
failed=0
ok()		# STATUS NAME
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		echo "not ok $number $2"
		failed=1
	fi
}

is()		# NAME EXPECTED GOT
{
	local status=0

	[ "$2" = "$3" ] || status=1
	[ $status = 0 ] || printf 'expected: %s\ngot: %s\n' "$2" "$3" | sed 's/^/# /'
	ok $status "$1"
}

# Whether a command ends with a status and says something.
says()		# STATUS TEXT NAME COMMAND...
{
	local status=$1 text=$2 name=$3 got=0
	shift 3

	"$@" > output 2>&1 || got=$?
	if [ $got = "$status" ] && { [ -z "$text" ] || grep -qF -- "$text" output; } &&
		! grep -qE 'Sanitizer|runtime error' output; then
		ok 0 "$name"
	else
		sed "s/^/# status $got: /" output
		ok 1 "$name"
	fi
}

user()		# COMMAND...
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# Checks that JSON is well-formed, and the value of an expression of python3 on it.
json()		# EXPRESSION
{
	python3 -c '
import json, sys
j = json.load(open("output"))
sys.exit(not eval("(" + sys.argv[1] + ")"))' "$1"
}

finish()
{
	echo "1..$number"
	exit $failed
}
