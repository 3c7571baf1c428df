/* SPDX-License-Identifier: GPL-2.0 */
/* Frames whose page is gone while something else still holds the folio. */
#ifndef _SWAPLAB_PINNED_H
#define _SWAPLAB_PINNED_H

#include "pool.h"

/* How often to look whether pins have ended, in jiffies. */
#define SWAPLAB_PINNED_INTERVAL	(HZ / 10)

void swaplab_pinned_add(struct swaplab_pool *pool, struct swaplab_frame *frame);
void swaplab_pinned_poll(struct swaplab_pool *pool);
void swaplab_pinned_destroy(struct swaplab_pool *pool);

#endif /* _SWAPLAB_PINNED_H */
