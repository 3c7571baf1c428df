-- SPDX-License-Identifier: GPL-2.0
-- The steps of the directory, as scripts that Redis runs one at a time. Keys of a region:
--
--   pages, run		its length, and the run of the server that has it
--   joins		how often a node has joined
--   node:NUMBER	the node that has joined last under this number
--   alive:NODE		is there while the node's lease lasts
--   page:PAGE		fields: owner, the one node that may write; reader:NODE for each node that
--			may read; data; lost, the node that has died with the content
--   queue:PAGE		nodes that wait for the page, each with the right it wants. The first one
--			has the page's lock: no other node gets a right that conflicts
--   retry:NODE		pages that the node may ask for again
--   revoke:NODE	pages that the node is to give up, with the right that is wanted
--
-- A script is all or nothing, so a node that dies leaves no step half done: what is left of it
-- are its rights and its places in queues, and the next script that meets these knows that it is
-- dead. Messages are hints. A node that gets one looks at the directory, and asks again after a
-- while without one.

local region, me, page = ARGV[1], ARGV[2], ARGV[3]
local key, queue = region .. ':page:' .. page, region .. ':queue:' .. page

local function alive(node)
	return redis.call('EXISTS', region .. ':alive:' .. node) == 1
end

-- A node asks again and again, so a message that waits already keeps its place: the box has each
-- page and right once, and none of them goes back behind the others.
local function tell(box, node, text)
	local list = region .. ':' .. box .. ':' .. node
	for _, found in ipairs(redis.call('LRANGE', list, 0, -1)) do
		if found == text then return end
	end
	redis.call('RPUSH', list, text)
end

local function entry_of(node)
	for _, entry in ipairs(redis.call('LRANGE', queue, 0, -1)) do
		if string.match(entry, '^(%S+) ') == node then return entry end
	end
end

-- Nodes that wait learn it when they ask again.
local function lose(node)
	redis.call('HDEL', key, 'owner')
	redis.call('HSET', key, 'lost', node)
	for _, entry in ipairs(redis.call('LRANGE', queue, 0, -1)) do
		tell('retry', string.match(entry, '^(%S+) '), page)
	end
	redis.call('DEL', queue)
end

-- The first node in the queue that lives, and the right it wants.
local function head()
	local entry = redis.call('LINDEX', queue, 0)
	while entry do
		local node, right = string.match(entry, '^(%S+) (%a)$')
		if alive(node) then return node, right end
		redis.call('LPOP', queue)
		entry = redis.call('LINDEX', queue, 0)
	end
end

-- Nodes whose rights conflict with the one that node wants; nil if the page is lost. Dead readers
-- have none any more. A dead owner may have written.
local function holders(node, right)
	local found, owner = {}, redis.call('HGET', key, 'owner')
	if owner and owner ~= node then
		if not alive(owner) then
			lose(owner)
			return nil
		end
		found[1] = owner
	end
	if right ~= 'w' then return found end
	for _, field in ipairs(redis.call('HKEYS', key)) do
		local reader = string.match(field, '^reader:(.*)$')
		if reader and not alive(reader) then
			redis.call('HDEL', key, field)
		elseif reader and reader ~= node then
			found[#found + 1] = reader
		end
	end
	return found
end

local function ask(nodes, right)
	for _, node in ipairs(nodes) do
		tell('revoke', node, page .. ' ' .. right)
	end
end

-- This node waits no more, and the next one gets on.
local function dequeue()
	local entry = entry_of(me)
	if not entry then return end
	redis.call('LREM', queue, 0, entry)
	local node, wanted = head()
	local nodes = node and holders(node, wanted)
	if nodes and #nodes == 0 then tell('retry', node, page)
	elseif nodes then ask(nodes, wanted) end
end
