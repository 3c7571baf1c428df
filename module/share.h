/* SPDX-License-Identifier: GPL-2.0 */
/* Shares: a number of frames, divided among some takers that have bounds. */
#ifndef _SWAPLAB_SHARE_H
#define _SWAPLAB_SHARE_H

#include <linux/types.h>

/**
 * struct swaplab_share - what one taker gets
 * @weight: it gets as many parts; 0: nothing
 * @min: frames that it gets at least
 * @max: frames that it gets at most, @min or more
 * @frames: the result
 * @is_fixed: of swaplab_share_divide(): @frames is final
 */
struct swaplab_share {
	unsigned long weight;
	unsigned long min;
	unsigned long max;
	unsigned long frames;
	bool is_fixed;
};

void swaplab_share_divide(struct swaplab_share *shares, unsigned int nr, unsigned long total);

#endif /* _SWAPLAB_SHARE_H */
