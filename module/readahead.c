// SPDX-License-Identifier: GPL-2.0
/*
 * Reading pages before they are asked for, as far as their stream and the frames
 * that are free allow. Nobody waits for such a read: a work item finishes it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include "pagein.h"
#include "readahead.h"
#include "watermark.h"

/*
 * Pages that may be read on a guess now. Guesses leave half of the low watermark
 * to those who need a frame; the daemon is at work then and makes more. They take
 * nothing of what the machine has just asked for.
 */
static unsigned int nr_affordable(struct swaplab_pool *pool)
{
	long nr = swaplab_pool_nr_free(pool) - (long)swaplab_watermark_low(pool) / 2;

	if (READ_ONCE(pool->nr_pressure))
		return 0;
	return clamp(nr, 0L, (long)READ_ONCE(pool->readahead_pages));
}

/* A window was cut short: for want of frames, not because it is as long as it may? */
static void note_limit(struct swaplab_pool *pool,
		       const struct swaplab_window *window, unsigned int max)
{
	if (window->cut && max < READ_ONCE(pool->readahead_pages) &&
	    !READ_ONCE(pool->nr_pressure))
		swaplab_watermark_strain(pool);
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
	if (!nr_affordable(region->pool)) {
		swaplab_watermark_strain(region->pool);
		return false;
	}
	frame = swaplab_pool_take(region->pool, GFP_NOWAIT | __GFP_NOWARN);
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
 * @window: what to read; pages that are not swapped are left out
 *
 * In the order of indices, whatever that of the stream: slots may follow it.
 * Waits while the device takes no more requests.
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
	swaplab_watermark_tend(region->pool);
}

/**
 * swaplab_readahead_miss() - a page had to be read: what will be next?
 * @region: the region
 * @index: of the page, whose own read is under way
 */
void swaplab_readahead_miss(struct swaplab_region *region, pgoff_t index)
{
	unsigned int max = nr_affordable(region->pool);
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
 * @next: what to read now, if it is time; else nothing
 */
void swaplab_readahead_hit(struct swaplab_region *region, pgoff_t index,
			   struct swaplab_window *rest,
			   struct swaplab_window *next)
{
	unsigned int max = nr_affordable(region->pool);

	swaplab_streams_hit(&region->streams, index, max, next, rest);
	note_limit(region->pool, next, max);
}
