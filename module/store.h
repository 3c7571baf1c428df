/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: slots, and a back end that moves pages to and from them. Slots are
 * numbered from 1; 0 means none.
 */
#ifndef _SWAPLAB_STORE_H
#define _SWAPLAB_STORE_H

#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "pool.h"

/* Pages of one transfer at most: readahead and write clusters. */
#define SWAPLAB_IO_PAGES	64U

struct swaplab_io;
struct swaplab_store;

/**
 * struct swaplab_store_ops - a back end: where slots lie and how pages get there
 * @submit: (required) start a transfer; swaplab_io_done() ends it, in any context.
 *	Allocates no memory that it cannot do without, and does not wait for any page
 *	of the pool
 * @nr_neighbours: (required) how many slots from one on lie together, itself included
 * @discard: (optional) slots hold nothing any more; may sleep
 * @close: (required) free the store; no transfer is under way
 */
struct swaplab_store_ops {
	void (*submit)(struct swaplab_io *io);
	u32 (*nr_neighbours)(struct swaplab_store *store, u32 slot);
	void (*discard)(struct swaplab_store *store, u32 slot, u32 nr);
	void (*close)(struct swaplab_store *store);
};

/**
 * struct swaplab_store - where a pool's pages go
 * @ops: its back end, in which it is embedded
 * @pool: which one
 * @path: as written to swap_file
 * @stable_pages: it wants pages unchanged while it writes them
 * @discards: it has a use for discards
 * @read_ns: how long a task waits for a page, smoothed; 0: not known yet; READ_ONCE()
 * @nr_slots: slots are 1 to @nr_slots
 * @lock: Protects: all members down to @next, and *@bad_slots
 * @used: a bit a slot
 * @stale: a bit a slot: free, and the device believes that it holds something;
 *	NULL without @discards
 * @bad: a bit a slot: retired, or to be retired when it is freed
 * @suspects: a bit a slot: in a transfer that failed; see bad_slots.c
 * @nr_used: slots taken or retired
 * @nr_bad: bits in @bad
 * @nr_suspects: bits in @suspects
 * @nr_claimed: of them, for a moment: discarded, or of an area that is being reserved
 * @nr_claims_ended: how often such a moment has ended
 * @next: where the search for free slots goes on
 * @bad_slots: see bad_slots.c
 * @reserve_lock: held by the task that reserves an area
 * @discard: discard.c's work
 * @claim_wait: tasks that need a slot wait here for the end of a claim
 */
struct swaplab_store {
	const struct swaplab_store_ops *ops;
	struct swaplab_pool *pool;
	char *path;
	bool stable_pages;
	bool discards;
	u32 read_ns;
	u32 nr_slots;

	spinlock_t lock;		/* all down to @next */
	unsigned long *used;
	unsigned long *stale;
	unsigned long *bad;
	unsigned long *suspects;
	u32 nr_used;
	u32 nr_bad;
	u32 nr_suspects;
	u32 nr_claimed;
	u32 nr_claims_ended;
	u32 next;
	struct swaplab_bad_slots *bad_slots;

	struct mutex reserve_lock;	/* see its description above */
	struct delayed_work discard;
	wait_queue_head_t claim_wait;
};

/* Does the pool's store, if it has one, want pages unchanged while it writes them? */
static inline bool swaplab_store_needs_stable_pages(struct swaplab_pool *pool)
{
	struct swaplab_store *store = READ_ONCE(pool->store);

	return store && store->stable_pages;
}

/* Without the store's lock the answer is a snapshot. */
static inline bool swaplab_store_is_full(struct swaplab_store *store)
{
	return READ_ONCE(store->nr_used) >=
	       (u64)store->nr_slots + READ_ONCE(store->nr_claimed);
}

int swaplab_store_init(struct swaplab_store *store);
void swaplab_store_destroy(struct swaplab_store *store);

u32 swaplab_store_take(struct swaplab_store *store, u32 want, u32 *got);
u32 swaplab_store_reserve(struct swaplab_store *store, u32 nr);
void swaplab_store_free(struct swaplab_store *store, u32 slot, u32 nr);
void swaplab_store_free_some(struct swaplab_store *store, const u32 *slots,
			     unsigned int nr);
void swaplab_store_claim_locked(struct swaplab_store *store, unsigned long bit, u32 nr);
void swaplab_store_end_claim(struct swaplab_store *store, u32 nr);
void swaplab_store_release_locked(struct swaplab_store *store, u32 slot, u32 nr);
bool swaplab_store_retire_locked(struct swaplab_store *store, u32 slot);

#endif /* _SWAPLAB_STORE_H */
