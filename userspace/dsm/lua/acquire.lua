-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, page, right, is content wanted?
--
-- A node that has the right already gets it whatever the queue: that changes nothing.

local right = ARGV[4]
if not alive(me) then return { 'fenced' } end

local function has_right()
	return redis.call('HGET', key, 'owner') == me or
		right == 'r' and redis.call('HEXISTS', key, 'reader:' .. me) == 1
end

local function take()
	if right == 'r' then
		redis.call('HSET', key, 'reader:' .. me, 1)
	else
		redis.call('HDEL', key, 'reader:' .. me)
		redis.call('HSET', key, 'owner', me)
	end
end

local function enqueue()
	local entry, wanted = entry_of(me), me .. ' ' .. right
	if not entry then
		redis.call('RPUSH', queue, wanted)
	elseif entry ~= wanted then
		redis.call('LINSERT', queue, 'BEFORE', entry, wanted)
		redis.call('LREM', queue, 0, entry)
	end
end

local nodes
if redis.call('HEXISTS', key, 'lost') == 0 then nodes = holders(me, right) end
if not nodes then return { 'lost', redis.call('HGET', key, 'lost') } end
if not has_right() then
	enqueue()
	if head() ~= me then return { 'wait' } end
	if #nodes > 0 then
		ask(nodes, right)
		return { 'wait' }
	end
	take()
end
dequeue()
local got = redis.call('HGET', key, 'owner') == me and 'w' or 'r'
return { got, ARGV[5] == '1' and redis.call('HGET', key, 'data') }
