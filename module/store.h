/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: slots on a block device, and bios that move pages to and from
 * them. Slots are numbered from 1; 0 means none.
 */
#ifndef _SWAPLAB_STORE_H
#define _SWAPLAB_STORE_H

#include <linux/bio.h>
#include <linux/llist.h>
#include <linux/wait.h>
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
 * @pool: which one
 * @path: as written to swap_file, resolved
 * @file: the swap file, or the device node; held open
 * @bdev: the block device underneath
 * @bdev_file: what keeps @bdev claimed, if @file is a device node
 * @stable_pages: the device wants pages unchanged while it writes them
 * @extents: sorted by slot
 * @nr_extents: of them
 * @nr_slots: slots are 1 to @nr_slots
 * @lock: Protects: all members down to @next, and what @bad_slots points to
 * @used: a bit a slot
 * @stale: a bit a slot: free, and the device believes that it holds something;
 *	NULL if the device would not listen
 * @bad: a bit a slot: retired, or to be retired when it is freed
 * @nr_used: slots taken or retired
 * @nr_bad: bits in @bad
 * @nr_discarding: of them, by discard.c, for a moment
 * @nr_discards_ended: how often such a moment has ended
 * @next: where the search for free slots goes on
 * @bad_slots: see bad_slots.c
 * @discard: discard.c's work
 * @discard_wait: whoever needs a slot that it has
 */
struct swaplab_store {
	struct swaplab_pool *pool;
	char *path;
	struct file *file;
	struct block_device *bdev;
	struct file *bdev_file;
	bool stable_pages;
	struct swaplab_extent *extents;
	unsigned int nr_extents;
	u32 nr_slots;

	spinlock_t lock;		/* all down to @next */
	unsigned long *used;
	unsigned long *stale;
	unsigned long *bad;
	u32 nr_used;
	u32 nr_bad;
	u32 nr_discarding;
	u32 nr_discards_ended;
	u32 next;
	struct swaplab_bad_slots *bad_slots;

	struct delayed_work discard;
	wait_queue_head_t discard_wait;
};

/* Without the store's lock the answer is a snapshot. */
static inline bool swaplab_store_is_full(struct swaplab_store *store)
{
	return READ_ONCE(store->nr_used) - READ_ONCE(store->nr_discarding) >=
	       store->nr_slots;
}

/**
 * struct swaplab_io - one transfer of pages that have neighbouring slots
 * @bio: embedded, so that a transfer needs no memory once it has this
 * @vecs: of @bio
 * @pool: whose frames these are
 * @frames: in transit, owned by this transfer
 * @nr: of them
 * @state: of a read: who finishes it; see pagein.c
 * @starter: of a read, who waits for it
 * @work: finishes a read whose starter left
 * @done: link on the list of finished writes
 */
struct swaplab_io {
	struct swaplab_pool *pool;
	unsigned int nr;
	atomic_t state;
	struct task_struct *starter;
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
void swaplab_store_release_locked(struct swaplab_store *store, u32 slot, u32 nr);
bool swaplab_store_retire_locked(struct swaplab_store *store, u32 slot);
void swaplab_store_rewind(struct swaplab_store *store, u32 slot);
const struct swaplab_extent *swaplab_store_extent(struct swaplab_store *store,
						  u32 slot);
sector_t swaplab_store_sector(struct swaplab_store *store, u32 slot);

void swaplab_io_init(struct swaplab_io *io, struct swaplab_store *store,
		     u32 slot, blk_opf_t opf);
bool swaplab_io_add(struct swaplab_io *io, struct swaplab_store *store,
		    struct swaplab_frame *frame);
void swaplab_io_submit(struct swaplab_io *io, bio_end_io_t *end_io);

#endif /* _SWAPLAB_STORE_H */
