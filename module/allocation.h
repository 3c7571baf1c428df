/* SPDX-License-Identifier: GPL-2.0 */
/* How the frames of a pool are divided among its regions. */
#ifndef _SWAPLAB_ALLOCATION_H
#define _SWAPLAB_ALLOCATION_H

#include "pool.h"

void swaplab_allocation_init(struct swaplab_pool *pool);
void swaplab_allocation_exit(struct swaplab_pool *pool);

int swaplab_allocation_prepare(struct swaplab_pool *pool,
			       const struct swaplab_policy_ops *ops,
			       struct swaplab_policy *policies[SWAPLAB_INSTANCES]);
void swaplab_allocation_bind(struct swaplab_pool *pool,
			     struct swaplab_policy *policies[SWAPLAB_INSTANCES]);

int swaplab_allocation_set(struct swaplab_pool *pool, enum swaplab_allocation_mode mode);
void swaplab_allocation_join(struct swaplab_region *region);
void swaplab_allocation_leave(struct swaplab_region *region);
unsigned long swaplab_allocation_quota(struct swaplab_region *region);
unsigned long swaplab_allocation_working_set(struct swaplab_region *region);

#endif /* _SWAPLAB_ALLOCATION_H */
