# shellcheck shell=bash disable=SC2034,SC2154 # variables that scripts/grade.d shares
# SPDX-License-Identifier: GPL-2.0
#
# Judges a policy: see Documentation/labs/policy.rst. The policy is compiled into a simulator
# of its own, which runs with limits of time and memory. Sourced by scripts/grade.

frames=100
compile_seconds=60
run_seconds=10
# Limits in KiB, of the compiler and of the simulator.
compile_memory=2097152
run_memory=2097152
file_size=65536

# What a policy may use, and what the compiler makes of assignments and loops.
allowed='swaplab_policy_(un)?register|abort|calloc|malloc|free|mem(set|cpy|move|cmp)|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'

# The traces are of the student's own sizes.
make_traces()
{
	local pages scan loop seed

	pages=$(draw_from pages 50 70)
	scan=$(draw_from scan 85 115)
	loop=$(draw_from loop 115 135)
	seed=$(draw_from seed 1 99999)
	bursts="BEGIN { for (r = 0; r < 40; r++) { for (i = 0; i < 240; i++) print i % $pages; \
for (i = 0; i < $scan; i++) print 1000 + r * $scan + i } }"
	loops="BEGIN { for (i = 0; i < 8000; i++) print i % $loop }"
	popular=$(popular_program "$seed" 1)
	moving=$(popular_program "$seed" 5000)
	awk "$bursts" > bursts.txt
	awk "$loops" > loops.txt
	awk "$popular" > popular.txt
	awk "$moving" > moving.txt
}

# Popular pages have low numbers; the numbers are others after each so many references, but
# for 1.
popular_program()	# SEED REFERENCES
{
	local shift=''

	[ "$2" = 1 ] || shift=" + int(i / $2) * 1000"
	echo "BEGIN { seed = $1; for (i = 0; i < 20000; i++) { seed = seed * 16807 % 2147483647; \
share = seed / 2147483647; print int(500 * share * share * share)$shift } }"
}

# Runs a command with limits. Its output is in out and err, which are cut. Sets $failure to
# a sentence if it fails.
run_limited()	# SECONDS KIB COMMAND...
{
	local status=0 seconds=$1 memory=$2
	shift 2

	# In the background, so that a signal ends the grader at once.
	(
		ulimit -c 0 -t "$seconds" -v "$memory" -f $file_size
		exec timeout -k 1 "$seconds" "$@" < /dev/null 2> err > out
	) 2> /dev/null &
	child=$!
	wait $child || status=$?
	child=
	failure=''
	case $status in
	0)	;;
	124|137|152)
		failure="It did not end in $seconds seconds." ;;
	134)	failure="It was aborted (signal 6)." ;;
	135|139)
		failure="It crashed (signal $((status - 128)))." ;;
	*)	failure="It failed: $(tail -n 1 err | cut -c 1-120)" ;;
	esac
}

first_error()
{
	grep -m 1 -E 'error:|multiple definition|undefined reference' err | sed 's|^[^ ]*/||' || tail -n 1 err
}

award_compile()
{
	local foreign

	cp "$file" policy.c
	if grep -qE '^[[:space:]]*#[[:space:]]*include[^/]*["<](/|.*\.\./)' policy.c; then
		award compiles 0 10 "A policy includes no file outside of the tree."
		return 1
	fi
	run_limited $compile_seconds $compile_memory make -s -C "$top/userspace/sim" only SANITIZE= \
		POLICY="$PWD/policy.c" INTO="$PWD"
	if [ -n "$failure" ]; then
		[[ $failure != 'It failed'* ]] || failure=$(first_error)
		award compiles 0 10 "It does not compile: $failure"
		return 1
	fi
	foreign=$(nm -u policy.o | sed 's/^ *[Uw] //; s/@.*//' | grep -vxE "$allowed" | paste -sd ' ' || :)
	if [ -n "$foreign" ] || grep -qE '\b(asm|__asm|__asm__)\b' policy.c; then
		award compiles 0 10 "A policy may not use ${foreign:-assembler}."
		return 1
	fi
	award compiles 10 10 "It compiles, and uses the interface only."
}

# Sets $mine to the misses of the policy; false, with $failure, if there are none to count.
count_mine()	# TRACE [OPTION]...
{
	local line

	run_limited $run_seconds $run_memory ./sim --trace "$1.txt" --policy all --frames $frames --jobs 1 "${@:2}"
	[ -z "$failure" ] || return
	line=$(awk -v trace="$1" -v frames=$frames '$1 == trace && $2 == frames && $3 != "opt" && !n++' out)
	read -r _ _ name mine _ <<< "$line"
	if [ -z "$line" ]; then
		failure="It registers no policy: module_swaplab_policy() is missing."
	elif ! [[ $name =~ ^[a-z][a-z0-9_]*$ && $mine =~ ^[0-9]+$ ]]; then
		failure="Its name is none: small letters, digits and _ are."
	elif [ "$mine" -lt "$(misses "$1" opt $frames "${@:2}")" ]; then
		failure="It misses less than the optimum: it changes more than its own data."
	elif grep -q 'gave no valid victim' err; then
		failure="On $1, it $(sed -n 's/.*\(gave no valid victim [0-9]* times\).*/\1/p' err | sed -n 1p)."
	fi
	[ -z "$failure" ]
}

# After a failure, the other traces are not tried: it might take the time limit each.
award_trace()	# TRACE POINTS PERCENT POLICY [OPTION]...
{
	local trace=$1 points=$2 percent=$3 other=$4 theirs got=0
	shift 4

	if [ -n "$bad" ] || ! count_mine "$trace" "$@"; then
		bad=${bad:-$failure}
		award "$trace" 0 "$points" "$bad"
		return
	fi
	theirs=$(misses "$trace" "$other" $frames "$@")
	[ $((mine * 100)) -gt $((theirs * percent)) ] || got=$points
	award "$trace" "$got" "$points" \
		"It misses $mine times, $((mine * 100 / theirs)) % as often as $other; at most $percent % are asked for."
}

award_valid()
{
	if [ -n "$bad" ]; then
		award valid 0 20 "$bad"
	else
		award valid 20 20 "Each victim is a frame that it has, on all traces."
	fi
}

# As "make -C userspace/sim check" does it: a flag may be looked at twice.
award_bounded()
{
	local worst

	if [ -n "$bad" ]; then
		award bounded 0 10 "$bad"
		return
	fi
	run_limited $run_seconds $run_memory ./steps "$name"
	if [ -n "$failure" ]; then
		award bounded 0 10 "$failure"
		return
	fi
	worst=$(awk '$3 > 2 * 64 || $4 > 4 * 64 { print $2 }' out | sort -u | paste -sd ' ')
	if [ -n "$worst" ]; then
		award bounded 0 10 "With 100,000 frames a call of $worst looks at more than 64 of them."
	else
		award bounded 10 10 "No call looks at more than 64 of 100,000 frames."
	fi
}

award_nothing()
{
	local question

	for question in bursts:20 loops:20 popular:10 moving:10 valid:20 bounded:10; do
		award "${question%:*}" 0 "${question#*:}" "It does not compile."
	done
}

print_traces()
{
	cat <<-END
		# $(sheet_title policy): the traces of $id. See Documentation/labs/policy.rst.
		# These commands make them; the pool has $frames frames.
		awk '$bursts' > bursts.txt
		awk '$loops' > loops.txt
		awk '$popular' > popular.txt
		awk '$moving' > moving.txt
	END
}

ask_policy()
{
	local bursts loops popular moving bad='' mine='' name='' failure=''

	make_traces
	if [ "$mode" = print ]; then
		print_traces
		return
	fi
	if ! award_compile; then
		award_nothing
		return
	fi
	award_trace bursts 20 90 clock
	award_trace loops 20 60 fifo
	award_trace popular 10 98 clock --tick 500
	award_trace moving 10 105 clock --tick 500
	award_valid
	award_bounded
}
