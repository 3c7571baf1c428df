// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing pages in before they are asked for, as far as their stream and the frames
 * that are free allow: reading them, or making them where pages are touched for the
 * first time. No task waits for such a read: a work item finishes it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include "frame.h"
#include "load.h"
#include "pagein.h"
#include "policy.h"
#include "readahead.h"
#include "record.h"
#include "rmap.h"
#include "watermark.h"

/* Free frames that faults are not likely to need. */
static unsigned int nr_spare(struct swaplab_pool *pool)
{
	long nr = swaplab_frame_nr_free(pool) - (long)swaplab_watermark_low(pool) / 2;

	return READ_ONCE(pool->nr_pressure) ? 0 : clamp(nr, 0L, (long)INT_MAX);
}

/**
 * swaplab_readahead_nr_affordable() - pages that may be brought in on a guess now
 * @pool: the pool
 *
 * Guesses leave half of the low watermark to faults that need a frame; the daemon is at
 * work then and makes more. They take no frames while the machine asks for memory.
 */
unsigned int swaplab_readahead_nr_affordable(struct swaplab_pool *pool)
{
	return min(nr_spare(pool), READ_ONCE(pool->tunables.readahead_pages));
}

/* Was a window cut short by a lack of frames, and not by its maximum? */
static void note_limit(struct swaplab_pool *pool,
		       const struct swaplab_window *window, unsigned int max)
{
	if (window->cut && max < READ_ONCE(pool->tunables.readahead_pages) &&
	    !READ_ONCE(pool->nr_pressure))
		swaplab_watermark_note_shortage(pool);
}

/**
 * struct batch - pages that are being read ahead
 * @region: of the pages
 * @flags: of their frames
 * @io: the transfer that is not under way yet, or NULL
 * @is_prepaging: the pages are those of a region that goes on
 * @nr: pages so far
 */
struct batch {
	struct swaplab_region *region;
	unsigned int flags;
	bool is_prepaging;
	struct swaplab_io *io;
	unsigned int nr;
};

/*
 * Adds a page to the transfer, or begins another one with it; the frame is consumed. Returns
 * false when there is no memory for more.
 */
static bool batch_add(struct batch *batch, pgoff_t index, void *entry,
		      struct swaplab_frame *frame)
{
	struct swaplab_region *region = batch->region;
	struct swaplab_io *next;

	if (batch->io && swaplab_pagein_extend(batch->io, index, entry, frame,
					       batch->flags)) {
		batch->nr++;
		return true;
	}
	next = swaplab_pagein_begin_ahead(region, index, entry, frame,
					  batch->flags);
	if (IS_ERR(next))
		return next == ERR_PTR(-EAGAIN);
	if (batch->io)
		swaplab_pagein_submit_ahead(batch->io);
	batch->io = next;
	batch->nr++;
	return true;
}

static void batch_submit(struct batch *batch)
{
	if (batch->io)
		swaplab_pagein_submit_ahead(batch->io);
	batch->io = NULL;
}

/* On a guess. Returns false when there is no frame or no memory for more. */
static bool read_page(struct batch *batch, pgoff_t index)
{
	struct swaplab_region *region = batch->region;
	void *entry = swaplab_region_load(region, index);
	struct swaplab_frame *frame;

	if (!entry || !xa_is_value(entry))
		return true;
	/* Others may have taken frames since the window was planned. */
	if (!nr_spare(region->pool)) {
		swaplab_watermark_note_shortage(region->pool);
		return false;
	}
	frame = swaplab_frame_take(region->pool, GFP_NOWAIT | __GFP_NOWARN);
	if (IS_ERR_OR_NULL(frame))
		return false;
	return batch_add(batch, index, entry, frame);
}

/* Reads in the order of indices. Returns false when there was no frame or no memory for all. */
static bool read_batch(struct batch *batch, pgoff_t index, unsigned long step,
		       unsigned int nr)
{
	struct blk_plug plug;

	blk_start_plug(&plug);
	for (; nr && read_page(batch, index); nr--)
		index += step;
	batch_submit(batch);
	blk_finish_plug(&plug);
	swaplab_watermark_check(batch->region->pool);
	return !nr;
}

/* The same for a stream that goes down: slots may follow the order of indices. */
static bool read_window(struct batch *batch, const struct swaplab_window *window)
{
	pgoff_t index = window->first;

	if (window->step < 0)
		index += (window->nr - 1) * window->step;
	return read_batch(batch, index, abs(window->step), window->nr);
}

/* How far to look for pages to read, where most are there. */
#define READ_REACH	256

/**
 * swaplab_readahead_read() - begin to read a window
 * @region: the region
 * @window: the pages to read; those that are not swapped are left out
 *
 * If most pages of a stream's window are there already, goes on with the next window: else
 * the stream would come to its end without having read ahead. A policy that reads ahead gets the
 * windows that it asks for. Waits while the device takes no more requests.
 */
void swaplab_readahead_read(struct swaplab_region *region,
			    const struct swaplab_window *window)
{
	struct batch batch = { .region = region, .flags = SWAPLAB_FRAME_AHEAD };
	unsigned int reach = window->nr, least = window->nr / 2, max;
	struct swaplab_window next = *window;

	while (read_window(&batch, &next) && batch.nr < least && reach < READ_REACH &&
	       !READ_ONCE(region->pool->binding.reads_ahead)) {
		max = swaplab_readahead_nr_affordable(region->pool);
		if (!swaplab_streams_go_on(&region->streams, max - min(max, batch.nr), &next))
			break;
		reach += next.nr;
	}
}

/* Is there time for one more page? A signal may tell the task to do something else. */
static bool may_go_on(const struct batch *batch)
{
	return !batch->is_prepaging ||
	       (swaplab_load_may_prepage(batch->region) && !signal_pending(current));
}

/*
 * On advice: waits for a frame, as a fault does. The pages before it are on their way by
 * then: other tasks may wait for them. Returns 0, also if the entry has changed; else an
 * error.
 */
static int read_advised(struct batch *batch, pgoff_t index, void *entry)
{
	struct swaplab_pool *pool = batch->region->pool;
	struct swaplab_frame *frame;
	int err;

	while (!(frame = swaplab_frame_take(pool, GFP_USER))) {
		batch_submit(batch);
		err = swaplab_frame_wait(pool);
		if (err)
			return err;
		if (!may_go_on(batch))
			return -EAGAIN;
	}
	if (IS_ERR(frame))
		return PTR_ERR(frame);
	return batch_add(batch, index, entry, frame) ? 0 : -ENOMEM;
}

/* More would displace each other, or pages that cannot be evicted. */
static unsigned long max_advised(struct swaplab_pool *pool)
{
	unsigned long most = swaplab_frame_mlock_limit(READ_ONCE(pool->nr_room));

	return most - min(most, READ_ONCE(pool->nr_mlocked));
}

/* All swapped pages, unless more than @age have been evicted from the pool since. */
static int read_younger(struct swaplab_region *region, pgoff_t first, pgoff_t last, u32 age,
			bool is_prepaging, unsigned long *nr)
{
	struct batch batch = {
		.region = region,
		.flags = SWAPLAB_FRAME_AHEAD,
		.is_prepaging = is_prepaging,
	};
	unsigned long index = first, max = max_advised(region->pool);
	u32 now = atomic_read(&region->pool->nr_evicted);
	void *entry;
	int err = 0;

	while (!err && batch.nr < max && may_go_on(&batch) &&
	       (entry = xa_find(&region->pages, &index, last, XA_PRESENT))) {
		if (xa_is_value(entry) &&
		    ((now - swaplab_entry_evicted(entry)) & INT_MAX) <= age)
			err = read_advised(&batch, index, entry);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (index++ == last)
			break;
		cond_resched();
	}
	batch_submit(&batch);
	swaplab_watermark_check(region->pool);
	*nr = batch.nr;
	return err == -EINTR ? err : 0;
}

/**
 * swaplab_readahead_will_need() - begin to read what a program will need
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @nr: set to how many pages are being read
 *
 * Ends without an error when there is no frame, or no memory, to be had.
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_readahead_will_need(struct swaplab_region *region, pgoff_t first,
				pgoff_t last, unsigned long *nr)
{
	return read_younger(region, first, last, INT_MAX, false, nr);
}

/**
 * swaplab_readahead_prepage() - begin to read the pages that a region has lost
 * @region: the region
 * @evicted: the pool's eviction clock when it began to lose them
 *
 * Ends early like swaplab_readahead_will_need(), and after a signal, or when half of the region's
 * turn is over.
 */
void swaplab_readahead_prepage(struct swaplab_region *region, u32 evicted)
{
	u32 age = (atomic_read(&region->pool->nr_evicted) - evicted) & INT_MAX;
	unsigned long nr;

	read_younger(region, 0, ULONG_MAX, age, true, &nr);
	swaplab_stat_add(&region->pool->stats, prepaged, nr);
}

/* Pages touched for the first time one after the other, before there are guesses. */
#define TOUCH_LEAST	64
/* From then on, a page more for so many pages of the run. */
#define TOUCH_SHARE	8
/* Pages that are made at once, at most: a fault spends little time on them. */
#define TOUCH_MOST	16

/**
 * swaplab_readahead_touch() - guess the next pages after a first touch
 * @region: the region
 * @index: of the page
 *
 * A program that fills pages in order will go on to fill the next ones. A run that ends
 * has at most an eighth of its pages made in vain. They have never been written to, so
 * their frames come free without a write. Threads that fill parts of one region break
 * each other's runs; then each page has its own fault, as if it were touched at random.
 *
 * Return: how many of the pages behind it may be made now, if they are absent. The
 * caller tells swaplab_readahead_touched() how many it has made.
 */
unsigned int swaplab_readahead_touch(struct swaplab_region *region,
				     pgoff_t index)
{
	unsigned long run = 1;

	if (READ_ONCE(region->touch_next) == index)
		run += READ_ONCE(region->touch_run);
	WRITE_ONCE(region->touch_run, run);
	WRITE_ONCE(region->touch_next, index + 1);
	/* The latter two have to see the first use of each page. */
	if (run < TOUCH_LEAST || swaplab_record_is_exact(region->pool) ||
	    READ_ONCE(region->pool->tunables.soft_sampling))
		return 0;
	return min_t(unsigned long, run / TOUCH_SHARE, TOUCH_MOST);
}

/**
 * swaplab_readahead_touched() - pages have been made that will not be touched by faults
 * @region: the region
 * @nr: of them, behind the page that swaplab_readahead_touch() was called for
 */
void swaplab_readahead_touched(struct swaplab_region *region, unsigned int nr)
{
	WRITE_ONCE(region->touch_run, READ_ONCE(region->touch_run) + nr);
	WRITE_ONCE(region->touch_next, READ_ONCE(region->touch_next) + nr);
	swaplab_stat_add(&region->pool->stats, zero_ahead, nr);
}

/**
 * swaplab_readahead_asked_init() - describe a page that is asked for
 * @asked: gets the description, which can be used when the VMA is gone
 * @vmf: the fault
 */
void swaplab_readahead_asked_init(struct swaplab_asked *asked,
				  struct vm_fault *vmf)
{
	asked->index = vmf->pgoff;
	asked->first = vmf->vma->vm_pgoff;
	asked->last = swaplab_rmap_last(vmf->vma);
	asked->advice = vmf->vma->vm_flags & (VM_RAND_READ | VM_SEQ_READ);
}

/*
 * A window that the policy has chosen, or none, in which case this returns false. The answer
 * may be any. It is cut to the frames that can be spared; and a read looks at the entry of each
 * page, so that it reads pages of the region that are swapped, and no other.
 */
static bool ask_policy(struct swaplab_region *region,
		       const struct swaplab_asked *asked, bool is_hit,
		       unsigned int max, struct swaplab_window *window)
{
	struct swaplab_readahead readahead = {
		.region = region->id,
		.index = asked->index,
		.first = asked->first,
		.last = asked->last,
		.is_hit = is_hit,
		.in_order = asked->advice & VM_SEQ_READ,
		.max = max,
		.step = 1,
	};

	if (!READ_ONCE(region->pool->binding.reads_ahead) ||
	    !swaplab_policy_readahead(region, &readahead))
		return false;
	window->first = readahead.start;
	window->step = readahead.step;
	window->nr = readahead.step ? min(readahead.nr, max) : 0;
	window->cut = false;
	return true;
}

/*
 * Pages that a block may have: at most a sixteenth of the frames, or it would displace more
 * than it is worth.
 */
static unsigned int nr_around(struct swaplab_pool *pool)
{
	unsigned long nr = READ_ONCE(pool->nr_room) / 16;

	/* That one turns off all guesses. */
	if (!READ_ONCE(pool->tunables.readahead_pages))
		return 0;
	nr = min_t(unsigned long, nr, nr_spare(pool));
	return min_t(unsigned long, nr, READ_ONCE(pool->tunables.readaround_pages));
}

/* Does the set in use seem larger than memory? */
static bool is_near(struct swaplab_pool *pool, u32 evicted)
{
	u32 distance = (u32)atomic_read(&pool->nr_evicted) - evicted;

	return (distance & INT_MAX) < READ_ONCE(pool->nr_room) / 8;
}

/* The aligned block of the page, as far as the mapping of its fault goes. */
static void read_around(struct swaplab_region *region,
			const struct swaplab_asked *asked, u32 evicted)
{
	struct batch batch = {
		.region = region,
		.flags = SWAPLAB_FRAME_AHEAD | SWAPLAB_FRAME_AROUND,
	};
	pgoff_t first, last;
	unsigned int nr;

	nr = swaplab_locality_miss(&region->locality, asked->index,
				   is_near(region->pool, evicted),
				   nr_around(region->pool));
	if (!nr)
		return;
	first = max(round_down(asked->index, (pgoff_t)nr), asked->first);
	last = min(asked->index | (nr - 1), asked->last);
	read_batch(&batch, first, 1, last - first + 1);
	swaplab_locality_read(&region->locality, asked->index, batch.nr);
}

/**
 * swaplab_readahead_miss() - read ahead of a page that had to be read, or around it
 * @region: the region
 * @asked: the page, whose own read is under way
 * @evicted: the pool's eviction clock when the page went
 */
void swaplab_readahead_miss(struct swaplab_region *region,
			    const struct swaplab_asked *asked, u32 evicted)
{
	unsigned int max = swaplab_readahead_nr_affordable(region->pool);
	struct swaplab_window window;

	if (asked->advice & VM_RAND_READ)
		return;
	if (ask_policy(region, asked, false, max, &window)) {
		if (window.nr)
			swaplab_readahead_read(region, &window);
		return;
	}
	if (asked->advice & VM_SEQ_READ)
		swaplab_streams_miss_in_order(&region->streams, asked->index, max, &window);
	else
		swaplab_streams_miss(&region->streams, asked->index, max, &window);
	note_limit(region->pool, &window, max);
	if (window.nr)
		swaplab_readahead_read(region, &window);
	else if (!window.cut)
		read_around(region, asked, evicted);
}

/**
 * swaplab_readahead_hit() - a page is asked for that was read ahead
 * @region: the region
 * @asked: the page
 * @flags: of its frame
 * @rest: pages that are likely to be asked for next; may have been read, or not
 * @next: the pages to read now, if it is time for the next window; else none
 *
 * A page that was read around another one may begin a stream, as if it had to be read. A
 * policy that reads ahead is told of each page, so no others are mapped with it.
 */
void swaplab_readahead_hit(struct swaplab_region *region,
			   const struct swaplab_asked *asked, unsigned int flags,
			   struct swaplab_window *rest, struct swaplab_window *next)
{
	unsigned int max = swaplab_readahead_nr_affordable(region->pool);

	rest->nr = 0;
	if (ask_policy(region, asked, true, max, next))
		return;
	if (!swaplab_streams_hit(&region->streams, asked->index, max, next, rest) &&
	    flags & SWAPLAB_FRAME_AROUND)
		swaplab_streams_miss(&region->streams, asked->index, max, next);
	note_limit(region->pool, next, max);
}
