# shellcheck shell=bash disable=SC2034,SC2154 # variables that scripts/grade.d shares
# SPDX-License-Identifier: GPL-2.0
#
# The questions of Documentation/labs/belady.rst. Sourced by scripts/grade.

belady='1 2 3 4 1 2 5 1 2 3 4 5'
nr_candidates=60

# Belady's string by other names of pages, with four more references at random places: many of
# these have the anomaly.
make_candidates()
{
	draw candidates $((nr_candidates * 9)) 1000 | tr ' ' '\n' | paste -d ' ' - - - - - - - - - |
		awk -v belady="$belady" '{
			nr = split(belady, page, " ")
			for (i = 1; i <= nr; i++)
				page[i] = (page[i] + $9) % 5 + 1
			for (k = 1; k <= 7; k += 2) {
				at = $k % (nr + 1) + 1
				for (i = ++nr; i > at; i--)
					page[i] = page[i - 1]
				page[at] = $(k + 1) % 5 + 1
			}
			file = "c" NR ".txt"
			for (i = 1; i <= nr; i++)
				printf "%s%d", (i > 1 ? " " : ""), page[i] > file
			print "" > file
			close(file)
		}'
}

# The candidates with the anomaly, and then those without.
sort_candidates()
{
	local i names=()

	for ((i = 1; i <= nr_candidates; i++)); do
		names+=("c$i.txt")
	done
	"$sim" --csv - --trace "$(IFS=,; echo "${names[*]}")" --policy fifo --frames 3,4 | awk -F, '
		$3 != "fifo"	{ next }
		$2 == 3		{ three = $5; next }
				{ print ($5 > three ? "yes" : "no"), $1 }' > candidates
	awk '$1 == "yes" { print $2 }' candidates > anomalies
	awk '$1 == "no" { print $2 }' candidates > others
}

# One string with the anomaly, or Belady's should there be none; and another with or without.
make_strings()
{
	local name other

	make_candidates
	sort_candidates
	echo "$belady" > c0.txt
	name=$(cat anomalies <(echo c0) | sed -n 1p)
	other=$({ [ "$(draw other 1 2)" = 0 ] || sed 1d anomalies; cat others; } | sed -n 1p)
	string=$(< "$name.txt")
	cp "$name.txt" string.txt
	cp "$other.txt" other.txt
}

# The form of a string: pages get numbers in the order in which they come, and a page that
# comes again at once is left out.
form()		# STRING
{
	awk '{
		for (i = 1; i <= NF; i++) {
			if (!($i in name))
				name[$i] = ++nr
			if (i == 1 || $i != $(i - 1))
				printf "%d ", name[$i]
		}
	}' <<< "$1"
}

frames_for_first_touches()
{
	"$sim" --trace string.txt --stack | awk -F, 'NR > 1 { frames[$4] = frames[$4] ? frames[$4] : $2; last = $4 }
		END { print frames[last] }'
}

is_anomaly()	# VALUE
{
	local three four

	if ! [[ "$1 " =~ ^([1-9][0-9]?\ ){1,20}$ ]]; then
		reason="At most 20 pages from 1 to 99 with blanks between are wanted, not \"$(readable "$1")\"."
		return 1
	fi
	if [ "$(form "$1")" = "$(form "$belady")" ] || [ "$(form "$1")" = "$(form "$string")" ]; then
		reason="This string is the one of Belady, or of the questions above, by other names or with pages twice."
		return 1
	fi
	echo "$1" > own.txt
	three=$(misses own fifo 3)
	four=$(misses own fifo 4)
	reason="FIFO faults $three times with 3 frames, and $four times with 4."
	[ "$four" -gt "$three" ]
}

ask_belady()
{
	local policy frames

	make_strings
	for policy in fifo lru opt; do
		for frames in 3 4; do
			ask_faults $policy $frames
		done
	done
	ask other 1 "The string is $(< other.txt). Does FIFO fault more often with 4 frames than with 3? yes or no." \
		is_row "$([ "$(misses other fifo 4)" -gt "$(misses other fifo 3)" ] && echo yes || echo no)" \
		"FIFO faults $(misses other fifo 3) times with 3 frames and $(misses other fifo 4) times with 4"
	ask stack 2 "With how few frames does LRU fault at first touches only, on the first string?" \
		is_number "$(frames_for_first_touches)" "Frames that LRU needs"
	ask stack_policies 2 "Which of fifo, lru, opt and second_chance are stack algorithms? Their names, with \
blanks between." is_set "lru opt" "Stack algorithms are"
	ask own 3 "Write a string of your own, of at most 20 pages, on which FIFO faults more often with 4 \
frames than with 3. It must differ from the one above and from $belady by more than the names of pages, and pages that come twice in a row." is_anomaly
}

ask_faults()	# POLICY FRAMES
{
	ask "$1_$2" 1 "The string is $string. How often does ${1^^} fault with $2 frames, empty at first?" \
		is_number "$(misses string "$1" "$2")" "Faults of ${1^^} with $2 frames"
}
