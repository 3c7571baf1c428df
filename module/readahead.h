/* SPDX-License-Identifier: GPL-2.0 */
/* Bringing pages in before they are asked for. */
#ifndef _SWAPLAB_READAHEAD_H
#define _SWAPLAB_READAHEAD_H

#include "region.h"

unsigned int swaplab_readahead_nr_affordable(struct swaplab_pool *pool);
unsigned int swaplab_readahead_touch(struct swaplab_region *region,
				     pgoff_t index);
void swaplab_readahead_touched(struct swaplab_region *region, unsigned int nr);
void swaplab_readahead_miss(struct swaplab_region *region, pgoff_t index);
void swaplab_readahead_hit(struct swaplab_region *region, pgoff_t index,
			   struct swaplab_window *rest,
			   struct swaplab_window *next);
void swaplab_readahead_read(struct swaplab_region *region,
			    const struct swaplab_window *window);

#endif /* _SWAPLAB_READAHEAD_H */
