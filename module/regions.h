/* SPDX-License-Identifier: GPL-2.0 */
/* The regions of a pool, and walks over their resident pages. */
#ifndef _SWAPLAB_REGIONS_H
#define _SWAPLAB_REGIONS_H

#include "region.h"

/* A walk takes so many pages at a time at most: those of a page table. */
#define SWAPLAB_BLOCK_PAGES	512

/**
 * swaplab_regions_find_block() - find resident pages
 * @region: the region
 * @first: where to begin; set to the first resident page from there on
 * @end: set to the last page of the block that begins there
 * @last: beyond which there is no block
 *
 * The block ends where the index is a multiple of its size.
 *
 * Return: false if no page is resident.
 */
static inline bool swaplab_regions_find_block(struct swaplab_region *region,
					      pgoff_t *first, pgoff_t *end,
					      pgoff_t last)
{
	if (*first > last ||
	    !xa_find(&region->pages, first, last, SWAPLAB_RESIDENT))
		return false;
	*end = min(last, *first | (SWAPLAB_BLOCK_PAGES - 1));
	return true;
}

int swaplab_regions_add(struct swaplab_region *region);
void swaplab_regions_remove(struct swaplab_region *region);
int swaplab_regions_walk(struct swaplab_pool *pool,
			 int (*visit)(struct swaplab_region *region,
				      pgoff_t first, pgoff_t last, void *data),
			 void *data);

#endif /* _SWAPLAB_REGIONS_H */
