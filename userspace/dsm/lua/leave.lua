-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, -, number

if not alive(me) then return { 'fenced' } end
redis.call('DEL', region .. ':alive:' .. me, region .. ':retry:' .. me,
	region .. ':revoke:' .. me, region .. ':node:' .. ARGV[4])
return { 'ok' }
