/* SPDX-License-Identifier: GPL-2.0 */
/* A magazine: free frames that one CPU has set aside for its faults. */
#ifndef _SWAPLAB_MAGAZINE_H
#define _SWAPLAB_MAGAZINE_H

#include "pool.h"

int swaplab_magazine_init(struct swaplab_pool *pool);
void swaplab_magazine_destroy(struct swaplab_pool *pool);

struct swaplab_frame *swaplab_magazine_take(struct swaplab_pool *pool);
void swaplab_magazine_fill(struct swaplab_pool *pool);
void swaplab_magazine_empty(struct swaplab_pool *pool);
unsigned long swaplab_magazine_nr_frames(struct swaplab_pool *pool);

#endif /* _SWAPLAB_MAGAZINE_H */
