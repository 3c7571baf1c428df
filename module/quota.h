/* SPDX-License-Identifier: GPL-2.0 */
/* How many frames each instance of the policy should have. */
#ifndef _SWAPLAB_QUOTA_H
#define _SWAPLAB_QUOTA_H

#include "pool.h"

void swaplab_quota_update_locked(struct swaplab_pool *pool);
struct swaplab_instance *swaplab_quota_choose_locked(struct swaplab_pool *pool);

#endif /* _SWAPLAB_QUOTA_H */
