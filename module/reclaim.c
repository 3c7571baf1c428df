// SPDX-License-Identifier: GPL-2.0
/*
 * Reclaim. A round takes a batch of victims through these steps:
 *
 *   pick      ask the policy; each victim is in transit from then on
 *   look      at its accessed bit again: used ones go back to the policy
 *   isolate   lock the page; leave what is poisoned or in use
 *   unmap     runs of neighbours with one call each
 *   freeze    the reference count at the region's own: whoever else has the page
 *             (a DMA, ptrace, a munmap() about to flush) makes this fail
 *   drop      what is clean: its slot has the content, or it was never written
 *   write     what is dirty: clear dirty, unlock, take slots, submit; from the
 *             unlock on a fault may map the page
 *
 * The order unmap, freeze, test dirty is what makes the test final: a PTE or a
 * pin can dirty the page up to the moment it is gone. When a write is done the
 * page is locked, frozen and tested again. It goes only if nobody has mapped it
 * and it is still clean; otherwise it stays, and its new slot counts as a copy
 * just if the next eviction finds the page clean.
 *
 * Freeing memory needs none: transfers and the batch are allocated with the pool.
 * Pages are only ever try-locked here, so the order of locking them is free.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "compat.h"
#include "mapping.h"
#include "policy.h"
#include "reclaim.h"
#include "region.h"
#include "store.h"
#include "trace.h"

/* Victims of a round: enough for neighbours to be found among them. */
#define RECLAIM_BATCH	64
/* Transfers under way at most: twice what common devices take at once. */
#define RECLAIM_DEPTH	16

/* Victims in vain after which the plain scan takes over until one goes. */
#define RECLAIM_MISLED	(2 * RECLAIM_BATCH)
/*
 * How long all pages may be in use by others than page tables before those who
 * wait for a frame are refused: whoever pins pages may be waiting himself.
 */
#define RECLAIM_PATIENCE (10 * HZ)

/* Why victims did not go, since the last one that did. */
struct reclaim_obstacles {
	unsigned long nr_young;
	unsigned long nr_busy;
	unsigned long nr_failed;	/* the device refused the write */
	unsigned long nr_full;		/* no slot */
};

/**
 * struct swaplab_reclaim - the daemon's workspace
 * @batch: victims of this round, sorted by region and index
 * @nr: of them
 * @nr_writing: frames on their way to the store
 * @nr_seen: victims since the last one that went
 * @obstacles: what kept them
 * @busy_since: when it was first found that nothing could go, in jiffies; 0: it
 *	can
 * @idle: transfers not in use
 * @nr_idle: of them
 * @done: finished transfers, pushed by interrupts, taken by the daemon
 * @io: all transfers
 */
struct swaplab_reclaim {
	struct swaplab_frame *batch[RECLAIM_BATCH];
	unsigned int nr;
	unsigned int nr_writing;
	unsigned long nr_seen;
	struct reclaim_obstacles obstacles;
	unsigned long busy_since;
	struct swaplab_io *idle[RECLAIM_DEPTH];
	unsigned int nr_idle;
	struct llist_head done;
	struct swaplab_io *io;
};

static void putback(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	swaplab_policy_putback(pool, frame);
	swaplab_region_settle(frame, SWAPLAB_FRAME_WRITING |
			      SWAPLAB_FRAME_RESCUED);
}

static void begin_again(struct swaplab_reclaim *reclaim)
{
	reclaim->nr_seen = 0;
	memset(&reclaim->obstacles, 0, sizeof(reclaim->obstacles));
}

/* The page's content is in its slot, or it never had any: free the frame. */
static void drop(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	trace_evict(pool->id, frame->folio->index, frame->slot);
	swaplab_stat_inc(&pool->stats, evictions);
	swaplab_region_evict(frame);
	pool->reclaim->busy_since = 0;
	begin_again(pool->reclaim);
}

static int compare_frames(const void *a, const void *b)
{
	const struct swaplab_frame *x = *(const struct swaplab_frame **)a;
	const struct swaplab_frame *y = *(const struct swaplab_frame **)b;

	if (x->region != y->region)
		return x->region < y->region ? -1 : 1;
	return x->folio->index < y->folio->index ? -1 : 1;
}

/*
 * A policy may like best what cannot go (pages that somebody has pinned, say),
 * and give it again and again. Then the scan must find the others.
 */
static bool is_misled(struct swaplab_reclaim *reclaim)
{
	return reclaim->obstacles.nr_busy + reclaim->obstacles.nr_full >
	       RECLAIM_MISLED;
}

static void pick(struct swaplab_pool *pool, unsigned int max)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	bool misled = is_misled(reclaim);
	struct swaplab_frame *frame;

	reclaim->nr = 0;
	while (reclaim->nr < max) {
		frame = misled ? swaplab_policy_scan(pool) :
				 swaplab_policy_victim(pool);
		if (!frame)
			break;
		atomic_andnot(SWAPLAB_FRAME_YOUNG, &frame->flags);
		reclaim->batch[reclaim->nr++] = frame;
	}
	/* None, though the policy has frames: all in transit, for a moment. */
	if (!reclaim->nr && READ_ONCE(pool->nr_admitted))
		reclaim->obstacles.nr_busy++;
	reclaim->nr_seen += reclaim->nr;
	sort(reclaim->batch, reclaim->nr, sizeof(reclaim->batch[0]),
	     compare_frames, NULL);
}

/* After every page has been found young once, youth protects no more. */
static bool is_desperate(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;

	return !reclaim->nr_writing &&
	       reclaim->nr_seen > 2 * READ_ONCE(pool->nr_admitted) + RECLAIM_BATCH;
}

/*
 * A page just read in whose fault has not come back for it has had no use yet:
 * without a little patience, small pools would read pages in vain for ever.
 */
static bool is_awaited(struct swaplab_frame *frame)
{
	return atomic_fetch_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags) &
	       SWAPLAB_FRAME_UNUSED;
}

static void look(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	bool needed = swaplab_policy_needs_references(pool);
	unsigned int i, nr = 0;

	if (needed)
		swaplab_mapping_look(pool, reclaim->batch, reclaim->nr);
	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];
		bool young = atomic_read(&frame->flags) & SWAPLAB_FRAME_YOUNG;

		if ((young || is_awaited(frame)) && !is_desperate(pool)) {
			if (young)
				atomic_or(SWAPLAB_FRAME_REFERENCED,
					  &frame->flags);
			reclaim->obstacles.nr_young++;
			putback(pool, frame);
		} else {
			reclaim->batch[nr++] = frame;
		}
	}
	reclaim->nr = nr;
}

/* Is there, or will there be, a slot for the page if it is dirty? */
static bool has_slot(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	struct swaplab_store *store = READ_ONCE(pool->store);

	return store && (frame->slot || frame->region->static_slots ||
			 READ_ONCE(store->nr_used) < store->nr_slots);
}

static bool isolate_frame(struct swaplab_pool *pool,
			  struct swaplab_frame *frame)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	struct folio *folio = frame->folio;

	if (!folio_trylock(folio)) {
		reclaim->obstacles.nr_busy++;
		return false;
	}
	if (folio_ref_count(folio) > 1 + folio_mapcount(folio))
		reclaim->obstacles.nr_busy++;
	else if (folio_test_dirty(folio) && !has_slot(pool, frame))
		reclaim->obstacles.nr_full++;
	else if (!folio_test_hwpoison(folio))
		return true;
	folio_unlock(folio);
	return false;
}

static void isolate(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i, nr = 0;

	for (i = 0; i < reclaim->nr; i++) {
		if (isolate_frame(pool, reclaim->batch[i]))
			reclaim->batch[nr++] = reclaim->batch[i];
		else
			putback(pool, reclaim->batch[i]);
	}
	reclaim->nr = nr;
}

static void unmap(struct swaplab_pool *pool)
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
			swaplab_mapping_unmap(first->region,
					      first->folio->index, run);
	}
}

/* A write-out begins: the page may be used again, and says so if it is. */
static void begin_write(struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	folio_clear_dirty(folio);
	/* A fault that was slow to notice the end of the last write may be left. */
	atomic_andnot(SWAPLAB_FRAME_RESCUED, &frame->flags);
	atomic_or(SWAPLAB_FRAME_WRITING, &frame->flags);
	folio_ref_unfreeze(folio, 1);
	folio_unlock(folio);
}

/* Freezes pages, drops the clean ones, and leaves the dirty in the batch. */
static void freeze(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i, nr = 0;

	for (i = 0; i < reclaim->nr; i++) {
		struct swaplab_frame *frame = reclaim->batch[i];
		struct folio *folio = frame->folio;

		if (!swaplab_region_freeze(folio)) {
			folio_unlock(folio);
			reclaim->obstacles.nr_busy++;
			putback(pool, frame);
		} else if (!folio_test_dirty(folio)) {
			if (frame->slot)
				swaplab_stat_inc(&pool->stats, clean_drops);
			drop(pool, frame);
		} else {
			begin_write(frame);
			reclaim->batch[nr++] = frame;
		}
	}
	reclaim->nr = nr;
}

static void write_end_io(struct bio *bio)
{
	struct swaplab_io *io = bio->bi_private;
	struct swaplab_pool *pool = io->pool;

	/* The pool outlives its transfers: the daemon waits for them to stop. */
	rcu_read_lock();
	if (llist_add(&io->done, &pool->reclaim->done))
		swaplab_pool_wake_daemon(pool);
	rcu_read_unlock();
}

/* The page is known to be dirty: its old copy, if any, is worth nothing. */
static void free_stale_slot(struct swaplab_frame *frame)
{
	swaplab_region_free_slot(frame->region, frame->slot);
	frame->slot = 0;
}

static void set_static_slot(struct swaplab_frame *frame)
{
	frame->slot = swaplab_region_static_slot(frame->region,
						 frame->folio->index);
}

/*
 * Slots for dirty pages from batch[i] on, neighbours if they can be had. Returns
 * how many pages have one now; 0: the store is full, or there is none.
 */
static unsigned int take_slots(struct swaplab_pool *pool, unsigned int i)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	struct swaplab_frame **frames = reclaim->batch + i;
	unsigned int max = min_t(unsigned int, reclaim->nr - i,
				 READ_ONCE(pool->writeback_pages));
	struct swaplab_store *store = READ_ONCE(pool->store);
	bool is_static = frames[0]->region->static_slots;
	unsigned int run, j;
	u32 slot, got;

	if (!store)
		return 0;
	for (run = 0; run < max; run++) {
		if (frames[run]->region->static_slots != is_static)
			break;
		if (is_static)
			set_static_slot(frames[run]);
		else
			free_stale_slot(frames[run]);
	}
	if (is_static)
		return run;
	slot = swaplab_store_take(store, run, &got);
	if (!slot)
		return 0;
	for (j = 0; j < got; j++)
		frames[j]->slot = slot + j;
	return got;
}

/* The page was not written: the frame has the only copy, as before. */
static void keep_dirty(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	/* Dirty first: from then on nobody takes the slot for a copy. */
	folio_mark_dirty(frame->folio);
	free_stale_slot(frame);
	putback(pool, frame);
}

/* A transfer that is not in use; waits for one to end if there is none. */
static struct swaplab_io *take_io(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;

	swaplab_reclaim_finish_writes(pool);
	while (!reclaim->nr_idle) {
		wait_event_idle(pool->daemon_wait,
				swaplab_reclaim_has_finished_writes(pool));
		swaplab_reclaim_finish_writes(pool);
	}
	return reclaim->idle[--reclaim->nr_idle];
}

/* Submits pages from batch[i] on that lie together; returns where they end. */
static unsigned int write_cluster(struct swaplab_pool *pool, unsigned int i,
				  unsigned int end)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	struct swaplab_io *io = take_io(pool);

	swaplab_io_init(io, pool->store, reclaim->batch[i]->slot, REQ_OP_WRITE);
	while (i < end && swaplab_io_add(io, pool->store, reclaim->batch[i]))
		i++;
	reclaim->nr_writing += io->nr;
	swaplab_stat_add(&pool->stats, swap_outs, io->nr);
	trace_writeback(pool->id, io->frames[0]->slot, io->nr);
	swaplab_io_submit(io, write_end_io);
	return i;
}

static void write_dirty(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i = 0, nr, end;

	while (i < reclaim->nr) {
		nr = take_slots(pool, i);
		if (!nr) {
			reclaim->obstacles.nr_full++;
			keep_dirty(pool, reclaim->batch[i++]);
		}
		for (end = i + nr; nr && i < end;)
			i = write_cluster(pool, i, end);
	}
	reclaim->nr = 0;
}

/* The store has refused the page's content. */
static void write_failed(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	swaplab_stat_inc(&pool->stats, io_errors);
	pr_err_ratelimited("%s: writing slot %u failed: the page stays in memory, and is tried again\n",
			   pool->name, frame->slot);
	pool->reclaim->obstacles.nr_failed++;
	keep_dirty(pool, frame);
}

/* The store has the content that the page had when the write began. */
static void write_succeeded(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	/* Who has the page lock is a fault that maps it, or about to find out. */
	if (!folio_trylock(folio))
		goto rescued;
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_RESCUED ||
	    !swaplab_region_freeze(folio)) {
		folio_unlock(folio);
		goto rescued;
	}
	if (folio_test_dirty(folio)) {
		folio_ref_unfreeze(folio, 1);
		folio_unlock(folio);
		goto rescued;
	}
	drop(pool, frame);
	return;

rescued:
	swaplab_stat_inc(&pool->stats, rescues);
	pool->reclaim->obstacles.nr_busy++;
	atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
	putback(pool, frame);
}

static void finish_write(struct swaplab_pool *pool, struct swaplab_io *io)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned int i;

	for (i = 0; i < io->nr; i++) {
		if (io->bio.bi_status)
			write_failed(pool, io->frames[i]);
		else
			write_succeeded(pool, io->frames[i]);
	}
	reclaim->nr_writing -= io->nr;
	bio_uninit(&io->bio);
	reclaim->idle[reclaim->nr_idle++] = io;
}

/**
 * swaplab_reclaim_finish_writes() - free the frames whose writes are done
 * @pool: the pool
 */
void swaplab_reclaim_finish_writes(struct swaplab_pool *pool)
{
	struct llist_node *list;
	struct swaplab_io *io, *next;

	list = llist_reverse_order(llist_del_all(&pool->reclaim->done));
	llist_for_each_entry_safe(io, next, list, done)
		finish_write(pool, io);
}

/**
 * swaplab_reclaim_has_finished_writes() - is there one to finish?
 * @pool: the pool
 */
bool swaplab_reclaim_has_finished_writes(struct swaplab_pool *pool)
{
	return !llist_empty(&pool->reclaim->done);
}

/**
 * swaplab_reclaim_nr_writing() - frames on their way to the store
 * @pool: the pool
 */
unsigned int swaplab_reclaim_nr_writing(struct swaplab_pool *pool)
{
	return pool->reclaim->nr_writing;
}

/*
 * The store is full: take the slots of pages that are resident, too. Each is
 * made dirty first, so its frame has the only copy, and needs a slot no more
 * than any other. Returns how many slots are free again.
 */
static unsigned int take_back_slots(struct swaplab_pool *pool)
{
	unsigned long i, nr;
	unsigned int taken = 0;

	spin_lock(&pool->lock);
	nr = swaplab_pool_nr_numbers(pool);
	spin_unlock(&pool->lock);
	for (i = 0; i < nr && taken < RECLAIM_BATCH; i++) {
		struct swaplab_frame *frame = swaplab_pool_frame(pool, i);

		if (!frame->slot || !swaplab_policy_claim(pool, frame))
			continue;
		if (frame->slot && !frame->region->static_slots) {
			folio_mark_dirty(frame->folio);
			free_stale_slot(frame);
			taken++;
		}
		swaplab_region_settle(frame, 0);
		cond_resched();
	}
	return taken;
}

static void complain(struct swaplab_pool *pool)
{
	const char *why;

	if (pool->complained)
		return;
	pool->complained = true;
	if (!READ_ONCE(pool->store))
		why = "there is no swap file: write its path to swap_file, or raise nr_frames";
	else if (pool->reclaim->obstacles.nr_full)
		why = "the swap file is full: raise nr_frames, or use a larger one next time";
	else
		why = "all pages are locked or pinned: release some, or raise nr_frames";
	swaplab_pool_err(pool, "no frame can be freed, faults get SIGBUS: %s\n",
			 why);
}

/* Pages have been in use all over for longer than those who wait can. */
static bool is_impatient(struct swaplab_reclaim *reclaim)
{
	if (!reclaim->busy_since)
		reclaim->busy_since = jiffies ? jiffies : 1;
	return time_after(jiffies, reclaim->busy_since + RECLAIM_PATIENCE);
}

/* A whole pass has freed nothing. Is there hope? */
static enum swaplab_reclaim_result give_up(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	struct reclaim_obstacles *obstacles = &reclaim->obstacles;
	bool full = obstacles->nr_full && READ_ONCE(pool->store);
	enum swaplab_reclaim_result result = SWAPLAB_RECLAIM_STUCK;
	unsigned long pass;

	if (reclaim->nr_writing)
		return SWAPLAB_RECLAIM_WRITING;
	spin_lock(&pool->lock);
	/* What is in use, or on its way in or out of a region, is not for ever. */
	if (obstacles->nr_young || obstacles->nr_failed ||
	    (obstacles->nr_busy && !is_impatient(reclaim)) ||
	    pool->nr_held != pool->nr_admitted + pool->nr_locked)
		result = SWAPLAB_RECLAIM_BUSY;
	pool->nr_pressure = 0;
	pass = pool->pass_started;
	spin_unlock(&pool->lock);

	if (full && take_back_slots(pool))
		result = SWAPLAB_RECLAIM_MORE;
	if (result == SWAPLAB_RECLAIM_STUCK) {
		if (swaplab_pool_nr_free(pool) <= 0)
			complain(pool);
		if (!atomic_read(&pool->nr_waiters))
			reclaim->busy_since = 0;
		swaplab_pool_stuck(pool, pass);
	}
	begin_again(reclaim);
	return result;
}

/* Has every page been tried? Used ones get a second pass, and a third. */
static bool has_seen_all(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim = pool->reclaim;
	unsigned long nr = READ_ONCE(pool->nr_admitted) + RECLAIM_BATCH;

	return reclaim->nr_seen > RECLAIM_MISLED +
		(reclaim->obstacles.nr_young || reclaim->obstacles.nr_busy ?
		 3 * nr : nr);
}

static void begin_pass(struct swaplab_pool *pool)
{
	spin_lock(&pool->lock);
	pool->pass_started++;
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
	unsigned long wanted = swaplab_pool_nr_wanted(pool);
	unsigned int nr_seen;

	swaplab_reclaim_finish_writes(pool);
	if (!wanted) {
		reclaim->busy_since = 0;
		begin_again(reclaim);
		return SWAPLAB_RECLAIM_DONE;
	}
	if (wanted <= reclaim->nr_writing)
		return SWAPLAB_RECLAIM_WRITING;
	if (!reclaim->nr_seen)
		begin_pass(pool);

	pick(pool, min(wanted - reclaim->nr_writing, RECLAIM_BATCH + 0UL));
	nr_seen = reclaim->nr;
	look(pool);
	isolate(pool);
	unmap(pool);
	freeze(pool);
	write_dirty(pool);

	return !nr_seen || has_seen_all(pool) ? give_up(pool) :
						SWAPLAB_RECLAIM_MORE;
}

/**
 * swaplab_reclaim_create() - allocate what reclaim works with
 * @pool: the pool
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_reclaim_create(struct swaplab_pool *pool)
{
	struct swaplab_reclaim *reclaim;
	unsigned int i;

	reclaim = kvzalloc(sizeof(*reclaim), GFP_KERNEL);
	if (!reclaim)
		return -ENOMEM;
	reclaim->io = kvcalloc(RECLAIM_DEPTH, sizeof(*reclaim->io), GFP_KERNEL);
	if (!reclaim->io) {
		kvfree(reclaim);
		return -ENOMEM;
	}
	init_llist_head(&reclaim->done);
	for (i = 0; i < RECLAIM_DEPTH; i++) {
		reclaim->io[i].pool = pool;
		reclaim->idle[reclaim->nr_idle++] = &reclaim->io[i];
	}
	pool->reclaim = reclaim;
	return 0;
}

/**
 * swaplab_reclaim_destroy() - undo swaplab_reclaim_create()
 * @pool: its daemon has stopped, so no transfer is under way
 */
void swaplab_reclaim_destroy(struct swaplab_pool *pool)
{
	/* The interrupt of the last transfer may still be returning. */
	synchronize_rcu();
	kvfree(pool->reclaim->io);
	kvfree(pool->reclaim);
}
