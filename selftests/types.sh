#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tracing tools find the module's types in the kernel: BTF, which the build has made, or
# else, as DKMS does it, scripts/add-btf.
#
# vm-options: --no-module

set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"
trap 'rm -rf "$work"' EXIT
base=/sys/kernel/btf/vmlinux

[ "$(id -u)" = 0 ] || skip "not root"
[ ! -e /sys/class/swaplab ] || skip "the module is loaded"
[ -r $base ] || skip "the kernel has no types"
command -v pahole > /dev/null || skip "no pahole"
module=$(modinfo -n swaplab) || skip "no module for this kernel"
policy=$(modinfo -n swaplab_aging) || skip "no policy for this kernel"

cd "$work" || exit
mkdir -p module/policies
cp "$module" module
cp "$policy" module/policies
has_types()
{
	grep -q '\.BTF ' < <(readelf -SW module/swaplab.ko)
}

if has_types; then
	echo "# the build has made them"
else
	"$here/add-btf" "$(uname -r)" 2>&1 | sed 's/^/# /'
fi
has_types
ok $? "the module has types"
insmod module/swaplab.ko
ok $? "it is loaded with them"
pahole -F btf --btf_base $base -C swaplab_frame /sys/kernel/btf/swaplab > types 2>&1
grep -q 'struct folio \*.*folio;' types && grep -q 'slot;' types
ok $? "the kernel shows the fields of a frame"
sed 's/^/# /' types
rmmod swaplab
finish
