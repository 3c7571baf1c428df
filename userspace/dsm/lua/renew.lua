-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, -, lease

if redis.call('PEXPIRE', region .. ':alive:' .. me, ARGV[4]) == 0 then
	return { 'fenced' }
end
return { 'ok' }
