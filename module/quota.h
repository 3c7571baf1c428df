/* SPDX-License-Identifier: GPL-2.0 */
/* How many frames each instance of the policy should have. */
#ifndef _SWAPLAB_QUOTA_H
#define _SWAPLAB_QUOTA_H

#include "region.h"

void swaplab_quota_update_locked(struct swaplab_pool *pool);
void swaplab_quota_end_sample(struct swaplab_pool *pool);
int swaplab_quota_set_bounds(struct swaplab_region *region, unsigned long min,
			     unsigned long max, bool is_privileged);
void swaplab_quota_unbound_locked(struct swaplab_region *region);
struct swaplab_instance *swaplab_quota_choose_locked(struct swaplab_pool *pool,
						     unsigned int *max);

#endif /* _SWAPLAB_QUOTA_H */
