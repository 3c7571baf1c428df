# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts around the VM share: where the cache is, how a Debian
# package gets into it, and how a failure is told. Sourced, not run.

# shellcheck disable=SC2034 # for those who source this
cache=${XDG_CACHE_HOME:-$HOME/.cache}/swaplab

die()
{
	echo "${0##*/}: $*" >&2
	exit 125
}

# The installed system never changes here, so neither root nor its rights are
# needed; apt's own drop of rights would only fail on a private directory.
fetch_debs()	# DIRECTORY PACKAGE...: downloads and unpacks
{
	local dir=$1 debs deb
	shift

	debs=$(mktemp -d "$dir/debs.XXXXXX")
	(cd "$debs" && apt-get -qq -o APT::Sandbox::User=root download "$@" >/dev/null) || return
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir" || return
	done
	rm -r "$debs"
}

# apt's word on a package, empty when it does not know it.
deb_version()	# PACKAGE
{
	apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

deb_depends()	# PACKAGE PREFIX: the dependencies that begin so
{
	apt-cache depends "$1" 2>/dev/null | sed -n "s/^ *Depends: \($2\)/\1/p"
}
