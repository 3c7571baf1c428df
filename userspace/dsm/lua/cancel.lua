-- SPDX-License-Identifier: GPL-2.0
--
-- ARGV: region, me, page

if not alive(me) then return { 'fenced' } end
dequeue()
return { 'ok' }
