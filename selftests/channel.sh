#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The program userspace/channel/channel and the device: messages of three sizes through a
# pool that has frames for a sixth of a message, a sender or receiver that is killed in the
# middle, and users that may not have the device, or not so many pages.

set -uo pipefail

here=$(readlink -f "$(dirname "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
pool=/sys/class/swaplab/swaplab0

prepare_device 48 "$here/channel"

nothing_is_left()
{
	for _ in {1..600}; do
		[ "$(cat $pool/stats/{names,resident,swapped} | xargs)" = "0 0 0" ] && return
		sleep 0.1
	done
	return 1
}

test_messages()
{
	says 0 "swaplab " "messages arrive as they were sent" channel -r 1 -b 2M swaplab
	[ "$(grep -cE '^swaplab +(4096|65536|1048576) ' output)" = 3 ]
	ok $? "a line for each size"
	[ "$(< $pool/stats/swap_ins)" -gt 256 ]
	ok $? "pages went to the store and came back on their way"
	# To the channel and out of it, in two rounds of three sizes.
	is "each page has moved twice" $((2 * 2 * 3 * 512)) "$(< $pool/stats/moves)"
	nothing_is_left
	ok $? "no name and no page is left"
}

# The receiver is the child that was started first.
kill_child()	# receiver|sender MESSAGE
{
	local program child=() moves

	moves=$(< $pool/stats/moves)
	channel -r 101 -b 1G -s 64K swaplab > output 2>&1 &
	program=$!
	while [ "$(< $pool/stats/moves)" -lt $((moves + 200)) ] && kill -0 $program; do
		sleep 0.05
	done
	read -r -a child < <(pgrep -P $program | sort -n | xargs)
	[ "$1" = receiver ] || child=("${child[@]:1}")
	kill -KILL "${child[0]}"
	wait $program
	is "the $1 is killed: the program fails" 1 $?
	grep -q "a signal has ended the $1: Killed" output && grep -q "$2 a message: Broken pipe" output
	ok $? "the $1 is killed: the other side ends with an error"
	nothing_is_left
	ok $? "the $1 is killed: no name and no page is left"
}

# The receiver cannot make the channel: a region has its name, which has the number of the process.
test_taken()
{
	cat > take_name <<-'END_OF_PROGRAM'
		import fcntl, os, struct
		SWAPLAB_OPEN = 1 << 30 | 272 << 16 | 0xba << 8 | 8
		name = b"channel-%d" % os.getpid()
		request = bytearray(struct.pack("256s4I", name, os.O_CREAT | os.O_RDWR, 0o600, 1, 0))
		fcntl.ioctl(os.open("/dev/swaplab0", os.O_RDWR), SWAPLAB_OPEN, request)
		os.execvp("channel", ["channel", "-r", "1", "-s", "4K", "swaplab"])
	END_OF_PROGRAM
	says 1 "File exists" "a channel that cannot be made ends both sides" timeout 120 python3 take_name
	swaplab unlink "$(swaplab status | sed -n 's/^ *\(channel-[0-9]*\): .*/\1/p')"
	nothing_is_left
	ok $? "no name and no page is left by it"
}

test_users()
{
	says 1 "may you use it" "a user that may not open the device" user channel -r 1 swaplab
	chmod 666 /dev/swaplab0
	says 0 "swaplab " "a user that may" user channel -r 1 -b 256K -s 64K swaplab
	swaplab set max_user_pages=64
	says 1 "No space left on device" "a user that may not have so many pages" \
		user channel -r 1 -s 64K swaplab
	swaplab set max_user_pages=0
	nothing_is_left
	ok $? "no name and no page is left by users"
}

test_messages
kill_child sender "to receive"
kill_child receiver "to send"
test_taken
test_users
finish
