/* SPDX-License-Identifier: GPL-2.0 */
/* The end of an eviction: the victim goes or stays. Called by daemons only. */
#ifndef _SWAPLAB_VICTIM_H
#define _SWAPLAB_VICTIM_H

#include "frame.h"
#include "removal.h"

bool swaplab_victim_was_used(struct swaplab_pool *pool,
			     struct swaplab_frame *frame);
enum swaplab_evict swaplab_victim_evict(struct swaplab_pool *pool,
					struct swaplab_frame *frame,
					struct swaplab_frame_batch *freed);
void swaplab_victim_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame);
void swaplab_victim_begin_again(struct swaplab_pool *pool);

#endif /* _SWAPLAB_VICTIM_H */
