# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions that the scripts around the VM share: where the cache is, how a Debian
# package gets into it, and how a failure is told. Sourced, not run.

# shellcheck disable=SC2034 # for the scripts that source this
cache=${XDG_CACHE_HOME:-$HOME/.cache}/swaplab

die()
{
	echo "${0##*/}: $*" >&2
	exit 125
}

# Further options of apt: see use_suite(). The installed system never
# changes here, so neither root nor its rights are needed; apt's own drop of
# rights would only fail on a private directory.
apt_options=(-o APT::Sandbox::User=root)

# Where a kernel's package has the image as boot loaders want it.
find_bzimage()	# DIRECTORY RELEASE
{
	local image=$1/boot/vmlinuz-$2

	[ -e "$image" ] || image=$1/lib/modules/$2/vmlinuz
	echo "$image"
}

# From now on apt sees another suite of Debian than the machine's, with lists of
# its own in the cache, and as if nothing were installed. The mirror is the one
# that the machine uses.
use_suite()	# SUITE [ANOTHER-ARCHITECTURE]
{
	local dir=$cache/apt/$1${2:+-$2} mirror

	# shellcheck disable=SC2016 # apt's variables
	mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^Debian bookworm //p' | head -n 1)
	[ -n "$mirror" ] || die "apt knows no mirror of Debian bookworm: apt-get update?"
	mkdir -p "$dir"/{lists,cache}/partial
	echo "deb [arch=amd64${2:+,$2} signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" > "$dir/sources.list"
	apt_options+=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o APT::Architectures::=amd64 ${2:+-o "APT::Architectures::=$2"}
		-o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o Dir::State::status=/dev/null)
	flock "$dir" apt-get -qq "${apt_options[@]}" update || die "cannot read the lists of $1"
}

fetch_debs()	# DIRECTORY PACKAGE...: downloads and unpacks
{
	local dir=$1 debs deb
	shift

	debs=$(mktemp -d "$dir/debs.XXXXXX")
	(cd "$debs" && apt-get -qq "${apt_options[@]}" download "$@" >/dev/null) || return
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir" || return
	done
	rm -r "$debs"
}

# apt's word on a package, empty when it does not know it.
deb_version()	# PACKAGE
{
	apt-cache "${apt_options[@]}" show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

deb_depends()	# PACKAGE PREFIX: the dependencies that begin so
{
	apt-cache "${apt_options[@]}" depends "$1" 2>/dev/null | sed -n "s/^ *Depends: \($2\)/\1/p"
}

# Packages, and all that they need, as on a machine that has nothing.
deb_closure()	# PACKAGE...
{
	apt-get "${apt_options[@]}" -s --no-install-recommends install "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}

# The one program of the initramfs, from the suite that the machine runs; its path
# is in busybox.
fetch_busybox()
{
	local version new

	version=$(deb_version busybox-static)
	busybox=$cache/busybox/$version
	[ ! -e "$busybox" ] || return 0
	mkdir -p "$cache/busybox"
	new=$(mktemp -d "$cache/busybox/new.XXXXXX")
	fetch_debs "$new" busybox-static || die "cannot fetch busybox-static"
	mv "$new/bin/busybox" "$busybox"
	rm -r "$new"
}
