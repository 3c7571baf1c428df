-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, page, right that is kept, [content]

-- HDEL comes first: Redis looks at its limit of memory before the first write of a script only, and
-- HDEL is allowed beyond it. So what a node has written is not lost for it.

if not alive(me) then return { 'fenced' } end
if redis.call('HGET', key, 'owner') == me then
	redis.call('HDEL', key, 'owner')
	if ARGV[5] then redis.call('HSET', key, 'data', ARGV[5]) end
	if ARGV[4] == 'r' then redis.call('HSET', key, 'reader:' .. me, 1) end
elseif ARGV[5] then
	return { 'not the owner' }
elseif ARGV[4] ~= 'r' then
	redis.call('HDEL', key, 'reader:' .. me)
end
local node, wanted = head()
local nodes = node and holders(node, wanted)
if nodes and #nodes == 0 then tell('retry', node, page) end
return { 'ok' }
