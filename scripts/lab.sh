# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Shared by make demo and make bench: jobs in virtual machines, as many at once
# as there are CPUs. Sourced in the top directory, with these set:
#
#   frames, seeds, percent   for run-workloads
#   workloads                names, in the order in which they are run
#   work                     a directory for results, which lab_end removes
#   KERNEL                   a series that selftests/vm/kernel knows: 6.1 unless set
#
# and run_job JOB defined, which runs one job and fails if it fails. Optional:
#
#   lab_program              for one configuration, instead of run-workloads
#   lab_machine              more options of selftests/vm/run, for a configuration
#   lab_disk_us              latency of the disk, as lab_machine has it
#   lab_disk                 measure on this machine and this disk instead
#   lab_tree                 of a job: the tree of the module, instead of this one

lab_disk='' lab_tree=. lab_program=run-workloads lab_machine=() lab_disk_us=80
export KERNEL=${KERNEL:-6.1}

say()
{
	printf '%4d s  %s\n' $SECONDS "$*"
}

lab_begin()
{
	work=$(mktemp -d)
	trap lab_end EXIT
	trap 'exit 130' INT TERM
	set -m
}

lab_end()
{
	lab_stop_jobs
	rm -r "$work"
}

lab_build()	# DIRECTORY
{
	local target

	for target in "KERNEL=$KERNEL modules" "-C userspace/bench"; do
		# shellcheck disable=SC2086 # a list
		make -s -C "$1" $target > "$work/build" 2>&1 || { cat "$work/build" >&2; exit 1; }
	done
}

lab_boot()	# RUN'S OPTIONS AND COMMAND
{
	"$lab_tree/selftests/vm/run" --mem 512M --timeout 3600 "$@" 2>> "$work/errors"
}

# In a machine, or here.
lab_measure()	# RUN'S OPTIONS -- COMMAND
{
	if [ -z "$lab_disk" ]; then
		lab_boot "$@"
		return
	fi
	while [ "$1" != -- ]; do
		shift
	done
	"$2" --disk "$lab_disk" "${@:3}" 2>> "$work/errors"
}

# Runs the workloads in one configuration; the CSV goes to $work/JOB.csv.
lab_run_configuration()	# JOB CONFIGURATION PAGE-CLUSTER
{
	local options=(--frames "$frames" --page-cluster "$3" --seeds "$seeds"
		       --accesses "$percent" --discard fill) no_module=() workload seed us

	case $2 in
	lru|mglru|xfs*|ext4*|buffer-pool|userfaultfd*)	no_module=(--no-module) ;;
	esac
	# shellcheck disable=SC2086,SC2154 # a list, from the script that sources this
	lab_measure --icount "${no_module[@]}" "${lab_machine[@]}" -- \
		"$PWD/userspace/bench/$lab_program" "${options[@]}" "$2" $workloads |
	while IFS= read -r line; do
		echo "$line" >> "$work/$1.csv"
		IFS=, read -r _ _ _ _ workload _ _ _ seed _ us _ <<< "$line"
		say "$1: $workload, seed $seed: $us us an access"
	done
}

# With a real clock, one job runs at a time.
lab_nr_parallel()
{
	[ -z "$lab_disk" ] && nproc || echo 1
}

# A job that fails is named in $work/failed.
lab_run_jobs()	# JOB...
{
	local job

	for job; do
		while [ "$(jobs -rp | wc -l)" -ge "$(lab_nr_parallel)" ]; do
			wait -n || :
		done
		say "$job: starting"
		{ run_job "$job" || echo "$job" >> "$work/failed"; } &
	done
	wait
}

# Each job is a process group, so that none outlives an interrupted run.
lab_stop_jobs()
{
	local job

	for job in $(jobs -rp); do
		kill -- "-$job" || :
	done
	wait 2> /dev/null
}

# The CSV of jobs, in this order, with a header.
lab_results()	# JOB...
{
	local job

	userspace/bench/run-workloads --header
	for job; do
		cat "$work/$job.csv" 2> /dev/null || :
	done
}

lab_fail_if_jobs_failed()	# NAME
{
	[ -e "$work/failed" ] || return 0
	echo "$1: failed: $(tr '\n' ' ' < "$work/failed")" >&2
	cat "$work/errors" >&2
	exit 1
}

lab_kernel()
{
	if [ -z "$lab_disk" ]; then
		cat "$(selftests/vm/kernel "$KERNEL")/release"
	else
		uname -r
	fi
}

lab_clock()
{
	if [ -z "$lab_disk" ]; then
		cat <<END
Disk of $lab_disk_us us. The clock counts the guest's instructions, 1 ns each, and skips idle
time: it knows no caches and no second CPU. See Documentation/lab.rst.
END
	else
		echo "Disk $lab_disk. The clock is real: the figures hold for this machine, as it was."
	fi
}
