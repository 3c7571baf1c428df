# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests of verbs that set the machine up and put it back. Sourced, not run.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # for the test
swaplab=$here/../build/swaplab
pool=/sys/class/swaplab/swaplab0
# shellcheck source=../../../selftests/lib.sh
. "$here/../../../selftests/lib.sh"
trap 'rm -rf "$work"' EXIT
cd "$work" || exit

# The settings that such a verb changes.
settings()
{
	grep . $pool/{swap_file,nr_frames,cgroup,policy,readahead_pages} $pool/policy_params/* \
		/sys/kernel/mm/lru_gen/enabled \
		/sys/kernel/mm/transparent_hugepage/enabled /proc/sys/vm/page-cluster
	cat /proc/swaps
	ls -d /sys/fs/cgroup/*/
}

# The module of a policy stays loaded, and a controller stays on.
begin_settings()
{
	modprobe swaplab_fifo
	modprobe swaplab_aging
	echo +memory > /sys/fs/cgroup/cgroup.subtree_control
	echo aging > $pool/policy
	echo 3 > $pool/policy_params/width
	settings > before 2>&1
}

are_settings_back()	# NAME
{
	settings > after 2>&1
	diff before after | sed 's/^/# /'
	cmp -s before after
	ok $? "$1"
}
