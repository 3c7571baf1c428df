#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Paging to another machine, which is this one, over loopback: nbd-server is killed
# and restarted while a process uses pages, and every page keeps its content. The
# server's memory is locked, since it must not wait for memory that it is to free.

set -uo pipefail

here=$(readlink -f "$(dirname "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib_network.sh
. "$here/lib_network.sh"
keeper=''

# shellcheck disable=SC2317 # by the trap
clean_up()
{
	[ -z "$keeper" ] || kill "$keeper"
	end_network
	nbd_end
}

kill_and_restart()	# NAME
{
	nbd_stop
	# Transfers under way may still end.
	sleep 3
	waits
	ok $? "$1: without a server the load waits"
	nbd_start
	goes_on "$(uses)"
	ok $? "$1: with a server again it goes on"
}

begin_network nbd clean_up
nbd_serve "$export"
nbd_connect > client.log 2>&1
ok $? "the client connects"
for pid in $nbd_server $(pgrep -P "$nbd_server"); do
	awk '/^VmLck/ { exit !($2 > 0) }' "/proc/$pid/status"
	ok $? "the memory of the server's process is locked"
done
"$here/nbd-reconnect" --port "$nbd_port" --name swap --wait 300 127.0.0.1 /dev/nbd0 > keeper.log 2>&1 &
keeper=$!
says 0 "/dev/nbd0" "the device is attached" swaplab attach 0 /dev/nbd0 --frames 256
start_load
goes_on 0
ok $? "a process pages to it"
kill_and_restart "killed once"
kill_and_restart "killed twice"
end_load
sed 's/^/# /' keeper.log nbd.log
finish
