#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Messages of the command when the module is not loaded, and when the kernel wants it
# signed, as with Secure Boot.
#
# vm-options: --no-module --append module.sig_enforce=1

set -uo pipefail

here=$(dirname "$0")
# shellcheck source=lib.sh
. "$here/lib.sh"
trap 'rm -rf "$work"' EXIT

[ "$(id -u)" = 0 ] || skip "not root"
[ ! -e /sys/class/swaplab ] || skip "the module is loaded"
[ "$(cat /sys/module/module/parameters/sig_enforce)" = Y ] || skip "the kernel wants no signed modules"
install_command

for verb in status watch policy "attach 0 file" "detach 0"; do
	# shellcheck disable=SC2086 # words
	says 1 "sudo modprobe swaplab" "$verb, as an ordinary user: the module is not loaded" \
		user swaplab $verb
done
for verb in status watch policy "detach 0"; do
	# shellcheck disable=SC2086 # words
	says 1 "sudo modprobe swaplab" "$verb: the module is not loaded" swaplab $verb
done
says 1 "Key was rejected" "attach: the kernel refuses the module" swaplab attach 0 file
grep -q 'Secure Boot' output && grep -q mokutil output
ok $? "attach: and the message says what to do"
[ ! -e file ]
ok $? "attach: no file was made"
says 125 "is the module loaded" "record: the module is not loaded" swaplab record -o file -- true
mkdir bin/fake
cat > bin/fake/modprobe <<-'END'
	#!/bin/sh
	echo "modprobe: FATAL: Module swaplab not found in directory /lib/modules/x" >&2
	exit 1
END
chmod +x bin/fake/modprobe
says 1 "make install" "attach: the module is not installed" env PATH="$work/bin/fake:$PATH" swaplab attach 0 file
finish
