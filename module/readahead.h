/* SPDX-License-Identifier: GPL-2.0 */
/* Bringing pages in before they are asked for. */
#ifndef _SWAPLAB_READAHEAD_H
#define _SWAPLAB_READAHEAD_H

#include "region.h"

/**
 * struct swaplab_miss - a page that has to be read
 * @index: of the page
 * @first: index of the first page of the VMA of the fault
 * @last: of its last
 * @evicted: the pool's eviction clock when the page went
 */
struct swaplab_miss {
	pgoff_t index;
	pgoff_t first;
	pgoff_t last;
	u32 evicted;
};

unsigned int swaplab_readahead_nr_affordable(struct swaplab_pool *pool);
unsigned int swaplab_readahead_touch(struct swaplab_region *region,
				     pgoff_t index);
void swaplab_readahead_touched(struct swaplab_region *region, unsigned int nr);
void swaplab_readahead_miss_init(struct swaplab_miss *miss,
				 struct vm_fault *vmf, void *entry);
void swaplab_readahead_miss(struct swaplab_region *region,
			    const struct swaplab_miss *miss);
void swaplab_readahead_hit(struct swaplab_region *region, pgoff_t index,
			   unsigned int flags, struct swaplab_window *rest,
			   struct swaplab_window *next);
void swaplab_readahead_read(struct swaplab_region *region,
			    const struct swaplab_window *window);

#endif /* _SWAPLAB_READAHEAD_H */
