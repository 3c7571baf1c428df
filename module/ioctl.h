/* SPDX-License-Identifier: GPL-2.0 */
/* What the ioctls and fdinfo do to, and tell about, ranges of pages. */
#ifndef _SWAPLAB_IOCTL_H
#define _SWAPLAB_IOCTL_H

#include "region.h"

int swaplab_range_discard(struct swaplab_region *region, pgoff_t first,
			  pgoff_t last);
int swaplab_range_states(struct swaplab_region *region, pgoff_t first,
			 pgoff_t last, u8 __user *states);
int swaplab_range_mlock(struct swaplab_region *region, pgoff_t first,
			pgoff_t last);
int swaplab_range_munlock(struct swaplab_region *region, pgoff_t first,
			  pgoff_t last);
unsigned long swaplab_range_nr_dirty(struct swaplab_region *region);
size_t swaplab_range_metadata(struct swaplab_region *region);

#endif /* _SWAPLAB_IOCTL_H */
