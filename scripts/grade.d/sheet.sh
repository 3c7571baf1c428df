# shellcheck shell=bash disable=SC2034,SC2154 # variables that scripts/grade.d shares
# SPDX-License-Identifier: GPL-2.0
#
# What the sheets of scripts/grade share: numbers made of an id, runs of the simulator,
# questions and answers, and JSON. Sourced by scripts/grade, which sets $sheet, $id, $mode,
# $sim, $work and $file.

declare -A answers=() twice=() asked=()
warnings=()
results=()
earned=0
maximum=0

# Makes the same numbers of the same id, each from 0 to MAX - 1. NAME is the purpose.
draw()		# NAME COUNT MAX
{
	local seed

	seed=$(printf '%s/%s/%s' "$sheet" "$id" "$1" | sha256sum | cut -c 1-7)
	awk -v seed=$((16#$seed + 1)) -v count="$2" -v max="$3" 'BEGIN {
		for (i = -8; i < count; i++) {
			seed = seed * 16807 % 2147483647
			# The first few are alike where the seeds are.
			if (i >= 0)
				printf "%s%d", (i ? " " : ""), int(seed / 2147483647 * max)
		}
		print ""
	}'
}

# One number from MIN to MAX.
draw_from()	# NAME MIN MAX
{
	echo $(($(draw "$1" 1 $(($3 - $2 + 1))) + $2))
}

# A string of references to pages from 1 to PAGES, none of which comes twice in a row.
draw_string()	# NAME LENGTH PAGES
{
	draw "$1" "$2" "$3" | awk -v pages="$3" '{
		for (i = 1; i <= NF; i++) {
			page = $i + 1
			if (page == last)
				page = page % pages + 1
			last = page
			printf "%s%d", (i > 1 ? " " : ""), page
		}
		print ""
	}'
}

# The column COLUMN of the result: of a policy, or of the optimum.
simulate()	# COLUMN TRACE POLICY FRAMES [OPTION]...
{
	"$sim" --csv - --trace "$2.txt" --policy "$3" --frames "$4" "${@:5}" | awk -F, -v column="$1" '
		NR == 1	{ for (i = 1; i <= NF; i++) if ($i == column) at = i }
		NR == 2	{ print $at }'
}

misses()	# TRACE POLICY FRAMES [OPTION]...
{
	simulate misses "$@"
}

# An answer may have any bytes, and be long; a sentence has those that can be read.
readable()	# TEXT
{
	local text=${1//[^ -~]/?}

	[ ${#text} -le 60 ] || text=${text:0:57}...
	printf '%s' "$text"
}

json_quote()	# TEXT
{
	local text=${1//[^ -~]/?}

	text=${text//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

read_answers()	# FILE
{
	local line name number=0

	while IFS= read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		line=${line%$'\r'}
		[[ ! $line =~ ^[[:space:]]*(#|$) ]] || continue
		if ! [[ $line =~ ^[[:space:]]*([A-Za-z0-9_]+)[[:space:]]*:(.*)$ ]]; then
			warnings+=("line $number is not \"name: value\"")
			continue
		fi
		name=${BASH_REMATCH[1]}
		[ -z "${answers[$name]+y}" ] || twice[$name]=y
		answers[$name]=$(tr -s '[:space:]' ' ' <<< "${BASH_REMATCH[2]}" | sed 's/^ //; s/ $//')
	done < <(tr -d '\0' < "$1")
	[ -z "${twice[id]-}" ] || refuse "$1: two lines have an id"
}

print_head()
{
	cat <<-END
		# $(sheet_title "$sheet"): the questions of $id.
		# See Documentation/labs/$sheet.rst. Write the answers behind the colons.
		# Lines that begin with # are comments.
		id: $id
	END
}

award()		# NAME POINTS MAXIMUM SENTENCE
{
	earned=$((earned + $2))
	maximum=$((maximum + $3))
	results+=("{\"question\": $(json_quote "$1"), \"points\": $2, \"maximum\": $3, \"reason\": $(json_quote "$4")}")
}

# Lines that begin with blanks are commands, and stay as they are.
print_question()	# TEXT
{
	local line

	echo
	while IFS= read -r line; do
		case $line in
		' '*)	printf '# %s\n' "$line" ;;
		*)	fold -s -w 76 <<< "$line" | sed 's/ *$//; s/^/# /' ;;
		esac
	done <<< "$1"
}

# Asks a question, or judges the answer to it by CHECK VALUE ARGUMENT..., which sets $reason.
ask()		# NAME POINTS TEXT CHECK [ARGUMENT]...
{
	local name=$1 points=$2 text=$3 check=$4 value=${answers[$1]-} reason=''
	shift 4

	asked[$name]=y
	if [ "$mode" = print ]; then
		print_question "$text ($points point$([ "$points" = 1 ] || echo s))"
		echo "$name:"
	elif [ -n "${twice[$name]-}" ]; then
		award "$name" 0 "$points" "It is answered twice."
	elif [ -z "$value" ]; then
		award "$name" 0 "$points" "There is no answer."
	elif "$check" "$value" "$@"; then
		award "$name" "$points" "$points" "$reason"
	else
		award "$name" 0 "$points" "$reason"
	fi
}

# RIGHT is a whole number; ABOUT says what it counts.
is_number()	# VALUE RIGHT ABOUT
{
	if ! [[ $1 =~ ^[0-9]{1,15}$ ]]; then
		reason="A whole number is wanted, not \"$(readable "$1")\"."
		return 1
	fi
	reason="$3: $2."
	[ $((10#$1)) = "$2" ] && return
	reason="$3: $2, not $((10#$1))."
	return 1
}

# Like is_number(), but one more or less is right, too.
is_about()	# VALUE RIGHT ABOUT
{
	is_number "$@" && return
	[[ $1 =~ ^[0-9]{1,15}$ && $((10#$1)) -ge $(($2 - 1)) && $((10#$1)) -le $(($2 + 1)) ]] || return
	reason="$3: $2, and $((10#$1)) is near enough."
}

# RIGHT has numbers in a row.
is_row()	# VALUE RIGHT ABOUT
{
	reason="$3: $2."
	[ "$1" = "$2" ] && return
	reason="$3: $2, not $(readable "$1")."
	return 1
}

# RIGHT has words in alphabetical order; those of the answer may have any.
is_set()	# VALUE RIGHT ABOUT
{
	local words=${1,,}

	is_row "$(tr -s ' ' '\n' <<< "${words//,/ }" | sort -u | paste -sd ' ')" "$2" "$3"
}

# Prints the elements of an array, one a line, with commas between.
json_list()	# ELEMENT...
{
	local element comma=''

	printf '['
	for element; do
		printf '%s\n    %s' "$comma" "$element"
		comma=,
	done
	printf '%s]' "${comma:+$'\n  '}"
}

print_grade()
{
	local name warning quoted=()

	for name in "${!answers[@]}"; do
		[ "$name" = id ] || [ -n "${asked[$name]-}" ] || warnings+=("there is no question $name")
	done
	while IFS= read -r warning; do
		[ -z "$warning" ] || quoted+=("$(json_quote "$warning")")
	done < <(printf '%s\n' "${warnings[@]}" | sort)
	cat <<-END
		{
		  "sheet": "$sheet",
		  "id": "$id",
		  "points": $earned,
		  "maximum": $maximum,
		  "questions": $(json_list "${results[@]}"),
		  "warnings": $(json_list "${quoted[@]}")
		}
	END
}
