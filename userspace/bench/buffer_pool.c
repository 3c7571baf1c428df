// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer pool in user space, such as databases have: an array of frames and a table of
 * the pages in them, and no mapping. The program asks for a page and gives it back.
 *
 * A page that is there is pinned without a lock. A miss reads its page by pread(), in the
 * thread that needs it; pages ahead and dirty pages go through a disk_queue. CLOCK chooses
 * the victims; dirty ones are written while they stay usable, neighbours in one request.
 *
 * Each page has its place on the disk, and is read from there once it has been written.
 */

#include <err.h>
#include <string.h>
#include <unistd.h>
#include "buffer_pool.h"

/* When so few frames are free, NR_BATCH are freed. */
#define FEW_FREE	32
#define NR_EVENTS	64
/* The kernel's part of the memory: stacks, descriptors, the ring of requests. */
#define KERNEL_PAGES	32

static void claim_frame(struct pool *pool, uint32_t frame, uint32_t page)
{
	struct frame *f = &pool->frames[frame];

	f->page = page;
	f->is_referenced = false;
	f->is_dirty = false;
	f->is_guess = false;
	atomic_store_explicit(&pool->frame_of[page], frame, memory_order_release);
}

static uint32_t take_free_frame(struct pool *pool)
{
	uint32_t frame = pool->first_free;

	pool->first_free = pool->frames[frame].page;
	pool->nr_free--;
	return frame;
}

static void finish_read(struct pool *pool, const struct transfer *transfer)
{
	uint32_t i;

	for (i = 0; i < transfer->nr_pages; i++)
		publish_frame(pool, frame_at(pool, transfer->pages[i].iov_base), AHEAD);
}

static void reap(struct pool *pool, bool can_sleep)
{
	struct io_event events[NR_EVENTS];
	struct transfer *transfer;
	int i, nr;

	pool->is_reaping = true;
	if (can_sleep)
		pthread_mutex_unlock(&pool->lock);
	nr = disk_queue_wait(&pool->queue, events, NR_EVENTS, can_sleep);
	if (can_sleep)
		pthread_mutex_lock(&pool->lock);
	pool->is_reaping = false;
	for (i = 0; i < nr; i++) {
		transfer = disk_queue_finish(&pool->queue, &events[i]);
		if (transfer->is_write)
			cleaner_finish(pool, transfer);
		else
			finish_read(pool, transfer);
		disk_queue_put(&pool->queue, transfer);
	}
	disk_queue_submit(&pool->queue);
	if (pool->nr_waiting)
		pthread_cond_broadcast(&pool->progress);
}

/* One thread waits for the disk; the others wait for it, or for a thread that reads. */
static void wait_for_progress(struct pool *pool)
{
	if (pool->queue.nr_pending && !pool->is_reaping) {
		reap(pool, true);
		return;
	}
	pool->nr_waiting++;
	pthread_cond_wait(&pool->progress, &pool->lock);
	pool->nr_waiting--;
}

static void keep_frames_free(struct pool *pool, uint32_t few)
{
	if (pool->queue.nr_in_flight && !pool->is_reaping)
		reap(pool, false);
	if (pool->nr_free + pool->nr_cleaning < few)
		cleaner_sweep(pool, NR_BATCH);
}

static uint32_t take_frame(struct pool *pool)
{
	while (!pool->nr_free) {
		cleaner_sweep(pool, NR_BATCH);
		if (!pool->nr_free)
			wait_for_progress(pool);
	}
	return take_free_frame(pool);
}

/* Pages that are absent, in frames that are free, from the lowest page on. */
static void read_span(struct pool *pool, uint32_t first, uint32_t step, uint32_t nr, bool is_guess)
{
	struct transfer *transfer = NULL;
	uint32_t page, frame;

	for (page = first; nr && pool->nr_free; nr--, page += step) {
		if (transfer && (page != transfer->first + transfer->nr_pages ||
				 transfer->nr_pages == TRANSFER_PAGES)) {
			disk_queue_add(&pool->queue, transfer);
			transfer = NULL;
		}
		if (pool->frame_of[page] != NO_FRAME || !pool->is_on_disk[page])
			continue;
		if (!transfer)
			transfer = disk_queue_take(&pool->queue, page, false, NULL);
		if (!transfer)
			return;
		frame = take_free_frame(pool);
		claim_frame(pool, frame, page);
		pool->frames[frame].is_guess = is_guess;
		transfer_add(transfer, frame_address(pool, frame));
		pool->counts.readahead++;
		pool->counts.swap_ins++;
	}
	if (transfer)
		disk_queue_add(&pool->queue, transfer);
}

static bool read_stream(struct pool *pool, uint32_t page)
{
	struct stream *stream = streams_note(&pool->streams, page);
	uint32_t most;
	struct span span;

	if (!stream)
		return false;
	if (!stream_has_room(stream))
		return true;
	keep_frames_free(pool, 2 * NR_BATCH);
	most = pool->nr_free / TRANSFER_PAGES * TRANSFER_PAGES;
	if (most > NR_BATCH)
		most = NR_BATCH;
	if (!most || !stream_extend(&pool->streams, stream, most, &span))
		return true;
	if (span.step < 0)
		read_span(pool, span.first + (span.nr - 1) * span.step, -span.step, span.nr, false);
	else
		read_span(pool, span.first, span.step, span.nr, false);
	disk_queue_submit(&pool->queue);
	return true;
}

static void read_neighbours(struct pool *pool, uint32_t page)
{
	uint32_t first = page / TRANSFER_PAGES * TRANSFER_PAGES, nr = TRANSFER_PAGES;

	if (!guess_is_wanted(&pool->guess))
		return;
	if (pool->streams.nr_pages - first < nr)
		nr = pool->streams.nr_pages - first;
	read_span(pool, first, 1, nr, true);
	disk_queue_submit(&pool->queue);
}

/* Without the lock for a while; the frame is busy, and so waits for this thread. */
static void read_page(struct pool *pool, uint32_t frame, uint32_t page)
{
	pool->counts.misses++;
	pool->counts.swap_ins++;
	keep_frames_free(pool, FEW_FREE);
	if (!read_stream(pool, page))
		read_neighbours(pool, page);
	pthread_mutex_unlock(&pool->lock);
	if (pread(pool->queue.fd, frame_address(pool, frame), PAGE_BYTES,
		  (off_t)page * PAGE_BYTES) != PAGE_BYTES)
		err(2, "page %u", page);
	pthread_mutex_lock(&pool->lock);
}

static void bring_in(struct pool *pool, uint32_t page)
{
	uint32_t frame = take_frame(pool);

	if (pool->frame_of[page] != NO_FRAME) {
		free_frame(pool, frame);
		return;
	}
	claim_frame(pool, frame, page);
	if (pool->is_on_disk[page]) {
		read_page(pool, frame, page);
	} else {
		memset(frame_address(pool, frame), 0, PAGE_BYTES);
		keep_frames_free(pool, FEW_FREE);
	}
	publish_frame(pool, frame, 0);
}

static void use_page_ahead(struct pool *pool, struct frame *frame)
{
	if (!(atomic_fetch_and(&frame->pins, ~AHEAD) & AHEAD))
		return;
	pool->counts.readahead_hits++;
	if (frame->is_guess) {
		guess_learn(&pool->guess, true);
		frame->is_guess = false;
	}
	read_stream(pool, frame->page);
}

static uint32_t pin_slowly(struct pool *pool, uint32_t page)
{
	uint32_t frame;
	bool waited = false;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		frame = pool->frame_of[page];
		if (frame == NO_FRAME) {
			bring_in(pool, page);
		} else if (pool->frames[frame].pins & BUSY) {
			pool->counts.misses += !waited;
			waited = true;
			wait_for_progress(pool);
		} else {
			break;
		}
	}
	/* The sweep that reading ahead may need passes a page that is pinned. */
	atomic_fetch_add(&pool->frames[frame].pins, 1);
	use_page_ahead(pool, &pool->frames[frame]);
	pthread_mutex_unlock(&pool->lock);
	return frame;
}

static bool pin_quickly(struct frame *frame, uint32_t page)
{
	uint32_t pins = atomic_fetch_add(&frame->pins, 1);

	if (!(pins & (BUSY | AHEAD)) && frame->page == page)
		return true;
	atomic_fetch_sub(&frame->pins, 1);
	return false;
}

static void *get_page(struct memory *memory, uint32_t page, bool write)
{
	struct pool *pool = memory->state;
	uint32_t frame = atomic_load_explicit(&pool->frame_of[page], memory_order_acquire);
	struct frame *f;

	if (frame == NO_FRAME || !pin_quickly(&pool->frames[frame], page))
		frame = pin_slowly(pool, page);
	f = &pool->frames[frame];
	if (!f->is_referenced)
		f->is_referenced = true;
	if (write && !f->is_dirty)
		f->is_dirty = true;
	return frame_address(pool, frame);
}

static void put_page(struct memory *memory, uint32_t page)
{
	struct pool *pool = memory->state;

	atomic_fetch_sub(&pool->frames[pool->frame_of[page]].pins, 1);
}

/* The memory for frames is the rest, beside the tables and the page tables of all. */
static uint32_t count_frames(uint32_t nr_frames, uint32_t nr_pages)
{
	size_t others = nr_frames * (sizeof(struct frame) + sizeof(uint64_t)) +
			nr_pages * (sizeof(uint32_t) + sizeof(bool)) + sizeof(struct pool);
	uint32_t pages = others / PAGE_BYTES + KERNEL_PAGES;

	if (nr_frames < pages + 4 * NR_BATCH)
		errx(2, "buffer-pool: --frames %u is too little", nr_frames);
	return nr_frames - pages;
}

static void make_pool(struct memory *memory)
{
	uint32_t i, nr_pages = memory_nr_pages(memory);
	struct pool *pool = memory_reserve(1, sizeof(*pool));

	if (!memory->where)
		errx(2, "buffer-pool:DISK");
	disk_queue_open(&pool->queue, memory->where, memory->disk);
	pool->nr_frames = count_frames(memory->nr_frames, nr_pages);
	pool->memory = memory_reserve(pool->nr_frames, PAGE_BYTES);
	pool->frames = memory_reserve(pool->nr_frames, sizeof(*pool->frames));
	pool->frame_of = memory_reserve(nr_pages, sizeof(*pool->frame_of));
	pool->is_on_disk = memory_reserve(nr_pages, sizeof(*pool->is_on_disk));
	pool->streams.nr_pages = nr_pages;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->progress, NULL);
	for (i = 0; i < nr_pages; i++)
		pool->frame_of[i] = NO_FRAME;
	for (i = pool->nr_frames; i--;) {
		pool->frames[i].pins = BUSY;
		free_frame(pool, i);
	}
	memory->state = pool;
}

static void empty_pool(const struct memory *memory)
{
	struct pool *pool = memory->state;

	pthread_mutex_lock(&pool->lock);
	while (pool->nr_free < pool->nr_frames) {
		cleaner_sweep(pool, NR_BATCH);
		if (pool->queue.nr_pending)
			reap(pool, true);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void count_pool(const struct memory *memory, struct paging *paging)
{
	const struct pool *pool = memory->state;

	*paging = pool->counts;
}

const struct memory_ops buffer_pool = {
	.name = "buffer-pool",
	.map = make_pool,
	.page_out = empty_pool,
	.count = count_pool,
	.bytes = memory_cgroup_peak,
	.get = get_page,
	.put = put_page,
};
