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
pool=/sys/class/swaplab/swaplab0
server='' keeper='' load=''
export PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2317 # by the trap
clean_up()
{
	[ -z "$load" ] || { kill "$load"; wait "$load"; }
	[ -z "$keeper" ] || kill "$keeper"
	swaplab detach --all
	nbd-client -d /dev/nbd0
	stop_server
	rm -rf "$work" "$export"
} > /dev/null 2>&1

[ "$(id -u)" = 0 ] || skip "not root"
[ -e $pool ] || skip "no device: load the module"
[ "$(< $pool/swap_file)" = none ] || skip "swaplab0 is in use"
command -v nbd-server nbd-client > /dev/null || skip "no nbd-server, nbd-client"
modprobe -q nbd || skip "the kernel has no nbd"
export=$(mktemp -p /dev/shm)
trap clean_up EXIT
install_command

truncate -s 64M "$export"
cat > config <<END
[generic]
	user = root
	group = root
	listenaddr = 127.0.0.1
	port = 10899
[swap]
	exportname = $export
END

start_server()
{
	LD_PRELOAD=$here/lock_memory.so nbd-server -C "$work/config" -p "$work/server.pid" >> server.log 2>&1
	for _ in {1..100}; do
		[ -s server.pid ] && [ -n "$(ss -Hltn 'sport = 10899')" ] && break
		sleep 0.1
	done
	server=$(< server.pid)
}

# With the children that serve, which are one group. No client gets a message.
stop_server()
{
	[ -z "$server" ] || kill -KILL -- "-$server" || kill -KILL "$server"
	server=
	rm -f server.pid
}

# Each use of a page checks the content of the last one. Prints how many there were.
start_load()
{
	python3 -c '
import mmap, os, random, struct
pages = 4096
map = mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), pages * 4096)
wanted = [0] * pages
uses = 0
def use(page):
    at = page * 4096 + page % 500 * 8
    found, = struct.unpack_from("=Q", map, at)
    if found != wanted[page]:
        raise SystemExit(f"page {page} has {found} in place of {wanted[page]}")
    wanted[page] = found * 31 + page + 1 & 0xffffffff
    struct.pack_into("=Q", map, at, wanted[page])
while not os.path.exists("stop"):
    for i in range(100):
        use(random.randrange(pages))
    uses += 100
    with open("uses.new", "w") as file:
        file.write(str(uses))
    os.rename("uses.new", "uses")
for page in range(pages):
    use(page)
print("all pages are as they should be")' > load.log 2>&1 &
	load=$!
}

uses()
{
	cat uses 2> /dev/null || echo 0
}

# Whether there are more uses than before, after a while.
goes_on()	# USES-BEFORE
{
	for _ in {1..600}; do
		[ "$(uses)" -gt $(($1 + 500)) ] && return
		kill -0 $load 2> /dev/null || break
		sleep 0.1
	done
	return 1
}

kill_and_restart()	# NAME
{
	local before

	stop_server
	# Transfers under way, and uses that need no disk, may still end.
	sleep 3
	before=$(uses)
	sleep 2
	[ $(($(uses) - before)) -lt 500 ] && kill -0 $load
	ok $? "$1: without a server the load waits"
	start_server
	goes_on "$(uses)"
	ok $? "$1: with a server again it goes on"
}

start_server
nbd-client -b 4096 -N swap 127.0.0.1 10899 /dev/nbd0 > client.log 2>&1
ok $? "the client connects"
for pid in $server $(pgrep -P "$server"); do
	awk '/^VmLck/ { exit !($2 > 0) }' "/proc/$pid/status"
	ok $? "the memory of the server's process is locked"
done
"$here/nbd-reconnect" --port 10899 --name swap --wait 300 127.0.0.1 /dev/nbd0 > keeper.log 2>&1 &
keeper=$!
says 0 "/dev/nbd0" "the device is attached" swaplab attach 0 /dev/nbd0 --frames 256
start_load
goes_on 0
ok $? "a process pages to it"
kill_and_restart "killed once"
kill_and_restart "killed twice"
touch stop
wait $load
ok $? "nothing is lost"
load=
[ "$(< $pool/stats/io_errors)" = 0 ]
ok $? "no transfer failed"
sed 's/^/# /' load.log keeper.log server.log
echo "# $(uses) uses, $(< $pool/stats/swap_ins) pages in, $(< $pool/stats/swap_outs) out"
finish
