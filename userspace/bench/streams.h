/* SPDX-License-Identifier: GPL-2.0 */
/* What a pager in user space reads ahead of its faults. */
#ifndef _BENCH_STREAMS_H
#define _BENCH_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#define NR_STREAMS	16

/**
 * struct stream - accesses with equal steps between their pages
 * @last: the last page that was accessed
 * @step: pages from one access to the next; 0: not known yet
 * @tentative: the last step, which has to come twice
 * @ahead: the last page that was asked for
 * @window: pages to be ahead
 * @used: when it was last used
 */
struct stream {
	uint32_t last;
	int32_t step;
	int32_t tentative;
	uint32_t ahead;
	uint32_t window;
	uint32_t used;
};

/**
 * struct streams - the streams that are known
 * @nr_pages: of the memory
 * @clock: counts the uses
 * @streams: each of them
 */
struct streams {
	uint32_t nr_pages;
	uint32_t clock;
	struct stream streams[NR_STREAMS];
};

/**
 * struct span - pages to be read
 * @first: the first one
 * @step: to the next one
 * @nr: how many
 */
struct span {
	uint32_t first;
	int32_t step;
	uint32_t nr;
};

struct stream *streams_note(struct streams *streams, uint32_t page);
bool stream_has_room(const struct stream *stream);
bool stream_extend(const struct streams *streams, struct stream *stream, uint32_t most,
		   struct span *span);

#endif /* _BENCH_STREAMS_H */
