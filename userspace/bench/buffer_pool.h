/* SPDX-License-Identifier: GPL-2.0 */
/* The frames of the buffer pool, as its files share them. */
#ifndef _BENCH_BUFFER_POOL_H
#define _BENCH_BUFFER_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "disk_queue.h"
#include "guess.h"
#include "memory.h"
#include "streams.h"

#define NO_FRAME	UINT32_MAX
/* Of a frame's pins: nobody may pin it, as it is free, or being read. */
#define BUSY		0x80000000U
/* And: read ahead, and not used yet. */
#define AHEAD		0x40000000U

/* Frames that are freed at a time. */
#define NR_BATCH	64

/*
 * Only the holder of the lock sets BUSY, and only on a frame without pins, so the other
 * members of a frame that is pinned stay. A thread that pins a frame for a moment, finds
 * it busy, or another page in it, and unpins it, does no harm.
 */
struct frame {
	_Atomic uint32_t pins;
	uint32_t page;			/* or the next free frame */
	_Atomic uint8_t is_referenced;
	_Atomic uint8_t is_dirty;	/* set by a thread that has it pinned */
	bool is_guess;
};

struct pool {
	char *memory;
	struct frame *frames;
	_Atomic uint32_t *frame_of;	/* by page; changed by the lock's holder alone */
	uint32_t nr_frames;
	/* Protects: all below, and the system calls on the queue, but for waiting. */
	pthread_mutex_t lock;
	pthread_cond_t progress;	/* a frame stopped being busy, or came free */
	uint32_t nr_waiting;
	bool is_reaping;		/* a thread waits for the disk, without the lock */
	bool *is_on_disk;		/* by page */
	uint32_t first_free;
	uint32_t nr_free;
	uint32_t nr_cleaning;
	uint32_t hand;
	struct streams streams;
	struct guess guess;
	struct disk_queue queue;
	struct paging counts;
};

static inline void *frame_address(const struct pool *pool, uint32_t frame)
{
	return pool->memory + (size_t)frame * PAGE_BYTES;
}

static inline uint32_t frame_at(const struct pool *pool, const void *address)
{
	return ((const char *)address - pool->memory) / PAGE_BYTES;
}

static inline void free_frame(struct pool *pool, uint32_t frame)
{
	pool->frames[frame].page = pool->first_free;
	pool->first_free = frame;
	pool->nr_free++;
}

/* From busy to usable, whatever pins come and go meanwhile. */
static inline void publish_frame(struct pool *pool, uint32_t frame, uint32_t pins)
{
	atomic_fetch_add(&pool->frames[frame].pins, pins - BUSY);
	if (pool->nr_waiting)
		pthread_cond_broadcast(&pool->progress);
}

static inline bool make_busy(struct frame *frame, uint32_t pins)
{
	return atomic_compare_exchange_strong(&frame->pins, &pins, BUSY);
}

void cleaner_sweep(struct pool *pool, uint32_t wanted);
void cleaner_finish(struct pool *pool, const struct transfer *transfer);

#endif /* _BENCH_BUFFER_POOL_H */
