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
 * Several daemons may do this at a time. Each has victims, transfers and a workspace of
 * its own: the policy gives a page to one of them, which has it in transit until it is
 * freed or put back. The tally of victims that stayed is of all together.
 *
 * Freeing memory takes no memory: transfers and the batch are allocated with the daemon.
 * Pages are only ever try-locked here, so the order of locking them is free.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "compat.h"
#include "frame.h"
#include "load.h"
#include "pass.h"
#include "policy.h"
#include "pte.h"
#include "reclaim.h"
#include "record.h"
#include "region.h"
#include "request.h"
#include "search.h"
#include "unmap.h"
#include "victim.h"
#include "watermark.h"
#include "working_set.h"
#include "writeback.h"
#include "trace.h"

/* Victims of a round: enough for neighbours to be found among them. */
#define RECLAIM_BATCH	64

/* A thread takes no fewer victims so that others have some, too. */
#define RECLAIM_SHARE	16

/* Victims that the policy is asked for at a time. */
#define RECLAIM_PICK	16

/**
 * struct swaplab_reclaim - the workspace of a daemon
 * @batch: victims of this round, sorted by region and index
 * @nr: of them
 * @nr_picked: of this round
 * @nr_evicted: of them, so far
 * @soft: in this round, being mapped is being used
 * @alone: of the leader: the last pass freed nothing, so it begins the next one alone
 */
struct swaplab_reclaim {
	struct swaplab_frame *batch[RECLAIM_BATCH];
	unsigned int nr;
	unsigned int nr_picked;
	unsigned int nr_evicted;
	bool soft;
	bool alone;
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

/* Returns how many victims there are in @frames; 0: none. */
static unsigned int pick_some(struct swaplab_pool *pool, bool misled,
			      struct swaplab_frame **frames, unsigned int max)
{
	if (!misled)
		return swaplab_search_victims(pool, frames, max);
	frames[0] = swaplab_pass_is_lost(pool) ? swaplab_search_scan_all(pool) :
						 swaplab_search_scan(pool);
	return frames[0] ? 1 : 0;
}

static void pick_batch(struct swaplab_daemon *daemon, unsigned int max)
{
	struct swaplab_frame *frames[RECLAIM_PICK], *frame;
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	struct swaplab_pool *pool = daemon->pool;
	struct swaplab_tally *tally = &pool->daemons.tally;
	bool misled = swaplab_pass_is_misled(pool);
	unsigned int i, nr = 1;

	/* Counted before they are picked, or another daemon would pick as many, too. */
	atomic_add(max, &pool->daemons.nr_picked);
	for (reclaim->nr = 0; nr && reclaim->nr < max; ) {
		nr = pick_some(pool, misled, frames,
			       min_t(unsigned int, max - reclaim->nr, RECLAIM_PICK));
		for (i = 0; i < nr; i++) {
			frame = frames[i];
			atomic_andnot(SWAPLAB_FRAME_YOUNG, &frame->flags);
			trace_page_state(frame->region, frame->folio->index,
					 SWAPLAB_STATE_EVICTING);
			batch_add(reclaim, frame);
		}
	}
	/* None, though the policy has frames: all in transit, for a moment. */
	if (!reclaim->nr && READ_ONCE(pool->nr_admitted))
		atomic_long_inc(&tally->nr_busy);
	reclaim->nr_picked = reclaim->nr;
	reclaim->nr_evicted = 0;
	atomic_sub(max - reclaim->nr, &pool->daemons.nr_picked);
	atomic_long_add(reclaim->nr, &tally->nr_seen);
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

static void unmap_batch(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
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
			swaplab_unmap_victims(first->region,
					      first->folio->index, run);
	}
}

/* A page that is mapped has been used since the last sample, or look, unmapped it. */
static void look_softly(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	unsigned int i;

	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];

		if (!folio_mapped(frame->folio))
			continue;
		atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
		atomic_or(SWAPLAB_FRAME_YOUNG, &frame->flags);
	}
	unmap_batch(daemon);
}

/* Pages of a region that is suspended go, used or not. */
static bool is_young(struct swaplab_daemon *daemon, struct swaplab_frame *frame)
{
	if (swaplab_load_is_suspended(frame->region))
		return false;
	return (!daemon->reclaim->soft &&
		swaplab_victim_was_used(daemon->pool, frame)) ||
	       atomic_read(&frame->flags) & SWAPLAB_FRAME_YOUNG;
}

static void keep_frame(struct swaplab_pool *pool, struct swaplab_frame *frame,
		       bool young)
{
	if (young) {
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
		if (swaplab_working_set_is_on(pool))
			swaplab_working_set_use(frame->region, frame);
		atomic_long_inc(&pool->daemons.nr_kept);
	}
	atomic_long_inc(&pool->daemons.tally.nr_young);
	swaplab_victim_putback(pool, frame);
}

static void look_at_batch(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	struct swaplab_pool *pool = daemon->pool;
	bool needed = swaplab_policy_needs_references(pool);
	unsigned int i, nr = 0;

	reclaim->soft = READ_ONCE(pool->tunables.soft_sampling);
	if (needed && reclaim->soft)
		look_softly(daemon);
	else if (needed)
		swaplab_pte_look(pool, reclaim->batch, reclaim->nr);
	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];
		bool young = needed && is_young(daemon, frame);

		if ((young || is_awaited(frame)) && !swaplab_pass_is_desperate(pool))
			keep_frame(pool, frame, young);
		else
			reclaim->batch[nr++] = frame;
	}
	reclaim->nr = nr;
}

static bool isolate_frame(struct swaplab_daemon *daemon,
			  struct swaplab_frame *frame)
{
	struct swaplab_tally *tally = daemon->tally;
	struct folio *folio = frame->folio;

	if (!folio_trylock(folio)) {
		atomic_long_inc(&tally->nr_busy);
		return false;
	}
	if (folio_ref_count(folio) > 1 + folio_mapcount(folio))
		atomic_long_inc(&tally->nr_busy);
	else if (folio_test_dirty(folio) &&
		 !swaplab_writeback_has_slot(daemon->pool, frame))
		atomic_long_inc(&tally->nr_full);
	else if (!folio_test_hwpoison(folio))
		return true;
	folio_unlock(folio);
	return false;
}

static void isolate_batch(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	struct swaplab_pool *pool = daemon->pool;
	unsigned int i, nr = 0;

	for (i = 0; i < reclaim->nr; i++) {
		if (isolate_frame(daemon, reclaim->batch[i]))
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
static void spare_used(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	struct swaplab_pool *pool = daemon->pool;
	unsigned int i, nr = 0;

	if (!swaplab_policy_needs_references(pool) || reclaim->soft)
		return;
	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];

		if (swaplab_victim_was_used(pool, frame) &&
		    !swaplab_load_is_suspended(frame->region) &&
		    !swaplab_pass_is_desperate(pool)) {
			folio_unlock(frame->folio);
			keep_frame(pool, frame, true);
		} else {
			reclaim->batch[nr++] = frame;
		}
	}
	reclaim->nr = nr;
}

/* Drops the pages that are clean, and leaves the dirty ones in the batch. */
static void evict_clean(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	struct swaplab_frame_batch freed = { .nr = 0 };
	struct swaplab_pool *pool = daemon->pool;
	unsigned int i, nr = 0;

	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];
		bool has_copy = frame->slot;

		switch (swaplab_victim_evict(pool, frame, &freed)) {
		case SWAPLAB_EVICT_DONE:
			reclaim->nr_evicted++;
			swaplab_latency_end(&pool->latency, SWAPLAB_LATENCY_eviction, 1,
					    daemon->picked);
			if (has_copy)
				swaplab_stat_inc(&pool->stats, clean_drops);
			break;
		case SWAPLAB_EVICT_BUSY:
			folio_unlock(frame->folio);
			atomic_long_inc(&daemon->tally->nr_busy);
			swaplab_victim_putback(pool, frame);
			break;
		case SWAPLAB_EVICT_DIRTY:
			swaplab_writeback_begin(frame);
			reclaim->batch[nr++] = frame;
			break;
		}
	}
	swaplab_frame_batch_put(&freed, pool);
	swaplab_request_count(pool, reclaim->nr_evicted);
	daemon->nr_evicted += reclaim->nr_evicted;
	reclaim->nr = nr;
}

/* Drops pages, or begins to write them. */
static void evict_batch(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;

	evict_clean(daemon);
	swaplab_writeback_submit(daemon, reclaim->batch, reclaim->nr);
	atomic_sub(reclaim->nr_picked, &daemon->pool->daemons.nr_picked);
}

/* Victims to pick, beside those that are under way; 0 or less if those are enough. */
static long nr_missing(struct swaplab_pool *pool)
{
	return (long)swaplab_watermark_nr_wanted(pool) -
	       atomic_read(&pool->daemons.nr_picked) -
	       atomic_read(&pool->daemons.nr_writing);
}

/* A shortage is shared by all daemons, in batches that are worth a wake-up. */
static unsigned int share_of(struct swaplab_pool *pool, long missing)
{
	/* None is left when the last one, which calls this, is about to stop. */
	long nr = max(1U, READ_ONCE(pool->daemons.nr));
	long share = DIV_ROUND_UP(missing, nr);

	return min3(missing, max_t(long, share, RECLAIM_SHARE), (long)RECLAIM_BATCH);
}

/* Wakes as many as have something to do beside the leader. */
static void call_others(struct swaplab_pool *pool, long missing)
{
	unsigned int i, share = share_of(pool, missing);

	for (i = 1; i < READ_ONCE(pool->daemons.nr); i++) {
		missing -= share;
		if (missing <= 0)
			return;
		swaplab_pool_wake(&pool->daemons.threads[i]);
	}
}

/*
 * Takes up to @max victims through the steps. True if some went, or are being written; pages
 * of a device that refuses writes come back at once, so they do not count.
 */
static bool reclaim_batch(struct swaplab_daemon *daemon, unsigned int max)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;

	daemon->picked = swaplab_latency_start(&daemon->pool->latency);
	pick_batch(daemon, max);
	look_at_batch(daemon);
	isolate_batch(daemon);
	unmap_batch(daemon);
	spare_used(daemon);
	evict_batch(daemon);
	return reclaim->nr_evicted ||
	       (reclaim->nr &&
		!atomic_long_read(&daemon->pool->daemons.tally.nr_failed));
}

/**
 * swaplab_reclaim_round() - take one batch of victims through the steps
 * @daemon: the caller, which leads
 *
 * Calls the other daemons if there is enough to do for them. After a pass that has freed
 * nothing the leader works alone until a page goes: with victims in the hands of others it
 * would not know whether a pass is complete.
 *
 * Return: how it went.
 */
enum swaplab_pass_result swaplab_reclaim_round(struct swaplab_daemon *daemon)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	struct swaplab_pool *pool = daemon->pool;
	long missing;

	swaplab_writeback_finish(daemon);
	if (!swaplab_watermark_nr_wanted(pool))
		return SWAPLAB_PASS_DONE;
	missing = nr_missing(pool);
	if (missing <= 0)
		return SWAPLAB_PASS_ENOUGH;
	swaplab_pass_begin(pool);
	if (!reclaim->alone)
		call_others(pool, missing);
	if (reclaim_batch(daemon, share_of(pool, missing)))
		reclaim->alone = false;
	if (reclaim->nr_picked && !swaplab_pass_is_complete(pool))
		return SWAPLAB_PASS_MORE;
	reclaim->alone = true;
	return swaplab_pass_end(daemon);
}

/**
 * swaplab_reclaim_help() - take one batch of victims through the steps, beside the leader
 * @daemon: the caller, which does not lead
 *
 * Return: true if some of them went, or are being written: then there may be more.
 */
bool swaplab_reclaim_help(struct swaplab_daemon *daemon)
{
	long missing;

	swaplab_writeback_finish(daemon);
	missing = nr_missing(daemon->pool);
	return missing > 0 &&
	       reclaim_batch(daemon, share_of(daemon->pool, missing));
}

/**
 * swaplab_reclaim_run() - take pages that the policy has not chosen through the steps
 * @daemon: the caller, with a tally of its own
 * @frames: of one region, in the order of their indexes; in transit by the caller, and not
 *	with the policy; afterwards they are free, with the policy, or being written
 * @nr: how many, RECLAIM_BATCH at most
 *
 * They go even if they are in use. The caller waits for the writes.
 */
void swaplab_reclaim_run(struct swaplab_daemon *daemon,
			 struct swaplab_frame **frames, unsigned int nr)
{
	struct swaplab_reclaim *reclaim = daemon->reclaim;
	unsigned int i;

	daemon->picked = swaplab_latency_start(&daemon->pool->latency);
	for (i = 0; i < nr; i++) {
		reclaim->batch[i] = frames[i];
		trace_page_state(frames[i]->region, frames[i]->folio->index,
				 SWAPLAB_STATE_EVICTING);
	}
	reclaim->nr = nr;
	reclaim->nr_picked = nr;
	reclaim->nr_evicted = 0;
	atomic_add(nr, &daemon->pool->daemons.nr_picked);
	isolate_batch(daemon);
	unmap_batch(daemon);
	evict_batch(daemon);
	/* The leader may have counted on those that stayed, and waits. */
	swaplab_pool_wake_daemon(daemon->pool);
}

/**
 * swaplab_reclaim_create() - allocate the workspace of reclaim
 * @daemon: will use it
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_reclaim_create(struct swaplab_daemon *daemon)
{
	int err;

	daemon->reclaim = kzalloc(sizeof(*daemon->reclaim), GFP_KERNEL);
	if (!daemon->reclaim)
		return -ENOMEM;
	err = swaplab_writeback_create(daemon);
	if (err) {
		kfree(daemon->reclaim);
		daemon->reclaim = NULL;
	}
	return err;
}

/**
 * swaplab_reclaim_destroy() - undo swaplab_reclaim_create()
 * @daemon: has stopped, so no transfer is under way
 */
void swaplab_reclaim_destroy(struct swaplab_daemon *daemon)
{
	swaplab_writeback_destroy(daemon);
	kfree(daemon->reclaim);
}
