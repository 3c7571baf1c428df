// SPDX-License-Identifier: GPL-2.0
/*
 * Writing dirty pages to the store.
 *
 * A page comes here locked, unmapped, and found dirty while it was frozen. It is made
 * clean and unlocked; from then on a fault may map it. When its write is done, it is
 * locked, frozen and tested again. It goes only if no fault has mapped it and it is
 * still clean; otherwise it stays, and its new slot counts as a copy just if the
 * next eviction finds the page clean. After an error it is dirty as before.
 *
 * All this runs in the daemon that has picked the page, from the first step to the last; an
 * interrupt only hands the transfer back to it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "chunk.h"
#include "frame.h"
#include "static_slots.h"
#include "io.h"
#include "policy.h"
#include "region.h"
#include "request.h"
#include "trace.h"
#include "victim.h"
#include "writeback.h"

/* Transfers of a daemon under way at most: twice what common devices take at once. */
#define WRITEBACK_DEPTH	16

/**
 * struct swaplab_writeback - the transfers of a daemon to the store
 * @idle: transfers not in use
 * @nr_idle: of them
 * @done: finished transfers, pushed by interrupts, taken by the daemon
 * @io: all transfers
 */
struct swaplab_writeback {
	struct swaplab_io *idle[WRITEBACK_DEPTH];
	unsigned int nr_idle;
	struct llist_head done;
	struct swaplab_io *io;
};

/**
 * swaplab_writeback_has_slot() - is there, or will there be, a slot for a page?
 * @pool: the pool
 * @frame: in transit by the caller; dirty
 */
bool swaplab_writeback_has_slot(struct swaplab_pool *pool,
				struct swaplab_frame *frame)
{
	struct swaplab_store *store = READ_ONCE(pool->store);

	return store && (frame->slot || frame->region->static_slots ||
			 !swaplab_store_is_full(store));
}

/**
 * swaplab_writeback_begin() - let a dirty page be used again while it is written
 * @frame: in transit by the caller; its folio locked, without other references
 *
 * A fault that maps the page from now on sets RESCUED in the frame.
 */
void swaplab_writeback_begin(struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	folio_clear_dirty(folio);
	/* A fault that was slow to notice the end of the last write may be left. */
	atomic_andnot(SWAPLAB_FRAME_RESCUED, &frame->flags);
	atomic_or(SWAPLAB_FRAME_WRITING, &frame->flags);
	trace_page_state(frame->region, folio->index, SWAPLAB_STATE_WRITING);
	folio_unlock(folio);
}

static void write_done(struct swaplab_io *io)
{
	struct swaplab_daemon *daemon = io->daemon;

	/* The daemon outlives its transfers: it waits for them to stop. */
	if (llist_add(&io->link, &daemon->writeback->done) &&
	    wq_has_sleeper(&daemon->wait))
		wake_up(&daemon->wait);
}

/* The page is known to be dirty: its old copy, if any, is worth nothing. */
static void free_stale_slot(struct swaplab_frame *frame)
{
	swaplab_region_free_slot(frame->region, frame->slot);
	frame->slot = 0;
}

/* The same for the pages of a batch. */
static void free_stale_slots(struct swaplab_store *store,
			     struct swaplab_frame **frames, unsigned int nr)
{
	u32 slots[SWAPLAB_IO_PAGES];
	unsigned int i, nr_slots = 0;

	for (i = 0; i < nr; i++) {
		if (frames[i]->slot)
			slots[nr_slots++] = frames[i]->slot;
		frames[i]->slot = 0;
	}
	if (nr_slots)
		swaplab_store_free_some(store, slots, nr_slots);
}

static void set_static_slot(struct swaplab_frame *frame)
{
	frame->slot = swaplab_static_slots_find(frame->region, frame->folio->index);
}

/*
 * Slots for the first of these dirty pages, neighbours if they can be had.
 * Returns how many pages have one now; 0: the store is full, or there is none.
 */
static unsigned int take_slots(struct swaplab_pool *pool,
			       struct swaplab_frame **frames, unsigned int nr)
{
	unsigned int max = min3(nr, READ_ONCE(pool->tunables.writeback_pages),
				SWAPLAB_IO_PAGES);
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
	}
	if (is_static)
		return run;
	free_stale_slots(store, frames, run);
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
	/* Dirty first: from then on the slot is not taken for a copy. */
	folio_mark_dirty(frame->folio);
	free_stale_slot(frame);
	swaplab_victim_putback(pool, frame);
}

/* A transfer that is not in use; waits for one to end if there is none. */
static struct swaplab_io *take_io(struct swaplab_daemon *daemon)
{
	struct swaplab_writeback *writeback = daemon->writeback;

	swaplab_writeback_finish(daemon);
	while (!writeback->nr_idle) {
		wait_event_idle(daemon->wait,
				swaplab_writeback_has_finished(daemon));
		swaplab_writeback_finish(daemon);
	}
	return writeback->idle[--writeback->nr_idle];
}

static bool is_alone(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_ALONE;
}

/* Submits the first of these pages that lie together; returns how many. */
static unsigned int write_cluster(struct swaplab_daemon *daemon,
				  struct swaplab_frame **frames,
				  unsigned int nr)
{
	struct swaplab_pool *pool = daemon->pool;
	struct swaplab_io *io = take_io(daemon);
	unsigned int flags = SWAPLAB_IO_WRITE, i = 0;

	/* The store must not join transfers that were taken apart. */
	if (is_alone(frames[0])) {
		flags |= SWAPLAB_IO_ALONE;
		nr = 1;
	}
	swaplab_io_start(io, pool->store, frames[0]->slot, flags);
	while (i < nr && (!i || !is_alone(frames[i])) &&
	       swaplab_io_add(io, frames[i]))
		i++;
	io->daemon = daemon;
	io->picked = daemon->picked;
	io->start = swaplab_latency_start(&pool->latency);
	atomic_add(i, &pool->daemons.nr_writing);
	swaplab_stat_add(&pool->stats, swap_outs, i);
	trace_writeback(pool->id, frames[0]->slot, i);
	swaplab_io_submit(io, write_done);
	return i;
}

/**
 * swaplab_writeback_submit() - write dirty pages
 * @daemon: the caller
 * @frames: of swaplab_writeback_begin(); those that find no slot are put back
 * @nr: how many
 *
 * Waits for transfers to end if all are under way.
 */
void swaplab_writeback_submit(struct swaplab_daemon *daemon,
			      struct swaplab_frame **frames, unsigned int nr)
{
	struct swaplab_pool *pool = daemon->pool;
	unsigned int i = 0, end;

	while (i < nr) {
		end = i + take_slots(pool, frames + i, nr - i);
		if (i == end) {
			atomic_long_inc(&daemon->tally->nr_full);
			keep_dirty(pool, frames[i++]);
		}
		while (i < end)
			i += write_cluster(daemon, frames + i, end - i);
	}
}

static void report_error(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	swaplab_stat_inc(&pool->stats, io_errors);
	pr_err_ratelimited("%s: writing slot %u failed: the page stays in memory, and is tried again\n",
			   pool->name, frame->slot);
}

/*
 * The store has refused a transfer. One bad block must not keep other pages in memory:
 * each is written in a transfer of its own next time.
 */
static void write_failed(struct swaplab_daemon *daemon, struct swaplab_frame *frame)
{
	atomic_or(SWAPLAB_FRAME_ALONE, &frame->flags);
	atomic_long_inc(&daemon->tally->nr_failed);
	keep_dirty(daemon->pool, frame);
}

/*
 * The store has the content that the page had when the write began. Returns whether
 * its frame came free.
 */
static bool write_succeeded(struct swaplab_daemon *daemon,
			    struct swaplab_frame *frame,
			    struct swaplab_frame_batch *freed)
{
	struct swaplab_pool *pool = daemon->pool;
	struct folio *folio = frame->folio;

	atomic_andnot(SWAPLAB_FRAME_ALONE, &frame->flags);
	/* A failed trylock means that a fault maps the page, or is about to find out. */
	if (!folio_trylock(folio))
		goto rescued;
	if (!(atomic_read(&frame->flags) & SWAPLAB_FRAME_RESCUED) &&
	    swaplab_victim_evict(pool, frame, freed) == SWAPLAB_EVICT_DONE)
		return true;
	folio_unlock(folio);

rescued:
	swaplab_stat_inc(&pool->stats, rescues);
	atomic_long_inc(&daemon->tally->nr_busy);
	atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
	swaplab_victim_putback(pool, frame);
	return false;
}

/* Returns whether a frame came free. */
static bool finish_write(struct swaplab_daemon *daemon, struct swaplab_io *io)
{
	struct swaplab_writeback *writeback = daemon->writeback;
	struct swaplab_frame_batch freed = { .nr = 0 };
	struct swaplab_pool *pool = daemon->pool;
	unsigned int i, nr_evicted = 0;

	swaplab_io_account(io);
	swaplab_latency_end(&pool->latency, SWAPLAB_LATENCY_write_out, io->nr, io->start);
	/* Which of several pages it was is not known yet. */
	if (io->err && io->nr == 1)
		report_error(pool, io->frames[0]);
	for (i = 0; i < io->nr; i++) {
		if (io->err)
			write_failed(daemon, io->frames[i]);
		else
			nr_evicted += write_succeeded(daemon, io->frames[i], &freed);
	}
	swaplab_frame_batch_put(&freed, pool);
	swaplab_request_count(pool, nr_evicted);
	daemon->nr_evicted += nr_evicted;
	atomic_sub(io->nr, &pool->daemons.nr_writing);
	if (nr_evicted)
		swaplab_latency_end(&pool->latency, SWAPLAB_LATENCY_eviction, nr_evicted,
				    io->picked);
	writeback->idle[writeback->nr_idle++] = io;
	return nr_evicted;
}

/**
 * swaplab_writeback_finish() - free the frames of finished writes
 * @daemon: the caller
 *
 * Return: true if a frame came free.
 */
bool swaplab_writeback_finish(struct swaplab_daemon *daemon)
{
	struct llist_node *list;
	struct swaplab_io *io, *next;
	bool any = false;

	list = llist_reverse_order(llist_del_all(&daemon->writeback->done));
	if (!list)
		return false;
	llist_for_each_entry_safe(io, next, list, link)
		any |= finish_write(daemon, io);
	/* Frames that were counted on may not have come free: the leader looks again. */
	swaplab_pool_wake_daemon(daemon->pool);
	return any;
}

/**
 * swaplab_writeback_has_finished() - is there a write to finish?
 * @daemon: the caller
 */
bool swaplab_writeback_has_finished(struct swaplab_daemon *daemon)
{
	return !llist_empty(&daemon->writeback->done);
}

/**
 * swaplab_writeback_is_idle() - is no write under way?
 * @daemon: the caller
 */
bool swaplab_writeback_is_idle(struct swaplab_daemon *daemon)
{
	return daemon->writeback->nr_idle == WRITEBACK_DEPTH;
}

/* Claims the next frame, from @number on, whose page has a slot. NULL: no more. */
static struct swaplab_frame *claim_next(struct swaplab_pool *pool,
					unsigned long *number)
{
	struct swaplab_frame *frame;
	bool claimed = false;

	do {
		spin_lock(&pool->lock);
		frame = swaplab_chunk_next_frame(pool, number);
		if (frame)
			/* A hint: the slot is looked at again in transit. */
			claimed = data_race(frame->slot) &&
				  swaplab_policy_claim_locked(pool, frame);
		spin_unlock(&pool->lock);
		++*number;
		cond_resched();
	} while (frame && !claimed);
	return frame;
}

/* Returns whether the frame's page has no slot any more; ends its transit. */
static bool take_slot_back(struct swaplab_pool *pool,
			   struct swaplab_frame *frame)
{
	bool taken;

	taken = frame->slot && !frame->region->static_slots;
	if (taken) {
		folio_mark_dirty(frame->folio);
		free_stale_slot(frame);
	}
	swaplab_region_settle(frame, 0);
	return taken;
}

/**
 * swaplab_writeback_take_back() - take slots of pages that are resident
 * @pool: the pool; its store is full
 * @max: how many
 *
 * Each page is made dirty first, so its frame has the only copy, and needs a slot
 * no more than any other.
 *
 * Return: how many slots are free again.
 */
unsigned int swaplab_writeback_take_back(struct swaplab_pool *pool,
					 unsigned int max)
{
	struct swaplab_frame *frame;
	unsigned long number = 0;
	unsigned int taken = 0;

	while (taken < max && (frame = claim_next(pool, &number)))
		taken += take_slot_back(pool, frame);
	return taken;
}

/**
 * swaplab_writeback_create() - allocate the transfers
 * @daemon: will use them
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_writeback_create(struct swaplab_daemon *daemon)
{
	struct swaplab_writeback *writeback;
	unsigned int i;

	writeback = kzalloc(sizeof(*writeback), GFP_KERNEL);
	if (!writeback)
		return -ENOMEM;
	writeback->io = kvcalloc(WRITEBACK_DEPTH, sizeof(*writeback->io),
				 GFP_KERNEL);
	if (!writeback->io) {
		kfree(writeback);
		return -ENOMEM;
	}
	init_llist_head(&writeback->done);
	for (i = 0; i < WRITEBACK_DEPTH; i++)
		writeback->idle[writeback->nr_idle++] = &writeback->io[i];
	daemon->writeback = writeback;
	return 0;
}

/**
 * swaplab_writeback_destroy() - undo swaplab_writeback_create()
 * @daemon: has stopped, so no transfer is under way
 */
void swaplab_writeback_destroy(struct swaplab_daemon *daemon)
{
	/* The interrupt of the last transfer may still be returning. */
	synchronize_rcu();
	kvfree(daemon->writeback->io);
	kfree(daemon->writeback);
}
