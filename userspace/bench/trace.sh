# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How long the lock of a pool is held, and how long a task keeps its CPU, from the kernel's
# trace events. Sourced by run-scale and run-costs. On one CPU: no time is spent waiting for a
# lock.

tracing=/sys/kernel/tracing
events=$tracing/events/swaplab_scale

make_events()
{
	local address size

	[ -e $tracing/trace ] || mount -t tracefs tracefs $tracing
	# shellcheck disable=SC2016 # the kernel's names
	{
		echo 'p:swaplab_scale/lock _raw_spin_lock lock=%di caller=$stack0:symbol from=$stack0:x64'
		echo 'p:swaplab_scale/trylock _raw_spin_trylock lock=%di caller=$stack0:symbol'
		echo 'p:swaplab_scale/unlock _raw_spin_unlock lock=%di from=$stack0:x64'
		echo 'p:swaplab_scale/resched __cond_resched'
	} > $tracing/kprobe_events
	read -r _ size _ _ _ address _ < <(grep '^swaplab ' /proc/modules)
	of_module="from >= $address && from < $(printf '0x%x' $((address + size)))"
	echo 20000 > $tracing/buffer_size_kb
	echo 0 > $tracing/tracing_on
}

drop_events()
{
	echo 0 > $tracing/tracing_on
	echo 0 > $tracing/events/enable
	echo > $tracing/kprobe_events
	echo > $tracing/trace
	echo local > $tracing/trace_clock
}

enable()	# EVENT FILTER
{
	put "$2" "$1/filter"
	put 1 "$1/enable"
}

begin_trace()
{
	echo > $tracing/trace
	echo 1 > $tracing/tracing_on
}

end_trace()
{
	local dropped

	echo 0 > $tracing/tracing_on
	echo 0 > $tracing/events/enable
	dropped=$(awk '/^(overrun|dropped events):/ { nr += $NF } END { print nr + 0 }' $tracing/per_cpu/cpu*/stats)
	[ "$dropped" = 0 ] || { echo "the trace has lost $dropped events" >&2; return 1; }
}

# The pool's lock is the one under which pages are admitted.
find_lock()	# COMMAND...: admits pages
{
	enable $events/lock "$of_module"
	begin_trace
	"$@" > /dev/null
	end_trace
	lock=$(sed -n 's/.* lock: .*lock=\(0x[0-9a-f]*\) caller=swaplab_policy_admit+.*/\1/p' $tracing/trace | head -n 1)
	[ -n "$lock" ] || { echo "no function takes the pool's lock to admit a page" >&2; return 1; }
}

# It is not taken by interrupts, so it is held from the call that takes it to the next
# call that releases it. A call that only tried it, and failed, is followed by another.
trace_holds()
{
	local event

	for event in lock trylock unlock; do
		enable $events/$event "lock == $lock"
	done
	begin_trace
}

longest_hold()
{
	awk '
	!match($0, /[0-9]+\.[0-9]+: /)	{ next }
					{ now = substr($0, RSTART, RLENGTH - 2) * 1e6 }
	/: (try)?lock: /		{ start = now
					  caller = $0
					  sub(/.* caller=/, "", caller)
					  sub(/[+ ].*/, "", caller) }
	/: unlock: / && start != "" {
		if (now - start > most) {
			most = now - start
			where = caller
		}
		start = ""
		nr++
	}
	END { if (nr) printf "%d %s\n", most, where }' $tracing/trace
}

# Of all spinlocks of the module, by the counter of the CPU's cycles, which are instructions
# on the counting clock. The trace begins and ends with the clock of patterns.
trace_all_holds()
{
	enable $events/lock "$of_module"
	enable $events/unlock "$of_module"
	echo x86-tsc > $tracing/trace_clock
	echo > $tracing/trace
}

# Lines "FUNCTION HOLDS INSTRUCTIONS" of the functions that took the same lock as one of them.
# The shortest hold of all spinlocks does next to nothing but to pass the probes, so that much
# is taken off each hold. A hold of another lock in between has two more halves of two probes.
sum_holds()	# FUNCTION
{
	awk -v one="$1" '
	/: lock: / {
		match($0, /[0-9]+: lock: /)
		start[++depth] = substr($0, RSTART, RLENGTH) + 0
		match($0, /lock=0x[0-9a-f]+/)
		lock[depth] = substr($0, RSTART, RLENGTH)
		sub(/.* caller=/, "")
		sub(/[+ ].*/, "")
		name[depth] = $0
		probed[depth] = 1
		if ($0 == one)
			wanted = lock[depth]
	}
	/: unlock: / && depth {
		match($0, /[0-9]+: unlock: /)
		held = substr($0, RSTART, RLENGTH) - start[depth]
		if (least == "" || held < least)
			least = held
		hold = lock[depth] " " name[depth]
		nr[hold]++
		sum[hold] += held
		probes[hold] += probed[depth]
		probed[depth - 1] += probed[depth] + 1
		depth--
	}
	END {
		for (hold in nr) {
			split(hold, part, " ")
			if (part[1] == wanted)
				printf "%s %.0f %.0f\n", part[2], nr[hold], sum[hold] - probes[hold] * least
		}
	}' $tracing/trace
}

# From one chance of another task to the next.
trace_stretches()	# PID
{
	enable $events/resched "common_pid == $1"
	enable $tracing/events/sched/sched_switch "prev_pid == $1 || next_pid == $1"
	enable $tracing/events/raw_syscalls/sys_enter "common_pid == $1 && id == 110"
	begin_trace
}

# Else only the time between its two calls of getppid() counts.
longest_stretch()	# PID [WHOLE]: with WHOLE, all that it does counts
{
	awk -v pid="$1" -v counts="${2:+1}" '
	function chance() {
		if (start != "" && now - start > most)
			most = now - start
		nr++
		start = now
	}
	!match($0, /[0-9]+\.[0-9]+: /)	{ next }
					{ now = substr($0, RSTART, RLENGTH - 2) * 1e6 }
	/ sys_enter: /			{ chance(); counts = !counts; if (!counts) start = "" }
	!counts				{ next }
	/ resched: /			{ chance() }
	$0 ~ " sched_switch: .* prev_pid=" pid " "	{ chance(); start = "" }
	$0 ~ " sched_switch: .* next_pid=" pid " "	{ start = now }
	END				{ if (nr) printf "%d\n", most }' $tracing/trace
}
