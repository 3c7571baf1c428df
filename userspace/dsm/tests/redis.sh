# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A server of Redis for a test, at a port of its own. Sourced.

redis=''
# Before each command, as "ip netns exec NAME".
inside=()

redis_cli()	# COMMAND...
{
	"${inside[@]}" redis-cli -h "${host:-127.0.0.1}" -p "$port" "$@"
}

# Debian's package redis-server has a link of this name to the program in redis-tools.
start_redis()	# DIRECTORY [ADDRESS]
{
	host=${2:-127.0.0.1}
	for port in {7911..7930}; do
		(
			cd "$1" || exit
			# shellcheck disable=SC2016 # the other shell's
			exec "${inside[@]}" bash -c 'exec -a redis-server redis-check-rdb "$@"' bash \
				--port "$port" --bind "$host" --protected-mode no --save '' --appendonly no
		) > "$1/redis.log" 2>&1 &
		redis=$!
		for _ in {1..300}; do
			kill -0 $redis 2> /dev/null || break
			[ "$(redis_cli ping 2> /dev/null)" != PONG ] || return 0
			sleep 0.1
		done
	done
	return 1
}

stop_redis()
{
	[ -z "$redis" ] || { kill -KILL "$redis"; wait "$redis"; } 2> /dev/null
	redis=
}
