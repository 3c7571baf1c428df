// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing a page in.
 *
 * A read is finished by the task that started it: the interrupt only says that it is
 * done. A starter that is killed leaves the read behind, and then a work item finishes
 * it. Starter and interrupt each set their bit in io->state in one atomic step, so
 * exactly one of them sees the other's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/percpu.h>
#include <linux/psi.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "frame.h"
#include "io.h"
#include "pagein.h"
#include "unmap.h"
#include "watermark.h"
#include "trace.h"

#define IO_DONE		BIT(0)	/* the device has finished */
#define IO_ORPHAN	BIT(1)	/* the starter has left */
#define IO_MUTED	BIT(2)	/* an error is neither counted nor logged */

static struct kmem_cache *io_cache;
static struct workqueue_struct *orphan_queue;

/*
 * The transfer that ended last on each CPU: to have one from the cache may take as long
 * as all else here, since kernels can be told to clear all memory that they allocate. It
 * is exchanged in one step, so no other task can take it, too. Under KASAN there is none,
 * so that an access to a transfer that has ended is found.
 */
static DEFINE_PER_CPU(struct swaplab_io *, spare_io);

static struct swaplab_io *alloc_io(gfp_t gfp)
{
	struct swaplab_io *io = this_cpu_xchg(spare_io, NULL);

	return io ? io : kmem_cache_alloc(io_cache, gfp);
}

static void free_io(struct swaplab_io *io)
{
	if (!IS_ENABLED(CONFIG_KASAN))
		io = this_cpu_xchg(spare_io, io);
	if (io)
		kmem_cache_free(io_cache, io);
}

/* Consumes the frame, which has the content of the page. */
static int pagein_new(struct swaplab_region *region, pgoff_t index,
		      struct swaplab_frame *frame,
		      const struct swaplab_origin *origin, gfp_t gfp)
{
	int err;

	err = swaplab_region_publish_new(region, index, frame, origin, gfp);
	if (err)
		swaplab_frame_put(region->pool, frame);
	else if (origin && origin->pager)
		swaplab_stat_inc(&region->pool->stats, pager_pages);
	else if (origin)
		swaplab_stat_inc(&region->pool->stats, origin_reads);
	else
		swaplab_stat_inc(&region->pool->stats, zero_fills);
	swaplab_watermark_check(region->pool);
	return err;
}

/**
 * swaplab_pagein_zero() - make an absent page resident, with zeros
 * @region: the region
 * @index: of the page
 * @frame: the caller's, taken with __GFP_ZERO; consumed
 * @gfp: for the entry
 *
 * Return: 0, -EEXIST if the page is not absent any more or has an origin, -ENOMEM.
 */
int swaplab_pagein_zero(struct swaplab_region *region, pgoff_t index,
			struct swaplab_frame *frame, gfp_t gfp)
{
	return pagein_new(region, index, frame, NULL, gfp);
}

static void copy_origin(struct swaplab_frame *frame,
			const struct swaplab_origin *origin, struct folio *from)
{
	copy_highpage(folio_page(frame->folio, 0),
		      folio_file_page(from, origin->index));
}

/**
 * swaplab_pagein_origin() - make an absent page resident, as a copy of its origin
 * @region: the region
 * @index: of the page
 * @frame: the caller's; consumed
 * @origin: of the page
 * @from: of swaplab_origin_find(); stays the caller's
 *
 * Return: 0, -EEXIST if the page is not absent any more or has another origin, -ENOMEM.
 */
int swaplab_pagein_origin(struct swaplab_region *region, pgoff_t index,
			  struct swaplab_frame *frame,
			  const struct swaplab_origin *origin, struct folio *from)
{
	copy_origin(frame, origin, from);
	return pagein_new(region, index, frame, origin, GFP_KERNEL);
}

/**
 * swaplab_pagein_supply() - make an absent page resident, with what its pager has supplied
 * @region: the region
 * @index: of the page
 * @frame: the caller's, filled; consumed
 * @pager: of the region
 * @supply: by which it supplies the page
 *
 * Return: 0, -EEXIST if the page is not absent any more or has another origin, or its content is
 * old; -ENOMEM.
 */
int swaplab_pagein_supply(struct swaplab_region *region, pgoff_t index,
			  struct swaplab_frame *frame, struct swaplab_pager *pager,
			  const struct swaplab_transfer *supply)
{
	struct swaplab_origin origin = { .pager = pager, .supply = supply };

	return pagein_new(region, index, frame, &origin, GFP_KERNEL);
}

/*
 * Locks a frame's folio before any look-up can find it as the page's, so that it can be
 * mapped without a second look. NULL if a look-up left over from the frame's last use
 * has the lock for a moment: then it is as if another fault had been faster.
 */
static struct folio *trylock_new_folio(struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	if (!folio_trylock(folio))
		return NULL;
	folio_get(folio);
	return folio;
}

/* The result of trylock_new_folio(), if the page has come in. */
static struct folio *keep_new_folio(struct folio *folio, int err)
{
	if (folio && !err)
		return folio;
	if (folio) {
		folio_unlock(folio);
		folio_put(folio);
	}
	return ERR_PTR(err ? err : -EAGAIN);
}

/**
 * swaplab_pagein_zero_and_lock() - make an absent page resident, with zeros, and lock it
 * @region: the region
 * @index: of the page
 * @frame: the caller's, taken with __GFP_ZERO; consumed
 * @gfp: for the entry
 *
 * Return: the folio, locked and referenced; ERR_PTR(-EEXIST) or ERR_PTR(-EAGAIN) if
 * the caller must look again, ERR_PTR(-ENOMEM).
 */
struct folio *swaplab_pagein_zero_and_lock(struct swaplab_region *region,
					   pgoff_t index,
					   struct swaplab_frame *frame,
					   gfp_t gfp)
{
	struct folio *folio = trylock_new_folio(frame);

	return keep_new_folio(folio, pagein_new(region, index, frame, NULL, gfp));
}

/**
 * swaplab_pagein_origin_and_lock() - swaplab_pagein_origin(), and lock the page
 * @region: the region
 * @index: of the page
 * @frame: the caller's; consumed
 * @origin: of the page
 * @from: of swaplab_origin_find(); stays the caller's
 *
 * Return: as swaplab_pagein_zero_and_lock().
 */
struct folio *swaplab_pagein_origin_and_lock(struct swaplab_region *region,
					     pgoff_t index,
					     struct swaplab_frame *frame,
					     const struct swaplab_origin *origin,
					     struct folio *from)
{
	struct folio *folio = trylock_new_folio(frame);

	copy_origin(frame, origin, from);
	return keep_new_folio(folio, pagein_new(region, index, frame, origin,
						GFP_KERNEL));
}

/**
 * swaplab_pagein_copy_and_lock() - copy a page that a region shares, and lock the copy
 * @region: gets the copy
 * @old: the page, in transit by the caller, its folio locked; nothing can write to it
 * @frame: the caller's; consumed
 *
 * PTEs of the old page are taken away before the entry changes, while the page is known to be
 * resident. Its folio is locked meanwhile, so no fault maps it again by the old entry.
 *
 * Return: the folio, locked and referenced; ERR_PTR(-EAGAIN) if the caller must look
 * again.
 */
struct folio *swaplab_pagein_copy_and_lock(struct swaplab_region *region,
					   struct swaplab_frame *old,
					   struct swaplab_frame *frame)
{
	struct folio *folio = trylock_new_folio(frame);

	copy_highpage(folio_page(frame->folio, 0), folio_page(old->folio, 0));
	swaplab_unmap_pages(region, old->folio->index, 1);
	swaplab_region_publish_copy(region, old, frame);
	swaplab_stat_inc(&region->pool->stats, copies);
	swaplab_watermark_check(region->pool);
	return keep_new_folio(folio, 0);
}

/* Only a task that touches a bad page learns of it: one read ahead is swapped again. */
static void report_error(struct swaplab_io *io)
{
	struct swaplab_pool *pool = io->pool;

	if (io->flags & SWAPLAB_IO_AHEAD || atomic_read(&io->state) & IO_MUTED)
		return;
	swaplab_stat_inc(&pool->stats, io_errors);
	pr_err_ratelimited("%s: reading slot %u failed: the task that touched the page gets SIGBUS\n",
			   pool->name, io->frames[0]->slot);
}

static int finish_read(struct swaplab_io *io)
{
	struct swaplab_pool *pool = io->pool;
	int err = io->err ? -EIO : 0;
	unsigned int i;

	swaplab_io_account(io);
	if (!(io->flags & SWAPLAB_IO_AHEAD))
		atomic_dec(&pool->nr_reading);
	if (err)
		report_error(io);
	else
		swaplab_stat_add(&pool->stats, swap_ins, io->nr);
	/* The region may be gone once its last page is out of transit. */
	for (i = 0; i < io->nr; i++) {
		if (!err) {
			swaplab_region_publish(io->frames[i]);
		} else {
			swaplab_region_unclaim_slot(io->frames[i]);
			swaplab_frame_put(pool, io->frames[i]);
		}
	}
	free_io(io);
	return err;
}

static void finish_orphan(struct work_struct *work)
{
	finish_read(container_of(work, struct swaplab_io, work));
}

/* Under RCU, so the starter is there when it is woken, though io may be gone. */
static void read_done(struct swaplab_io *io)
{
	struct task_struct *starter = io->starter;

	if (atomic_fetch_or(IO_DONE, &io->state) & IO_ORPHAN)
		queue_work(orphan_queue, &io->work);
	else
		wake_up_process(starter);
}

/* A transfer that has this page only, and is not under way yet. */
static struct swaplab_io *prepare_io(struct swaplab_region *region,
				     pgoff_t index, void *entry,
				     struct swaplab_frame *frame,
				     unsigned int flags, gfp_t gfp)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_io *io;
	int err = -ENOMEM;

	io = alloc_io(gfp);
	if (!io)
		goto put_frame;
	err = -EAGAIN;
	if (!swaplab_region_claim_slot(region, index, entry, frame))
		goto free;
	swaplab_io_start(io, pool->store, frame->slot, flags);
	INIT_WORK(&io->work, finish_orphan);
	swaplab_io_add(io, frame);
	return io;

free:
	free_io(io);
put_frame:
	swaplab_frame_put(pool, frame);
	return ERR_PTR(err);
}

/**
 * swaplab_pagein_begin() - prepare to read a swapped page
 * @region: the region; it does not end before the read has
 * @index: of the page
 * @entry: its value, as the caller saw it
 * @frame: the caller's; consumed
 *
 * Return: the read, for swaplab_pagein_submit(); ERR_PTR(-EAGAIN) if the entry has changed,
 * ERR_PTR(-ENOMEM).
 */
struct swaplab_io *swaplab_pagein_begin(struct swaplab_region *region,
					pgoff_t index, void *entry,
					struct swaplab_frame *frame)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_io *io;

	/* An error of pages that are read ahead must not fail this page. */
	io = prepare_io(region, index, entry, frame, SWAPLAB_IO_ALONE,
			GFP_KERNEL);
	if (IS_ERR(io))
		return io;
	atomic_inc(&pool->nr_reading);
	atomic_long_inc(&region->refaults);
	swaplab_stat_inc(&pool->stats, refaults);
	trace_refault(pool->id, index, frame->slot);
	return io;
}

/**
 * swaplab_pagein_submit() - start a read; may wait for the device
 * @io: of swaplab_pagein_begin(), by the caller, which finishes it
 */
void swaplab_pagein_submit(struct swaplab_io *io)
{
	io->starter = current;
	swaplab_io_submit(io, read_done);
}

/**
 * swaplab_pagein_start() - start to read a swapped page
 * @region: the region
 * @index: of the page
 * @entry: its value, as the caller saw it
 * @frame: the caller's; consumed
 *
 * Return: the read, for swaplab_pagein_finish() or swaplab_pagein_finish_and_lock();
 * ERR_PTR(-EAGAIN) if the entry has changed, ERR_PTR(-ENOMEM).
 */
struct swaplab_io *swaplab_pagein_start(struct swaplab_region *region,
					pgoff_t index, void *entry,
					struct swaplab_frame *frame)
{
	struct swaplab_io *io = swaplab_pagein_begin(region, index, entry, frame);

	if (!IS_ERR(io))
		swaplab_pagein_submit(io);
	return io;
}

/**
 * swaplab_pagein_mute() - do not report an error of a read
 * @io: of swaplab_pagein_start(), by the caller, which has seen the same error before
 */
void swaplab_pagein_mute(struct swaplab_io *io)
{
	atomic_or(IO_MUTED, &io->state);
}

/**
 * swaplab_pagein_is_done() - has the device finished a read?
 * @io: of swaplab_pagein_start()
 *
 * Then its status and the page's content can be seen, too.
 */
bool swaplab_pagein_is_done(struct swaplab_io *io)
{
	return atomic_read_acquire(&io->state) & IO_DONE;
}

/**
 * swaplab_pagein_begin_ahead() - prepare to read a page before it is asked for
 * @region: the region; the caller's reference may end before the read does
 * @index: of the page
 * @entry: its value, as the caller saw it
 * @frame: the caller's; consumed
 * @flags: the frame's: SWAPLAB_FRAME_AHEAD, maybe with SWAPLAB_FRAME_AROUND
 *
 * Return: the read, for swaplab_pagein_extend() and swaplab_pagein_submit_ahead();
 * ERR_PTR(-EAGAIN) if the entry has changed, ERR_PTR(-ENOMEM).
 */
struct swaplab_io *swaplab_pagein_begin_ahead(struct swaplab_region *region,
					      pgoff_t index, void *entry,
					      struct swaplab_frame *frame,
					      unsigned int flags)
{
	struct swaplab_io *io;

	/* A guess does not justify a wait for memory. */
	io = prepare_io(region, index, entry, frame, SWAPLAB_IO_AHEAD,
			GFP_NOWAIT | __GFP_NOWARN);
	if (!IS_ERR(io))
		atomic_or(flags, &frame->flags);
	return io;
}

/**
 * swaplab_pagein_extend() - add a page to a read that is not under way yet
 * @io: of swaplab_pagein_begin_ahead()
 * @index: of the page, in the same region
 * @entry: its value, as the caller saw it
 * @frame: the caller's; consumed, unless the answer is false
 * @flags: as of swaplab_pagein_begin_ahead()
 *
 * Return: false if the page's slot does not follow, or its entry has changed.
 */
bool swaplab_pagein_extend(struct swaplab_io *io, pgoff_t index, void *entry,
			   struct swaplab_frame *frame, unsigned int flags)
{
	struct swaplab_frame *last = io->frames[io->nr - 1];

	if (swaplab_entry_slot(entry) != last->slot + 1 ||
	    !swaplab_region_claim_slot(last->region, index, entry, frame))
		return false;
	atomic_or(flags, &frame->flags);
	if (swaplab_io_add(io, frame))
		return true;
	swaplab_region_unclaim_slot(frame);
	return false;
}

/**
 * swaplab_pagein_submit_ahead() - read pages that no task waits for
 * @io: of swaplab_pagein_begin_ahead(); not the caller's any more
 */
void swaplab_pagein_submit_ahead(struct swaplab_io *io)
{
	if (atomic_read(&io->frames[0]->flags) & SWAPLAB_FRAME_AROUND)
		swaplab_stat_add(&io->pool->stats, readaround, io->nr);
	else
		swaplab_stat_add(&io->pool->stats, readahead, io->nr);
	trace_readahead(io->pool->id, io->frames[0]->folio->index,
			io->frames[0]->slot, io->nr);
	atomic_set(&io->state, IO_ORPHAN);
	swaplab_io_submit(io, read_done);
}

/* -EINTR after a fatal signal: then the read goes on by itself. */
static int sleep_until_read(struct swaplab_io *io)
{
	while (!swaplab_pagein_is_done(io)) {
		/* A barrier: the interrupt sees this, or the next line it. */
		set_current_state(TASK_KILLABLE);
		if (!swaplab_pagein_is_done(io) && !fatal_signal_pending(current))
			io_schedule();
		__set_current_state(TASK_RUNNING);
		if (fatal_signal_pending(current) &&
		    !(atomic_fetch_or(IO_ORPHAN, &io->state) & IO_DONE))
			return -EINTR;
	}
	return 0;
}

/* A page that had been evicted is missing: for PSI, that is a stall on memory. */
static int wait_for_read(struct swaplab_io *io)
{
	unsigned long psi;
	int err;

	swaplab_watermark_check(io->pool);
	if (swaplab_pagein_is_done(io))
		return 0;
	psi_memstall_enter(&psi);
	err = sleep_until_read(io);
	psi_memstall_leave(&psi);
	return err;
}

/**
 * swaplab_pagein_finish() - wait for a read
 * @io: of swaplab_pagein_start(), by the caller; gone afterwards
 *
 * Return: 0, and the page is, or was, resident; -EIO; -EINTR after a fatal
 * signal: then the read goes on by itself, and the caller's reference on the
 * region may end before it does.
 */
int swaplab_pagein_finish(struct swaplab_io *io)
{
	int err = wait_for_read(io);

	return err ? err : finish_read(io);
}

/**
 * swaplab_pagein_finish_and_lock() - wait for a read, and lock its page
 * @io: of swaplab_pagein_start(), by the caller; gone afterwards
 *
 * Return: the folio, locked and referenced; ERR_PTR(-EAGAIN) if the caller must look
 * again; else an error as of swaplab_pagein_finish().
 */
struct folio *swaplab_pagein_finish_and_lock(struct swaplab_io *io)
{
	int err = wait_for_read(io);
	struct folio *folio;

	if (err)
		return ERR_PTR(err);
	folio = io->err ? NULL : trylock_new_folio(io->frames[0]);
	return keep_new_folio(folio, finish_read(io));
}

/**
 * swaplab_pagein_flush() - wait for the work items of reads that were left behind
 *
 * The last page that one of them settles lets its region go, before the frame is
 * back in the pool.
 */
void swaplab_pagein_flush(void)
{
	flush_workqueue(orphan_queue);
}

/**
 * swaplab_pagein_init() - prepare for reads
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_pagein_init(void)
{
	io_cache = KMEM_CACHE(swaplab_io, 0);
	if (!io_cache)
		return -ENOMEM;
	orphan_queue = alloc_workqueue("swaplab", WQ_UNBOUND | WQ_MEM_RECLAIM,
				       0);
	if (!orphan_queue) {
		kmem_cache_destroy(io_cache);
		return -ENOMEM;
	}
	return 0;
}

/**
 * swaplab_pagein_exit() - undo swaplab_pagein_init()
 *
 * No region is left, so no read is under way; a work item may be returning.
 */
void swaplab_pagein_exit(void)
{
	unsigned int cpu;

	destroy_workqueue(orphan_queue);
	for_each_possible_cpu(cpu)
		if (per_cpu(spare_io, cpu))
			kmem_cache_free(io_cache, per_cpu(spare_io, cpu));
	kmem_cache_destroy(io_cache);
}
