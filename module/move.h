/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that move from one region to another. */
#ifndef _SWAPLAB_MOVE_H
#define _SWAPLAB_MOVE_H

#include "region.h"

/**
 * struct swaplab_moving - pages that are to move, and how far they came
 * @from: region that has them
 * @to: region of the same pool, maybe the same one; neither has static slots or a family
 * @file: of @to, open for writing
 * @first: index of the first page in @from
 * @to_first: its index in @to; the two ranges have no page in common
 * @nr: how many pages, not 0
 * @done: of them, from the first one on
 */
struct swaplab_moving {
	struct swaplab_region *from;
	struct swaplab_region *to;
	struct file *file;
	pgoff_t first;
	pgoff_t to_first;
	unsigned long nr;
	unsigned long done;
};

bool swaplab_move_has_origin(const struct swaplab_moving *moving);
int swaplab_move(struct swaplab_moving *moving);

#endif /* _SWAPLAB_MOVE_H */
