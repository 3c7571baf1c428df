// SPDX-License-Identifier: GPL-2.0
/*
 * Frames whose page is gone while something else still holds the folio.
 *
 * A page can be discarded, or its region closed, while a DMA, a pipe filled by
 * vmsplice() or a munmap() about to flush has references on its folio. The folio may
 * not get another page before they are dropped. Nor may it leave the budget, or a
 * user could hold any amount of memory by pins and discards. So the frame stays held,
 * with its folio, on a list of the pool. The end of a pin is not notified: the leading
 * daemon polls the reference counts.
 *
 * A folio on the list has no mapping and no PTE. Like that of a free frame, it gets
 * new references only from stale look-ups, which drop them at once.
 */
#include <linux/mm.h>
#include "frame.h"
#include "pinned.h"

/* Frames under one hold of the pool's lock, and frames that one call looks at. */
#define POLL_BATCH	64
#define POLL_MAX	1024

/**
 * swaplab_pinned_add() - hold a frame until nothing else has its folio
 * @pool: the pool
 * @frame: a frame that no region and no policy knows
 */
void swaplab_pinned_add(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	bool first;

	swaplab_stat_inc(&pool->stats, pinned_discards);
	atomic_set(&frame->flags, 0);
	frame->slot = 0;
	frame->region = NULL;
	spin_lock(&pool->lock);
	first = list_empty(&pool->pinned);
	list_add_tail(&frame->link, &pool->pinned);
	WRITE_ONCE(pool->nr_pinned, pool->nr_pinned + 1);
	spin_unlock(&pool->lock);
	/* It may sleep without a timeout. */
	if (first)
		swaplab_pool_wake_daemon(pool);
}

/* Does the pool alone have the folio? Poisoned ones are never used again. */
static bool try_unpin(struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	if (folio_test_hwpoison(folio)) {
		swaplab_frame_drop_folio(frame);
		return true;
	}
	if (!folio_ref_freeze(folio, 1))
		return false;
	/* A transfer may have dirtied it up to its end. */
	folio_clear_dirty(folio);
	folio_clear_referenced(folio);
	folio_ref_unfreeze(folio, 1);
	return true;
}

/* Moves frames to @unpinned, and the others behind those not looked at. */
static void poll_batch(struct swaplab_pool *pool, unsigned long nr,
		       struct list_head *unpinned)
{
	struct swaplab_frame *frame;

	spin_lock(&pool->lock);
	while (nr-- && !list_empty(&pool->pinned)) {
		frame = list_first_entry(&pool->pinned, struct swaplab_frame,
					 link);
		if (!try_unpin(frame)) {
			list_move_tail(&frame->link, &pool->pinned);
			continue;
		}
		list_move_tail(&frame->link, unpinned);
		WRITE_ONCE(pool->nr_pinned, pool->nr_pinned - 1);
	}
	spin_unlock(&pool->lock);
}

static void put_frames(struct swaplab_pool *pool, struct list_head *frames)
{
	struct swaplab_frame *frame, *next;

	list_for_each_entry_safe(frame, next, frames, link) {
		list_del(&frame->link);
		swaplab_frame_put(pool, frame);
	}
}

/**
 * swaplab_pinned_poll() - put frames back whose pins have ended
 * @pool: the pool; the caller is its leader
 *
 * Looks at a bounded number of frames, the next call at those behind them.
 */
void swaplab_pinned_poll(struct swaplab_pool *pool)
{
	unsigned long left, nr;
	LIST_HEAD(unpinned);

	left = min_t(unsigned long, READ_ONCE(pool->nr_pinned), POLL_MAX);
	for (; left; left -= nr) {
		nr = min_t(unsigned long, left, POLL_BATCH);
		poll_batch(pool, nr, &unpinned);
		put_frames(pool, &unpinned);
		cond_resched();
	}
}

/**
 * swaplab_pinned_destroy() - let go of folios whose pins outlive the pool
 * @pool: the pool, without regions; its daemons have stopped
 *
 * The last pin frees each of them.
 */
void swaplab_pinned_destroy(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame, *next;

	list_for_each_entry_safe(frame, next, &pool->pinned, link) {
		swaplab_frame_drop_folio(frame);
		cond_resched();
	}
	put_frames(pool, &pool->pinned);
	pool->nr_pinned = 0;
}
