#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command swaplab: each verb with good, bad and missing input, as root and as an
# ordinary user. Uses loop devices, and swaplab0, which may have no other user.

set -uo pipefail

here=$(dirname "$0")
# shellcheck source=lib.sh
. "$here/lib.sh"
pool=/sys/class/swaplab/swaplab0
users=
loop=

# shellcheck disable=SC2317 # by the trap
clean_up()
{
	# shellcheck disable=SC2086 # a list
	[ -z "$users" ] || kill $users 2> /dev/null
	wait
	swaplab detach --all > /dev/null 2>&1
	umount "$work/mnt" "$work/xfs" 2> /dev/null
	losetup -d "$loop" 2> /dev/null
	rm -rf "$work"
}

[ "$(id -u)" = 0 ] || skip "not root"
[ -e $pool ] || skip "no device: load the module"
[ "$(< $pool/swap_file)" = none ] || give_up "swaplab0 is not in use"
trap clean_up EXIT

install_command
mkdir mnt
modprobe -q loop
truncate -s 128M disk
mkfs.ext4 -q disk || skip "no mkfs.ext4"
loop=$(losetup --find --show disk) || skip "no loop device"
mount "$loop" mnt || skip "no ext4"

# A process that has so many pages of the device, and writes to all of them.
use()		# PAGES
{
	python3 -c '
import mmap, os, sys, time
pages = int(sys.argv[1])
map = mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), pages * 4096)
for page in range(pages):
    map[page * 4096] = 1
open("used", "w").close()
time.sleep(1000)' "$1" &
	users+=" $!"
	user_pid=$!
	while [ ! -e used ] && kill -0 $user_pid; do
		sleep 0.1
	done
	rm used
}

end_user()
{
	kill "$user_pid"
	wait "$user_pid" 2> /dev/null
	users=
}

# More of it is in bpf.c.
test_bpf()
{
	case $(uname -r) in
	6.1.*)	says 1 "policies in BPF need Linux 6.12 or later; this is $(uname -r)" \
			"policy: in BPF, on a kernel that is too old" swaplab policy --bpf nosuch.o ;;
	*)	echo none > none.o
		says 1 "nosuch.o" "policy: in BPF, without a file" swaplab policy --bpf nosuch.o
		says 1 "none.o: " "policy: in BPF, of a file that is something else" swaplab policy --bpf none.o ;;
	esac
}

test_usage()
{
	local verb

	says 0 "Usage: swaplab VERB" "help" swaplab --help
	says 2 "Usage: swaplab VERB" "no verb" swaplab
	says 2 "no such verb" "a verb that is none" swaplab nosuch
	says 2 "did you mean detach?" "a verb that is nearly one" swaplab detahc
	says 0 "swaplab 0." "version" swaplab --version
	for verb in $(swaplab --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
		says 0 "Usage: swaplab $verb " "$verb: help" swaplab "$verb" --help
		case $verb in
		compare|record|run|score|with)
			says 125 "nosuch" "$verb: an option that is none" swaplab "$verb" --nosuch ;;
		*)	says 2 "nosuch" "$verb: an option that is none" swaplab "$verb" --nosuch ;;
		esac
		user swaplab "$verb" --help > output 2>&1
		ok $? "$verb: help for an ordinary user"
	done
}

test_attach()
{
	says 2 "a device and a file" "attach: nothing" swaplab attach
	says 2 "a device and a file" "attach: no file" swaplab attach swaplab0
	says 2 "not a device" "attach: no device's name" swaplab attach /dev/null mnt/swap
	says 1 "no such device" "attach: a device that is not there" swaplab attach 77 mnt/swap
	says 2 "not a size" "attach: a size that is none" swaplab attach 0 mnt/swap --size 3X
	says 2 "not a size" "attach: a size of nothing" swaplab attach 0 mnt/swap --size 0
	says 2 "not a number of pages from 16" "attach: too few frames" swaplab attach 0 mnt/swap --frames 3
	says 1 "sudo" "attach: as an ordinary user" user swaplab attach 0 mnt/swap
	says 1 "MiB free" "attach: a file larger than the disk" swaplab attach 0 mnt/swap --size 1T
	says 1 "not on ext2" "attach: a file on another filesystem" swaplab attach 0 /dev/shm/swap --size 1M
	says 1 "no-such" "attach: a directory that is not there" swaplab attach 0 no-such/swap
	says 1 "neither a regular file" "attach: a directory" swaplab attach 0 mnt
	says 1 "neither a regular file" "attach: a character device" swaplab attach 0 /dev/null
	[ -z "$(find mnt -name 'swap*')" ]
	ok $? "attach: none of that has left a file"

	says 1 "cannot be 99999999999: it is a number from 16 to $(getconf _PHYS_PAGES)" \
		"attach: more frames than pages" \
		swaplab attach 0 mnt/swap --size 1M --frames 99999999999
	says 1 "no policy nosuch" "attach: a policy that is none" \
		swaplab attach 0 mnt/swap --size 1M --frames 100 --policy nosuch
	says 1 "no policy x;reboot" "attach: a policy that cannot be one" \
		swaplab attach 0 mnt/swap --size 1M --policy 'x;reboot'
	is "attach: after these nothing is attached" none "$(< $pool/swap_file)"
	is "attach: nor are frames set" 1024 "$(< $pool/nr_frames)"
	[ ! -e mnt/swap ]
	ok $? "attach: nor a file made"

	says 0 "mnt/swap: 8 MiB, 256 frames" "attach: a file that is made" \
		swaplab attach /dev/swaplab0 mnt/swap --size 8M --frames 256 --policy fifo
	[ "$(stat -c '%a %s' mnt/swap)" = "600 8388608" ] && [ "$(< $pool/swap_file)" = "$work/mnt/swap" ] &&
		[ "$(< $pool/nr_frames)" = 256 ] && grep -q '\[fifo\]' $pool/policy
	ok $? "attach: mode, size, frames and policy are as told"
	! grep -q '%' output
	ok $? "attach: no percents where there is no terminal"
	says 1 "already" "attach: a device that has a file" swaplab attach 0 mnt/other
	[ ! -e mnt/other ]
	ok $? "attach: no other file was made"
	use 1024
	says 1 "process $user_pid (python3)" "detach: in use, and the process is named" swaplab detach 0
	end_user
}

# -d, with swaplab0 as the default, for the verbs that take a device.
test_device()
{
	says 0 "mnt/one: 1 MiB" "device: attach, without one" swaplab attach mnt/one --size 1M
	is "device: attach is of swaplab0" "$work/mnt/one" "$(< $pool/swap_file)"
	says 0 "swap_file=$work/mnt/one" "device: get by -d" swaplab get -d 0 swap_file
	says 0 "/dev/swaplab0" "device: status by -d" swaplab status -d swaplab0
	says 2 "one device" "device: status, twice" swaplab status -d 0 0
	says 0 "[" "device: policy by -d" swaplab policy --device /dev/swaplab0
	says 0 "" "device: policy, without one" swaplab policy fifo
	says 0 "[fifo]" "device: policy is set" swaplab policy -d 0
	says 2 "a device, or --all" "device: detach, one and all" swaplab detach --all -d 0
	says 1 "no such device" "device: detach another" swaplab detach -d 77
	says 0 "" "device: detach, without one" swaplab detach
	script -qec "swaplab attach mnt/percent --size 4M" /dev/null > output 2>&1
	tr '\r' '\n' < output | grep -q ' 75 %' && tr '\r' '\n' < output | grep -q '100 %'
	ok $? "attach: percents on a terminal"
	swaplab detach
	is "device: detach is of swaplab0" none "$(< $pool/swap_file)"
	says 0 "mnt/one: 1 MiB, 4096 frames" "device: attach by -d, with a size of memory" \
		swaplab attach -d 0 mnt/one --frames 16M
	says 1 "nothing attached" "device: detach one of two" swaplab detach -d "$(swaplab add | tr -dc 0-9)"
	says 0 "" "device: detach by -d" swaplab detach -d 0
	says 0 "" "device: remove it again" swaplab remove -d 1
	swaplab set nr_frames=1024 policy=aging
}

test_control()
{
	says 2 "lowest number" "add: a number" swaplab add 7
	says 1 "sudo" "add: as an ordinary user" user swaplab add
	is "add: the lowest number" /dev/swaplab1 "$(swaplab add)"
	[ -c /dev/swaplab1 ]
	ok $? "add: the device is there"
	says 2 "a device is wanted" "remove: nothing" swaplab remove
	says 2 "a device is wanted" "remove: two" swaplab remove 0 1
	says 2 "not a device" "remove: no device's name" swaplab remove x
	says 1 "no such device" "remove: a device that is not there" swaplab remove 77
	says 1 "sudo" "remove: as an ordinary user" user swaplab remove 1
	exec {opened}<> /dev/swaplab1
	says 1 "process $$ " "remove: in use, and by which process" swaplab remove 1
	exec {opened}>&-
	says 0 "" "remove: a device" swaplab remove swaplab1
	[ ! -e /sys/class/swaplab/swaplab1 ]
	ok $? "remove: it is gone"
}

# Settings, with their lowest and highest numbers. The kernel has the same ranges.
ranges()
{
	echo "nr_frames 16 $(getconf _PHYS_PAGES)"
	printf '%s\n' "daemons 1 16" "scan_interval_ms 1 3600000" "readahead_pages 0 64" "writeback_pages 1 64"
}

kernel_takes()	# FILE VALUE
{
	echo "$2" 2> /dev/null > "$pool/$1"
}

test_ranges()
{
	local name min max

	ranges > limits
	while read -r name min max; do
		says 0 "" "set: $name has its lowest" swaplab set "$name=$min"
		is "set: $name is that" "$min" "$(< "$pool/$name")"
		says 0 "" "set: $name has its highest" swaplab set "$name=$max"
		is "set: $name is that, too" "$max" "$(< "$pool/$name")"
		says 1 "cannot be $((max + 1)): it is a number" "set: $name has no more" \
			swaplab set "$name=$((max + 1))"
		grep -q " from $min to $max\$" output
		ok $? "set: and says the range of $name"
		! kernel_takes "$name" $((max + 1))
		ok $? "set: nor would the kernel have it"
		[ "$min" = 0 ] && continue
		says 1 "cannot be $((min - 1)): it is a" "set: $name has no less" \
			swaplab set "$name=$((min - 1))"
		! kernel_takes "$name" $((min - 1))
		ok $? "set: nor would the kernel have that"
	done < limits
	says 1 "it is dynamic or static" "set: a word that is none" swaplab set slot_allocation=x
	says 1 "it is global, equal, pff or working-set" "set: an allocation that is none" swaplab set allocation=x
	says 1 "it is 0 or 1" "set: a flag that is none" swaplab set discard_slots=2
	says 1 "no policy nosuch" "set: a policy that is none" swaplab set policy=nosuch
	says 1 "cannot be 1K: it is a number of pages, or a size" "set: no whole page" swaplab set nr_frames=1K
	says 0 "" "set: a size" swaplab set nr_frames=2M max_region_pages=1G max_user_pages=3p
	is "set: a size in pages" "512 262144 3" \
		"$(cat $pool/nr_frames $pool/max_region_pages $pool/max_user_pages | xargs)"
}

# What the device has: settings and parameters.
settings()
{
	swaplab get | sed '/^watermark/d'
}

# A set that fails leaves nothing behind.
fails()		# TEXT NAME SETTING=VALUE...
{
	local text=$1 name=$2 before
	shift 2

	before=$(settings)
	says 1 "$text" "set: $name" swaplab set "$@"
	is "set: $name: all is as before" "$before" "$(settings)"
}

test_set()
{
	says 2 "NAME=VALUE is wanted" "set: nothing" swaplab set
	says 2 "not NAME=VALUE" "set: a name without a value" swaplab set nr_frames
	says 2 "not NAME=VALUE" "set: a value without a name" swaplab set =3
	says 2 "given twice" "set: the same twice" swaplab set nr_frames=64 nr_frames=65
	says 1 "no such device" "set: a device that is not there" swaplab set 77 nr_frames=64
	says 1 "sudo" "set: as an ordinary user" user swaplab set nr_frames=64
	says 1 "swaplab attach" "set: the swap file" swaplab set swap_file=x
	says 1 "cannot be set" "set: a counter" swaplab set faults=0
	swaplab set policy=aging width=7 nr_frames=1024
	fails "did you mean nr_frames?" "a name that is none" readahead_pages=3 nr_frame=64
	fails "cannot be 65: it is a number" "the last value is wrong" nr_frames=64 readahead_pages=65
	fails "cannot be 99: it is a number from 1 to 12" "a parameter that the kernel refuses" \
		nr_frames=64 width=99 soft_sampling=1
	fails "policy fifo has no parameter width" "a parameter that the new policy lacks" \
		nr_frames=64 policy=fifo width=3
	fails "cannot be 2000: it is a number from 0 to nr_frames" "a watermark above nr_frames" \
		soft_sampling=1 watermark_high=2000
	fails "is less than watermark_high" "watermarks in the wrong order" \
		soft_sampling=1 watermark_high=10 watermark_low=20
	# The kernel knows of the high one that is set by hand.
	swaplab set watermark_high=100
	fails "larger than the watermarks" "frames below a watermark" soft_sampling=1 nr_frames=64
	fails "watermark_low cannot be 100" "a low watermark that is not lower" soft_sampling=1 watermark_low=100
	says 0 "" "set: values that fit together only, the last first" \
		swaplab set watermark_low=1500 watermark_high=1800 nr_frames=2000
	is "set: all of them" "2000 1500 1800" \
		"$(cat $pool/nr_frames $pool/watermark_low $pool/watermark_high | xargs)"
	says 0 "" "set: down again, in any order" swaplab set nr_frames=100 watermark_high=60 watermark_low=50
	says 0 "" "set: a policy and its parameter, in any order" swaplab set width=5 policy=aging
	is "set: the parameter is the new policy's" 5 "$(< $pool/policy_params/width)"
}

test_get()
{
	says 0 "nr_frames=100" "get: all settings" user swaplab get
	grep -qx 'policy=aging' output && grep -qx 'width=5' output && grep -qx slot_allocation=dynamic output &&
		grep -qx allocation=global output
	ok $? "get: the policy, its parameter, and a word"
	is "get: some, by name" $'width=5\nnr_frames=100' "$(swaplab get 0 width nr_frames)"
	is "get: the value alone" 100 "$(swaplab get --values nr_frames)"
	says 0 "faults=" "get: a counter" swaplab get faults
	says 1 "did you mean nr_frames?" "get: a name that is none" swaplab get nrframes
	says 1 "no setting ../uevent" "get: no file elsewhere" swaplab get ../uevent
	swaplab get --json > output
	json "j['nr_frames'] == 100 and j['policy'] == 'aging' and j['width'] == 5"
	ok $? "get: as JSON"
	swaplab set max_region_pages=18446744073709551615
	swaplab get --json > output
	json "j['max_region_pages'] == 2 ** 64 - 1"
	ok $? "get: the largest number as JSON"
	swaplab set max_region_pages=0
	swaplab set policy=arc
	says 0 "often=" "get: a statistic of the policy" swaplab get often
	says 0 "policy_ejected=none" "get: a value that cannot be set" swaplab get policy_ejected
	swaplab set policy=clock
	swaplab get | grep -v swap_file > before
	says 0 "" "get: what it prints can be set" xargs swaplab set < before
	swaplab get | grep -v swap_file | diff before -
	ok $? "get: and is the same then"
}

test_reset()
{
	says 1 "sudo" "reset: as an ordinary user" user swaplab reset
	says 1 "did you mean" "reset: a name that is none" swaplab reset nrframes
	swaplab set policy=aging width=3 readahead_pages=5 watermark_low=0 watermark_high=0
	says 0 "" "reset: one" swaplab reset readahead_pages
	is "reset: that one alone" "32 3 100" \
		"$(cat $pool/readahead_pages $pool/policy_params/width $pool/nr_frames | xargs)"
	says 0 "" "reset: a parameter" swaplab reset width
	is "reset: has its default" "8 aging" "$(swaplab get --values width policy | xargs)"
	swaplab set policy=clock watermark_low=3 watermark_high=90 max_user_pages=1 slot_allocation=static allocation=equal
	says 0 "" "reset: all" swaplab reset
	is "reset: as after the load" "$loaded" "$(settings)"
	grep -q '^1[0-9]* [1-9]' <<< "$(cat $pool/watermark_low $pool/watermark_high | xargs)"
	ok $? "reset: the watermarks are automatic"
}

test_detach()
{
	use 16
	says 1 "process $user_pid (python3)" "detach: all, in use, and by which process" swaplab detach --all
	says 1 "in use" "detach: in use for longer than it waits" swaplab detach 0 --wait 1
	{ sleep 2; kill $user_pid; } &
	says 0 "" "detach: waits until the process has ended" swaplab detach --all --wait 60
	is "detach: and detaches" none "$(< $pool/swap_file)"
	end_user
	swaplab attach 0 mnt/swap > /dev/null
	says 2 "--wait" "detach: a time to wait that is none" swaplab detach 0 --wait x
	says 1 "sudo" "detach: as an ordinary user" user swaplab detach 0
	says 1 "sudo" "detach: all, as an ordinary user" user swaplab detach --all
	says 0 "" "detach: a device" swaplab detach 0
	says 1 "nothing attached" "detach: a device without a file" swaplab detach 0
	says 1 "nothing attached" "detach: swaplab0, without a file" swaplab detach
	says 2 "one device" "detach: two devices" swaplab detach 0 1
	says 0 "" "detach: all, where there is none" swaplab detach --all
}

# A file with content is not lost.
test_content()
{
	says 0 "8 MiB" "attach: a file that served before" swaplab attach 0 mnt/swap
	swaplab detach 0
	says 1 "leave out --size" "attach: a file of another size" swaplab attach 0 mnt/swap --size 4M
	says 0 "4 MiB" "attach: another size, and it may be overwritten" \
		swaplab attach 0 mnt/swap --size 4M --overwrite
	swaplab detach 0
	echo 'somebody needs this' > mnt/content
	truncate -s 1M mnt/content
	says 1 "has content" "attach: a file with content" swaplab attach 0 mnt/content
	grep -q 'somebody needs this' mnt/content
	ok $? "attach: it is as it was"
	says 0 "1 MiB" "attach: a file with content that may go" swaplab attach 0 mnt/content --overwrite
	swaplab detach 0
	: > mnt/empty
	says 1 "less than 1024 MiB" "attach: instead of an empty file one of 1 GiB is made" \
		swaplab attach 0 mnt/empty --overwrite
	truncate -s 1M mnt/holes
	chmod 600 mnt/holes
	says 1 "has holes" "attach: a file with holes" swaplab attach 0 mnt/holes
	grep -q -e --overwrite output
	ok $? "attach: and what to do"
	echo 'somebody needs this' | dd of=mnt/holes conv=notrunc status=none
	says 1 "has content" "attach: a file that was refused is not taken to have served" \
		swaplab attach 0 mnt/holes
	swaplab attach 0 $'mnt/caf\303\251\377' --size 1M > /dev/null
	swaplab status --json 0 > output
	json "j[0]['swap_file'].encode().endswith(b'caf\xc3\xa9\xef\xbf\xbd')"
	ok $? "status: a name that is not UTF-8, as JSON"
	swaplab detach 0
	says 1 "has content" "attach: a block device with a filesystem" \
		swaplab attach 0 "$loop"
	says 1 "mounted, in use" "attach: a block device that is mounted" \
		swaplab attach 0 "$loop" --overwrite
}

# Another user must not be able to read paged-out pages.
test_owner()
{
	local opened other

	dd if=/dev/zero of=mnt/theirs bs=1M count=1 status=none
	chown 65534:65534 mnt/theirs
	chmod 600 mnt/theirs
	says 1 "belongs to another user" "attach: another user's file" swaplab attach 0 mnt/theirs
	(umask 0; dd if=/dev/zero of=mnt/open bs=1M count=1 status=none)
	says 1 "mode 666" "attach: a file that others may open" swaplab attach 0 mnt/open
	chmod 640 mnt/open
	says 1 "mode 640" "attach: a file that its group may open" swaplab attach 0 mnt/open
	[ "$(< $pool/swap_file)" = none ]
	ok $? "attach: after these nothing is attached"

	exec {opened}< mnt/theirs
	says 0 "1 MiB" "attach: another user's file that may go" swaplab attach 0 mnt/theirs --overwrite
	is "attach: it is root's then" "0:0 600" "$(stat -c '%u:%g %a' mnt/theirs)"
	[ "$(stat -Lc %i /proc/self/fd/$opened)" != "$(stat -c %i mnt/theirs)" ]
	ok $? "attach: and another file than the one that the user may have open"
	exec {opened}<&-
	other=$(< /sys/class/swaplab-control/hot_add)
	says 1 "in use" "attach: a file that a device pages to" swaplab attach "$other" mnt/theirs --overwrite
	echo "$other" > /sys/class/swaplab-control/hot_remove
	swaplab detach 0
	is "attach: nothing else is left" "" "$(find mnt -name 'theirs.*')"

	ln -s theirs mnt/link
	says 1 "symbolic link" "attach: a symbolic link to a file" swaplab attach 0 mnt/link
	says 1 "symbolic link" "attach: also if it may be overwritten" swaplab attach 0 mnt/link --overwrite
	ln -s nowhere mnt/dangling
	says 1 "No such file" "attach: a symbolic link to nothing" swaplab attach 0 mnt/dangling
	[ ! -e mnt/nowhere ]
	ok $? "attach: no file was made there"
}

test_xfs()
{
	mkdir xfs
	truncate -s 320M xfs-disk
	if ! mkfs.xfs -q -f xfs-disk || ! mount -o loop xfs-disk xfs; then
		ok 0 "attach: a file on xfs # SKIP no xfs"
		return
	fi
	says 0 "1 MiB" "attach: a file on xfs" swaplab attach 0 xfs/swap --size 1M
	is "attach: it is paged to" "$work/xfs/swap" "$(< $pool/swap_file)"
	swaplab detach 0
	umount xfs
}

# As if /var/lib were on a disk.
test_default_directory()
{
	says 0 "/var/lib/swaplab/file: 1 MiB" "attach: /var/lib/swaplab is made" unshare --mount \
		sh -c "mount --bind mnt /var/lib && swaplab attach 0 /var/lib/swaplab/file --size 1M"
	is "attach: for root alone" "0:0 700" "$(stat -c '%u:%g %a' mnt/swaplab)"
	swaplab detach 0
	says 1 "No such file" "attach: no other directory is made" \
		swaplab attach 0 mnt/nosuch/file --size 1M
}

test_config()
{
	cat > config <<-END
		# A device that is there, and one that is not.

		77 $work/mnt/config --size 1M
		swaplab0 $work/mnt/config --size 2M --frames 64	# and a comment
	END
	says 3 "config:3: /dev/swaplab77" "attach: a configuration tells the line that is wrong" \
		swaplab attach --config config
	[ "$(< $pool/swap_file)" = "$work/mnt/config" ]
	ok $? "attach: and does the others"
	swaplab detach --all
	# Each line is done by a process of its own, which must not read on.
	printf '%s\n' "77 $work/mnt/config" "78 $work/mnt/config" "79 $work/mnt/config" > config
	says 1 "config:3: /dev/swaplab79" "attach: a configuration that is wrong in each line" \
		timeout 60 swaplab attach --config config
	is "attach: each line is done once" 3 "$(grep -c 'no such device' output)"
	says 1 "no-such" "attach: a configuration that is not there" swaplab attach --config no-such
	says 2 "--config" "attach: a configuration and a device" swaplab attach --config config 0
	says 2 "--config" "attach: a configuration and an option" swaplab attach --config config --overwrite
	says 0 "" "attach: an empty configuration" swaplab attach --config /dev/null
}

test_status()
{
	echo 1 > $pool/stats/reset
	swaplab attach 0 mnt/swap --frames 256 --policy aging > /dev/null
	use 1024
	says 0 "process $user_pid (python3), file descriptor" "status: processes" swaplab status
	grep -q 'nr_frames *256' output && grep -q 'zero_fills *1024' output && grep -q 'width' output
	ok $? "status: settings, counters, parameters"
	swaplab status --json 0 > output
	json "j[0]['nr_frames'] == 256 and j[0]['policy'] == 'aging' and j[0]['policy_params']['width'] == 8 and
		j[0]['allocation'] == 'global'"
	ok $? "status: settings as JSON"
	json "j[0]['stats']['resident'] + j[0]['stats']['swapped'] == j[0]['regions'][0]['pages'] == 1024"
	ok $? "status: counters and a region as JSON"
	json "j[0]['regions'][0]['processes'][0]['pid'] == $user_pid"
	ok $? "status: processes as JSON"
	says 0 "nr_frames        1.0M" "status: sizes for people" swaplab status -h
	grep -qE 'metadata_bytes +[0-9.]+K' output && grep -qE 'zero_fills +1024' output &&
		grep -q 'pages 4.0M' output && grep -q 'policy           aging$' output
	ok $? "status: pages and bytes are sizes, events are numbers"
	! { swaplab status; swaplab status -h; swaplab policy; } | grep -E '^.{81}'
	ok $? "status: fits 80 columns"
	says 0 "by sudo" "status: an ordinary user is told that some things are not shown" user swaplab status
	says 2 "not a device" "status: no device's name" swaplab status nosuch
	says 1 "no such device" "status: a device that is not there" swaplab status 77
	says 2 "one device" "status: two" swaplab status 0 1
	swaplab status 0 > output
	grep -q measure_latency output && ! grep -q reclaim output
	ok $? "status: no file that can only be written"
}

# Its name has an escape, a byte that is not UTF-8, a control in two bytes, and a letter.
test_status_name()
{
	python3 -c '
import os, time
opened = os.open("/dev/swaplab0", os.O_RDWR)
open("/proc/self/comm", "wb").write(b"a\x1b]\xffb\xc2\x9b\xc3\xa9")
open("named", "w").close()
time.sleep(1000)' &
	until [ -e named ]; do
		sleep 0.1
	done
	says 0 "(a?]?b??é)" "status: a process's name does not control the terminal" swaplab status 0
	kill $!
	wait $! 2> /dev/null
}

# SWAPLAB_FORK_PRIVATE and SWAPLAB_DISCARD. The child drops ten of a hundred pages, writes to
# one, and outlives its parent when that is told to end.
test_status_forked()
{
	local parent child

	swaplab set nr_frames=2048
	mkfifo end
	python3 -c '
import fcntl, mmap, os, struct, time
fd = os.open("/dev/swaplab0", os.O_RDWR)
fcntl.ioctl(fd, 0xba07)
os.dup(fd)
map = mmap.mmap(fd, 100 * 4096)
for page in range(100):
    map[page * 4096] = 1
child = os.fork()
if child == 0:
    fcntl.ioctl(fd, 0x4020ba01, struct.pack("QQQQ", 0, 10 * 4096, 0, 0))
    map[50 * 4096] = 2
    open("used", "w").close()
    time.sleep(1000)
open("child", "w").write(str(child))
open("end").read()' &
	parent=$!
	while [ ! -e used ] || [ ! -s child ] && kill -0 $parent; do
		sleep 0.1
	done
	child=$(< child)
	users+=" $parent $child"
	says 0 "each process has pages of its own" "status: private pages after a fork" swaplab status 0
	[ "$(grep -c "process $parent (.*: pages 100 resident 100" output)" = 1 ] &&
		[ "$(grep -c "process $parent " output)" -ge 2 ] &&
		[ "$(grep -c "process $child (.*: pages 90 resident 90" output)" = 1 ]
	ok $? "status: those of each process, once"
	is_narrow "status: of a fork"
	swaplab status --json 0 > output
	json "[(p['pid'], p['pages']) for r in j[0]['regions'] if r['private'] for p in r['processes'] if 'pages' in p]
		== [($parent, 100), ($child, 90)]"
	ok $? "status: those of each process, as JSON"
	json "all('pages' not in r and 'faults' not in r for r in j[0]['regions'] if r['private'])"
	ok $? "status: none of them is told to be all"
	says 1 "not told apart" "ages: a region that fork() has copied" swaplab ages -n 1 "$child"
	echo > end
	wait $parent
	swaplab status 0 > output
	grep -q "process $child (.*: pages 90 resident 90" output && ! grep -q "process $parent " output
	ok $? "status: a child that outlives its parent has its own pages"
	says 1 "not told apart" "ages: a child that outlives its parent" swaplab ages -n 1 "$child"
	kill "$child"
	rm used child end
	users=" $user_pid"
	swaplab set nr_frames=256
}

test_watch()
{
	says 0 "resident" "watch: two lines" swaplab watch 0.05 2
	[ "$(wc -l < output)" = 3 ] && awk 'NR == 2 { exit !($1 + $2 == 1024) }' output
	ok $? "watch: a title and two lines with what there is"
	is_narrow "watch"
	swaplab watch --json -d 0 0.05 1 > output
	json "j['resident'] + j['swapped'] == 1024 and j['seconds'] > 0.04"
	ok $? "watch: as JSON"
	swaplab watch --json -d 0 0.05 3 > output
	is "watch: JSON is a line each" "3 3" "$(wc -l < output) $(grep -c '^{.*}$' output)"
	says 0 "resident" "watch: as an ordinary user" user swaplab watch 0.05 1
	says 2 "not an interval" "watch: an interval that is none" swaplab watch x
	says 2 "not a number" "watch: a count that is none" swaplab watch 1 0
	says 2 "too much" "watch: too much" swaplab watch swaplab0 1 1 1
	says 1 "no such device" "watch: a device that is not there" swaplab watch -d 77
}

# Touches so many pages of a new region, and ends.
touch_pages()	# PAGES
{
	python3 -c '
import mmap, os, sys
pages = int(sys.argv[1])
map = mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), pages * 4096)
for page in range(pages):
    map[page * 4096] = 1' "$1"
}

is_narrow()	# NAME
{
	! awk 'length > 80' output | grep .
	ok $? "$1: at most 80 columns"
}

test_latency()
{
	says 0 "nothing is measured" "latency: off" swaplab latency 0
	says 1 "sudo" "latency: to turn it on takes root" user swaplab latency 0 --on
	says 0 "" "latency: on" swaplab latency 0 --on
	is "latency: it is on" 1 "$(< $pool/measure_latency)"
	says 0 "" "latency: reset" swaplab latency --reset
	says 0 "nothing has happened" "latency: on, but nothing has happened" swaplab latency
	touch_pages 600
	says 0 "p99.9" "latency: a table" swaplab latency 0
	awk '$1 == "zero" && $2 >= 38 && $7 ~ /^[0-9.]+[num]?s$/ { n++ } /^zero +\|.*[@%#].*\|$/ { n++ }
		END { exit n != 2 }' output
	ok $? "latency: counts, durations and a picture"
	is_narrow "latency"
	swaplab latency --json > output
	json "all(j['zero']['p50_ns'] <= j['zero'][k] for k in ('p90_ns', 'p99_ns', 'p99.9_ns', 'max_ns'))"
	ok $? "latency: percentiles in JSON"
	json "sum(b['count'] for b in j['eviction']['buckets']) == j['eviction']['count'] > 0"
	ok $? "latency: buckets in JSON"
	json "j['measure_latency'] == 1 and j['copy'] == {'count': 0, 'max_ns': 0, 'buckets': []}"
	ok $? "latency: a cause in JSON that has not been"
	says 0 "p99" "latency: as an ordinary user" user swaplab latency 0
	says 0 "p99" "watch: the latency of the disk" swaplab watch 0.05 1
	says 0 "" "latency: off again" swaplab latency 0 --off
	is "latency: it is off" 0 "$(< $pool/measure_latency)"
	says 0 "p99" "latency: what was measured is kept" swaplab latency 0
	swaplab latency --reset
	says 2 "too much" "latency: two devices" swaplab latency 0 1
	says 2 "--json shows" "latency: to show and to change" swaplab latency --json --on
	says 1 "no such device" "latency: a device that is not there" swaplab latency 77
}

# The command sleeps until its next map is due.
end_after_first_map()	# PID
{
	for _ in {1..600}; do
		grep -qs nanosleep "/proc/$(pgrep -n -x swaplab)/wchan" && break
		sleep 0.1
	done
	kill "$1"
}

test_map_end()
{
	local pid

	python3 -c '
import mmap, os, time
map = mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), 4096)
map[0] = 1
open("used", "w").close()
time.sleep(1000)' &
	pid=$!
	while [ ! -e used ] && kill -0 $pid; do
		sleep 0.1
	done
	rm used
	end_after_first_map $pid &
	says 0 "process $pid has ended" "map: of a process that ends" swaplab map --every 0.5 --count 30 $pid
	grep -q "1 page a block" output
	ok $? "map: what was taken until then is shown"
}

test_map()
{
	says 0 "1024 pages" "map: of a process" env LC_ALL=C swaplab map $user_pid
	says 0 "░" "map: blocks, where there are such letters" env LC_ALL=C.UTF-8 swaplab map $user_pid
	says 0 "1024 pages" "map: of a file descriptor" \
		swaplab map "$user_pid:$(find /proc/$user_pid/fd -lname /dev/swaplab0 -printf '%f\n' | head -n 1)"
	swaplab map --json $user_pid > output
	json "sum(r['nr'] for r in j['runs']) == 1024 and
		sum(r['nr'] for r in j['runs'] if r['state'] & 3) == 1024 and
		sum(r['nr'] for r in j['runs'] if r['kind'] == 'swapped') == $(< $pool/stats/swapped)"
	ok $? "map: as JSON, as many pages are swapped as the device says"
	says 0 "" "map: saved, and drawn" swaplab map --save states --svg picture.svg $user_pid
	[ "$(stat -c %s states)" = 1024 ] &&
		python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("picture.svg")' &&
		grep -q "process $user_pid" picture.svg
	ok $? "map: the picture is XML, and says whose"
	says 0 "1024 pages" "map: a saved map" swaplab map states
	swaplab map --every 0.2 --count 3 --json $user_pid > output
	json "[sum(r['nr'] for r in m['runs']) for m in j['maps']] == [1024] * 3 and
		[round(m['seconds'], 1) >= 0.2 * i for i, m in enumerate(j['maps'])] == [True] * 3"
	ok $? "map: several, as JSON"
	says 0 "pages a block" "map: several, beside each other" swaplab map --every 0.1 --count 3 $user_pid
	says 0 "" "map: several, drawn" swaplab map --every 0.1 --count 3 --svg strip.svg $user_pid
	[ "$(grep -c '<g>' strip.svg)" = 3 ]
	ok $? "map: all of them"
	test_map_end
	says 1 "no process" "map: a process that is not there" swaplab map 4194304
	says 1 "has no region" "map: a process without a region" swaplab map $$
	says 1 "has no region" "map: another file descriptor" swaplab map $user_pid:0
	says 1 "sudo" "map: another user's process" user swaplab map $user_pid
	says 1 "no-such" "map: a file that is not there" swaplab map no-such
	says 1 "not a page map" "map: another file" swaplab map "$work/bin/swaplab"
	says 2 "is wanted" "map: nothing" swaplab map
	says 1 "no-such/" "map: a picture that cannot be written" swaplab map states --svg no-such/picture
}

# A process that has 100 pages, and uses eight of them all the time.
use_hot()
{
	python3 -c '
import mmap, os
map = mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), 100 * 4096)
for page in range(100):
    map[page * 4096] = 1
open("used", "w").close()
while True:
    for page in range(0, 80, 10):
        map[page * 4096]' &
	users+=" $!"
	hot_pid=$!
	while [ ! -e used ] && kill -0 $hot_pid; do
		sleep 0.1
	done
	rm used
}

test_ages()
{
	swaplab set nr_frames=2048
	use_hot
	swaplab ages --json --samples 3 $hot_pid > output
	json "j['samples'] == 3 and [(a['from'], a['to']) for a in j['ages']] == [(0, 0), (1, 1), (2, 3)]"
	ok $? "ages: as JSON"
	json "sum(a['pages'] for a in j['ages']) == 8 and j['not_used'] == 92 and j['pid'] == $hot_pid"
	ok $? "ages: the pages that a process uses, and the others"
	says 0 ", region " "ages: a picture" swaplab ages -n 2 $hot_pid
	# A use through the TLB sets no bit, so some pages may be older than others.
	grep -qE '^ +not used +92  #{40}$' output &&
		awk '$1 ~ /^[01]$/ { n += $2; bars += ($2 > 0) == ($3 ~ /^#+$/) } END { exit n != 8 || bars != 2 }' output
	ok $? "ages: with bars"
	kill $hot_pid
	wait $hot_pid 2> /dev/null
	users=" $user_pid"
	swaplab ages --json -n 1 > output
	json "j['device'] == '/dev/swaplab0' and j['ages'][0]['pages'] == 0 and
		j['not_used'] == $(< $pool/stats/resident)"
	ok $? "ages: of a device, no page of which is used"
	chmod 666 /dev/swaplab0
	says 1 "for root" "ages: as an ordinary user who may open the device" user swaplab ages -n 1
	chmod 600 /dev/swaplab0
	says 1 "being recorded already" "ages: of a device that is being recorded" \
		swaplab record -o no.pg -- swaplab ages -n 1
	swaplab set nr_frames=256
}

# $user_pid has 1,024 pages in 256 frames.
test_walk()
{
	local begin fd page

	begin=0x$(grep -m 1 /dev/swaplab0 "/proc/$user_pid/maps" | cut -d- -f1)
	fd=$(find /proc/$user_pid/fd -lname /dev/swaplab0 -printf '%f\n' | head -n 1)
	# The daemon may evict a page while it is looked at.
	for page in 0 1023; do
		swaplab walk --json $user_pid $((begin + page * 4096 + 7)) > output
		json "j['region']['device'] == '/dev/swaplab0' and j['region']['page'] == $page and
			j['region']['id'] > 0 and j['offset'] == 7 and j['mapping']['name'] == '/dev/swaplab0' and
			j['region']['resident'] + j['region']['swapped'] == 1 and not j['region']['mlocked'] and
			not (j['region']['swapped'] and j['pte']['present'])"
		ok $? "walk: page $page of a region" || sed 's/^/# /' output
	done
	page=$(swaplab map --json $user_pid | python3 -c '
import json, sys
print(next(r["page"] for r in json.load(sys.stdin)["runs"] if r["kind"] == "swapped"))')
	swaplab walk --json $user_pid $((begin + page * 4096)) > output
	json "j['region']['swapped'] and not j['region']['resident'] and not j['pte']['present'] and
		j['pte']['frame'] is None"
	ok $? "walk: a page that is in the swap file" || sed 's/^/# /' output
	says 0 "/dev/swaplab0, region " "walk: drawn" swaplab walk "$user_pid:$fd" "$begin"
	is_narrow "walk"
	says 1 "has no region of" "walk: another file descriptor" swaplab walk "$user_pid:0" "$begin"
	says 1 "sudo" "walk: another user's process" user swaplab walk $user_pid "$begin"
	test_walk_zero_page
}

# Here, as not all kernels of hosts map the page of zeros.
test_walk_zero_page()
{
	local address

	coproc READER { exec python3 -c '
import ctypes, mmap, sys
page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
assert not page[0]
print(ctypes.addressof(ctypes.c_char.from_buffer(page)), flush=True)
sys.stdin.read()'; }
	read -r address <&"${READER[0]}"
	swaplab walk --json "$READER_PID" "$address" > output
	json "'zero_page' in j['frame_flags'] and not j['pte']['exclusive']"
	ok $? "walk: a page that was only read is the page of zeros" || sed 's/^/# /' output
	kill "$READER_PID"
}

test_policy()
{
	says 0 "[aging]" "policy: show" swaplab policy
	grep -q 'width=8' output && sed -n '/installed:/,$p' output | grep -qw s3fifo
	ok $? "policy: parameters, and the installed policies"
	says 0 "" "policy: set, under load" swaplab policy 0 clock
	says 0 "[clock]" "policy: is set" swaplab policy swaplab0
	says 0 "" "policy: set with a parameter" swaplab policy 0 aging width=4
	swaplab policy 0 --json > output
	json "j['devices'][0]['policy'] == 'aging' and j['devices'][0]['parameters'] == { 'width': 4 } and
		'clock' in j['devices'][0]['loaded'] and 'lru' in j['installed'] and
		j['devices'][0]['ejected'] is None"
	ok $? "policy: as JSON"
	says 0 "" "policy: set a parameter only" swaplab policy 0 width=5
	[ "$(< $pool/policy_params/width)" = 5 ]
	ok $? "policy: the parameter is set"
	says 1 "cannot be 99: it is a number from 1 to 12" "policy: a value out of range" \
		swaplab policy 0 width=99
	says 1 "cannot be x: it is a number from 1 to 12" "policy: a value that is none" \
		swaplab policy 0 width=x
	says 1 "has no parameter x" "policy: a parameter that is none" swaplab policy 0 x=1
	says 1 "no policy nosuch" "policy: a policy that is none" swaplab policy 0 nosuch
	says 1 "no policy clocc; did you mean clock?" "policy: one that is nearly one" swaplab policy clocc
	says 1 "no policy clocc; did you mean clock?" "attach: likewise" \
		swaplab attach -d "$(swaplab add | tr -dc 0-9)" mnt/none --policy clocc
	swaplab remove 1
	swaplab policy --list > output
	grep -qx clock output && grep -qx lru output && grep -qx none output && [ -z "$(sort output | uniq -d)" ]
	ok $? "policy: names for programs, once each"
	says 2 "not NAME=VALUE" "policy: two policies" swaplab policy 0 aging clock
	says 2 "--list" "policy: names for programs, of a device" swaplab policy --list 0
	says 2 "--json" "policy: a change, as JSON" swaplab policy 0 --json clock
	says 1 "sudo" "policy: as an ordinary user" user swaplab policy 0 clock
	says 0 "[aging]" "policy: an ordinary user may look" user swaplab policy
	says 1 "no such device" "policy: a device that is not there" swaplab policy 77
}

# Statuses as of env(1): those below 125 are the program's.
test_run()
{
	says 125 "no such device" "run: a device that is not there" swaplab run --device 77 -- true
	says 125 "not a device" "run: no device's name" swaplab run --device nosuch -- true
	says 127 "nosuch" "run: a program that is not there" swaplab run -- nosuch
	says 127 "nosuch" "run: nor in its directory" swaplab run -- ./nosuch
	says 125 "no program" "run: nothing" swaplab run
	says 125 "not permitted" "run: an ordinary user" user swaplab run -- true
	says 125 "not a size" "run: a size that is none" swaplab run --size x -- true
	says 125 "no-such/stats" "run: figures that cannot be written" \
		swaplab run --stats no-such/stats -- touch started
	[ ! -e started ]
	ok $? "run: nothing has run then"
}

# The rest of them is tested where they are, in userspace/record and userspace/sim.
test_programs()
{
	says 0 "0 dropped" "record: a program" swaplab record -o run.pg -- \
		python3 -c 'import mmap, os; mmap.mmap(os.open("/dev/swaplab0", os.O_RDWR), 65536)[:] = b"x" * 65536'
	[ "$(stat -c %s run.pg)" -ge 128 ]
	ok $? "record: there are references"
	says 0 "fifo" "sim: a recorded trace" swaplab sim --trace run.pg --policy fifo --frames 4
	says 0 "nothing was recorded" "record: a program that does not use the device" swaplab record -o no.pg -- true
	grep -qF 'swaplab record -o no.pg -- swaplab run -- PROGRAM' output
	ok $? "record: says how it would"
	says 125 "for root" "record: as an ordinary user" user swaplab record -o run.pg -- true
	says 125 "no such device" "record: a device that is not there" \
		swaplab record -d /dev/swaplab77 -o run.pg -- true
	says 1 "no-such" "sim: a trace that is not there" swaplab sim --trace no-such --policy fifo --frames 4
	says 2 "no such policy" "sim: a policy that is none" swaplab sim --trace run.pg --policy nosuch --frames 4
	says 0 "fifo" "sim: as an ordinary user" user swaplab sim --trace run.pg --policy fifo --frames 4
}

modprobe swaplab_aging
exec {opened}<> /dev/swaplab0
exec {opened}>&-
loaded=$(swaplab get | sed '/^watermark/d')
test_bpf
test_usage
test_device
test_control
test_ranges
swaplab reset
test_set
test_get
test_reset
test_attach
test_detach
test_content
test_owner
test_xfs
test_default_directory
test_config
test_status
test_status_name
test_status_forked
test_watch
test_latency
test_map
test_ages
test_walk
test_policy
test_run
test_programs
end_user
finish
