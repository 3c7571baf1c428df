/* SPDX-License-Identifier: GPL-2.0 */
/* Working sets: quotas by how many pages regions have used lately. */
#ifndef _SWAPLAB_WORKING_SET_H
#define _SWAPLAB_WORKING_SET_H

#include "region.h"
#include "share.h"

/* Without the pool's lock the answer is a hint. */
static inline bool swaplab_working_set_is_on(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->allocation.mode) == SWAPLAB_ALLOCATION_WORKING_SET;
}

void swaplab_working_set_renew_locked(struct swaplab_region *region);
void swaplab_working_set_begin(struct swaplab_pool *pool);
void swaplab_working_set_use(struct swaplab_region *region, struct swaplab_frame *frame);
void swaplab_working_set_count(struct swaplab_region *region, pgoff_t first, pgoff_t last);
void swaplab_working_set_evicted(struct swaplab_frame *frame);
void swaplab_working_set_refault(struct swaplab_frame *frame, u32 evicted);

void swaplab_working_set_divide_locked(struct swaplab_pool *pool,
				       struct swaplab_share *shares);
void swaplab_working_set_measure_locked(struct swaplab_pool *pool);
void swaplab_working_set_control_locked(struct swaplab_pool *pool);

#endif /* _SWAPLAB_WORKING_SET_H */
