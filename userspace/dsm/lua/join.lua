-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, -, number, pages, run, lease

local nr, run = redis.call('GET', region .. ':pages'), redis.call('GET', region .. ':run')
if run and run ~= ARGV[6] then return { 'run' } end
if nr and nr ~= ARGV[5] then return { 'pages' } end
local old = redis.call('GET', region .. ':node:' .. ARGV[4])
if old and alive(old) then return { 'taken' } end
if old then
	redis.call('DEL', region .. ':retry:' .. old, region .. ':revoke:' .. old)
end
redis.call('SET', region .. ':run', ARGV[6])
redis.call('SET', region .. ':pages', ARGV[5])
redis.call('SET', region .. ':node:' .. ARGV[4], me)
redis.call('SET', region .. ':alive:' .. me, 1, 'PX', ARGV[7])
return { 'ok' }
