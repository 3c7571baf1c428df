/* SPDX-License-Identifier: GPL-2.0 */
/* Which policy has a frame. */
#ifndef _SWAPLAB_CORE_BINDING_H
#define _SWAPLAB_CORE_BINDING_H

#include <linux/jiffies.h>
#include "pool.h"

/* Has a policy, or the plain scan, this frame? */
static inline bool swaplab_binding_has(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_ADMITTED;
}

/* In jiffies: calls of a policy in one hold of the lock should take less. */
#define SWAPLAB_BINDING_LONG	HZ

bool swaplab_binding_is_old_locked(struct swaplab_pool *pool,
				   struct swaplab_frame *frame);
struct swaplab_instance *swaplab_binding_instance_locked(struct swaplab_pool *pool,
							 struct swaplab_frame *frame);
void swaplab_binding_admit_locked(struct swaplab_pool *pool,
				  struct swaplab_frame *frame,
				  enum swaplab_reason reason);
void swaplab_binding_remove_locked(struct swaplab_pool *pool,
				   struct swaplab_frame *frame,
				   enum swaplab_reason reason);
void swaplab_binding_putback_locked(struct swaplab_pool *pool,
				    struct swaplab_frame *frame);
bool swaplab_binding_claim_locked(struct swaplab_pool *pool,
				  struct swaplab_frame *frame);
void swaplab_binding_count_long_locked(struct swaplab_pool *pool);
struct swaplab_frame *swaplab_binding_ask_locked(struct swaplab_pool *pool,
						 struct swaplab_instance *instance,
						 struct swaplab_policy *policy);
unsigned long swaplab_binding_max_calls(struct swaplab_instance *instance,
					struct swaplab_policy *policy);

/* Sees how long calls of the policy took: @start is jiffies before them. */
static inline void swaplab_binding_time_locked(struct swaplab_pool *pool,
					       unsigned long start)
{
	if (unlikely(time_after(jiffies, start + SWAPLAB_BINDING_LONG)))
		swaplab_binding_count_long_locked(pool);
}

#endif /* _SWAPLAB_CORE_BINDING_H */
