// SPDX-License-Identifier: GPL-2.0
/* Takes pages out of the frames of the buffer pool, and writes those that are dirty. */

#include <stdlib.h>
#include "buffer_pool.h"

/* The frame is busy, and clean. */
static void drop_page(struct pool *pool, uint32_t frame)
{
	struct frame *f = &pool->frames[frame];

	if (f->is_guess)
		guess_learn(&pool->guess, false);
	atomic_store_explicit(&pool->frame_of[f->page], NO_FRAME, memory_order_release);
	free_frame(pool, frame);
}

static int compare_pages(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* No transfer is free: the frame is dirty as before. */
static void keep_dirty(struct pool *pool, uint32_t frame)
{
	pool->frames[frame].is_dirty = true;
	pool->nr_cleaning--;
	atomic_fetch_sub(&pool->frames[frame].pins, 1);
}

/* Each has its page above and its frame below, so that neighbours get together. */
static void write_frames(struct pool *pool, uint64_t *dirty, uint32_t nr)
{
	struct transfer *transfer = NULL;
	uint32_t i, page, frame;

	qsort(dirty, nr, sizeof(*dirty), compare_pages);
	for (i = 0; i < nr; i++) {
		page = dirty[i] >> 32;
		frame = dirty[i];
		if (transfer && (page != transfer->first + transfer->nr_pages ||
				 transfer->nr_pages == TRANSFER_PAGES)) {
			disk_queue_add(&pool->queue, transfer);
			transfer = NULL;
		}
		if (!transfer)
			transfer = disk_queue_take(&pool->queue, page, true, NULL);
		if (transfer)
			transfer_add(transfer, frame_address(pool, frame));
		else
			keep_dirty(pool, frame);
	}
	if (transfer)
		disk_queue_add(&pool->queue, transfer);
}

/**
 * cleaner_sweep() - free frames, by CLOCK, at once or when they are written
 * @pool: the pool, locked
 * @wanted: how many, NR_BATCH at most
 *
 * A dirty victim is clean from here on: no thread has it pinned, and one that writes to it
 * makes it dirty anew. The write's pin keeps it.
 */
void cleaner_sweep(struct pool *pool, uint32_t wanted)
{
	uint32_t pins, nr = 0, nr_dirty = 0, steps = 2 * pool->nr_frames;
	uint64_t dirty[NR_BATCH];
	struct frame *frame;

	for (; steps && nr < wanted; steps--) {
		pool->hand = pool->hand + 1 < pool->nr_frames ? pool->hand + 1 : 0;
		frame = &pool->frames[pool->hand];
		pins = frame->pins;
		if (pins & ~AHEAD)
			continue;
		if (frame->is_referenced) {
			frame->is_referenced = false;
			continue;
		}
		if (!make_busy(frame, pins))
			continue;
		nr++;
		if (frame->is_dirty) {
			frame->is_dirty = false;
			pool->nr_cleaning++;
			dirty[nr_dirty++] = (uint64_t)frame->page << 32 | pool->hand;
			publish_frame(pool, pool->hand, 1);
		} else {
			drop_page(pool, pool->hand);
		}
	}
	write_frames(pool, dirty, nr_dirty);
	disk_queue_submit(&pool->queue);
}

/**
 * cleaner_finish() - free the frames that are written; a page that was used meanwhile stays
 * @pool: the pool, locked
 * @transfer: the write
 */
void cleaner_finish(struct pool *pool, const struct transfer *transfer)
{
	struct frame *frame;
	uint32_t i, nr;

	for (i = 0; i < transfer->nr_pages; i++) {
		nr = frame_at(pool, transfer->pages[i].iov_base);
		frame = &pool->frames[nr];
		pool->is_on_disk[frame->page] = true;
		pool->nr_cleaning--;
		atomic_fetch_sub(&frame->pins, 1);
		if (frame->is_referenced || !make_busy(frame, 0))
			continue;
		if (frame->is_dirty)
			publish_frame(pool, nr, 0);
		else
			drop_page(pool, nr);
	}
}
