/* SPDX-License-Identifier: GPL-2.0 */
/* The search for victims. */
#ifndef _SWAPLAB_SEARCH_H
#define _SWAPLAB_SEARCH_H

#include "pool.h"

unsigned int swaplab_search_victims(struct swaplab_pool *pool,
				    struct swaplab_frame **frames, unsigned int max);
struct swaplab_frame *swaplab_search_scan(struct swaplab_pool *pool);
struct swaplab_frame *swaplab_search_scan_all(struct swaplab_pool *pool);

#endif /* _SWAPLAB_SEARCH_H */
