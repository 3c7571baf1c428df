/* SPDX-License-Identifier: GPL-2.0 */
/* Policies as the core sees them: the registry, and the one a pool is bound to. */
#ifndef _SWAPLAB_CORE_POLICY_H
#define _SWAPLAB_CORE_POLICY_H

#include "pool.h"

/* Bound when nobody has chosen and its module is there. */
#define SWAPLAB_DEFAULT_POLICY	"aging"

void swaplab_policy_admit(struct swaplab_pool *pool, struct swaplab_frame *frame);
void swaplab_policy_admit_refault(struct swaplab_pool *pool,
				  struct swaplab_frame *frame, u32 evicted);
void swaplab_policy_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame);
void swaplab_policy_forget(struct swaplab_pool *pool,
			   struct swaplab_frame *frame);
struct swaplab_frame *swaplab_policy_victim(struct swaplab_pool *pool);
struct swaplab_frame *swaplab_policy_scan(struct swaplab_pool *pool);
bool swaplab_policy_claim(struct swaplab_pool *pool,
			  struct swaplab_frame *frame);
bool swaplab_policy_needs_references(struct swaplab_pool *pool);
void swaplab_policy_tick(struct swaplab_pool *pool);

int swaplab_policy_bind(struct swaplab_pool *pool, const char *name);
void swaplab_policy_bind_default(struct swaplab_pool *pool);
ssize_t swaplab_policy_list(struct swaplab_pool *pool, char *buf);

void swaplab_policy_add_pool(struct swaplab_pool *pool);
void swaplab_policy_del_pool(struct swaplab_pool *pool);

#endif /* _SWAPLAB_CORE_POLICY_H */
