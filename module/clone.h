/* SPDX-License-Identifier: GPL-2.0 */
/* The region of a child of fork(). */
#ifndef _SWAPLAB_CLONE_H
#define _SWAPLAB_CLONE_H

#include "region.h"

struct swaplab_region *swaplab_clone_create(struct swaplab_region *parent,
					    struct mm_struct *mm);
int swaplab_clone_fill(struct swaplab_region *clone, struct swaplab_region *parent);
void swaplab_clone_give_up(struct swaplab_region *clone);

#endif /* _SWAPLAB_CLONE_H */
