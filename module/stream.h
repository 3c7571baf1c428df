/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Streams: pages that are asked for at a constant step, up or down, and how far
 * ahead of them it is worth to read.
 */
#ifndef _SWAPLAB_STREAM_H
#define _SWAPLAB_STREAM_H

#include <linux/spinlock.h>
#include <linux/types.h>

/* Streams that a region can have at once, and candidates for one. */
#define SWAPLAB_STREAMS	16

/**
 * struct swaplab_window - pages at a constant step
 * @first: index of the first
 * @step: from one to the next; may be negative
 * @nr: how many; 0: none
 * @cut: it would have been longer, had more pages been allowed
 */
struct swaplab_window {
	pgoff_t first;
	long step;
	unsigned int nr;
	bool cut;
};

/**
 * struct swaplab_stream - a stream, or a candidate for one
 * @last: the page asked for last
 * @step: from one page to the next; 0: only one page is known
 * @mark: when this page, or one behind it, is asked for, the next window is read
 * @next: the first page that has not been read ahead
 * @size: pages in the last window; 0: not known to be a stream yet
 * @run: pages asked for one after the other, with none left out
 * @used: clock of the table when a page was asked for last
 */
struct swaplab_stream {
	pgoff_t last;
	long step;
	pgoff_t mark;
	pgoff_t next;
	unsigned int size;
	unsigned int run;
	unsigned int used;
};

/**
 * struct swaplab_streams - the streams of a region
 * @lock: Protects: all of it
 * @clock: goes on with each page asked for
 * @credit: what the pages read ahead have been worth
 * @streams: in no order; the one not used for longest is replaced
 */
struct swaplab_streams {
	spinlock_t lock;		/* all of it */
	unsigned int clock;
	int credit;
	struct swaplab_stream streams[SWAPLAB_STREAMS];
};

void swaplab_streams_init(struct swaplab_streams *streams);
void swaplab_streams_miss(struct swaplab_streams *streams, pgoff_t index,
			  unsigned int max, struct swaplab_window *window);
void swaplab_streams_miss_in_order(struct swaplab_streams *streams, pgoff_t index,
				   unsigned int max, struct swaplab_window *window);
bool swaplab_streams_hit(struct swaplab_streams *streams, pgoff_t index,
			 unsigned int max, struct swaplab_window *window,
			 struct swaplab_window *rest);
bool swaplab_streams_go_on(struct swaplab_streams *streams, unsigned int max,
			   struct swaplab_window *window);
void swaplab_streams_wasted(struct swaplab_streams *streams);

#endif /* _SWAPLAB_STREAM_H */
