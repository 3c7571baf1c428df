/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to evict pages now, by the administrator. */
#ifndef _SWAPLAB_REQUEST_H
#define _SWAPLAB_REQUEST_H

#include "pool.h"

void swaplab_request_init(struct swaplab_pool *pool);
int swaplab_request_evict(struct swaplab_pool *pool, unsigned long nr);
void swaplab_request_end_pass(struct swaplab_pool *pool, unsigned long pass,
			      bool has_hope);
void swaplab_request_subtract(struct swaplab_pool *pool, unsigned long nr);

/**
 * swaplab_request_count() - pages were evicted
 * @pool: the pool
 * @nr: how many; their frames are free
 */
static inline void swaplab_request_count(struct swaplab_pool *pool, unsigned long nr)
{
	if (unlikely(READ_ONCE(pool->request.nr)))
		swaplab_request_subtract(pool, nr);
}

#endif /* _SWAPLAB_REQUEST_H */
