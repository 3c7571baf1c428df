/* SPDX-License-Identifier: GPL-2.0 */
/* The live change of a policy. */
#ifndef _SWAPLAB_CORE_REBIND_H
#define _SWAPLAB_CORE_REBIND_H

#include "pool.h"

struct swaplab_policy *swaplab_rebind(struct swaplab_pool *pool,
				      struct swaplab_policy *policy);

#endif /* _SWAPLAB_CORE_REBIND_H */
