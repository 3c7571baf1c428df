/* SPDX-License-Identifier: GPL-2.0 */
/* Watermarks: how many frames a pool keeps free, and when its daemons are to work. */
#ifndef _SWAPLAB_WATERMARK_H
#define _SWAPLAB_WATERMARK_H

#include "pool.h"

unsigned long swaplab_watermark_low(struct swaplab_pool *pool);
unsigned long swaplab_watermark_high(struct swaplab_pool *pool);
bool swaplab_watermark_is_short(struct swaplab_pool *pool);
unsigned long swaplab_watermark_nr_wanted(struct swaplab_pool *pool);
void swaplab_watermark_check(struct swaplab_pool *pool);
void swaplab_watermark_adapt(struct swaplab_pool *pool);
void swaplab_watermark_reset(struct swaplab_pool *pool);
bool swaplab_watermark_fits(struct swaplab_pool *pool, unsigned long nr_frames);
int swaplab_watermark_set(struct swaplab_pool *pool, unsigned long low,
			  unsigned long high);

/* A task could have used more free frames. */
static inline void swaplab_watermark_note_shortage(struct swaplab_pool *pool)
{
	if (!READ_ONCE(pool->watermarks.shortage))
		WRITE_ONCE(pool->watermarks.shortage, true);
}

#endif /* _SWAPLAB_WATERMARK_H */
