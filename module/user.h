/* SPDX-License-Identifier: GPL-2.0 */
/* Users of a pool, and how many pages their regions may have together. */
#ifndef _SWAPLAB_USER_H
#define _SWAPLAB_USER_H

#include "region.h"

/**
 * struct swaplab_user - one uid that has regions of a pool
 * @uid: its index in pool->users
 * @nr_regions: open; the last one takes the user along
 * @nr_pages: charged to all of them
 * @nr_mlocked: their pages under SWAPLAB_LOCK; the pool's lock guards it
 * @nr_reserved: frames that they want at least, in sum; likewise
 */
struct swaplab_user {
	kuid_t uid;
	unsigned int nr_regions;
	unsigned long nr_pages;
	unsigned long nr_mlocked;
	unsigned long nr_reserved;
};

int swaplab_user_get(struct swaplab_region *region);
void swaplab_user_put(struct swaplab_region *region);
int swaplab_user_charge(struct swaplab_region *region, struct file *file,
			pgoff_t end);

#endif /* _SWAPLAB_USER_H */
