# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions that the tests of the packages share: TAP, and apt without a network. Sourced, not run.

export DEBIAN_FRONTEND=noninteractive
work=$(mktemp -d)
packages=(swaplab swaplab-dkms libswaplab-pager-dev)

number=0
failed=0
ok()		# STATUS NAME
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		sed 's/^/# /' "$work/output"
		echo "not ok $number $2"
		failed=1
	fi
}

try()		# NAME COMMAND...
{
	local name=$1 status=0 start=$SECONDS
	shift

	"$@" > "$work/output" 2>&1 || status=$?
	echo "# $((SECONDS - start)) seconds:"
	ok $status "$name"
}

is()		# NAME EXPECTED GOT
{
	[ "$2" = "$3" ] || printf 'expected: %s\ngot: %s\n' "$2" "$3" > "$work/output"
	[ "$2" = "$3" ]
	ok $? "$1"
}

# The output of apt, or of a script of a package.
says()		# NAME TEXT
{
	grep -qF -- "$2" "$work/output"
	ok $? "$1"
}

finish()
{
	echo "1..$number"
	rm -r "$work"
	exit $failed
}

# From the given files alone: no list of packages is read.
apt()
{
	apt-get -q -y --no-install-recommends -o APT::Sandbox::User=root \
		-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null "$@"
}

install_packages()	# DIRECTORY VERSION
{
	apt install "$1/swaplab-dkms_$2_all.deb" "$1"/{swaplab,libswaplab-pager-dev}_"$2"_amd64.deb
}

# The modules that DKMS has built of a version for a kernel, in its own format.
tarball()		# DIRECTORY VERSION
{
	echo "$1/swaplab-$2.dkms.tar.gz"
}

field()			# NAME KERNEL-RELEASE
{
	modinfo -k "$2" -F "$1" swaplab 2>&1
}

# All installed files, and those that DKMS built from them.
list_files()
{
	dpkg -L "${packages[@]}" | while IFS= read -r file; do
		[ -d "$file" ] || echo "$file"
	done
	find /lib/modules/*/updates -type f
	ls -d /usr/src/swaplab-* /var/lib/dkms/swaplab /usr/lib/swaplab /usr/libexec/swaplab \
		/usr/share/doc/*swaplab*
}

what_is_left()		# LIST-OF-FILES
{
	while IFS= read -r file; do
		[ ! -e "$file" ] || echo "$file"
	done < "$1"
	find /etc /var/lib/dkms /var/lib/dpkg/info /var/lib/systemd /lib/modules/ -xdev -name '*swaplab*'
	find /lib/modules/ -name updates
}

test_removal()
{
	list_files > "$work/files"
	try "apt removes all" apt remove "${packages[@]}"
	says "and says that the module stays" "stays loaded"
	try "apt purges all" apt purge "${packages[@]}"
	[ "$(wc -l < "$work/files")" -gt 100 ]
	ok $? "there were files"
	is "nothing is left" "" "$(what_is_left "$work/files")"
}
