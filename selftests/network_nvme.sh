#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Paging by NVMe over TCP, over loopback, to the kernel's own target: the connection is cut
# and restored while a process uses pages, by the target and by a network that loses each
# packet, and every page keeps its content. A cut that outlasts the host's patience gives
# SIGBUS for the pages that only the target has, and no wrong byte.

set -uo pipefail

here=$(readlink -f "$(dirname "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib_network.sh
. "$here/lib_network.sh"
reader=''

# A disk that is gone lets waiting transfers go.
# shellcheck disable=SC2317 # by the trap
clean_up()
{
	nvme_end
	[ -z "$reader" ] || { kill "$reader"; wait "$reader"; }
	end_network
}

soon()		# COMMAND...
{
	for _ in {1..600}; do
		"$@" && return
		sleep 0.1
	done
	return 1
}

# shellcheck disable=SC2317 # soon calls it
is_live()
{
	[ "$(cat "$nvme_controller/state")" = live ]
}

# shellcheck disable=SC2317 # soon calls it
is_away()
{
	! is_live
}

# shellcheck disable=SC2317 # soon calls it
is_gone()
{
	[ ! -e "$nvme_controller" ]
}

# The host notices silence by a keep-alive that has no answer.
cut_and_restore()	# CUT RESTORE NAME
{
	"$1"
	soon is_away && waits
	ok $? "$3: the load waits"
	"$2"
	soon is_live && goes_on "$(uses)"
	ok $? "$3: afterwards it goes on"
}

# Fills a region, and then reads it whenever it is asked to: prints how many pages are right
# and how many wrong, how many cannot be read, and the signal for the first of these. A
# system call gets EFAULT where the program would get SIGBUS.
start_reader()
{
	coproc READER { exec python3 -c '
import ctypes, errno, mmap, os, struct, sys
pages = 512
map = mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), pages * 4096)
start = ctypes.addressof(ctypes.c_char.from_buffer(map))
copy = os.memfd_create("copy")
pwrite = ctypes.CDLL(None, use_errno=True).pwrite
def content(page):
    return struct.pack("=Q", page * 0x9e3779b97f4a7c15 + 1 & 0xffffffffffffffff) * 512
def read(page):
    if pwrite(copy, ctypes.c_void_p(start + page * 4096), ctypes.c_size_t(4096), ctypes.c_long(0)) == 4096:
        return os.pread(copy, 4096, 0)
    if ctypes.get_errno() != errno.EFAULT:
        raise OSError(ctypes.get_errno(), "pwrite")
def touch(page):
    child = os.fork()
    if not child:
        map[page * 4096]
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WTERMSIG(status)
for page in range(pages):
    map[page * 4096:(page + 1) * 4096] = content(page)
for line in sys.stdin:
    found = [read(page) for page in range(pages)]
    failed = [page for page in range(pages) if found[page] is None]
    right = sum(found[page] == content(page) for page in range(pages))
    print(right, pages - right - len(failed), len(failed), touch(failed[0]) if failed else 0, flush=True)
' 2> reader.log; }
	reader=$READER_PID
}

read_all()
{
	right='' wrong='' failed_pages='' signal=''
	echo >&"${READER[1]}" && read -r right wrong failed_pages signal <&"${READER[0]}"
	echo "# $right pages right, $wrong wrong, $failed_pages not readable, signal $signal"
	[ -n "$signal" ]
}

reads_all_pages()
{
	read_all && [ "$right" = 512 ]
}

# Those in memory are right.
gets_sigbus()
{
	read_all && [ "$wrong" = 0 ] && [ "$right" -gt 0 ] && [ "$failed_pages" -gt 0 ] &&
		[ "$signal" = "$(kill -l BUS)" ]
}

# While the load runs, the host tries for as long as it takes.
connect()
{
	nvme_connect keep_alive_tmo=1,reconnect_delay=1,ctrl_loss_tmo=-1
	ok $? "the host connects"
	says 0 "$nvme_disk" "the device is attached" \
		swaplab attach 0 "$nvme_disk" --overwrite --frames 256
}

begin_network nvme clean_up
nvme_serve "$export"
connect
start_load
goes_on 0
ok $? "a process pages to it"
for time in first second; do
	cut_and_restore nvme_stop nvme_start "the target goes, the $time time"
	cut_and_restore nvme_cut nvme_mend "packets are lost, the $time time"
done
end_load

# Frames that hold what the target has, too, need no write.
start_reader
reads_all_pages
ok $? "a process fills pages and reads them back"
echo 1 > "$nvme_controller/fast_io_fail_tmo"
nvme_cut
soon is_away && gets_sigbus
ok $? "after fast_io_fail_tmo, pages that only the target has give SIGBUS"
echo -1 > "$nvme_controller/fast_io_fail_tmo"
nvme_mend
soon is_live && reads_all_pages
ok $? "when the target is back, they are all there"
echo 1 > "$nvme_controller/ctrl_loss_tmo"
nvme_stop
soon is_gone && gets_sigbus
ok $? "after ctrl_loss_tmo the disk is gone, with what only it had"
kill "$reader"
wait "$reader" 2> /dev/null
reader=''
sed 's/^/# /' reader.log

says 0 "" "a disk that is gone is detached" swaplab detach 0
nvme_start
connect
start_reader
reads_all_pages
ok $? "with a new connection the device works as before"
finish
