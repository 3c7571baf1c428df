#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# userspace/loader/loader: programs whose text and data come from their files by
# SWAPLAB_BACK do as without it, with frames for a tenth of their pages. Text is never
# written to the store, data is, once it is changed.

set -uo pipefail

here=$(readlink -f "$(dirname "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
pool=/sys/class/swaplab/swaplab0

prepare_device 48 "$here"/loader{,-program,-static}

stat()		# NAME
{
	cat "$pool/stats/$1"
}

# 320 pages of constants and code are read in each of four rounds, and nothing else that
# would be written: a program that starts changes some pages of its data.
test_text()	# PROGRAM
{
	"bin/$1" read 4 > plain
	echo 1 > $pool/stats/reset
	says 0 "" "$1 reads" loader "bin/$1" read 4
	cmp plain output
	ok $? "$1 reads what it reads without the device"
	[ "$(stat origin_reads)" -ge $((3 * 320)) ]
	ok $? "the text of $1 was dropped, and read from its file again"
	[ "$(stat swap_outs)" -le 40 ]
	ok $? "and not written"
	echo "# $(stat origin_reads) pages read from files, $(stat swap_ins) from the store, $(stat swap_outs) written"
}

test_data()	# PROGRAM
{
	"bin/$1" write 3 > plain
	md5sum "bin/$1" > sum
	echo 1 > $pool/stats/reset
	says 0 "parent" "$1 writes, and has a child" loader "bin/$1" write 3
	cmp plain output
	ok $? "$1 finds what it has written, and the child what is the child's"
	[ "$(stat swap_outs)" -ge 128 ] && [ "$(stat swap_ins)" -ge 128 ]
	ok $? "the data of $1 went to the store, and came back"
	md5sum -c --quiet sum
	ok $? "the file of $1 is as it was"
}

test_programs()
{
	swaplab set nr_frames=512
	says 0 "bin/loader" "an ordinary program" loader /bin/ls bin/loader
	# shellcheck disable=SC2016 # for the other shell
	says 5 "3 children" "a shell with children" loader /bin/sh -c \
		'for i in 1 2 3; do (exit 5); status=$?; done; echo $i children; exit $status'
	says 0 "given" "arguments and environment" \
		env LOADER=given "$(type -P loader)" /usr/bin/printenv LOADER
	swaplab set nr_frames=48
}

test_errors()
{
	says 125 "no program" "no program" loader
	says 127 "No such file" "a program that is not there" loader ./no-such-program
	says 126 "not a program" "a file that is none" loader /etc/passwd
	head -c 100 bin/loader-program > short
	says 126 "" "a part of a program" loader ./short
	says 126 "Not a directory" "a file that cannot be opened" loader ./short/program
	says 125 "Permission denied" "a user that may not open the device" \
		user "$(type -P loader)" /bin/true
}

for program in loader-program loader-static; do
	test_text $program
	test_data $program
done
test_programs
test_errors
finish
