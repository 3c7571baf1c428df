# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A load on swaplab0 whose disk goes and comes back, for the tests of paging to another
# machine. Sourced after lib.sh, with here set, the directory of the tests.

# shellcheck source=../userspace/remote/transports.sh disable=SC2154
. "$here/transports.sh"
# shellcheck disable=SC2034 # transports.sh has it preloaded
lock_memory=$here/lock_memory.so
pool=/sys/class/swaplab/swaplab0
load=''
export PATH=$PATH:/usr/sbin:/sbin

# The trap comes before anything is changed.
begin_network()		# TRANSPORT CLEAN-UP
{
	local reason

	[ "$(id -u)" = 0 ] || skip "not root"
	[ -e $pool ] || skip "no device: load the module"
	[ "$(< $pool/swap_file)" = none ] || give_up "swaplab0 is not in use"
	reason=$("$1_lacks")
	[ -z "$reason" ] || skip "$reason"
	export=$(mktemp -p /dev/shm)
	truncate -s 64M "$export"
	# shellcheck disable=SC2064 # the name as it is now
	trap "$2 > /dev/null 2>&1" EXIT
	install_command
	echo 1 > $pool/stats/reset
}

# shellcheck disable=SC2317 # by the trap
end_network()
{
	[ -z "$load" ] || { kill "$load"; wait "$load"; }
	swaplab detach --all
	rm -rf "$work" "$export"
}

# Each use of a page checks the content of the last one. Prints how many there were.
start_load()
{
	python3 -c '
import mmap, os, random, struct
pages = 2048
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
		kill -0 "$load" 2> /dev/null || break
		sleep 0.1
	done
	return 1
}

# Uses that need no disk may still end.
waits()
{
	local before

	before=$(uses)
	sleep 2
	[ $(($(uses) - before)) -lt 500 ] && kill -0 "$load"
}

# All pages are used once more.
end_load()
{
	touch stop
	wait "$load"
	ok $? "nothing is lost"
	load=
	rm stop
	[ "$(< $pool/stats/io_errors)" = 0 ]
	ok $? "no transfer failed"
	sed 's/^/# /' load.log
	echo "# $(uses) uses, $(< $pool/stats/swap_ins) pages in, $(< $pool/stats/swap_outs) out"
}
