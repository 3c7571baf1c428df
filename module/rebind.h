/* SPDX-License-Identifier: GPL-2.0 */
/* The live change of a policy, and of its instances. */
#ifndef _SWAPLAB_CORE_REBIND_H
#define _SWAPLAB_CORE_REBIND_H

#include "pool.h"

void swaplab_rebind_begin_locked(struct swaplab_pool *pool,
				 struct swaplab_policy *policies[SWAPLAB_INSTANCES]);
void swaplab_rebind_finish(struct swaplab_pool *pool);
void swaplab_rebind_add(struct swaplab_instance *instance, struct swaplab_region *region,
			struct swaplab_policy *policy);
struct swaplab_policy *swaplab_rebind_remove(struct swaplab_pool *pool,
					     struct swaplab_instance *instance);

#endif /* _SWAPLAB_CORE_REBIND_H */
