# shellcheck shell=bash disable=SC2034,SC2154 # variables that scripts/grade.d shares
# SPDX-License-Identifier: GPL-2.0
#
# The questions of Documentation/labs/working-set.rst. Sourced by scripts/grade.

window=6

# The first half uses few pages, the second half more of others.
make_phases()
{
	phases=$(paste -d ' ' <(draw_string few 12 3) <(draw_string more 12 5 |
		awk '{ for (i = 1; i <= NF; i++) $i += 3; print }'))
}

# The distinct pages of the last references at each time: faults with a frame for each.
make_windows()
{
	local time traces=()

	for ((time = 1; time <= 24; time++)); do
		awk -v time=$time -v window=$window '{
			for (i = time - window + 1; i <= time; i++)
				if (i > 0)
					print $i
		}' <<< "$phases" > w$time.txt
		traces+=("w$time.txt")
	done
	"$sim" --csv - --trace "$(IFS=,; echo "${traces[*]}")" --policy opt --frames $window |
		awk -F, 'NR > 1 { print $5 }' > sizes
}

make_loops()
{
	loop="BEGIN { for (i = 0; i < $((pages * rounds)); i++) print i % $pages }"
	both="BEGIN { for (i = 0; i < $((pages * rounds)); i++) print i % $pages \" \" 1000 + i % $others }"
	skewed="BEGIN { seed = $seed; for (i = 0; i < 20000; i++) { seed = seed * 16807 % 2147483647; \
share = seed / 2147483647; print int(1000 * share * share * share) } }"
	awk "$loop" > loop.txt
	awk "$both" > both.txt
	awk "$skewed" > skewed.txt
}

# The least frames with which LRU misses at most a share of the references.
frames_for_share()	# TRACE SHARE
{
	"$sim" --trace "$1.txt" --stack | awk -F, -v share="$2" 'NR > 1 && $5 <= share && !n++ { print $2 }'
}

# The least frames with which LRU has first touches alone as misses.
frames_for_first_touches()	# TRACE
{
	"$sim" --trace "$1.txt" --stack |
		awk -F, 'NR > 1 { if ($4 != last) { frames = $2; last = $4 } } END { print frames }'
}

# Those that share the lowest number are right, all of them.
is_best()	# VALUE TRACE FRAMES POLICY...
{
	local value=${1,,} trace=$2 frames=$3 policy mine='' best=''
	shift 3

	for policy; do
		policy="$(misses "$trace" "$policy" "$frames") $policy"
		[ -n "$best" ] && [ "${policy% *}" -ge "${best% *}" ] || best=$policy
		[ "${policy#* }" != "$value" ] || mine=${policy% *}
	done
	if [ -z "$mine" ]; then
		reason="One of $* is wanted, not \"$(readable "$1")\"."
		return 1
	fi
	reason="$value misses $mine times; ${best% *} is the lowest number, by ${best#* }."
	[ "$mine" = "${best% *}" ]
}

ask_working_set()
{
	local pages others rounds seed time frames

	pages=$(draw_from pages 20 60)
	others=$(draw_from others 8 19)
	rounds=$(draw_from rounds 10 30)
	seed=$(draw_from seed 1 9999)
	time=$(draw_from time 10 22)
	frames=$(draw_from frames 300 900)
	make_phases
	make_windows
	make_loops
	ask set 1 "The string is $phases. How many pages has the working set after reference $time, with a window of \
$window references?" is_number "$(sed -n "${time}p" sizes)" "Pages in the working set"
	ask largest 2 "How many pages has the largest working set of this string, with the same window?" \
		is_number "$(sort -n sizes | tail -n 1)" "Pages in the largest working set"
	ask fits 1 "A program goes round $pages pages:
    awk '$loop' > loop.txt
How often does LRU miss with $pages frames?" is_number "$(misses loop lru "$pages")" "Misses of LRU with $pages frames"
	ask thrashes 1 "And with $((pages - 1)) frames?" \
		is_number "$(misses loop lru $((pages - 1)))" "Misses of LRU with $((pages - 1)) frames"
	ask optimum 1 "How often does the optimum miss with $((pages - 1)) frames?" \
		is_number "$(misses loop opt $((pages - 1)))" "Misses of the optimum with $((pages - 1)) frames"
	ask best 2 "Which of fifo, lru, clock and mru misses least on this loop with $((pages - 1)) frames?" \
		is_best loop $((pages - 1)) fifo lru clock mru
	ask programs 1 "A machine has $frames frames, and each program goes round $pages pages of its own. How many \
such programs can run at a time before LRU over all frames misses all the time?" \
		is_number $((frames / pages)) "Programs whose working sets fit into $frames frames"
	ask two 2 "Two programs take turns:
    awk '$both' > both.txt
How few frames let LRU miss at first touches only?" \
		is_number "$(frames_for_first_touches both)" "Frames for both programs"
	ask share 2 "Some pages are popular:
    awk '$skewed' > skewed.txt
How few frames let LRU miss at most 40 % of the references?" is_number "$(frames_for_share skewed 0.4)" "Frames for 40 % of misses"
}
