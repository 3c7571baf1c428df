/* SPDX-License-Identifier: GPL-2.0 */
/* Frames whose folio is on the NUMA node of the CPU that takes them. */
#ifndef _SWAPLAB_NODE_H
#define _SWAPLAB_NODE_H

#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/topology.h>
#include "pool.h"

struct swaplab_frame *swaplab_node_first_cached(struct swaplab_pool *pool);
struct page *swaplab_node_alloc_page(void);

/* Is the folio on another node? The task may be on another CPU at once, so it is a hint. */
static inline bool swaplab_node_is_far(struct folio *folio)
{
	return nr_online_nodes > 1 && folio_nid(folio) != numa_mem_id();
}

#endif /* _SWAPLAB_NODE_H */
