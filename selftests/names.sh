#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command swaplab and the names of regions: status lists them, and unlink takes them
# away, with good, bad and missing input, as root and as an ordinary user.

set -uo pipefail

here=$(dirname "$0")
# shellcheck source=lib.sh
. "$here/lib.sh"
stats=/sys/class/swaplab/swaplab0/stats
keeper='' added=''

# shellcheck disable=SC2317 # by the trap
clean_up()
{
	[ -z "$keeper" ] || kill "$keeper" 2> /dev/null
	wait
	chmod 600 /dev/swaplab0
	[ -z "$added" ] || swaplab remove "$added"
	rm -rf "$work"
}

[ "$(id -u)" = 0 ] || skip "not root"
[ -e $stats ] || skip "no device: load the module"
[ "$(< $stats/names)" = 0 ] || give_up "swaplab0 has no region with a name"
trap clean_up EXIT
install_command

# Makes a region of 8 pages that stays, and writes to all of them.
cat > make_region <<'END_OF_PROGRAM'
import fcntl, mmap, os, struct, sys, time
device, name, seconds = sys.argv[1], os.fsencode(sys.argv[2]), float(sys.argv[3])
SWAPLAB_OPEN = 1 << 30 | 272 << 16 | 0xba << 8 | 8
flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
request = bytearray(struct.pack("256s4I", name, flags, 0o600, 1, 0))
fd = fcntl.ioctl(os.open(device, os.O_RDWR), SWAPLAB_OPEN, request)
pages = mmap.mmap(fd, 8 * mmap.PAGESIZE)
for page in range(8):
    pages[page * mmap.PAGESIZE] = 1
print("made", flush=True)
time.sleep(seconds)
END_OF_PROGRAM

# A file may outlive its process for a moment.
await_closed()
{
	for _ in {1..600}; do
		swaplab status | grep -q 'open files [1-9]' || break
		sleep 0.1
	done
}

make_region()	# NAME [DEVICE]
{
	python3 make_region "/dev/${2-swaplab0}" "$1" 0 > /dev/null
	await_closed
}

make_region_as_user()	# NAME
{
	user python3 make_region /dev/swaplab0 "$1" 0 > /dev/null
	await_closed
}

# The same in a process that keeps it open.
keep_region()	# NAME
{
	mkfifo made
	python3 make_region /dev/swaplab0 "$1" 1000 > made &
	keeper=$!
	read -r _ < made
}

# Pages of a region that has no name any more go when its process is gone.
await_pages()	# NUMBER
{
	for _ in {1..600}; do
		[ "$(nr_pages)" != "$1" ] || break
		sleep 0.1
	done
}

nr_pages()
{
	echo $(($(< $stats/resident) + $(< $stats/swapped)))
}

test_status()
{
	make_region scratch
	make_region $'odd\e[2J'
	says 0 "    scratch: region " "status: a name" swaplab status
	grep -qF 'mode 0600, uid 0, gid 0, open files 0, resident 8, swapped 0, stays' output
	ok $? "status: and what is known of the region"
	grep -qF '    odd\033[2J: region ' output && ! grep -q $'\e' output
	ok $? "status: no byte of a name changes the terminal"
	swaplab status --json 0 > output
	json "[n['name'] for n in j[0]['names']] == ['odd\\x1b[2J', 'scratch'] and
		j[0]['names'][1]['stays'] == 1 and j[0]['names'][1]['resident'] == 8"
	ok $? "status: names as JSON"
}

test_refused()
{
	says 2 "one region is wanted" "unlink: nothing" swaplab unlink
	says 2 "one region is wanted" "unlink: two names" swaplab unlink scratch scratch
	says 2 "not the name of a region" "unlink: an empty name" swaplab unlink ''
	says 2 "not the name of a region" "unlink: a name with a slash" swaplab unlink a/b
	says 2 "not the name of a region" "unlink: a name that is too long" \
		swaplab unlink "$(printf 'x%.0s' {1..256})"
	says 1 "there is no region xxx" "unlink: the longest name" swaplab unlink "$(printf 'x%.0s' {1..255})"
	says 2 "not a device" "unlink: no device's name" swaplab unlink -d x scratch
	says 1 "no such device" "unlink: a device that is not there" swaplab unlink -d 77 scratch
	says 1 "there is no region scrtach; did you mean scratch?" "unlink: a name that is nearly one" \
		swaplab unlink scrtach
	says 1 "there is no region odd[2J" "unlink: a name that is nearly an odd one" swaplab unlink 'odd[2J'
	! grep -q 'did you mean' output
	ok $? "unlink: the odd one is not printed"
	says 1 "sudo" "unlink: a user that may not open the device" user swaplab unlink scratch
	chmod 666 /dev/swaplab0
	says 1 "another user's region" "unlink: another user" user swaplab unlink scratch
	is "unlink: after these all names are there" 2 "$(< $stats/names)"
}

test_unlinked()
{
	says 0 "" "unlink: a region that no process has open" swaplab unlink scratch
	is "unlink: and says nothing" "" "$(< output)"
	is "unlink: its pages are free" 8 "$(nr_pages)"
	says 1 "there is no region scratch" "unlink: once more" swaplab unlink scratch
	says 0 "" "unlink: an odd name" swaplab unlink $'odd\e[2J'
	is "unlink: no name and no page is left" "0 0" "$(< $stats/names) $(nr_pages)"
	make_region_as_user users
	says 0 "" "unlink: an ordinary user and its own region" user swaplab unlink users
	make_region_as_user users
	says 0 "" "unlink: root and a user's region" swaplab unlink users
	chmod 600 /dev/swaplab0
}

test_open()
{
	keep_region kept
	says 0 "" "unlink: a region that a process has open" swaplab unlink kept
	is "unlink: the process keeps the pages" "0 8" "$(< $stats/names) $(nr_pages)"
	make_region kept
	is "unlink: another region gets the name" "1 16" "$(< $stats/names) $(nr_pages)"
	kill "$keeper"
	wait "$keeper" 2> /dev/null
	keeper=
	await_pages 8
	is "unlink: the end of the process frees them" "1 8" "$(< $stats/names) $(nr_pages)"
	swaplab unlink kept
}

test_device()
{
	added=$(swaplab add | tr -dc 0-9)
	make_region scratch "swaplab$added"
	says 1 "there is no region scratch" "unlink: swaplab0 has no name of another device" \
		swaplab unlink scratch
	says 0 "" "unlink: of another device" swaplab unlink -d "$added" scratch
	is "unlink: it is gone there" 0 "$(< "/sys/class/swaplab/swaplab$added/stats/names")"
}

test_status
test_refused
test_unlinked
test_open
test_device
finish
