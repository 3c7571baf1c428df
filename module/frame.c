// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of a pool: taken by faults, put back by reclaim, kept within a budget.
 *
 * A frame that is not held is free. A free frame either keeps its folio for
 * the next taker (cached) or has none (bare); the machine may take the folios
 * of cached frames at any time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/psi.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "charge.h"
#include "chunk.h"
#include "frame.h"
#include "node.h"
#include "pcp.h"
#include "watermark.h"

static void folio_release(struct folio *folio)
{
	folio_clear_active(folio);
	set_page_private(folio_page(folio, 0), 0);
	folio_put(folio);
}

/**
 * swaplab_frame_drop_folio() - leave a frame without a folio
 * @frame: the caller's, with a folio that no page is in
 */
void swaplab_frame_drop_folio(struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	WRITE_ONCE(frame->folio, NULL);
	folio_release(folio);
}

/* Memory can go bad while it is free. */
static bool has_good_folio(struct swaplab_frame *frame)
{
	if (!frame->folio || !folio_test_hwpoison(frame->folio))
		return frame->folio;
	swaplab_frame_drop_folio(frame);
	return false;
}

static void give_page(struct swaplab_frame *frame, struct page *page)
{
	set_page_private(page, (unsigned long)frame);
	/*
	 * Of two uses in a row that zap tells of, the second makes the page active, if it
	 * is not, and takes back the first, which swaplab_victim_was_used() looks for.
	 */
	folio_set_active(page_folio(page));
	WRITE_ONCE(frame->folio, page_folio(page));
}

static bool fill_frame(struct swaplab_pool *pool, struct swaplab_frame *frame, gfp_t gfp)
{
	struct page *page;

	page = swaplab_charge_alloc_page(pool, gfp | __GFP_HIGHMEM | __GFP_NOWARN);
	if (!page)
		return false;
	give_page(frame, page);
	return true;
}

/*
 * Exchanges a folio of another node for one of this node, if there is free memory. One that
 * is charged to a cgroup stays.
 */
static void bring_near(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	struct page *page;

	if (!swaplab_node_is_far(frame->folio) || pool->charge.memcg)
		return;
	page = swaplab_node_alloc_page();
	if (!page)
		return;
	swaplab_frame_drop_folio(frame);
	give_page(frame, page);
}

/* One for each frame that came back: one that was woken may find another's. */
static void wake_waiters(struct swaplab_pool *pool, unsigned int nr)
{
	if (wq_has_sleeper(&pool->waiters.queue))
		wake_up_nr(&pool->waiters.queue, nr);
}

/*
 * Takes a frame of those that all CPUs share. Returns false if the budget is used up;
 * else @frame is NULL if there is none yet.
 */
static bool take_shared(struct swaplab_pool *pool, struct swaplab_frame **frame)
{
	spin_lock(&pool->lock);
	if (swaplab_frame_nr_free(pool) <= 0)
		swaplab_pcp_empty(pool);
	if (swaplab_frame_nr_free(pool) <= 0) {
		spin_unlock(&pool->lock);
		return false;
	}
	WRITE_ONCE(pool->nr_held, pool->nr_held + 1);
	*frame = swaplab_node_first_cached(pool);
	if (*frame) {
		list_del(&(*frame)->link);
		pool->free.nr_cached--;
	} else {
		*frame = swaplab_chunk_take_bare(pool);
	}
	swaplab_pcp_fill(pool);
	spin_unlock(&pool->lock);
	return true;
}

/*
 * Undoes take_shared(), as @frame got no folio; NULL: there is no memory for a frame. A
 * pool that can go on with fewer frames evicts next.
 */
static struct swaplab_frame *take_failed(struct swaplab_pool *pool,
					 struct swaplab_frame *frame)
{
	bool can_evict;

	spin_lock(&pool->lock);
	WRITE_ONCE(pool->nr_held, pool->nr_held - 1);
	if (frame)
		swaplab_chunk_put_bare(pool, frame);
	can_evict = frame && swaplab_charge_refused(pool);
	spin_unlock(&pool->lock);
	wake_waiters(pool, 1);
	return can_evict ? NULL : ERR_PTR(-ENOMEM);
}

/**
 * swaplab_frame_take() - take a frame within the budget
 * @pool: the pool
 * @gfp: for the frame's folio, if it has none yet; with __GFP_ZERO its content is
 *	zeros, else undefined
 *
 * Sleeps only to allocate. swaplab_watermark_check() has to follow, unless the frame is
 * put back.
 *
 * Return: a frame with a folio, NULL if there is none
 * (swaplab_frame_wait() waits for one), ERR_PTR(-ENOMEM) if the machine has no
 * memory.
 */
struct swaplab_frame *swaplab_frame_take(struct swaplab_pool *pool, gfp_t gfp)
{
	struct swaplab_frame *frame = swaplab_pcp_take(pool);

	if (!frame) {
		if (!take_shared(pool, &frame))
			return NULL;
		if (!frame)
			frame = swaplab_chunk_add(pool, gfp & ~__GFP_ZERO);
	}
	if (frame && has_good_folio(frame)) {
		bring_near(pool, frame);
		if (gfp & __GFP_ZERO)
			clear_highpage(folio_page(frame->folio, 0));
		return frame;
	}
	if (frame && fill_frame(pool, frame, gfp))
		return frame;
	return take_failed(pool, frame);
}

/* The state of a free frame; nothing else knows the frame, so no lock is needed. */
static void frame_reset(struct swaplab_frame *frame)
{
	atomic_set(&frame->flags, 0);
	frame->slot = 0;
	frame->region = NULL;
}

/* A folio that the budget or the machine has no room for goes to @surplus. */
static void frame_put_locked(struct swaplab_pool *pool,
			     struct swaplab_frame *frame,
			     struct list_head *surplus)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->nr_held, pool->nr_held - 1);
	if (frame->folio && (pool->nr_pressure || swaplab_frame_nr_free(pool) <=
						  (long)pool->free.nr_cached)) {
		/* No folio of a pool is on the kernel's lists. */
		list_add(&frame->folio->lru, surplus);
		WRITE_ONCE(frame->folio, NULL);
		if (pool->nr_pressure) {
			WRITE_ONCE(pool->nr_pressure, pool->nr_pressure - 1);
			swaplab_charge_gave(pool, 1);
		}
	}
	if (frame->folio) {
		frame = swaplab_chunk_move_down(pool, frame);
		list_add(&frame->link, &pool->free.cached);
		pool->free.nr_cached++;
	} else {
		swaplab_chunk_put_bare(pool, frame);
	}
}

/**
 * swaplab_frame_put_some() - put frames back
 * @pool: the pool
 * @frames: frames that no region and no policy knows; the folio of each, if it has one,
 *	has no lasting reference but the frame's. A speculative one is harmless, even if
 *	its owner holds the folio lock: the next user of the frame only tries that
 *	lock, and the owner checks the folio again
 * @nr: how many; 64 at most, since the lock is held for all of them
 *
 * Takes the pool's lock once, and looks once for tasks that wait.
 */
void swaplab_frame_put_some(struct swaplab_pool *pool,
			    struct swaplab_frame **frames, unsigned int nr)
{
	struct folio *folio, *next;
	LIST_HEAD(surplus);
	unsigned int i;

	for (i = 0; i < nr; i++)
		frame_reset(frames[i]);
	spin_lock(&pool->lock);
	for (i = 0; i < nr; i++)
		frame_put_locked(pool, frames[i], &surplus);
	if (swaplab_frame_nr_free(pool) > (long)swaplab_watermark_low(pool))
		pool->complained = false;
	spin_unlock(&pool->lock);

	list_for_each_entry_safe(folio, next, &surplus, lru)
		folio_release(folio);
	wake_waiters(pool, nr);
}

/**
 * swaplab_frame_put() - put a frame back
 * @pool: the pool
 * @frame: as of swaplab_frame_put_some()
 */
void swaplab_frame_put(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	swaplab_frame_put_some(pool, &frame, 1);
}

/**
 * swaplab_frame_batch_put() - put the frames of a batch back
 * @batch: of swaplab_frame_batch_add(); empty afterwards
 * @pool: the pool
 */
void swaplab_frame_batch_put(struct swaplab_frame_batch *batch,
			     struct swaplab_pool *pool)
{
	if (batch->nr)
		swaplab_frame_put_some(pool, batch->frames, batch->nr);
	batch->nr = 0;
}

/**
 * swaplab_frame_batch_add() - put a frame back, with those that follow
 * @batch: the caller's; swaplab_frame_batch_put() has to follow before the caller sleeps
 * @pool: the pool
 * @frame: as of swaplab_frame_put_some()
 *
 * Until then the frame is held: a task that looks for a free frame meanwhile waits a little
 * longer for it, and reclaim does not say that nothing can be freed.
 */
void swaplab_frame_batch_add(struct swaplab_frame_batch *batch,
			     struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	batch->frames[batch->nr++] = frame;
	if (batch->nr == SWAPLAB_FRAME_BATCH)
		swaplab_frame_batch_put(batch, pool);
}

/* While tasks wait, the per-CPU lists are empty: see pcp.c. */
static bool has_frame(struct swaplab_pool *pool)
{
	return swaplab_frame_nr_free(pool) > 0;
}

/* Has pass number @pass, or a later one, found nothing? */
static bool is_stuck(struct swaplab_pool *pool, unsigned long pass)
{
	return (long)(READ_ONCE(pool->waiters.pass_stuck) - pass) >= 0;
}

/**
 * swaplab_frame_wait() - wait until a frame is free
 * @pool: the pool
 *
 * A frame seen free may be gone when the caller takes it: barging keeps a
 * running thread ahead of a queue that is longer than the pool, so that one of
 * them always finishes. Waiters are woken one by one; each passes the wake-up on
 * while there are frames, so none is lost with a killed waiter. For PSI, the wait is a
 * stall on memory.
 *
 * Return: 0, -EINTR after a fatal signal, -ENOSPC if a whole pass of reclaim
 * that began after the call found nothing that could be evicted.
 */
int swaplab_frame_wait(struct swaplab_pool *pool)
{
	bool stuck = false;
	unsigned long pass, psi;
	int err;

	swaplab_stat_inc(&pool->stats, frame_waits);
	swaplab_watermark_note_shortage(pool);
	/* A per-CPU list is filled before this, and emptied here, or sees the waiter. */
	atomic_inc(&pool->waiters.nr);
	spin_lock(&pool->lock);
	pass = pool->waiters.pass_started + 1;
	swaplab_pcp_empty(pool);
	spin_unlock(&pool->lock);
	swaplab_pool_wake_daemon(pool);
	psi_memstall_enter(&psi);
	err = wait_event_killable_exclusive(pool->waiters.queue,
					    has_frame(pool) ||
					    (stuck = is_stuck(pool, pass)));
	psi_memstall_leave(&psi);
	if (err)
		err = -EINTR;
	if (has_frame(pool))
		wake_up(&pool->waiters.queue);
	else if (!err && stuck)
		err = -ENOSPC;
	atomic_dec(&pool->waiters.nr);
	return err;
}

/**
 * swaplab_frame_take_or_wait() - take a frame, or wait for one
 * @pool: the pool
 * @gfp: as for swaplab_frame_take()
 *
 * For requests of programs; a fault drops its lock before it waits.
 *
 * Return: a frame; ERR_PTR(-EAGAIN) after a wait: one may be free now; ERR_PTR(-ENOMEM) if none
 * can be had; ERR_PTR(-EINTR) after a fatal signal.
 */
struct swaplab_frame *swaplab_frame_take_or_wait(struct swaplab_pool *pool, gfp_t gfp)
{
	struct swaplab_frame *frame = swaplab_frame_take(pool, gfp);
	int err;

	if (frame)
		return frame;
	err = swaplab_frame_wait(pool);
	return ERR_PTR(err == -ENOSPC ? -ENOMEM : err ? err : -EAGAIN);
}

/**
 * swaplab_frame_wake_stuck() - tell waiters that nothing can be evicted
 * @pool: the pool
 * @pass: the pass that found it
 */
void swaplab_frame_wake_stuck(struct swaplab_pool *pool, unsigned long pass)
{
	WRITE_ONCE(pool->waiters.pass_stuck, pass);
	wake_up_all(&pool->waiters.queue);
}

/* Folios freed under one hold of the pool's lock. */
#define DROP_BATCH	64UL

/* Free folios of cached frames until at most @keep are left, at most @nr. */
static unsigned long drop_cached(struct swaplab_pool *pool, unsigned long keep,
				 unsigned long nr)
{
	struct swaplab_frame *frame;
	unsigned long dropped = 0;

	lockdep_assert_held(&pool->lock);
	while (pool->free.nr_cached > keep && dropped < nr) {
		frame = list_last_entry(&pool->free.cached,
					struct swaplab_frame, link);
		swaplab_frame_drop_folio(frame);
		list_del(&frame->link);
		swaplab_chunk_put_bare(pool, frame);
		pool->free.nr_cached--;
		dropped++;
	}
	return dropped;
}

/*
 * Frees the folios that the budget has no room for, some at a time; all of them if there
 * are surplus chunks, which cannot go with a cached frame.
 */
static void drop_surplus(struct swaplab_pool *pool)
{
	unsigned long left = READ_ONCE(pool->free.nr_cached), dropped, keep;

	do {
		spin_lock(&pool->lock);
		keep = max(swaplab_frame_nr_free(pool), 0L);
		if (pool->chunks.nr > pool->chunks.nr_wanted)
			keep = 0;
		dropped = drop_cached(pool, keep,
				      min_t(unsigned long, left, DROP_BATCH));
		spin_unlock(&pool->lock);
		left -= dropped;
		cond_resched();
	} while (dropped && left);
}

/*
 * Callbacks under the pool's lock cannot allocate memory for more frames. Where regions have
 * quotas, these decide how much is needed, and later.
 */
static int prepare_policy(struct swaplab_pool *pool, unsigned long nr)
{
	struct swaplab_instance *instance = &pool->binding.instances[0];
	struct swaplab_policy *policy = instance->policy;
	int err = 0;

	if (!policy || nr <= READ_ONCE(policy->nr_frames) ||
	    pool->allocation.mode != SWAPLAB_ALLOCATION_GLOBAL)
		return 0;
	if (policy->ops->resize)
		err = policy->ops->resize(policy, nr);
	if (err)
		return err;
	spin_lock(&pool->lock);
	instance->nr_reserved = max(instance->nr_reserved, nr);
	spin_unlock(&pool->lock);
	return 0;
}

/**
 * swaplab_frame_set_budget() - change the budget
 * @pool: the pool; the caller holds its config mutex
 * @nr: frames
 *
 * Return: 0, -EINVAL if @nr is out of range or breaks a watermark set by hand,
 * -EBUSY if mlocked pages would leave too few frames, -ENOMEM if the policy has no
 * memory for so many.
 */
int swaplab_frame_set_budget(struct swaplab_pool *pool, unsigned long nr)
{
	int err;

	if (nr < SWAPLAB_MIN_FRAMES || nr > totalram_pages())
		return -EINVAL;
	err = prepare_policy(pool, nr);
	if (err)
		return err;
	spin_lock(&pool->lock);
	if (!swaplab_watermark_fits(pool, nr)) {
		err = -EINVAL;
	} else if (pool->nr_mlocked > swaplab_frame_mlock_limit(nr)) {
		err = -EBUSY;
	} else {
		WRITE_ONCE(pool->nr_frames, nr);
		swaplab_charge_set_room(pool, nr);
		swaplab_chunk_set_wanted(pool, nr);
		swaplab_watermark_reset(pool);
		swaplab_pcp_empty(pool);
		pool->complained = false;
	}
	spin_unlock(&pool->lock);
	if (!err) {
		drop_surplus(pool);
		swaplab_chunk_trim(pool);
		wake_up_all(&pool->waiters.queue);
		swaplab_pool_wake_daemon(pool);
	}
	return err;
}

/**
 * swaplab_frame_give_back() - give memory of free frames back to the machine
 * @pool: the pool
 * @nr: pages at most
 */
void swaplab_frame_give_back(struct swaplab_pool *pool, unsigned long nr)
{
	unsigned long dropped;

	do {
		spin_lock(&pool->lock);
		dropped = drop_cached(pool, 0, min(nr, DROP_BATCH));
		spin_unlock(&pool->lock);
		nr -= dropped;
		cond_resched();
	} while (dropped && nr);
}

/**
 * swaplab_frame_shrink() - give memory back to the machine
 * @pool: the pool
 * @nr: pages wanted
 *
 * Never sleeps: called from direct reclaim, where the caller may itself be in a
 * fault on this pool. It spins for the lock: reclaim is entered where a task may sleep, so
 * without the lock; and a portion that fails at once brings an OOM kill nearer. The daemon
 * evicts the rest later. Reclaim asks in small portions, and for more before that is done,
 * so they add up; but it cannot say that it has enough, so no more than an eighth of the
 * pages, or one portion, is owed at a time; to a cgroup, whose limit tells, one portion.
 * Pages that the daemons have in hand count: their frames come back.
 *
 * Return: pages given back now.
 */
unsigned long swaplab_frame_shrink(struct swaplab_pool *pool, unsigned long nr)
{
	unsigned long given = 0, dropped, most, nr_pages;
	bool owing;

	for (;;) {
		spin_lock(&pool->lock);
		swaplab_pcp_empty(pool);
		dropped = drop_cached(pool, 0, min(nr - given, DROP_BATCH));
		swaplab_charge_gave(pool, dropped);
		given += dropped;
		if (!dropped || given == nr)
			break;
		spin_unlock(&pool->lock);
	}
	owing = given < nr && swaplab_pool_has_store(pool);
	nr_pages = pool->nr_admitted + atomic_read(&pool->daemons.nr_picked) +
		   atomic_read(&pool->daemons.nr_writing);
	most = pool->charge.memcg ? 0 : pool->nr_admitted / 8;
	most = min(max3(most, nr, pool->nr_pressure), nr_pages);
	if (owing)
		WRITE_ONCE(pool->nr_pressure,
			   min(pool->nr_pressure + nr - given, most));
	spin_unlock(&pool->lock);
	if (owing)
		swaplab_pool_wake_daemon(pool);
	return given;
}

/**
 * swaplab_frame_init() - begin without frames
 * @pool: the pool; zeroed memory
 */
void swaplab_frame_init(struct swaplab_pool *pool)
{
	INIT_LIST_HEAD(&pool->free.cached);
	swaplab_chunk_init(pool);
	init_waitqueue_head(&pool->waiters.queue);
	pool->nr_frames = SWAPLAB_DEFAULT_FRAMES;
	pool->nr_room = pool->nr_frames;
	swaplab_chunk_set_wanted(pool, pool->nr_frames);
}

/**
 * swaplab_frame_destroy() - free all frames
 * @pool: the pool, without regions: every frame is free, and on one of the lists
 */
void swaplab_frame_destroy(struct swaplab_pool *pool)
{
	spin_lock(&pool->lock);
	swaplab_pcp_empty(pool);
	spin_unlock(&pool->lock);
	WARN_ON_ONCE(pool->nr_held);
	WARN_ON_ONCE(atomic_read(&pool->nr_populated));
	pool->nr_room = 0;
	drop_surplus(pool);
	swaplab_chunk_destroy(pool);
}
