# shellcheck shell=bash disable=SC2034,SC2154 # variables that scripts/grade.d shares
# SPDX-License-Identifier: GPL-2.0
#
# The questions of Documentation/labs/demand-paging.rst. Sourced by scripts/grade.

# Each index is drawn, so that the address is one of a process.
make_address()
{
	local pgd rest

	pgd=$(draw_from pgd 1 255)
	read -ra rest < <(draw tables 3 512)
	indices="$pgd ${rest[*]} $(draw_from offset 1 4095)"
	# shellcheck disable=SC2086 # five numbers
	address=$(set -- $indices; printf '%#x' $(($1 << 39 | $2 << 30 | $3 << 21 | $4 << 12 | $5)))
}

# Every third reference or so is a write.
make_strings()
{
	string=$(draw_string string 16 6)
	written=$(paste -d ' ' <(draw_string written 16 5 | tr ' ' '\n') <(draw writes 16 3 | tr ' ' '\n') |
		awk '{ printf "%s%s%s", (NR > 1 ? " " : ""), $1, ($2 ? "" : "w") }')
	echo "$string" > string.txt
	echo "$written" > written.txt
}

# The pages in the frames of the last column of the table, in order.
last_pages()	# TRACE POLICY FRAMES
{
	"$sim" --trace "$1.txt" --policy "$2" --frames "$3" --steps |
		awk '/^frame / { print $NF + 0 }' | sort -n | paste -sd ' '
}

# VALUE has pages in any order.
is_pages()	# VALUE RIGHT ABOUT
{
	is_row "$(tr -s ' ' '\n' <<< "${1//,/ }" | sort -n | paste -sd ' ')" "$2" "$3"
}

ask_demand_paging()
{
	local hit_ns=100 fault_us faults time

	make_address
	make_strings
	fault_us=$(draw_from fault 20 900)
	faults=$(misses string fifo 3)
	time=$(awk -v p="$faults" -v hit=$hit_ns -v us="$fault_us" \
		'BEGIN { printf "%.0f", ((16 - p) * hit + p * us * 1000) / 16 }')
	ask indices 2 "An address of a process on x86-64 is $address. Which indices does it have in the four \
tables, PGD first, and which offset in the page? Five decimal numbers with blanks between." \
		is_row "$indices" "The indices and the offset of $address are"
	ask fifo 2 "The string is $string. The three frames are empty at first. How often does FIFO fault?" \
		is_number "$faults" "Faults of FIFO with 3 frames"
	ask lru 2 "And LRU, on the same string with three frames?" \
		is_number "$(misses string lru 3)" "Faults of LRU with 3 frames"
	ask first_touches 1 "How many faults of this string are first touches, which no policy avoids?" \
		is_number "$(misses string opt 100)" "Faults with a frame for each page"
	ask last 2 "Which pages are in the three frames after the last reference, with FIFO?" \
		is_pages "$(last_pages string fifo 3)" "The pages in the frames are"
	ask written 2 "In the string $written a w means that the page is written. How many pages does FIFO \
with three frames evict that were written since they came in?" \
		is_number "$(simulate dirty_evictions written fifo 3)" "Dirty evictions"
	ask access_time 2 "A reference takes $hit_ns ns if the page is there, and $fault_us us if it faults. How \
many ns does a reference take on average, on the first string with FIFO and three frames? A whole number." \
		is_about "$time" "Nanoseconds a reference, with $faults faults in 16"
}
