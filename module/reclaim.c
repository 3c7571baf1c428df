// SPDX-License-Identifier: GPL-2.0
/*
 * Reclaim. A round takes a batch of victims through these steps:
 *
 *   pick      ask the policy; each victim is in transit from then on
 *   look      at its accessed bit again: used ones go back to the policy
 *   isolate   lock the folio; leave poisoned pages and pages in use
 *   unmap     runs of neighbours with one call each
 *   spare     those that turn out to be used after all
 *   evict     freeze the reference count at the region's own: any other reference (of a
 *             DMA, ptrace, a munmap() about to flush) makes this fail; drop
 *             clean pages: the slot has the content, or they were never written to
 *   write     dirty pages: see writeback.c
 *
 * The order unmap, freeze, test dirty makes the test final: a PTE or a pin can
 * dirty the page up to the moment it is gone.
 *
 * Freeing memory takes no memory: transfers and the batch are allocated with the pool.
 * Pages are only ever try-locked here, so the order of locking them is free.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "compat.h"
#include "frame.h"
#include "pcp.h"
#include "pte.h"
#include "policy.h"
#include "reclaim.h"
#include "region.h"
#include "trace.h"
#include "victim.h"
#include "watermark.h"
#include "writeback.h"

/* Victims of a round: enough for neighbours to be found among them. */
#define RECLAIM_BATCH	64

/* Victims in vain after which the plain scan takes over until one goes. */
#define RECLAIM_MISLED	(2 * RECLAIM_BATCH)
/*
 * How long all pages may have references other than those of page tables before waiters
 * for a frame are refused: the task that has pinned them may be waiting, too.
 */
#define RECLAIM_PATIENCE (10 * HZ)

/**
 * struct swaplab_reclaim - the daemon's workspace
 * @batch: victims of this round, sorted by region and index
 * @nr: of them
 * @soft: in this round, being mapped is being used
 */
struct swaplab_reclaim {
	struct swaplab_frame *batch[RECLAIM_BATCH];
	unsigned int nr;
	bool soft;
};

static bool is_before(const struct swaplab_frame *a,
		      const struct swaplab_frame *b)
{
	if (a->region != b->region)
		return a->region < b->region;
	return a->folio->index < b->folio->index;
}

/*
 * Adds a victim to the batch, which stays sorted: streams come in that order, and
 * for others a batch is small.
 */
static void batch_add(struct swaplab_reclaim *reclaim, struct swaplab_frame *frame)
{
	unsigned int low = 0, high = reclaim->nr, middle;

	if (high && is_before(reclaim->batch[high - 1], frame))
		low = high;
	while (low < high) {
		middle = (low + high) / 2;
		if (is_before(reclaim->batch[middle], frame))
			low = middle + 1;
		else
			high = middle;
	}
	memmove(&reclaim->batch[low + 1], &reclaim->batch[low],
		(reclaim->nr - low) * sizeof(reclaim->batch[0]));
	reclaim->batch[low] = frame;
	reclaim->nr++;
}

/*
 * A policy may prefer pages that cannot go, such as pinned ones, and give them again
 * and again. Then the scan must find the others.
 */
static bool is_misled(struct swaplab_pool *pool)
{
	return pool->tally.nr_busy + pool->tally.nr_full > RECLAIM_MISLED;
}

static void pick_batch(struct swaplab_pool *pool, unsigned int max)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	bool misled = is_misled(pool);
	struct swaplab_frame *frame;

	reclaim->nr = 0;
	while (reclaim->nr < max) {
		frame = misled ? swaplab_policy_scan(pool) :
				 swaplab_policy_victim(pool);
		if (!frame)
			break;
		atomic_andnot(SWAPLAB_FRAME_YOUNG, &frame->flags);
		trace_page_state(frame->region, frame->folio->index,
				 SWAPLAB_STATE_EVICTING);
		batch_add(reclaim, frame);
	}
	/* None, though the policy has frames: all in transit, for a moment. */
	if (!reclaim->nr && READ_ONCE(pool->nr_admitted))
		pool->tally.nr_busy++;
	pool->tally.nr_seen += reclaim->nr;
}

/*
 * After every page has been found young once, youth protects no more; nor does
 * it in a pool that has been made smaller: the memory is wanted elsewhere.
 */
static bool is_desperate(struct swaplab_pool *pool)
{
	unsigned long nr = READ_ONCE(pool->nr_admitted);

	if (swaplab_frame_nr_free(pool) < 0)
		return true;
	return !pool->nr_writing &&
	       pool->tally.nr_seen > 2 * nr + RECLAIM_BATCH;
}

/*
 * A page that was just read in has had no use yet if its fault has not come back for
 * it: without a little patience, small pools would read pages in vain for ever.
 */
static bool is_awaited(struct swaplab_frame *frame)
{
	return atomic_fetch_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags) &
	       SWAPLAB_FRAME_UNUSED;
}

static void unmap_batch(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i, run;

	for (i = 0; i < reclaim->nr; i += run) {
		struct swaplab_frame *first = reclaim->batch[i];
		bool mapped = folio_mapped(first->folio);

		for (run = 1; i + run < reclaim->nr; run++) {
			struct swaplab_frame *frame = reclaim->batch[i + run];

			if (frame->region != first->region ||
			    frame->folio->index != first->folio->index + run)
				break;
			mapped |= folio_mapped(frame->folio);
		}
		if (mapped)
			swaplab_pte_unmap(first->region,
					  first->folio->index, run);
	}
}

/* A page that is mapped has been used since the last sample, or look, unmapped it. */
static void look_softly(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i;

	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];

		if (!folio_mapped(frame->folio))
			continue;
		atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
		atomic_or(SWAPLAB_FRAME_YOUNG, &frame->flags);
	}
	unmap_batch(pool);
}

static bool is_young(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	return (!pool->reclaim->soft && swaplab_victim_was_used(pool, frame)) ||
	       atomic_read(&frame->flags) & SWAPLAB_FRAME_YOUNG;
}

static void keep_frame(struct swaplab_pool *pool, struct swaplab_frame *frame,
		       bool young)
{
	if (young) {
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
		pool->nr_kept++;
	}
	pool->tally.nr_young++;
	swaplab_victim_putback(pool, frame);
}

static void look_at_batch(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	bool needed = swaplab_policy_needs_references(pool);
	unsigned int i, nr = 0;

	reclaim->soft = READ_ONCE(pool->tunables.soft_sampling);
	if (needed && reclaim->soft)
		look_softly(pool);
	else if (needed)
		swaplab_pte_look(pool, reclaim->batch, reclaim->nr);
	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];
		bool young = needed && is_young(pool, frame);

		if ((young || is_awaited(frame)) && !is_desperate(pool))
			keep_frame(pool, frame, young);
		else
			reclaim->batch[nr++] = frame;
	}
	reclaim->nr = nr;
}

static bool isolate_frame(struct swaplab_pool *pool,
			  struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	if (!folio_trylock(folio)) {
		pool->tally.nr_busy++;
		return false;
	}
	if (folio_ref_count(folio) > 1 + folio_mapcount(folio))
		pool->tally.nr_busy++;
	else if (folio_test_dirty(folio) &&
		 !swaplab_writeback_has_slot(pool, frame))
		pool->tally.nr_full++;
	else if (!folio_test_hwpoison(folio))
		return true;
	folio_unlock(folio);
	return false;
}

static void isolate_batch(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i, nr = 0;

	for (i = 0; i < reclaim->nr; i++) {
		if (isolate_frame(pool, reclaim->batch[i]))
			reclaim->batch[nr++] = reclaim->batch[i];
		else
			swaplab_victim_putback(pool, reclaim->batch[i]);
	}
	reclaim->nr = nr;
}

/*
 * Keeps pages whose accessed bit has turned up when they were unmapped: to map one
 * again is cheaper than to read it.
 */
static void spare_used(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i, nr = 0;

	if (!swaplab_policy_needs_references(pool) || reclaim->soft)
		return;
	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];

		if (swaplab_victim_was_used(pool, frame) &&
		    !is_desperate(pool)) {
			folio_unlock(frame->folio);
			keep_frame(pool, frame, true);
		} else {
			reclaim->batch[nr++] = frame;
		}
	}
	reclaim->nr = nr;
}

/* Drops the pages that are clean, and leaves the dirty ones in the batch. */
static void evict_clean(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i, nr = 0;

	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];
		bool has_copy = frame->slot;

		switch (swaplab_victim_evict(pool, frame)) {
		case SWAPLAB_EVICT_DONE:
			if (has_copy)
				swaplab_stat_inc(&pool->stats, clean_drops);
			break;
		case SWAPLAB_EVICT_BUSY:
			folio_unlock(frame->folio);
			pool->tally.nr_busy++;
			swaplab_victim_putback(pool, frame);
			break;
		case SWAPLAB_EVICT_DIRTY:
			swaplab_writeback_begin(frame);
			reclaim->batch[nr++] = frame;
			break;
		}
	}
	reclaim->nr = nr;
}

/* Once a shortage: it is over when more frames are free than the low watermark. */
static void log_stuck(struct swaplab_pool *pool)
{
	const char *why;
	bool told;

	spin_lock(&pool->lock);
	told = pool->complained;
	pool->complained = true;
	spin_unlock(&pool->lock);
	if (told)
		return;
	if (!swaplab_pool_has_store(pool))
		why = "there is no swap file: write its path to swap_file, or raise nr_frames";
	else if (pool->tally.nr_full)
		why = "the swap file is full: raise nr_frames, or use a larger one next time";
	else
		why = "all pages are locked or pinned: release some, or raise nr_frames";
	pr_err_ratelimited("%s: no frame can be freed, faults get SIGBUS: %s\n",
			   pool->name, why);
}

/* Have all pages been in use for longer than waiters can wait? */
static bool is_impatient(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->tally;

	if (!tally->busy_since)
		tally->busy_since = jiffies ? jiffies : 1;
	return time_after(jiffies, tally->busy_since + RECLAIM_PATIENCE);
}

/* A whole pass has freed nothing. Is there hope? */
static enum swaplab_reclaim_result give_up(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->tally;
	bool full = tally->nr_full && swaplab_pool_has_store(pool);
	enum swaplab_reclaim_result result = SWAPLAB_RECLAIM_STUCK;
	unsigned long pass;

	/*
	 * A device that is gone refuses writes at once. If one of these pages was evicted
	 * nevertheless, the tally no longer has the reason why the others stayed.
	 */
	if (swaplab_writeback_finish(pool))
		return SWAPLAB_RECLAIM_MORE;
	if (pool->nr_writing)
		return SWAPLAB_RECLAIM_WRITING;
	spin_lock(&pool->lock);
	/* Frames in per-CPU lists are held, but by no page that could go. */
	swaplab_pcp_empty(pool);
	/*
	 * Pages do not stay in use, or in transit, for ever, and pins seldom last;
	 * pages that came in since there was nothing to pick have not been tried.
	 */
	if ((!tally->nr_seen && !tally->nr_busy && pool->nr_admitted) ||
	    tally->nr_young || tally->nr_failed ||
	    ((tally->nr_busy || pool->nr_pinned) && !is_impatient(pool)) ||
	    pool->nr_held !=
		    pool->nr_admitted + pool->nr_mlocked + pool->nr_pinned)
		result = SWAPLAB_RECLAIM_BUSY;
	WRITE_ONCE(pool->nr_pressure, 0);
	pass = pool->waiters.pass_started;
	spin_unlock(&pool->lock);

	if (full && swaplab_writeback_take_back(pool, RECLAIM_BATCH))
		result = SWAPLAB_RECLAIM_MORE;
	if (result == SWAPLAB_RECLAIM_STUCK) {
		if (swaplab_frame_nr_free(pool) <= 0)
			log_stuck(pool);
		if (!atomic_read(&pool->waiters.nr))
			tally->busy_since = 0;
		swaplab_frame_wake_stuck(pool, pass);
	}
	swaplab_victim_begin_again(pool);
	return result;
}

/* Has every page been tried? Used ones get a second pass, and a third. */
static bool has_seen_all(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->tally;
	unsigned long nr = READ_ONCE(pool->nr_admitted) + RECLAIM_BATCH;

	return tally->nr_seen > RECLAIM_MISLED +
		(tally->nr_young || tally->nr_busy ? 3 * nr : nr);
}

static void begin_pass(struct swaplab_pool *pool)
{
	spin_lock(&pool->lock);
	pool->waiters.pass_started++;
	spin_unlock(&pool->lock);
}

/**
 * swaplab_reclaim_round() - take one batch of victims through the steps
 * @pool: the pool; the caller is its daemon
 *
 * Return: how it went.
 */
enum swaplab_reclaim_result swaplab_reclaim_round(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned long wanted;
	unsigned int nr_seen;

	swaplab_writeback_finish(pool);
	wanted = swaplab_watermark_nr_wanted(pool);
	if (!wanted)
		return SWAPLAB_RECLAIM_DONE;
	if (wanted <= pool->nr_writing)
		return SWAPLAB_RECLAIM_ENOUGH;
	if (!pool->tally.nr_seen)
		begin_pass(pool);

	pick_batch(pool, min_t(unsigned long, wanted - pool->nr_writing, RECLAIM_BATCH));
	nr_seen = reclaim->nr;
	look_at_batch(pool);
	isolate_batch(pool);
	unmap_batch(pool);
	spare_used(pool);
	evict_clean(pool);
	swaplab_writeback_submit(pool, reclaim->batch, reclaim->nr);

	return !nr_seen || has_seen_all(pool) ? give_up(pool) :
						SWAPLAB_RECLAIM_MORE;
}

/**
 * swaplab_reclaim_rest() - a shortage is over
 * @pool: the pool; the caller is its daemon
 */
void swaplab_reclaim_rest(struct swaplab_pool *pool)
{
	pool->tally.busy_since = 0;
	swaplab_victim_begin_again(pool);
}

/**
 * swaplab_reclaim_create() - allocate the workspace of reclaim
 * @pool: the pool
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_reclaim_create(struct swaplab_pool *pool)
{
	int err;

	pool->reclaim = kzalloc(sizeof(*pool->reclaim), GFP_KERNEL);
	if (!pool->reclaim)
		return -ENOMEM;
	err = swaplab_writeback_create(pool);
	if (err)
		kfree(pool->reclaim);
	return err;
}

/**
 * swaplab_reclaim_destroy() - undo swaplab_reclaim_create()
 * @pool: its daemon has stopped, so no transfer is under way
 */
void swaplab_reclaim_destroy(struct swaplab_pool *pool)
{
	swaplab_writeback_destroy(pool);
	kfree(pool->reclaim);
}
