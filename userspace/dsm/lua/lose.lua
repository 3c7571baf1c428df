-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, page

if not alive(me) then return { 'fenced' } end
if redis.call('HGET', key, 'owner') == me then lose(me) end
return { 'ok' }
