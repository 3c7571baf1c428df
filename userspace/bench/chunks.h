/* SPDX-License-Identifier: GPL-2.0 */
/* Memory into which a pager reads pages before it puts them in their places. */
#ifndef _BENCH_CHUNKS_H
#define _BENCH_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>
#include "disk_queue.h"

/* Chunks for pages read ahead, and for threads that fault at once. */
#define NR_AHEAD	32
#define NR_DEMAND	24

/**
 * struct chunk - pages with equal steps between them
 * @next: in a list
 * @buffer: their content
 * @first: the lowest page
 * @step: to the next one
 * @nr: how many; TRANSFER_PAGES at most, or 1 for a thread
 * @nr_requests: of these pages, under way
 * @nr_held: pages of memory that the buffer takes
 * @last_used: by the clock
 * @is_ahead: or for a page that a thread needs
 * @is_wanted: by a thread
 * @is_written: by that thread
 */
struct chunk {
	struct chunk *next;
	char *buffer;
	uint32_t first;
	uint32_t step;
	uint32_t nr;
	uint32_t nr_requests;
	uint32_t nr_held;
	uint32_t last_used;
	bool is_ahead;
	bool is_wanted;
	bool is_written;
};

/**
 * struct chunks - all of them
 * @chunks: those for pages read ahead come first
 * @unused: for a thread, and ahead
 * @of_page: the chunk that has the page, or NULL
 * @nr_held: pages of memory that all buffers take
 * @clock: the caller counts faults in it
 */
struct chunks {
	struct chunk chunks[NR_AHEAD + NR_DEMAND];
	struct chunk *unused[2];
	struct chunk **of_page;
	uint32_t nr_held;
	uint32_t clock;
};

void chunks_make(struct chunks *chunks, uint32_t nr_pages);
struct chunk *chunk_take_for_fault(struct chunks *chunks, uint32_t page);
struct chunk *chunk_take(struct chunks *chunks, uint32_t first, uint32_t step, uint32_t nr,
			 uint32_t nr_free);
void chunk_read(struct chunk *chunk, struct disk_queue *queue);
void chunk_release(struct chunks *chunks, struct chunk *chunk);
void chunks_drop_idle(struct chunks *chunks);

#endif /* _BENCH_CHUNKS_H */
