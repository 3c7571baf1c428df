// SPDX-License-Identifier: GPL-2.0
/*
 * A pager in user space by userfaultfd: private anonymous memory, in which one thread of
 * this process puts pages, and from which it takes them. All that waits for the disk does
 * so at the same time, as the thread itself waits for faults and requests alike.
 *
 * A page is read into a chunk, one page for a fault, or up to TRANSFER_PAGES ahead of a
 * stream. A chunk that was read ahead is put in place as a whole at its first fault, and
 * stays out of place until then, so that the pager sees that the stream goes on. Faults
 * are all that it sees: the victim is the page that came in first.
 *
 * A page is protected against writing while it is written to the disk, from where it is; a
 * thread that writes to it has it back at once. "userfaultfd" also protects pages that
 * were read, and so has to write only those that a thread wrote to, at the cost of a second
 * fault; "userfaultfd-plain" takes all pages for dirty.
 */

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "chunks.h"
#include "disk_queue.h"
#include "memory.h"
#include "streams.h"
#include "uffd.h"

/* When so few frames are free, or come free, so many are freed. */
#define FEW_FREE	48
#define NR_BATCH	32
#define NR_EVENTS	64
/* The kernel's part of the memory: stacks, descriptors, the ring of requests. */
#define KERNEL_PAGES	40
#define STACK_BYTES	(64 * 1024)

/* Watches of the queue. */
enum { FAULTS, REQUESTS };

/* Of a page. Before it is written to the disk, it is EMPTY, or DIRTY. */
enum state {
	EMPTY,		/* zeroes */
	ON_DISK,	/* or in a chunk */
	CLEAN,		/* in place, and protected */
	DIRTY,
	WRITING,	/* in place, protected */
	RESCUED,	/* DIRTY, while an older content of it is written */
};

struct pager {
	char *start;
	int fd;
	bool knows_clean;		/* what was read is protected */
	uint8_t *states;		/* by page */
	uint32_t nr_frames;
	uint32_t nr_resident;		/* frames in place */
	uint32_t nr_writing;
	uint32_t *fifo;			/* pages, a ring of nr_frames */
	uint32_t fifo_head;
	uint32_t fifo_len;
	struct chunks chunks;
	struct chunk *waiting;		/* for frames */
	const char *zeroes;		/* never written to, so not in memory */
	struct streams streams;
	struct disk_queue queue;
	struct paging counts;
	int empty_request;		/* an eventfd */
	bool is_emptying;
	sem_t is_empty;
};

static char *page_address(const struct pager *pager, uint32_t page)
{
	return pager->start + (size_t)page * PAGE_BYTES;
}

static uint32_t page_at(const struct pager *pager, const void *address)
{
	return ((const char *)address - pager->start) / PAGE_BYTES;
}

static uint32_t count_free(const struct pager *pager)
{
	return pager->nr_frames - pager->nr_resident - pager->chunks.nr_held;
}

static void add_to_fifo(struct pager *pager, uint32_t page)
{
	uint32_t tail = (pager->fifo_head + pager->fifo_len++) % pager->nr_frames;

	pager->fifo[tail] = page;
}

/* Puts pages in place, which wakes the threads that wait for them. */
static void place(struct pager *pager, const char *pages, uint32_t first, uint32_t nr,
		  enum state state)
{
	uint32_t page;

	uffd_copy(pager->fd, page_address(pager, first), pages, (size_t)nr * PAGE_BYTES,
		  state == CLEAN);
	pager->nr_resident += nr;
	for (page = first; page < first + nr; page++) {
		pager->states[page] = state;
		add_to_fifo(pager, page);
	}
}

static void place_chunk(struct pager *pager, struct chunk *chunk)
{
	enum state state = pager->knows_clean && !chunk->is_written ? CLEAN : DIRTY;
	uint32_t i;

	if (count_free(pager) < chunk->nr) {
		chunk->next = pager->waiting;
		pager->waiting = chunk;
		return;
	}
	if (chunk->step == 1)
		place(pager, chunk->buffer, chunk->first, chunk->nr, state);
	for (i = 0; chunk->step > 1 && i < chunk->nr; i++)
		place(pager, chunk->buffer + i * PAGE_BYTES, chunk->first + i * chunk->step, 1,
		      state);
	if (chunk->is_ahead)
		pager->counts.readahead_hits += chunk->nr;
	chunk_release(&pager->chunks, chunk);
}

static void place_waiting(struct pager *pager)
{
	struct chunk *chunk = pager->waiting, *next;

	pager->waiting = NULL;
	for (; chunk; chunk = next) {
		next = chunk->next;
		place_chunk(pager, chunk);
	}
}

static bool can_be_read(const struct pager *pager, uint32_t page)
{
	return pager->states[page] == ON_DISK && !pager->chunks.of_page[page];
}

/* Half of the requests are left for threads and for writes. */
static void read_ahead(struct pager *pager, struct stream *stream)
{
	struct chunk *chunk;
	struct span span;
	uint32_t nr, step;

	while (pager->queue.nr_pending < NR_TRANSFERS / 2 &&
	       stream_extend(&pager->streams, stream, TRANSFER_PAGES, &span)) {
		for (nr = 0; nr < span.nr; nr++)
			if (!can_be_read(pager, span.first + nr * span.step))
				break;
		if (!nr)
			continue;
		step = abs(span.step);
		if (span.step < 0)
			span.first -= (nr - 1) * step;
		chunk = chunk_take(&pager->chunks, span.first, nr > 1 ? step : 1, nr,
				   count_free(pager));
		if (!chunk)
			return;
		chunk_read(chunk, &pager->queue);
		pager->counts.swap_ins += nr;
		pager->counts.readahead += nr;
	}
}

/* A stream of first touches gets the pages ahead of it, too. */
static void touch_first(struct pager *pager, uint32_t page, struct stream *stream)
{
	struct chunk *chunk;
	struct span span;
	uint32_t nr = 1;

	if (!count_free(pager)) {
		chunk = chunk_take_for_fault(&pager->chunks, page);
		memset(chunk->buffer, 0, PAGE_BYTES);
		chunk->is_written = true;
		place_chunk(pager, chunk);
		return;
	}
	if (stream && stream->step == 1 &&
	    stream_extend(&pager->streams, stream, TRANSFER_PAGES - 1, &span))
		while (nr <= span.nr && nr < count_free(pager) && pager->states[page + nr] == EMPTY)
			nr++;
	place(pager, pager->zeroes, page, nr, DIRTY);
}

static void handle_missing(struct pager *pager, uint32_t page, bool is_write)
{
	struct chunk *chunk = pager->chunks.of_page[page];
	struct stream *stream;

	if (pager->states[page] > ON_DISK) {
		uffd_wake(pager->fd, page_address(pager, page), PAGE_BYTES);
		return;
	}
	if (chunk && chunk->is_wanted)
		return;
	stream = streams_note(&pager->streams, page);
	if (pager->states[page] == EMPTY) {
		touch_first(pager, page, stream);
		return;
	}
	pager->counts.misses += !chunk || chunk->nr_requests;
	if (!chunk) {
		chunk = chunk_take_for_fault(&pager->chunks, page);
		chunk_read(chunk, &pager->queue);
		chunk->is_written = is_write;
		pager->counts.swap_ins++;
	}
	chunk->is_wanted = true;
	if (stream)
		read_ahead(pager, stream);
	if (!chunk->nr_requests)
		place_chunk(pager, chunk);
}

static void handle_protected(struct pager *pager, uint32_t page)
{
	uint8_t *state = &pager->states[page];

	if (*state == CLEAN || *state == WRITING) {
		*state = *state == CLEAN ? DIRTY : RESCUED;
		uffd_protect(pager->fd, page_address(pager, page), PAGE_BYTES, false);
	} else {
		uffd_wake(pager->fd, page_address(pager, page), PAGE_BYTES);
	}
}

static void handle_faults(struct pager *pager)
{
	struct fault faults[NR_FAULTS];
	int i, nr = uffd_read(pager->fd, faults);
	uint32_t page;

	pager->chunks.clock += nr;
	for (i = 0; i < nr; i++) {
		page = page_at(pager, faults[i].address);
		if (faults[i].is_protected)
			handle_protected(pager, page);
		else
			handle_missing(pager, page, faults[i].is_write);
	}
}

static void drop_pages(struct pager *pager, uint32_t first, uint32_t nr)
{
	if (madvise(page_address(pager, first), (size_t)nr * PAGE_BYTES, MADV_DONTNEED))
		err(2, "MADV_DONTNEED");
	memset(pager->states + first, ON_DISK, nr);
	pager->nr_resident -= nr;
}

static void write_pages(struct pager *pager, uint32_t first, uint32_t nr)
{
	struct transfer *transfer = disk_queue_take(&pager->queue, first, true, NULL);
	uint32_t page;

	if (!transfer)
		errx(2, "userfaultfd: too many requests");
	uffd_protect(pager->fd, page_address(pager, first), (size_t)nr * PAGE_BYTES, true);
	memset(pager->states + first, WRITING, nr);
	for (page = first; page < first + nr; page++)
		transfer_add(transfer, page_address(pager, page));
	disk_queue_add(&pager->queue, transfer);
	pager->nr_writing += nr;
}

static int compare_pages(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A protected page cannot change: a thread that writes to it faults, and finds it gone. */
static void evict_batch(struct pager *pager)
{
	uint32_t victims[NR_BATCH], nr, i, len;
	enum state state;

	for (nr = 0; nr < NR_BATCH && pager->fifo_len; nr++) {
		victims[nr] = pager->fifo[pager->fifo_head];
		pager->fifo_head = (pager->fifo_head + 1) % pager->nr_frames;
		pager->fifo_len--;
	}
	qsort(victims, nr, sizeof(*victims), compare_pages);
	for (i = 0; i < nr; i += len) {
		state = pager->states[victims[i]];
		for (len = 1; i + len < nr && len < TRANSFER_PAGES; len++)
			if (victims[i + len] != victims[i] + len ||
			    pager->states[victims[i + len]] != state)
				break;
		if (state == CLEAN)
			drop_pages(pager, victims[i], len);
		else
			write_pages(pager, victims[i], len);
	}
}

static void keep_frames_free(struct pager *pager)
{
	if (count_free(pager) + pager->nr_writing >= FEW_FREE)
		return;
	chunks_drop_idle(&pager->chunks);
	while (count_free(pager) + pager->nr_writing < FEW_FREE && pager->fifo_len)
		evict_batch(pager);
	disk_queue_submit(&pager->queue);
}

static void finish_write(struct pager *pager, const struct transfer *transfer)
{
	uint32_t page = transfer->first, end = page + transfer->nr_pages, len;

	pager->nr_writing -= transfer->nr_pages;
	for (; page < end; page += len) {
		for (len = 0; page + len < end && pager->states[page + len] == WRITING; len++)
			;
		if (len) {
			drop_pages(pager, page, len);
			continue;
		}
		pager->states[page] = DIRTY;
		add_to_fifo(pager, page);
		len = 1;
	}
}

static void finish_read(struct pager *pager, const struct transfer *transfer)
{
	struct chunk *chunk = transfer->owner;

	if (!--chunk->nr_requests && chunk->is_wanted)
		place_chunk(pager, chunk);
}

static void begin_emptying(struct pager *pager)
{
	uint64_t nr;

	if (read(pager->empty_request, &nr, sizeof(nr)) != sizeof(nr))
		err(2, "eventfd");
	pager->is_emptying = true;
	disk_queue_watch(&pager->queue, REQUESTS, pager->empty_request);
}

/* Chunks that nobody wanted stay: their content is that of the disk. */
static void go_on_emptying(struct pager *pager)
{
	if (!pager->is_emptying)
		return;
	while (pager->fifo_len && pager->queue.nr_pending < NR_TRANSFERS / 4)
		evict_batch(pager);
	if (pager->nr_resident)
		return;
	pager->is_emptying = false;
	sem_post(&pager->is_empty);
}

static void finish_transfer(struct pager *pager, struct transfer *transfer)
{
	if (transfer->is_write)
		finish_write(pager, transfer);
	else
		finish_read(pager, transfer);
	disk_queue_put(&pager->queue, transfer);
}

static void handle_events(struct pager *pager)
{
	struct io_event events[NR_EVENTS];
	bool has_faults = false;
	int i, nr;

	nr = disk_queue_wait(&pager->queue, events, NR_EVENTS, true);
	for (i = 0; i < nr; i++) {
		if (disk_queue_tells(&pager->queue, &events[i], FAULTS))
			has_faults = true;
		else if (disk_queue_tells(&pager->queue, &events[i], REQUESTS))
			begin_emptying(pager);
		else
			finish_transfer(pager, disk_queue_finish(&pager->queue, &events[i]));
	}
	place_waiting(pager);
	if (!has_faults)
		return;
	handle_faults(pager);
	disk_queue_watch(&pager->queue, FAULTS, pager->fd);
}

/* What threads wait for comes first: frames are freed while the disk reads. */
static void *page_all(void *data)
{
	struct pager *pager = data;

	disk_queue_watch(&pager->queue, FAULTS, pager->fd);
	disk_queue_watch(&pager->queue, REQUESTS, pager->empty_request);
	for (;;) {
		disk_queue_submit(&pager->queue);
		handle_events(pager);
		disk_queue_submit(&pager->queue);
		keep_frames_free(pager);
		go_on_emptying(pager);
	}
	return NULL;
}

/* The memory for frames is the rest, beside the tables and the page tables of all. */
static uint32_t count_frames(uint32_t nr_frames, uint32_t nr_pages)
{
	size_t others = nr_pages * (sizeof(uint8_t) + sizeof(struct chunk *) + sizeof(uint64_t)) +
			nr_frames * sizeof(uint32_t) + sizeof(struct pager);
	uint32_t pages = others / PAGE_BYTES + KERNEL_PAGES;

	if (nr_frames < pages + 4 * FEW_FREE)
		errx(2, "userfaultfd: --frames %u is too little", nr_frames);
	return nr_frames - pages;
}

static void start_pager(struct memory *memory, bool knows_clean)
{
	struct pager *pager = memory_reserve(1, sizeof(*pager));
	uint32_t nr_pages = memory_nr_pages(memory);
	pthread_attr_t small;
	pthread_t thread;

	if (!memory->where)
		errx(2, "%s:DISK", memory->ops->name);
	disk_queue_open(&pager->queue, memory->where, memory->disk);
	memory->start = memory_reserve(nr_pages, PAGE_BYTES);
	madvise(memory->start, memory->size, MADV_NOHUGEPAGE);
	pager->start = memory->start;
	pager->fd = uffd_open(memory->start, memory->size);
	pager->knows_clean = knows_clean;
	pager->nr_frames = count_frames(memory->nr_frames, nr_pages);
	pager->states = memory_reserve(nr_pages, sizeof(*pager->states));
	pager->fifo = memory_reserve(pager->nr_frames, sizeof(*pager->fifo));
	pager->zeroes = memory_reserve(TRANSFER_PAGES, PAGE_BYTES);
	pager->streams.nr_pages = nr_pages;
	chunks_make(&pager->chunks, nr_pages);
	sem_init(&pager->is_empty, 0, 0);
	pager->empty_request = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	memory->state = pager;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	if (pager->empty_request < 0 || pthread_create(&thread, &small, page_all, pager))
		err(2, "userfaultfd: no pager");
}

static void map_protected(struct memory *memory)
{
	start_pager(memory, true);
}

static void map_plain(struct memory *memory)
{
	start_pager(memory, false);
}

static void empty_memory(const struct memory *memory)
{
	struct pager *pager = memory->state;
	uint64_t one = 1;

	if (write(pager->empty_request, &one, sizeof(one)) != sizeof(one))
		err(2, "eventfd");
	sem_wait(&pager->is_empty);
}

static void count_pager(const struct memory *memory, struct paging *paging)
{
	const struct pager *pager = memory->state;

	*paging = pager->counts;
}

const struct memory_ops uffd_pager = {
	.name = "userfaultfd",
	.map = map_protected,
	.page_out = empty_memory,
	.count = count_pager,
	.bytes = memory_cgroup_peak,
};

const struct memory_ops uffd_plain_pager = {
	.name = "userfaultfd-plain",
	.map = map_plain,
	.page_out = empty_memory,
	.count = count_pager,
	.bytes = memory_cgroup_peak,
};
