// SPDX-License-Identifier: GPL-2.0
/*
 * Memory into which a pager reads pages before it puts them in their places. It counts as
 * the pager's memory; that of a chunk which was not used for a while goes back.
 */

#include <err.h>
#include <stddef.h>
#include <sys/mman.h>
#include "chunks.h"
#include "memory.h"

#define IDLE_FAULTS	256

/**
 * chunks_make() - make the chunks
 * @chunks: filled in
 * @nr_pages: of the memory that is paged
 */
void chunks_make(struct chunks *chunks, uint32_t nr_pages)
{
	struct chunk *chunk;
	int i;

	chunks->of_page = memory_reserve(nr_pages, sizeof(*chunks->of_page));
	for (i = 0; i < NR_AHEAD + NR_DEMAND; i++) {
		chunk = &chunks->chunks[i];
		chunk->is_ahead = i < NR_AHEAD;
		chunk->buffer = memory_reserve(chunk->is_ahead ? TRANSFER_PAGES : 1, PAGE_BYTES);
		chunk->nr_held = chunk->is_ahead ? 0 : 1;
		chunks->nr_held += chunk->nr_held;
		chunk_release(chunks, chunk);
	}
}

/* The one that was read for nothing longest ago. */
static void release_oldest(struct chunks *chunks)
{
	struct chunk *chunk, *oldest = NULL;

	for (chunk = chunks->chunks; chunk < chunks->chunks + NR_AHEAD; chunk++)
		if (!chunk->nr_requests && !chunk->is_wanted &&
		    (!oldest || chunk->last_used < oldest->last_used))
			oldest = chunk;
	if (oldest)
		chunk_release(chunks, oldest);
}

static void fill_in(struct chunks *chunks, struct chunk *chunk, uint32_t first, uint32_t step,
		    uint32_t nr)
{
	uint32_t i;

	chunks->unused[chunk->is_ahead] = chunk->next;
	chunk->first = first;
	chunk->step = step;
	chunk->nr = nr;
	chunk->nr_requests = 0;
	chunk->last_used = chunks->clock;
	chunk->is_wanted = false;
	chunk->is_written = false;
	for (i = 0; i < nr; i++)
		chunks->of_page[first + i * step] = chunk;
}

/**
 * chunk_take_for_fault() - get a chunk for a page that a thread waits for
 * @chunks: the chunks
 * @page: the page, which has none
 *
 * Return: the chunk. More than NR_DEMAND threads that wait end the program.
 */
struct chunk *chunk_take_for_fault(struct chunks *chunks, uint32_t page)
{
	struct chunk *chunk = chunks->unused[false];

	if (!chunk)
		errx(2, "userfaultfd: more than %d threads", NR_DEMAND);
	fill_in(chunks, chunk, page, 1, 1);
	chunk->is_wanted = true;
	return chunk;
}

/**
 * chunk_take() - get a chunk for pages to be read ahead
 * @chunks: the chunks
 * @first: the lowest page
 * @step: to the next one
 * @nr: how many
 * @nr_free: pages of memory that the chunk may take
 *
 * Return: the chunk; NULL: there is no chunk, or no memory.
 */
struct chunk *chunk_take(struct chunks *chunks, uint32_t first, uint32_t step, uint32_t nr,
			 uint32_t nr_free)
{
	struct chunk *chunk;

	if (!chunks->unused[true])
		release_oldest(chunks);
	chunk = chunks->unused[true];
	if (!chunk || (nr > chunk->nr_held && nr - chunk->nr_held > nr_free))
		return NULL;
	if (nr > chunk->nr_held) {
		chunks->nr_held += nr - chunk->nr_held;
		chunk->nr_held = nr;
	}
	fill_in(chunks, chunk, first, step, nr);
	return chunk;
}

/**
 * chunk_read() - queue the requests: one, if the pages lie together, else one for each
 * @chunk: filled in
 * @queue: has as many transfers
 */
void chunk_read(struct chunk *chunk, struct disk_queue *queue)
{
	struct transfer *transfer = NULL;
	uint32_t i, page = chunk->first;

	for (i = 0; i < chunk->nr; i++, page += chunk->step) {
		if (!transfer || chunk->step != 1) {
			transfer = disk_queue_take(queue, page, false, chunk);
			if (!transfer)
				errx(2, "userfaultfd: too many requests");
			chunk->nr_requests++;
		}
		transfer_add(transfer, chunk->buffer + i * PAGE_BYTES);
		if (chunk->step != 1 || i + 1 == chunk->nr)
			disk_queue_add(queue, transfer);
	}
}

/**
 * chunk_release() - give a chunk back, which has its pages no more
 * @chunks: the chunks
 * @chunk: without requests
 */
void chunk_release(struct chunks *chunks, struct chunk *chunk)
{
	uint32_t i;

	for (i = 0; i < chunk->nr; i++)
		chunks->of_page[chunk->first + i * chunk->step] = NULL;
	chunk->next = chunks->unused[chunk->is_ahead];
	chunks->unused[chunk->is_ahead] = chunk;
}

/**
 * chunks_drop_idle() - give memory back
 * @chunks: the chunks
 */
void chunks_drop_idle(struct chunks *chunks)
{
	struct chunk *chunk;

	for (chunk = chunks->unused[true]; chunk; chunk = chunk->next) {
		if (!chunk->nr_held || chunks->clock - chunk->last_used < IDLE_FAULTS)
			continue;
		if (madvise(chunk->buffer, TRANSFER_PAGES * PAGE_BYTES, MADV_DONTNEED))
			err(2, "MADV_DONTNEED");
		chunks->nr_held -= chunk->nr_held;
		chunk->nr_held = 0;
	}
}
