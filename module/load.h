/* SPDX-License-Identifier: GPL-2.0 */
/* Load control: whole regions are suspended in turn while not all fit. */
#ifndef _SWAPLAB_LOAD_H
#define _SWAPLAB_LOAD_H

#include "region.h"

/* Longer ones would look like a program that hangs. */
#define SWAPLAB_LOAD_MAX_TURN_MS	60000

/* Without the pool's lock the answer is a snapshot. */
static inline bool swaplab_load_is_suspended(struct swaplab_region *region)
{
	return READ_ONCE(region->turn.is_suspended);
}

void swaplab_load_init(struct swaplab_pool *pool);
void swaplab_load_adapt_locked(struct swaplab_pool *pool,
			       const bool is_short[SWAPLAB_INSTANCES]);
void swaplab_load_end_locked(struct swaplab_pool *pool);
void swaplab_load_spare_locked(struct swaplab_region *region);
void swaplab_load_leave_locked(struct swaplab_region *region);
void swaplab_load_changed(struct swaplab_pool *pool);
bool swaplab_load_wait(struct swaplab_region *region, unsigned int state);
bool swaplab_load_prepages(struct swaplab_region *region, u32 *evicted);
bool swaplab_load_may_prepage(struct swaplab_region *region);
void swaplab_load_forbid(void);
void swaplab_load_allow(void);

#endif /* _SWAPLAB_LOAD_H */
