# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Lists of the files of the tree, by kind. Sourced by the checks, in the top directory.

# Those that git knows or would take, and that are there.
all_files()
{
	git ls-files -co --exclude-standard | while IFS= read -r file; do
		[ ! -f "$file" ] || [ -L "$file" ] || printf '%s\n' "$file"
	done
}

c_files()
{
	all_files | grep -E '\.[ch]$'
}

module_files()
{
	c_files | grep -E '^module/'
}

# Named so, or beginning so.
shell_files()
{
	all_files | while IFS= read -r file; do
		case $file in
		*.sh)	echo "$file" ;;
		*)	head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*\b(sh|bash)\b' && echo "$file" ;;
		esac
	done
}
