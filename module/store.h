/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: slots on a block device, and bios that move pages to and from
 * them. Slots are numbered from 1; 0 means none.
 */
#ifndef _SWAPLAB_STORE_H
#define _SWAPLAB_STORE_H

#include <linux/bio.h>
#include <linux/llist.h>
#include <linux/workqueue.h>
#include "pool.h"

/* Pages of one transfer at most: readahead and write clusters. */
#define SWAPLAB_IO_PAGES	64U

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
 * struct swaplab_store - where a pool's pages go
 * @path: as written to swap_file, resolved
 * @file: the swap file, or the device node; held open
 * @bdev: the block device underneath
 * @bdev_file: what keeps @bdev claimed, if @file is a device node
 * @stable_pages: the device wants pages unchanged while it writes them
 * @extents: sorted by slot
 * @nr_extents: of them
 * @nr_slots: slots are 1 to @nr_slots
 * @lock: Protects: @used, @nr_used, @next
 * @used: a bit a slot
 * @nr_used: slots taken
 * @next: where the search for free slots goes on
 */
struct swaplab_store {
	char *path;
	struct file *file;
	struct block_device *bdev;
	struct file *bdev_file;
	bool stable_pages;
	struct swaplab_extent *extents;
	unsigned int nr_extents;
	u32 nr_slots;

	spinlock_t lock;		/* @used, @nr_used, @next */
	unsigned long *used;
	u32 nr_used;
	u32 next;
};

/**
 * struct swaplab_io - one transfer of pages that have neighbouring slots
 * @bio: embedded, so that a transfer needs no memory once it has this
 * @vecs: of @bio
 * @pool: whose frames these are
 * @frames: in transit, owned by this transfer
 * @nr: of them
 * @state: SWAPLAB_IO_* bits: who finishes it
 * @work: finishes a read whose starter left
 * @done: link on the list of finished writes
 */
struct swaplab_io {
	struct swaplab_pool *pool;
	unsigned int nr;
	atomic_t state;
	union {
		struct work_struct work;
		struct llist_node done;
	};
	struct swaplab_frame *frames[SWAPLAB_IO_PAGES];
	struct bio_vec vecs[SWAPLAB_IO_PAGES];
	struct bio bio;
};

u32 swaplab_store_take(struct swaplab_store *store, u32 want, u32 *got);
u32 swaplab_store_reserve(struct swaplab_store *store, u32 nr);
void swaplab_store_free(struct swaplab_store *store, u32 slot, u32 nr);

void swaplab_io_init(struct swaplab_io *io, struct swaplab_store *store,
		     u32 slot, blk_opf_t opf);
bool swaplab_io_add(struct swaplab_io *io, struct swaplab_store *store,
		    struct swaplab_frame *frame);
void swaplab_io_submit(struct swaplab_io *io, bio_end_io_t *end_io);

#endif /* _SWAPLAB_STORE_H */
