// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes: a frame is taken with a folio on the NUMA node of the CPU that takes it.
 *
 * Free frames keep their folios for the next taker, and that may run on another node than
 * the last one. So a taker looks at a few of them for a folio that is near. If it finds none,
 * it exchanges a far folio for a new one, if this node has free memory: nothing is
 * reclaimed for that, and the far folio is good enough without. The frame goes from taker
 * to taker, and the number of folios stays the same.
 *
 * With one node, nothing is looked at.
 */
#include <linux/gfp.h>
#include "node.h"

/* Frames looked at for a near one, under the pool's lock. */
#define NODE_LOOKS	8

/**
 * swaplab_node_first_cached() - the free frame to be taken next
 * @pool: the pool, locked
 *
 * Return: a frame with a folio, a near one if one of the first few is; NULL if no free
 * frame has a folio. It is still on its list.
 */
struct swaplab_frame *swaplab_node_first_cached(struct swaplab_pool *pool)
{
	struct list_head *cached = &pool->free.cached;
	struct swaplab_frame *frame;
	unsigned int nr = 0;

	lockdep_assert_held(&pool->lock);
	if (nr_online_nodes > 1) {
		list_for_each_entry(frame, cached, link) {
			if (!swaplab_node_is_far(frame->folio))
				return frame;
			if (++nr == NODE_LOOKS)
				break;
		}
	}
	return list_first_entry_or_null(cached, struct swaplab_frame, link);
}

/**
 * swaplab_node_alloc_page() - allocate a page on this node, if it has free memory
 *
 * Return: the page, or NULL.
 */
struct page *swaplab_node_alloc_page(void)
{
	return alloc_pages_node(numa_mem_id(), __GFP_THISNODE | __GFP_HIGHMEM |
				__GFP_NOMEMALLOC | __GFP_NOWARN, 0);
}
