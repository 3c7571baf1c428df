/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: events of the pages of a pool. events/swaplab/ in tracefs. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM swaplab

#if !defined(_SWAPLAB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SWAPLAB_TRACE_H

#include <linux/tracepoint.h>
#include "compat.h"
#include "region.h"

/* A fault was served and maps the page. */
TRACE_EVENT(fault,
	TP_PROTO(int pool, pgoff_t index, bool write),
	TP_ARGS(pool, index, write),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(pgoff_t, index)
		__field(bool, write)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->index = index;
		__entry->write = write;
	),
	TP_printk("pool=%d index=%lu write=%d", __entry->pool, __entry->index,
		  __entry->write)
);

/* A page that was evicted is being read. */
TRACE_EVENT(refault,
	TP_PROTO(int pool, pgoff_t index, u32 slot),
	TP_ARGS(pool, index, slot),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(pgoff_t, index)
		__field(u32, slot)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->index = index;
		__entry->slot = slot;
	),
	TP_printk("pool=%d index=%lu slot=%u", __entry->pool, __entry->index,
		  __entry->slot)
);

/* Neighbouring pages are read before they are asked for. */
TRACE_EVENT(readahead,
	TP_PROTO(int pool, pgoff_t index, u32 slot, unsigned int nr),
	TP_ARGS(pool, index, slot, nr),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(pgoff_t, index)
		__field(u32, slot)
		__field(unsigned int, nr)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->index = index;
		__entry->slot = slot;
		__entry->nr = nr;
	),
	TP_printk("pool=%d index=%lu slot=%u nr=%u", __entry->pool,
		  __entry->index, __entry->slot, __entry->nr)
);

/* A frame was freed; slot 0: the page had never been written. */
TRACE_EVENT(evict,
	TP_PROTO(int pool, pgoff_t index, u32 slot),
	TP_ARGS(pool, index, slot),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(pgoff_t, index)
		__field(u32, slot)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->index = index;
		__entry->slot = slot;
	),
	TP_printk("pool=%d index=%lu slot=%u", __entry->pool, __entry->index,
		  __entry->slot)
);

/* Pages go to nr slots, one after the other. */
TRACE_EVENT(writeback,
	TP_PROTO(int pool, u32 slot, unsigned int nr),
	TP_ARGS(pool, slot, nr),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(u32, slot)
		__field(unsigned int, nr)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->slot = slot;
		__entry->nr = nr;
	),
	TP_printk("pool=%d slot=%u nr=%u", __entry->pool, __entry->slot,
		  __entry->nr)
);

/*
 * A page is in another state from now on. Called by the owner of the page's state, or
 * under the region's xa_lock, so the events of a page come in their order.
 */
TRACE_EVENT(page_state,
	TP_PROTO(struct swaplab_region *region, pgoff_t index,
		 enum swaplab_page_state state),
	TP_ARGS(region, index, state),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(unsigned int, region)
		__field(pgoff_t, index)
		__field(int, state)
	),
	TP_fast_assign(
		__entry->pool = region->pool->id;
		__entry->region = region->id;
		__entry->index = index;
		__entry->state = state;
	),
	TP_printk("pool=%d region=%u index=%lu state=%s", __entry->pool,
		  __entry->region, __entry->index,
		  __print_symbolic(__entry->state,
				   { SWAPLAB_STATE_ABSENT, "absent" },
				   { SWAPLAB_STATE_READING, "reading" },
				   { SWAPLAB_STATE_RESIDENT, "resident" },
				   { SWAPLAB_STATE_EVICTING, "evicting" },
				   { SWAPLAB_STATE_WRITING, "writing" },
				   { SWAPLAB_STATE_SWAPPED, "swapped" }))
);

/* Accessed bits were read; referenced of them were set. */
TRACE_EVENT(sample,
	TP_PROTO(int pool, unsigned long referenced),
	TP_ARGS(pool, referenced),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(unsigned long, referenced)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->referenced = referenced;
	),
	TP_printk("pool=%d referenced=%lu", __entry->pool, __entry->referenced)
);

/* What took nr pages so long, while measure_latency is 1. */
TRACE_EVENT(latency,
	TP_PROTO(int pool, enum swaplab_latency_cause cause, u64 ns, unsigned int nr),
	TP_ARGS(pool, cause, ns, nr),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(int, cause)
		__field(u64, ns)
		__field(unsigned int, nr)
	),
	TP_fast_assign(
		__entry->pool = pool;
		__entry->cause = cause;
		__entry->ns = ns;
		__entry->nr = nr;
	),
	TP_printk("pool=%d cause=%s ns=%llu nr=%u", __entry->pool,
		  __print_symbolic(__entry->cause,
				   { SWAPLAB_LATENCY_zero, "zero" },
				   { SWAPLAB_LATENCY_resident, "resident" },
				   { SWAPLAB_LATENCY_disk, "disk" },
				   { SWAPLAB_LATENCY_frame_wait, "frame_wait" },
				   { SWAPLAB_LATENCY_write_wait, "write_wait" },
				   { SWAPLAB_LATENCY_copy, "copy" },
				   { SWAPLAB_LATENCY_eviction, "eviction" },
				   { SWAPLAB_LATENCY_write_out, "write_out" }),
		  __entry->ns, __entry->nr)
);

/* The pool gets another policy. */
TRACE_EVENT(policy_switch,
	TP_PROTO(int pool, const char *from, const char *to),
	TP_ARGS(pool, from, to),
	TP_STRUCT__entry(
		__field(int, pool)
		__string(from, from)
		__string(to, to)
	),
	TP_fast_assign(
		__entry->pool = pool;
		swaplab_assign_str(from, from);
		swaplab_assign_str(to, to);
	),
	TP_printk("pool=%d from=%s to=%s", __entry->pool, __get_str(from),
		  __get_str(to))
);

#endif /* _SWAPLAB_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
