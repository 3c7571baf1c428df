/* SPDX-License-Identifier: GPL-2.0 */
/* Where the slots of a swap file lie on its block device. */
#ifndef _SWAPLAB_EXTENTS_H
#define _SWAPLAB_EXTENTS_H

#include <linux/types.h>

struct inode;
struct swaplab_pool;

/**
 * struct swaplab_extent - slots that lie one after the other on the device
 * @slot: the first
 * @nr: how many
 * @sector: where the first starts
 */
struct swaplab_extent {
	u32 slot;
	u32 nr;
	sector_t sector;
};

/**
 * struct swaplab_extents - all slots of a swap file
 * @list: sorted by slot
 * @nr: of them
 * @room: in @list
 * @nr_slots: in all; slots are numbered from 1
 */
struct swaplab_extents {
	struct swaplab_extent *list;
	unsigned int nr;
	unsigned int room;
	u32 nr_slots;
};

int swaplab_extents_add(struct swaplab_extents *extents, sector_t sector,
			u32 nr);
int swaplab_extents_map(struct swaplab_extents *extents, struct inode *inode,
			struct swaplab_pool *pool);
void swaplab_extents_free(struct swaplab_extents *extents);

const struct swaplab_extent *
swaplab_extents_find(const struct swaplab_extents *extents, u32 slot);
sector_t swaplab_extents_sector(const struct swaplab_extents *extents, u32 slot);

#endif /* _SWAPLAB_EXTENTS_H */
