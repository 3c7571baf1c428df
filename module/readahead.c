// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing pages in before they are asked for, as far as their stream and the frames
 * that are free allow: reading them, or making them where pages are touched for the
 * first time. No task waits for such a read: a work item finishes it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include "frame.h"
#include "pagein.h"
#include "readahead.h"
#include "record.h"
#include "watermark.h"

/**
 * swaplab_readahead_nr_affordable() - pages that may be brought in on a guess now
 * @pool: the pool
 *
 * Guesses leave half of the low watermark to faults that need a frame; the daemon is at
 * work then and makes more. They take no frames while the machine asks for memory.
 */
unsigned int swaplab_readahead_nr_affordable(struct swaplab_pool *pool)
{
	long nr = swaplab_frame_nr_free(pool) - (long)swaplab_watermark_low(pool) / 2;

	if (READ_ONCE(pool->nr_pressure))
		return 0;
	return clamp(nr, 0L, (long)READ_ONCE(pool->tunables.readahead_pages));
}

/* Was a window cut short by a lack of frames, and not by its maximum? */
static void note_limit(struct swaplab_pool *pool,
		       const struct swaplab_window *window, unsigned int max)
{
	if (window->cut && max < READ_ONCE(pool->tunables.readahead_pages) &&
	    !READ_ONCE(pool->nr_pressure))
		swaplab_watermark_note_shortage(pool);
}

/*
 * Adds a page to the transfer, or begins another one with it. Returns false when
 * there is no frame or no memory for more.
 */
static bool read_page(struct swaplab_region *region, pgoff_t index,
		      struct swaplab_io **io)
{
	void *entry = swaplab_region_load(region, index);
	struct swaplab_frame *frame;
	struct swaplab_io *next;

	if (!entry || !xa_is_value(entry))
		return true;
	/* Others may have taken frames since the window was planned. */
	if (!swaplab_readahead_nr_affordable(region->pool)) {
		swaplab_watermark_note_shortage(region->pool);
		return false;
	}
	frame = swaplab_frame_take(region->pool, GFP_NOWAIT | __GFP_NOWARN);
	if (IS_ERR_OR_NULL(frame))
		return false;
	if (*io && swaplab_pagein_extend(*io, index, entry, frame))
		return true;
	next = swaplab_pagein_begin_ahead(region, index, entry, frame);
	if (IS_ERR(next))
		return next == ERR_PTR(-EAGAIN);
	if (*io)
		swaplab_pagein_submit_ahead(*io);
	*io = next;
	return true;
}

/**
 * swaplab_readahead_read() - begin to read a window
 * @region: the region
 * @window: the pages to read; those that are not swapped are left out
 *
 * Reads in the order of indices, also for a stream that goes down: slots may follow that
 * order. Waits while the device takes no more requests.
 */
void swaplab_readahead_read(struct swaplab_region *region,
			    const struct swaplab_window *window)
{
	pgoff_t index = window->first;
	struct swaplab_io *io = NULL;
	struct blk_plug plug;
	unsigned int i;

	if (window->step < 0)
		index += (window->nr - 1) * window->step;
	blk_start_plug(&plug);
	for (i = 0; i < window->nr; i++, index += abs(window->step))
		if (!read_page(region, index, &io))
			break;
	if (io)
		swaplab_pagein_submit_ahead(io);
	blk_finish_plug(&plug);
	swaplab_watermark_check(region->pool);
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
 * swaplab_readahead_miss() - read ahead of a page that had to be read
 * @region: the region
 * @index: of the page, whose own read is under way
 */
void swaplab_readahead_miss(struct swaplab_region *region, pgoff_t index)
{
	unsigned int max = swaplab_readahead_nr_affordable(region->pool);
	struct swaplab_window window;

	swaplab_streams_miss(&region->streams, index, max, &window);
	note_limit(region->pool, &window, max);
	if (window.nr)
		swaplab_readahead_read(region, &window);
}

/**
 * swaplab_readahead_hit() - a page is asked for that was read ahead
 * @region: the region
 * @index: of the page
 * @rest: pages that are likely to be asked for next; may have been read, or not
 * @next: the pages to read now, if it is time for the next window; else none
 */
void swaplab_readahead_hit(struct swaplab_region *region, pgoff_t index,
			   struct swaplab_window *rest,
			   struct swaplab_window *next)
{
	unsigned int max = swaplab_readahead_nr_affordable(region->pool);

	swaplab_streams_hit(&region->streams, index, max, next, rest);
	note_limit(region->pool, next, max);
}
