# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of traces that run together, for tests/run, which sets $sim and $here.
# shellcheck disable=SC2154

# The lines of all traces and of each: their names, frames, references, misses, dirty
# evictions.
together()	# OPTION...
{
	"$sim" --together --csv - "$@" 2>&1 | sed 1d | cut -d, -f1,2,4-6 | paste -sd' '
}

# Worked out by hand.
test_together_strings()
{
	# b has as many pages as a has, with the same numbers. A turn of 2: a1 a2 b1 b2 a1 a2
	# b1 b2, which is a loop of 4 pages; in 4 frames all miss once, in 3 LRU always.
	echo '1 2 1 2' > a2.txt
	echo '1 2 1w 2' > b2.txt
	is "$(together --trace a2.txt,b2.txt --quantum 2 --policy lru --frames 4)" \
		"a2+b2,4,8,4,0 a2,4,4,2,0 b2,4,4,2,0" "pages of different traces are different pages"
	is "$(together --trace a2.txt,b2.txt --quantum 2 --policy lru --frames 3)" \
		"a2+b2,3,8,8,0 a2,3,4,4,0 b2,3,4,4,0" "which take the frames of each other"
	# The optimum of that loop: b1 takes a2, b2 takes b1; a1 hits; a2 takes a1; b1 takes
	# a2; b2 hits. Farthest next uses: at b1, a2 at 6 against a1 at 5; at b2, b1 at 7.
	is "$(together --trace a2.txt,b2.txt --quantum 2 --policy opt --frames 2)" \
		"a2+b2,2,8,6,0 a2,2,4,3,0 b2,2,4,3,0" "the optimum is that of all traces"
	is "$(together --trace a2.txt,b2.txt --quantum 2 --policy lru --frames 4 --allocation equal)" \
		"a2+b2,4,8,4,0 a2,2,4,2,0 b2,2,4,2,0" "each may have its own frames"
	is "$(together --trace a2.txt,b2.txt --quantum 2 --policy lru --frames 3 --allocation equal)" \
		"a2+b2,3,8,6,1 a2,2,4,2,0 b2,1,4,4,1" "a frame that is left over is of the first trace"
	# a1 b1 a2 b2 ...: a turn of one.
	is "$(together --trace a2.txt,b2.txt --quantum 1 --policy opt --frames 1)" \
		"a2+b2,1,8,8,1 a2,1,4,4,0 b2,1,4,4,1" "pages that were written count for their trace"
	# A trace that is over leaves the turns to the others.
	echo 7 > c1.txt
	is "$(together --trace c1.txt,a2.txt,b2.txt --quantum 1 --policy fifo --frames 1)" \
		"c1+a2+b2,1,9,9,1 c1,1,1,1,0 a2,1,4,4,0 b2,1,4,4,1" "three traces, of which one ends early"
	is "$(together --trace a2.txt,a2.txt --policy fifo --frames 4)" \
		"a2+a2,4,8,4,0 a2,4,4,2,0 a2,4,4,2,0" "a trace may run twice"
}

# 3 pages in turn fit half of 6 frames. Beside a loop of 6 pages in turns as long, each page
# of theirs is gone when its turn comes, as often as that is; with frames of their own they
# miss 3 times in all. The loop misses always.
test_together_loop()
{
	awk 'BEGIN { for (i = 0; i < 60; i++) print i % 3 }' > small.txt
	awk 'BEGIN { for (i = 0; i < 60; i++) print i % 6 }' > large.txt
	is "$(together --trace small.txt,large.txt --quantum 6 --policy lru --frames 6)" \
		"small+large,6,120,90,0 small,6,60,30,0 large,6,60,60,0" "a loop ruins another program"
	is "$(together --trace small.txt,large.txt --quantum 6 --policy lru --frames 6 --allocation equal)" \
		"small+large,6,120,63,0 small,3,60,3,0 large,3,60,60,0" "but not with frames of its own"
}

# The merged string, with other page numbers for each trace.
merge()		# QUANTUM TRACE...
{
	awk -v quantum="$1" '
	FNR == 1 { files++ }
	{ page[files, ++nr[files]] = $1 + 0 + 100000 * files ($1 ~ /w/ ? "w" : "") }
	END {
		do {
			more = 0
			for (file = 1; file <= files; file++)
				for (i = 0; i < quantum && done[file] < nr[file]; i++) {
					print page[file, ++done[file]]
					more = 1
				}
		} while (more)
	}' "${@:2}"
}

# As far as policies do not look at page numbers, the sum is that of the merged string.
test_together_merged()
{
	local quantum policies=fifo,lru,clock,second_chance,2q,arc,s3fifo,lirs,opt
	make_random 11 | tr ' ' '\n' > x.txt
	make_random 12 | tr ' ' '\n' | head -n 100 > y.txt
	make_random 13 | tr ' ' '\n' | head -n 170 > z.txt
	for quantum in 1 3 50 1000; do
		merge "$quantum" x.txt y.txt z.txt > merged.txt
		"$sim" --trace x.txt,y.txt,z.txt --together --quantum "$quantum" --policy $policies \
			--frames 2,9,20,50% --csv - | sed 1d > lines.csv
		is "$(grep '^x+y+z,' lines.csv | cut -d, -f2-6)" \
			"$(run --trace merged.txt --policy $policies --frames 2,9,20,50% | cut -d, -f2-6)" \
			"together is the merged string: turns of $quantum"
		# References, misses and dirty evictions by size and policy.
		is "$(grep -v '^x+y+z,' lines.csv | awk -F, '{ r[$2 "," $3] += $4; m[$2 "," $3] += $5; d[$2 "," $3] += $6 }
			END { for (i in r) print i "," r[i] "," m[i] "," d[i] }' | sort)" \
			"$(grep '^x+y+z,' lines.csv | cut -d, -f2-6 | sort)" "and what the traces have is all of it"
	done
	is "$("$sim" --trace x.txt,y.txt --together --quantum 3 --stack | sed 1d | cut -d, -f2-)" \
		"$(merge 3 x.txt y.txt > merged.txt; "$sim" --trace merged.txt --stack | sed 1d | cut -d, -f2-)" \
		"stack distances are those of the merged string"
}

# LRU in awk, as misses of each trace.
lru_of_each()	# FRAMES TRACE
{
	awk -v frames="$1" '
	{
		page = $1 + 0
		if (!(page in last)) {
			misses[int(page / 100000)]++
			if (nr == frames) {
				oldest = ""
				for (p in last)
					if (oldest == "" || last[p] < last[oldest])
						oldest = p
				delete last[oldest]
			} else {
				nr++
			}
		}
		last[page] = NR
	}
	END { print misses[1], misses[2], misses[3] }' "$2"
}

test_together_each()
{
	local frames
	merge 7 x.txt y.txt z.txt > merged.txt
	for frames in 1 5 12 25; do
		is "$("$sim" --trace x.txt,y.txt,z.txt --together --quantum 7 --policy lru --frames $frames --csv - |
			sed '1,2d' | cut -d, -f5 | xargs)" "$(lru_of_each $frames merged.txt)" \
			"each trace has its own misses: $frames frames"
	done
	# 20 frames for 3 traces are 7, 7 and 6; and each has a third of the references of a tick.
	is "$("$sim" --trace x.txt,y.txt,z.txt --together --allocation equal --policy all --frames 20 --tick 42 --csv - |
		grep -v '^x+' | sed 1d | cut -d, -f1-6 | sort)" \
		"$({ run --trace x.txt,y.txt --policy all --frames 7 --tick 14
		run --trace z.txt --policy all --frames 6 --tick 14; } | sort)" \
		"with frames of its own each runs as it does alone, with all policies"
}

test_together_schedule()
{
	# Of 33 references in turns of 5, 15 and the last 3 are of x, and 15 of y.
	is "$(together --trace x.txt,y.txt --quantum 5 --policy lru --frames 8 --warm-up 33 --allocation equal |
		tr ' ' '\n' | cut -d, -f3 | xargs)" "317 232 85" "each has its references of the warm-up"
	is "$(together --trace x.txt,y.txt --quantum 5 --policy lru --frames 8 --warm-up 33 |
		tr ' ' '\n' | cut -d, -f3 | xargs)" "317 232 85" "if they share the frames, too"
	is "$(together --trace x.txt,y.txt --quantum 5 --policy lru,opt --frames 8 --warm-up 33 --resize 4@100,9@200 \
		--allocation equal | tr ' ' '\n' | grep -v + | cut -d, -f1,3-5 | sort)" \
		"$({ run --trace x.txt --policy lru,opt --frames 4 --warm-up 18 --resize 2@50,5@100
		run --trace y.txt --policy lru,opt --frames 4 --warm-up 15 --resize 2@50,4@100; } |
		cut -d, -f1,4-6 | sort)" "frames of its own change with those of all, at the same references"
	# Both come after the same 50 references of x.
	is "$(together --trace x.txt,y.txt --quantum 50 --policy lru --frames 8 --resize 20@80,4@60 --allocation equal)" \
		"$(together --trace x.txt,y.txt --quantum 50 --policy lru --frames 8 --resize 4@60,20@80 --allocation equal)" \
		"sizes in any order come in the order of time"
	# The only reference of c1 is in the warm-up, and so are 3 of x.
	is "$(together --trace c1.txt,x.txt --quantum 5 --policy lru --frames 8 --warm-up 4 --allocation equal |
		tr ' ' '\n' | grep -v +)" \
		"$(echo c1,4,0,0,0; run --trace x.txt --policy lru --frames 4 --warm-up 3 | cut -d, -f1,2,4-6)" \
		"a trace that ends in the warm-up has no misses"
}

test_together_output()
{
	is "$("$sim" --trace a2.txt,b2.txt --together --policy lru --frames 3 --allocation equal --quantum 2 --csv - |
		cut -d, -f1-12,14-)" \
		"trace,frames,policy,references,misses,dirty_evictions,miss_ratio,opt_ratio,visibility,tick,parameters,version,allocation,quantum,together
a2+b2,3,lru,8,6,1,0.750000,1.000000,full,4,,$version,equal,2,
a2,2,lru,4,2,0,0.500000,,full,4,,$version,equal,2,a2+b2
b2,1,lru,4,4,1,1.000000,,full,4,,$version,equal,2,a2+b2" "CSV has a line for each trace"
	is "$("$sim" --trace a2.txt,b2.txt --together --policy lru --frames 3 | sed 1d | sed 's/ *$//')" \
		"a2+b2                    3 lru                     4   0.500000    1.000               0
  a2                     3 lru                     2   0.500000                        0
  b2                     3 lru                     2   0.500000                        0" \
		"the table has the traces below their sum"
	"$sim" --trace a2.txt,b2.txt --together --policy lru --frames 2,3 --json > json
	is "$(python3 -c '
import json
for line in json.load(open("json"))[:2]:
    print(line["trace"], line["allocation"], line["quantum"], line.get("together"), "opt_ratio" in line)')" \
		"a2+b2 global 1000 None True
a2 global 1000 a2+b2 False" "JSON has them, too"
}

test_together_refuses()
{
	local good=(--trace "a2.txt,b2.txt" --together --policy fifo --frames 2)
	refuses 2 'with a single --trace' 'a trace together with none' --trace a.txt --together --policy fifo --frames 2
	refuses 2 'for traces --together' 'turns of a trace' --trace a.txt --quantum 5 --policy fifo --frames 2
	refuses 2 'for traces --together' 'an allocation to a trace' --trace a.txt --allocation global \
		--policy fifo --frames 2
	for quantum in 0 x -1 1.5 2F; do
		refuses 2 '--quantum' "--quantum $quantum" "${good[@]}" --quantum $quantum
	done
	refuses 2 'neither global nor equal' 'an allocation that is none' "${good[@]}" --allocation local
	refuses 1 '2 frames are fewer than 3 traces' 'a trace without a frame' --trace a.txt,a2.txt,b2.txt --together \
		--policy fifo --frames 3,2 --allocation equal
	refuses 1 '1 frames are fewer than 2 traces' 'a trace that loses its last frame' "${good[@]}" --resize 1@3 \
		--allocation equal
	refuses 2 'has no frames that traces could share' 'a working set together' --trace a2.txt,b2.txt --together --policy ws
	refuses 2 'without --steps' 'a table of traces together' "${good[@]}" --steps
	refuses 2 'no --allocation equal' 'stack distances with frames of their own' --trace a2.txt,b2.txt --together \
		--allocation equal --stack
	refuses 1 'empty.txt: no references' 'an empty trace, together' --trace a2.txt,empty.txt --together \
		--policy fifo --frames 2
	refuses 1 'a2+b2 has only 8 references' 'a warm-up without end, together' "${good[@]}" --warm-up 8
}

test_together()
{
	local version
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$here/../../../dkms.conf")
	test_together_strings
	test_together_loop
	test_together_merged
	test_together_each
	test_together_schedule
	test_together_output
	test_together_refuses
}
