/* SPDX-License-Identifier: GPL-2.0 */
/* A pool's policy, as the core calls it. */
#ifndef _SWAPLAB_CORE_POLICY_H
#define _SWAPLAB_CORE_POLICY_H

#include "pool.h"

void swaplab_policy_admit(struct swaplab_pool *pool, struct swaplab_frame *frame,
			  enum swaplab_reason reason);
void swaplab_policy_readmit(struct swaplab_pool *pool,
			    struct swaplab_frame **frames, unsigned int nr,
			    enum swaplab_reason reason);
void swaplab_policy_admit_refault(struct swaplab_pool *pool,
				  struct swaplab_frame *frame, u32 evicted,
				  enum swaplab_reason reason);
void swaplab_policy_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame);
void swaplab_policy_forget(struct swaplab_pool *pool,
			   struct swaplab_frame **frames, unsigned int nr,
			   enum swaplab_reason reason);
void swaplab_policy_forget_swapped(struct swaplab_region *region,
				   const pgoff_t *indexes, unsigned int nr);
unsigned int swaplab_policy_advise(struct swaplab_region *region,
				   struct swaplab_frame **frames,
				   const pgoff_t *indexes, unsigned int nr,
				   enum swaplab_advice advice);
bool swaplab_policy_readahead(struct swaplab_region *region,
			      struct swaplab_readahead *readahead);
bool swaplab_policy_claim_locked(struct swaplab_pool *pool,
				 struct swaplab_frame *frame);
bool swaplab_policy_needs_references(struct swaplab_pool *pool);
void swaplab_policy_tick(struct swaplab_pool *pool);

#endif /* _SWAPLAB_CORE_POLICY_H */
