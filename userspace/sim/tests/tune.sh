# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of swaplab tune, for tests/run, which sets $sim.
# shellcheck disable=SC2154

tune()		# OPTION...
{
	"$sim" tune --jobs 1 "$@" 2>&1
}

# Skewed use, and a loop; in the second form a part of a trace moves on to other pages.
make_tuned()
{
	awk 'BEGIN {
		seed = 1
		for (i = 0; i < 60000; i++) {
			seed = seed * 16807 % 2147483647
			share = seed / 2147483647
			print i % 4 ? int(1600 * share * share * share) : 10000 + int(i / 4) % 600 > "tuned.txt"
			print int(i / 20000) * 700 + int(1500 * share * share) > "moving.txt"
		}
	}'
}

# What --json says, by a line of Python that has it as "said".
said()		# PYTHON OPTION...
{
	tune "${@:2}" --json > said.json || cat said.json
	python3 -c "
import json
said = json.load(open('said.json'))
best = said['settings'][0]
$1"
}

# Each setting misses as often as swaplab sim says.
test_tune_runs()
{
	local in out misses
	said 'for s in said["settings"]:
    print(*s["parameters"].values(), *(r["misses"] for r in s["runs"]), *(r["opt_misses"] for r in s["runs"]))' \
		2q --trace tuned.txt,moving.txt --frames 10%,300 --param in_percent=10..30:3 --param out_percent=50,100 \
		--visibility sampled --tick 500 --warm-up 1000 > tuned
	while read -r in out misses; do
		"$sim" --trace tuned.txt,moving.txt --policy 2q,opt --frames 10%,300 --param "in_percent=$in" \
			--param "out_percent=$out" --visibility sampled --tick 500 --warm-up 1000 --csv - > simulated
		[ "$misses" = "$(for policy in 2q opt; do grep ",$policy," simulated | cut -d, -f5; done | xargs)" ]
		ok $? "tune and sim agree on 2q with $in and $out"
	done < tuned
	is "$(cut -d' ' -f1,2 tuned | sort | paste -sd,)" \
		"10 100,10 50,20 100,20 50,25 50,30 100,30 50" "all combinations of values are tried, and the defaults"
	is "$(said 'print([s["default_ratio"] for s in said["settings"]] ==
		sorted(s["default_ratio"] for s in said["settings"]), best["best_ratio"])' \
		2q --trace tuned.txt --frames 10%)" "True 1" "the best setting is the first"
	is "$(tune 2q --trace tuned.txt,moving.txt --frames 5%)" \
		"$(tune 2q --trace tuned.txt,moving.txt --frames 5% --jobs 4)" "tune says the same with several threads"
}

# The misses in each stretch are those with a warm-up up to it, less those up to the next. The
# quantiles of Student's distribution, of tables: 15 degrees of freedom, 5 % and 2.5 %.
test_tune_noise()
{
	local values quantile
	for values in 1.753050:2,10 2.131450:2,10,40; do
		quantile=${values%:*}
		tune s3fifo --trace tuned.txt --frames 200 --param "small_percent=${values#*:}" --json > said.json
		SIM=$sim QUANTILE=$quantile python3 > compared <<-'END'
			import json, math, os, subprocess
			said = json.load(open("said.json"))
			def stretches(percent):
			    ends = []
			    for i in range(16):
			        warm = ["--warm-up", str(60000 * i // 16)] if i else []
			        out = subprocess.run([os.environ["SIM"], "--trace", "tuned.txt", "--policy", "s3fifo", "--frames", "200",
			            "--param", f"small_percent={percent}", "--csv", "-"] + warm, capture_output=True, text=True).stdout
			        ends.append(int(out.split("\n")[1].split(",")[4]))
			    return [a - b for a, b in zip(ends, ends[1:] + [0])]
			names = [s["parameters"]["small_percent"] for s in said["settings"]]
			misses = {name: stretches(name) for name in names}
			best = min(names, key=lambda n: sum(misses[n]))
			for s, name in zip(said["settings"], names):
			    without = [math.log((sum(misses[name]) - misses[name][i]) / (sum(misses[best]) - misses[best][i])) for i in range(16)]
			    mean = sum(without) / 16
			    noise = float(os.environ["QUANTILE"]) * math.sqrt(15 / 16 * sum((w - mean) ** 2 for w in without))
			    ratio = math.log(sum(misses[name]) / sum(misses[best]))
			    print(name, abs(math.log(s["noise_ratio"]) - noise) < 2e-6, s["within_noise"] == (ratio <= noise))
			def half(name, part):
			    return sum(misses[name][8 * part:8 * part + 8])
			out = [min(names, key=lambda n: half(n, part)) for part in (0, 1)]
			held_out = (math.log(half(out[0], 1) / half(10, 1)) + math.log(half(out[1], 0) / half(10, 0))) / 2
			print(abs(math.log(said["held_out_ratio"]) - held_out) < 2e-6)
		END
		! grep -q False compared && [ "$(wc -l < compared)" -ge 3 ]
		ok $? "noise and the other half are as they are defined, of $(wc -l < compared) values"
		sed 's/^/# /' compared
	done
	is "$(said 'print(len(said["settings"]), sum(not s["within_noise"] for s in said["settings"]) <= 2)' \
		random --param seed=1..20:20 --trace tuned.txt,moving.txt --frames 20%)" "20 True" \
		"other random numbers are noise, but for one of 20 or so"
}

test_tune_advice()
{
	is "$(tune lfu --trace tuned.txt --frames 20%,40% | tail -n 1)" "swaplab set policy=lfu decay_ticks=16" \
		"tune says how to set what is better"
	is "$(said 'print(said["advice"], best["is_default"], best["within_noise"])' lirs --trace tuned.txt --frames 20%)" \
		"defaults_are_best True True" "tune says that the defaults are best"
	tune random --trace tuned.txt --param seed=2..9 --frames 20% | grep -q 'nothing to set'
	ok $? "tune sets nothing that is noise"
	tune lfu --trace tuned.txt | grep -q 'One trace'
	ok $? "tune warns of a single trace"
	! tune lfu --trace tuned.txt,moving.txt | grep -q 'One trace'
	ok $? "and not of two"
	tune lfu --trace tuned.txt --param decay_ticks=2..16 | grep -q 'decay_ticks=16 is at the end'
	ok $? "tune says if the best is the last one tried"
	tune lfu --trace tuned.txt --param decay_ticks=0,1,2 | grep 'end of the values' | grep -q =0
	ok $((! $?)) "but not if there are no others"
	is "$(tune 2q --trace tuned.txt --param in_percent=1..99:60 | awk 'length > 80')" "" "the table fits 80 columns"
	is "$(tune s3fifo --trace tuned.txt --param small_percent=1..99:60 --frames 20% | grep -c small_percent=)" 31 \
		"a long table is cut, but has the defaults"
}

# Two parameters with 10 runs: one after the other, the first with its best when it is the
# second one's turn.
test_tune_search()
{
	local values=(--param "in_percent=10,20,30" --param "out_percent=20,50,80")
	is "$(said 'print(said["search"], said["is_cut"], len(said["settings"]))' 2q --trace tuned.txt --frames 20% \
		"${values[@]}" --runs 10)" "grid False 10" "a search of all combinations"
	is "$(said 'print(said["search"], said["is_cut"], len(said["settings"]) < 10)' 2q --trace tuned.txt --frames 20% \
		"${values[@]}" --runs 9)" "coordinates False True" "a parameter at a time, with fewer runs"
	is "$(said 'at = {tuple(s["parameters"].values()): s["misses"] for s in said["settings"]}
first = min((10, 20, 30, 25), key=lambda i: at[i, 50])
second = min((20, 50, 80), key=lambda o: at[first, o])
print(all((first, o) in at for o in (20, 50, 80)), tuple(best["parameters"].values()) == min(at, key=at.get),
    second == min(at, key=at.get)[1])' 2q --trace tuned.txt --frames 20% "${values[@]}" --runs 9)" \
		"True True True" "the second parameter goes with the best of the first"
	is "$(said 'print(said["is_cut"], len(said["settings"]))' 2q --trace tuned.txt --frames 20%,40% "${values[@]}" --runs 7)" \
		"True 3" "a search ends with its runs"
	tune 2q --trace tuned.txt --frames 20% "${values[@]}" --runs 3 | grep -q -- --runs
	ok $? "and says so"
	is "$(said 'print(sorted(s["parameters"]["small_percent"] for s in said["settings"]))' s3fifo --trace tuned.txt --frames 99 \
		--param small_percent=1..3,60,20..40:3,3)" "[1, 2, 3, 10, 20, 30, 40, 60]" "values and ranges"
	is "$(said 'print(sorted(s["parameters"]["small_percent"] for s in said["settings"]))' s3fifo --trace tuned.txt --frames 99 \
		--param small_percent=1..64:4)" "[1, 4, 10, 16, 64]" "a wide range has equal ratios"
	is "$(said 'print([len(said["settings"]), sorted(said["settings"][0]["parameters"])])' 2q --trace moving.txt --frames 99)" \
		"[30, ['in_percent', 'out_percent']]" "without --param all parameters are tried"
}

refuses_tune()	# TEXT OPTION...
{
	refuses 2 "$1" "to tune ${*:2}" tune "${@:2}"
}

test_tune_refuses()
{
	refuses_tune 'which policy'
	refuses_tune 'which --trace' s3fifo
	refuses_tune 'one policy' s3fifo 2q --trace a.txt
	refuses_tune 'did you mean s3fifo?' s3fif --trace a.txt
	refuses_tune 'has no parameters' lru --trace a.txt
	refuses_tune 'has no parameters' opt --trace a.txt
	refuses_tune 'no number of frames' ws --trace a.txt
	refuses_tune 'is no setting' random --trace a.txt
	refuses_tune 'did you mean in_percent?' 2q --trace a.txt --param in_percnt=3
	refuses_tune 'no such parameter' 2q --trace a.txt --param width=3
	refuses_tune 'takes 1 to 99' 2q --trace a.txt --param in_percent=50..100
	refuses_tune 'takes 1 to 99' 2q --trace a.txt --param in_percent=0
	refuses_tune '9 is more than 3' 2q --trace a.txt --param in_percent=9..3
	refuses_tune '2 to 10000 values' 2q --trace a.txt --param in_percent=3..9:1
	refuses_tune 'not a list' 2q --trace a.txt --param in_percent=3x
	refuses_tune 'not a number' 2q --trace a.txt --param in_percent=3,,4
	refuses_tune 'not a number' 2q --trace a.txt --param in_percent=3..
	refuses_tune 'not of the form' 2q --trace a.txt --param in_percent
	refuses_tune 'given twice' 2q --trace a.txt --param in_percent=3 --param in_percent=4
	refuses_tune 'two settings on all traces and sizes take 6' 2q --trace a.txt --runs 5
	refuses_tune '--frames' 2q --trace a.txt --frames 0
	refuses_tune 'see --help' 2q --trace a.txt --nothing
	refuses_tune 'see --help' 2q --trace a.txt --policy lru
}

test_tune()
{
	make_tuned
	test_tune_runs
	test_tune_noise
	test_tune_advice
	test_tune_search
	test_tune_refuses
	is "$(tune 2q --trace a.txt --frames 100% --warm-up 4 --json | python3 -c \
		'import json, sys; print(json.load(sys.stdin)["advice"])')" defaults_are_best "no miss at all is no error"
}
