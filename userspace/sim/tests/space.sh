# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of policies without a number of frames, for tests/run, which sets $sim.
# shellcheck disable=SC2154

# Misses, dirty evictions, mean and maximum of resident pages, and the space-time product.
space()		# TRACE POLICY [OPTION]...
{
	"$sim" --csv - --trace "$1" --policy "$2" "${@:3}" 2>&1 | sed 1d | cut -d, -f5,6,14-16
}

# By the definitions, and slowly: each reference looks at all others. Prints what space()
# does.
by_definition()	# TRACE POLICY TAU-OR-INTERVAL SHRINK-INTERVAL FAULT-TIME WARM-UP
{
	tr ' ' '\n' < "$1" | awk -v policy="$2" -v tau="$3" -v shrink="$4" -v fault_time="$5" -v warm_up="$6" '
	{ page[NR] = $1 + 0; is_write[NR] = $1 ~ /w/; pages[$1 + 0] }

	function last_use(p, t) { while (t > 0 && page[t] != p) t--; return t }
	function next_use(p, t) { while (t <= NR && page[t] != p) t++; return t <= NR ? t : 2 * NR + tau }

	# The set at t: the pages of the last tau references.
	function ws(t,   i) { for (i = t; i > 0 && i > t - tau; i--) set[page[i]] }

	# The page of t, and those between two uses that are tau apart at most.
	function vmin(t,   p, i) {
		for (p in pages) {
			i = last_use(p, t)
			if (p == page[t] || (i && next_use(p, t) - i <= tau))
				set[p]
		}
	}

	function pff(t,   p, oldest) {
		for (p in old)
			set[p]
		if (page[t] in old)
			return
		if (last_miss && t - last_miss >= shrink) {
			for (p in old)
				if (last_use(p, t) < last_miss)
					delete set[p]
		} else if (last_miss && t - last_miss >= tau) {
			oldest = page[t]
			for (p in old)
				if (last_use(p, t) < last_use(oldest, t))
					oldest = p
			delete set[oldest]
		}
		set[page[t]]
		last_miss = t
	}

	END {
		for (t = 1; t <= NR; t++) {
			if (t - 1 == warm_up)
				misses = dirty = sum = at_misses = max = 0
			delete set
			if (policy == "ws") ws(t)
			if (policy == "vmin") vmin(t)
			if (policy == "pff") pff(t)
			is_miss = !(page[t] in old)
			size = 0
			for (p in set)
				size++
			for (p in old)
				if (!(p in set)) {
					dirty += written[p]
					written[p] = 0
				}
			written[page[t]] = written[page[t]] || is_write[t]
			misses += is_miss
			sum += size
			at_misses += is_miss * size
			max = size > max ? size : max
			delete old
			for (p in set)
				old[p]
		}
		printf "%d,%d,%.6f,%d,%d\n", misses, dirty, sum / (NR - warm_up), max, sum + fault_time * at_misses
	}'
}

# Worked out by hand.
test_space_strings()
{
	# Belady's string. 1 and 2 come back after 4 and then after 3 references, which is a
	# hit with tau=3; 3, 4 and 5 after 7, 7 and 5. Sizes 1 2, and then 3 ten times.
	echo '1 2 3 4 1 2 5 1 2 3 4 5' > belady.txt
	is "$(space belady.txt ws --param tau=3)" 10,0,2.750000,3,33 "the working set of the last 3"
	# 4 apart are hits, too. Sizes 1 2 3 4 4 4 4 3 3 4 4 4.
	is "$(space belady.txt ws --param tau=4)" 8,0,3.333333,4,40 "and of the last 4"
	# 1 stays from 5 to 8, and 2 from 6 to 9: sizes 1 1 1 1 1 2 3 2 1 1 1 1.
	is "$(space belady.txt vmin --param tau=3)" 10,0,1.333333,3,16 "VMIN keeps two pages, twice"
	# Misses at 1, 2, 3, 4: the set grows to 1 2 3 4. At 7, 3 after that at 4, 3 goes as
	# it was not used since, and 5 comes: 4 1 2 5. At 10, 3 after that at 7, 4 goes and
	# 3 comes. At 11, 1 later, 4 comes, too. Sizes 1 2 3 4 4 4 4 4 4 4 5 5.
	is "$(space belady.txt pff --param interval=2)" 7,0,3.666667,5,44 "PFF shrinks at two misses"
	is "$(space belady.txt pff --param interval=3)" 7,0,3.666667,5,44 "an interval as long as the threshold shrinks"
	is "$(space belady.txt pff --param interval=4)" 5,0,4.000000,5,48 "one that is shorter does not"
	# Between 3 and 9 the page used least recently goes: at 7, 3; at 10, 4 goes for 3.
	is "$(space belady.txt pff --param interval=3 --param shrink_interval=9)" 7,0,3.666667,5,44 \
		"between the thresholds a page goes for each that comes"
	# The miss of 4 is 4 references after that of 3. 2 goes; 3 stays, as the miss itself
	# counts as use since, and hits at the end. Sizes 1 2 3 3 3 3 3 4 4.
	echo '1 2 3 1 1 1 4 2 3' > pff.txt
	is "$(space pff.txt pff --param interval=4)" 5,0,2.888889,4,26 "the page of the last miss stays"
	echo '1 2 3 3 3 3 4 1 2' > pff.txt
	# 1 and 2 go for 4, and come back. Sizes 1 2 3 3 3 3 2 3 4. Or 1 alone, used least
	# recently, so that 2 hits: 1 2 3 3 3 3 3 4 4.
	is "$(space pff.txt pff --param interval=4)" 6,0,2.666667,4,24 "of those before it, all go that were not used"
	is "$(space pff.txt pff --param interval=4 --param shrink_interval=5)" 5,0,2.888889,4,26 \
		"or one of them, below the second threshold"
}

# A page alone, a loop, windows of one reference and of more than there are.
test_space_edges()
{
	echo '1 1 1 1' > one.txt
	seq 4 > once.txt
	local policy
	for policy in ws vmin pff; do
		is "$(space one.txt $policy)" 1,0,1.000000,1,4 "$policy: a page alone misses once"
	done
	is "$(space once.txt ws,vmin --param tau=1 | paste -sd' ')" "4,0,1.000000,1,4 4,0,1.000000,1,4" \
		"a window of a reference has a page"
	is "$(space once.txt ws,vmin --param tau=4000000000 | paste -sd' ')" "4,0,2.500000,4,10 4,0,1.000000,1,4" \
		"a window may be longer than the trace"
	echo '1w 2 3 1w 2 3' > writes.txt
	# Each comes back after 3, and each miss of pff is 1 after the last: 1 goes twice.
	is "$(space writes.txt ws,vmin,pff --param tau=2 --param interval=1 | cut -d, -f1,2 | paste -sd' ')" \
		"6,2 6,2 6,2" "pages that were written are told when they go"
	# Sizes 1 2 2 2 2 2 with misses at all: each takes 10 references more.
	is "$(space writes.txt ws --param tau=2 --fault-time 10)" 6,2,1.833333,2,121 \
		"a miss holds the pages for the time that it takes"
	is "$(space writes.txt ws --param tau=2 --fault-time 10 --warm-up 2)" 4,2,2.000000,2,88 \
		"references of a warm-up do not count"
}

# Few pages in a random order, some written.
make_random()	# SEED
{
	awk -v seed="$1" 'BEGIN {
		for (i = 0; i < 250; i++) {
			seed = seed * 16807 % 2147483647
			page = int(14 * (seed / 2147483647) ^ 2) + (i % 90 > 60) * 5
			printf "%s%d%s", i ? " " : "", page, seed % 5 ? "" : "w"
		}
		print ""
	}'
}

test_space_definitions()
{
	local seed n wanted got
	for seed in 1 2 3 4 5; do
		make_random $seed > random.txt
		for n in 1 2 5 17 400; do
			wanted=$(by_definition random.txt ws $n 0 7 0; by_definition random.txt vmin $n 0 7 0
				by_definition random.txt pff $n $n 7 0)
			got=$(space random.txt ws,vmin,pff --param tau=$n --param interval=$n --fault-time 7)
			is "$got" "$wanted" "ws, vmin and pff are what they are defined as: string $seed, $n references"
		done
		is "$(space random.txt pff --param interval=3 --param shrink_interval=8 --fault-time 1 --warm-up 50)" \
			"$(by_definition random.txt pff 3 8 1 50)" "and pff with two thresholds, after a warm-up"
	done
}

# VMIN misses as often as the working set of the same tau, with no more pages.
test_space_vmin()
{
	local name
	for name in mixed skewed; do
		"$sim" --trace $name.txt --policy ws,vmin --param tau=1,3,30,300,3000,30000 --csv - | sed 1d |
			awk -F, '
			$3 == "ws" { misses[$11] = $5; mean[$11] = $14; max[$11] = $15 }
			$3 == "vmin" && $5 == misses[$11] && $14 <= mean[$11] && $15 <= max[$11] { good++; less += $14 < mean[$11] }
			END { exit !(NR == 12 && good == 6 && less >= 5) }'
		ok $? "vmin misses in $name as often as ws, with fewer pages"
	done
}

test_space_output()
{
	is "$("$sim" --trace belady.txt --policy ws,lru --frames 3 --param tau=3,4 --csv - | cut -d, -f1-8,11,14-)" \
		"trace,frames,policy,references,misses,dirty_evictions,miss_ratio,opt_ratio,parameters,mean_resident,max_resident,space_time,fault_time
belady,3,lru,12,10,0,0.833333,1.428571,,,,,
belady,,ws,12,10,0,0.833333,,tau=3,2.750000,3,33,0
belady,,ws,12,8,0,0.666667,,tau=4,3.333333,4,40,0" "CSV has resident pages, and a line for each value"
	is "$("$sim" --trace belady.txt --policy pff --param interval=2,3 --param shrink_interval=0,9 --csv - |
		sed 1d | cut -d, -f11 | paste -sd,)" \
		"interval=2 shrink_interval=0,interval=3 shrink_interval=0,interval=2 shrink_interval=9,interval=3 shrink_interval=9" \
		"two lists are combined"
	"$sim" --trace belady.txt --policy vmin,fifo --frames 3 --param tau=3 --fault-time 5 --json > json
	is "$(python3 -c '
import json
fifo, vmin = json.load(open("json"))
print(vmin["misses"], vmin["mean_resident"], vmin["max_resident"], vmin["space_time"], vmin["fault_time"],
      vmin["parameters"], "frames" in vmin, "opt_ratio" in vmin, "space_time" in fifo)')" \
		"10 1.33333 3 81 5 {'tau': 3} False False False" "JSON has them, too"
	is "$("$sim" --trace belady.txt --policy ws,fifo --frames 3 | wc -l)" 5 "there are two tables, apart"
	is "$("$sim" --trace belady.txt --policy ws --param tau=3 | tail -n 1 | xargs)" \
		"belady ws 10 0.833333 2.750 3 33 tau=3" "the table has them"
	is "$("$sim" --trace belady.txt --policy vmin --param tau=3 --steps | sed 's/ *$//')" \
		"belady, vmin tau=3: 10 misses of 12 references

page        1  2  3  4  1  2  5  1  2  3  4  5
frame 1     1  2  3  4  1  1  1  1     3  4  5
frame 2                    2  2  2  2
frame 3                       5
            m  m  m  m  m  m  m  h  h  m  m  m" "--steps shows which pages are resident"
	is "$(run --trace belady.txt,abc.txt --policy ws,vmin,pff --jobs 3 | wc -l)" 6 "each trace has its lines"
	if command -v gnuplot > gnuplot.path; then
		"$sim" --trace mixed.txt --policy ws,fifo --frames 10,100 --param tau=10,100 --svg a.svg > table
		grep -q '>ws<' a.svg && grep -q '>fifo<' a.svg
		ok $? "the picture has a curve of the working set"
	fi
}

test_space_refuses()
{
	local good=(--trace a.txt --policy ws)
	refuses 2 'takes 1 to' 'a window of nothing' "${good[@]}" --param tau=0
	refuses 2 'takes 1 to' 'one that is out of range, of several' "${good[@]}" --param tau=5,0
	for values in '' ',' '5,' ,5 5,x 5x -5 1.5 99999999999; do
		refuses 2 'not a number' "tau='$values'" "${good[@]}" --param "tau=$values"
	done
	refuses 2 'takes one value' 'a list for a policy with frames' --trace a.txt --policy aging --frames 2 \
		--param width=5,8
	refuses 2 'below interval=10' 'a second threshold below the first' --trace a.txt --policy pff \
		--param interval=10 --param shrink_interval=9
	refuses 2 'below interval=1000' 'one of several' --trace a.txt --policy pff --param shrink_interval=2000,9
	refuses 2 'at most 10000' 'more runs than make sense' --trace a.txt --policy pff \
		--param "interval=$(seq -s, 101)" --param "shrink_interval=$(seq -s, 200 300)"
	refuses 2 'given twice' 'ws twice' --trace a.txt --policy ws,ws
	refuses 2 'did you mean vmin?' 'a policy without frames, with a hint' --trace a.txt --policy vmim
	refuses 2 'no --frames' 'frames for none that has them' "${good[@]}" --frames 3
	refuses 2 'no --frames, --resize' 'a resize for none that has them' "${good[@]}" --resize 3@3
	refuses 2 'how many --frames' 'the optimum without frames' --trace a.txt --policy ws,opt
	refuses 2 '--fault-time' 'a fault time of 0' "${good[@]}" --fault-time 0
	refuses 2 'for policies without frames' 'a fault time for nothing' --trace a.txt --policy fifo --frames 2 \
		--fault-time 3
	refuses 1 'too large' 'a product that is too large' --trace mixed.txt --policy ws --fault-time 1000000000000000
	refuses 1 'no references' 'an empty trace, of a working set' --trace empty.txt --policy ws
	refuses 1 'only 5 references' 'a warm-up without end, of a working set' "${good[@]}" --warm-up 5
	refuses 2 'no --policy' 'stack distances of a working set' "${good[@]}" --stack
}

test_space()
{
	test_space_strings
	test_space_edges
	test_space_definitions
	test_space_vmin
	test_space_output
	test_space_refuses
}
