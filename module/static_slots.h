/* SPDX-License-Identifier: GPL-2.0 */
/* The slots that the pages of a region with static slots have for good. */
#ifndef _SWAPLAB_STATIC_SLOTS_H
#define _SWAPLAB_STATIC_SLOTS_H

#include <linux/types.h>

struct file;
struct swaplab_region;

int swaplab_static_slots_reserve(struct swaplab_region *region, struct file *file,
				 pgoff_t first, unsigned long nr);
u32 swaplab_static_slots_find(struct swaplab_region *region, pgoff_t index);
void swaplab_static_slots_free_all(struct swaplab_region *region);

#endif /* _SWAPLAB_STATIC_SLOTS_H */
