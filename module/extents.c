// SPDX-License-Identifier: GPL-2.0
/*
 * Where the slots of a swap file lie on its block device. The filesystem is asked once
 * for each block; pages whose blocks do not lie together, or are not aligned on the
 * device, make no slot.
 */
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "extents.h"
#include "pool.h"

/**
 * swaplab_extents_add() - add slots that lie together
 * @extents: the slots so far
 * @sector: where the first begins
 * @nr: how many
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_extents_add(struct swaplab_extents *extents, sector_t sector,
			u32 nr)
{
	struct swaplab_extent *last = extents->list + extents->nr - 1;
	struct swaplab_extent *more;

	if (extents->nr &&
	    last->sector + ((sector_t)last->nr << PAGE_SECTORS_SHIFT) == sector) {
		last->nr += nr;
		extents->nr_slots += nr;
		return 0;
	}
	if (extents->nr == extents->room) {
		extents->room = max(16U, extents->room * 2);
		more = kvmalloc_array(extents->room, sizeof(*more), GFP_KERNEL);
		if (!more)
			return -ENOMEM;
		if (extents->nr)
			memcpy(more, extents->list, extents->nr * sizeof(*more));
		kvfree(extents->list);
		extents->list = more;
	}
	extents->list[extents->nr++] = (struct swaplab_extent){
		.slot = extents->nr_slots + 1,
		.nr = nr,
		.sector = sector,
	};
	extents->nr_slots += nr;
	return 0;
}

/* A block of the file on its device; 0: missing, unwritten or shared. */
static sector_t map_block(struct inode *inode, sector_t block)
{
	return bmap(inode, &block) ? 0 : block;
}

/* Blocks that make a page; 1 if a block has one or more. */
static unsigned int blocks_per_page(struct inode *inode)
{
	return max_t(unsigned int, PAGE_SIZE >> inode->i_blkbits, 1);
}

/* Pages that blocks_per_page() blocks make. */
static u32 pages_per_block(struct inode *inode)
{
	return max_t(u32, i_blocksize(inode) >> PAGE_SHIFT, 1);
}

/*
 * Looks for a page's worth of blocks from @block on that lie together and are
 * aligned on the device. Returns the number of blocks that it is done with: those
 * of a page, and their sector in *@sector, or some that make no page, and 0 there.
 * -EINVAL if a block is missing.
 */
static int map_page(struct inode *inode, sector_t block, sector_t *sector)
{
	int per_page = blocks_per_page(inode), i;
	sector_t first = map_block(inode, block), next;

	*sector = 0;
	if (!first)
		return -EINVAL;
	if (!IS_ALIGNED(first, per_page))
		return 1;
	for (i = 1; i < per_page; i++) {
		next = map_block(inode, block + i);
		if (!next)
			return -EINVAL;
		if (next != first + i)
			return i;
	}
	*sector = first << (inode->i_blkbits - SECTOR_SHIFT);
	return per_page;
}

/**
 * swaplab_extents_map() - find the slots of a regular file
 * @extents: empty
 * @inode: of the file
 * @pool: for which
 *
 * Return: 0; -EINVAL if a block is missing, unwritten or shared, -EINTR after a fatal
 * signal, -ENODEV if the device is being removed, -ENOMEM.
 */
int swaplab_extents_map(struct swaplab_extents *extents, struct inode *inode,
			struct swaplab_pool *pool)
{
	sector_t per_page = blocks_per_page(inode);
	sector_t nr_blocks = i_size_read(inode) >> inode->i_blkbits;
	u32 nr_pages = pages_per_block(inode);
	sector_t block = 0, sector;
	int nr, err = 0;

	while (!err && block + per_page <= nr_blocks &&
	       extents->nr_slots <= INT_MAX - nr_pages) {
		if (fatal_signal_pending(current))
			return -EINTR;
		/* The removal of the device waits for this writer. */
		if (READ_ONCE(pool->dead))
			return -ENODEV;
		cond_resched();
		nr = map_page(inode, block, &sector);
		if (nr < 0)
			return nr;
		block += nr;
		if (sector)
			err = swaplab_extents_add(extents, sector, nr_pages);
	}
	return err;
}

/**
 * swaplab_extents_find() - the extent that a slot is in
 * @extents: all slots
 * @slot: one of them
 */
const struct swaplab_extent *
swaplab_extents_find(const struct swaplab_extents *extents, u32 slot)
{
	unsigned int first = 0, last = extents->nr - 1;

	while (first < last) {
		unsigned int middle = (first + last + 1) / 2;

		if (extents->list[middle].slot <= slot)
			first = middle;
		else
			last = middle - 1;
	}
	return &extents->list[first];
}

/**
 * swaplab_extents_sector() - where a slot begins on the device
 * @extents: all slots
 * @slot: one of them
 */
sector_t swaplab_extents_sector(const struct swaplab_extents *extents, u32 slot)
{
	const struct swaplab_extent *extent = swaplab_extents_find(extents, slot);

	return extent->sector +
	       ((sector_t)(slot - extent->slot) << PAGE_SECTORS_SHIFT);
}

/**
 * swaplab_extents_free() - free the list
 * @extents: of no use any more
 */
void swaplab_extents_free(struct swaplab_extents *extents)
{
	kvfree(extents->list);
}
