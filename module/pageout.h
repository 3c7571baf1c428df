/* SPDX-License-Identifier: GPL-2.0 */
/* Evictions of pages that a program has named. */
#ifndef _SWAPLAB_PAGEOUT_H
#define _SWAPLAB_PAGEOUT_H

#include "region.h"

void swaplab_pageout_init(struct swaplab_pool *pool);
void swaplab_pageout_destroy(struct swaplab_pool *pool);
int swaplab_pageout(struct swaplab_region *region, pgoff_t first, pgoff_t last,
		    unsigned long *nr);

#endif /* _SWAPLAB_PAGEOUT_H */
