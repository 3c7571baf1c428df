# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory of another machine as a disk, where the other machine is this one: a server on
# loopback, and a client. For tests and benchmarks, as root. Documentation/remote.rst has
# the commands for two machines. Sourced, with these set:
#
#   work          a directory for the files of the servers
#   lock_memory   the library of selftests/preload/lock_memory.c

# shellcheck disable=SC2154 # as above

nbd_port=10899
nbd_server=''

# The reason why there can be none, if there is one.
nbd_lacks()
{
	command -v nbd-server nbd-client > /dev/null || { echo "no nbd-server, nbd-client"; return; }
	modprobe -q nbd || echo "the kernel has no nbd"
}

nbd_serve()	# FILE
{
	cat > "$work/nbd.config" <<-END
		[generic]
			user = root
			group = root
			listenaddr = 127.0.0.1
			port = $nbd_port
		[swap]
			exportname = $1
	END
	nbd_start
}

nbd_start()
{
	LD_PRELOAD=$lock_memory nbd-server -C "$work/nbd.config" -p "$work/nbd.pid" >> "$work/nbd.log" 2>&1
	for _ in {1..600}; do
		[ -s "$work/nbd.pid" ] && [ -n "$(ss -Hltn "sport = $nbd_port")" ] && break
		sleep 0.1
	done
	nbd_server=$(< "$work/nbd.pid")
}

# With the children that serve, which are one group. No client gets a message.
nbd_stop()
{
	[ -z "$nbd_server" ] || kill -KILL -- "-$nbd_server" || kill -KILL "$nbd_server"
	nbd_server=''
	rm -f "$work/nbd.pid"
}

nbd_connect()
{
	nbd-client -b 4096 -N swap 127.0.0.1 $nbd_port /dev/nbd0
}

nbd_end()
{
	nbd-client -d /dev/nbd0
	nbd_stop
}

nvme_name=nqn.2026-11.org.swaplab:loopback
# An address of its own, which can be cut off alone.
nvme_address=127.0.0.9
nvme_port=10898
nvme_target=/sys/kernel/config/nvmet
nvme_subsystem=$nvme_target/subsystems/$nvme_name
nvme_link=$nvme_target/ports/$nvme_port/subsystems/$nvme_name
nvme_controller=''

nvme_lacks()
{
	modprobe -q nvmet-tcp || { echo "the kernel has no nvmet-tcp"; return; }
	modprobe -q nvme-tcp || { echo "the kernel has no nvme-tcp"; return; }
	command -v ip > /dev/null || echo "no ip"
}

# A file of tmpfs is in the page cache, and knows no direct I/O.
nvme_serve()	# FILE OR DISK
{
	local space=$nvme_subsystem/namespaces/1 port=$nvme_target/ports/$nvme_port

	mkdir "$nvme_subsystem" "$space" "$port"
	echo 1 > "$nvme_subsystem/attr_allow_any_host"
	echo -n "$1" > "$space/device_path"
	[ -b "$1" ] || echo 1 > "$space/buffered_io"
	echo 1 > "$space/enable"
	echo tcp > "$port/addr_trtype"
	echo ipv4 > "$port/addr_adrfam"
	echo $nvme_address > "$port/addr_traddr"
	echo $nvme_port > "$port/addr_trsvcid"
	nvme_start
}

nvme_start()
{
	ln -s "$nvme_subsystem" "$nvme_link"
}

# The target closes its connections, and listens no more.
nvme_stop()
{
	rm "$nvme_link"
}

# No packet comes to the target, and no sender of one gets an answer.
nvme_cut()
{
	ip route add blackhole $nvme_address/32 table local
}

nvme_mend()
{
	ip route del blackhole $nvme_address/32 table local
}

# As nvme connect does. The disk is $nvme_disk.
nvme_connect()	# OPTIONS
{
	local fabrics answer

	exec {fabrics}<> /dev/nvme-fabrics
	echo -n "transport=tcp,traddr=$nvme_address,trsvcid=$nvme_port,nqn=$nvme_name${1:+,$1}" >&"$fabrics" &&
		read -r answer <&"$fabrics"
	exec {fabrics}>&-
	[[ ${answer-} =~ ^instance=([0-9]+) ]] || return
	nvme_controller=/sys/class/nvme/nvme${BASH_REMATCH[1]}
	nvme_disk=/dev/nvme${BASH_REMATCH[1]}n1
	for _ in {1..600}; do
		[ ! -b "$nvme_disk" ] || return 0
		sleep 0.1
	done
	return 1
}

nvme_disconnect()
{
	[ ! -e "$nvme_controller" ] || echo 1 > "$nvme_controller/delete_controller"
}

nvme_end()
{
	nvme_mend
	nvme_disconnect
	nvme_stop
	rmdir $nvme_target/ports/$nvme_port "$nvme_subsystem/namespaces/1" "$nvme_subsystem"
}
