/* SPDX-License-Identifier: GPL-2.0 */
/* Frames of a pool: taking them, putting them back, waiting for one. */
#ifndef _SWAPLAB_FRAME_H
#define _SWAPLAB_FRAME_H

#include <linux/page-flags.h>
#include "pool.h"

void swaplab_frame_init(struct swaplab_pool *pool);
void swaplab_frame_destroy(struct swaplab_pool *pool);

/* Frames put back in one hold of the pool's lock; to evict so many takes less than a read. */
#define SWAPLAB_FRAME_BATCH	16

/**
 * struct swaplab_frame_batch - frames on their way back to the pool
 * @frames: as of swaplab_frame_put_some(); held until then
 * @nr: of them
 *
 * A local variable of a function that frees frames, which does not sleep while there are any.
 */
struct swaplab_frame_batch {
	struct swaplab_frame *frames[SWAPLAB_FRAME_BATCH];
	unsigned int nr;
};

struct swaplab_frame *swaplab_frame_take(struct swaplab_pool *pool, gfp_t gfp);
void swaplab_frame_put(struct swaplab_pool *pool, struct swaplab_frame *frame);
void swaplab_frame_put_some(struct swaplab_pool *pool,
			    struct swaplab_frame **frames, unsigned int nr);
void swaplab_frame_batch_add(struct swaplab_frame_batch *batch,
			     struct swaplab_pool *pool, struct swaplab_frame *frame);
void swaplab_frame_batch_put(struct swaplab_frame_batch *batch,
			     struct swaplab_pool *pool);
void swaplab_frame_drop_folio(struct swaplab_frame *frame);

struct swaplab_frame *swaplab_frame_take_or_wait(struct swaplab_pool *pool, gfp_t gfp);
int swaplab_frame_wait(struct swaplab_pool *pool);
void swaplab_frame_wake_stuck(struct swaplab_pool *pool, unsigned long pass);

int swaplab_frame_set_budget(struct swaplab_pool *pool, unsigned long nr);
void swaplab_frame_give_back(struct swaplab_pool *pool, unsigned long nr);
unsigned long swaplab_frame_shrink(struct swaplab_pool *pool, unsigned long nr);

static inline bool swaplab_frame_is_mlocked(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_MLOCKED;
}

/* Is the page newer than the store? The frame may be another page's by now. */
static inline bool swaplab_frame_is_dirty(struct swaplab_frame *frame)
{
	struct folio *folio = READ_ONCE(frame->folio);

	return !(atomic_read(&frame->flags) & SWAPLAB_FRAME_READING) && folio &&
	       folio_test_dirty(folio);
}

/* Pages that may be locked: a quarter of the frames has to be left to work with. */
static inline unsigned long swaplab_frame_mlock_limit(unsigned long nr_frames)
{
	return nr_frames - max(8UL, nr_frames / 4);
}

/*
 * Frames that any CPU could take now. Negative while a pool that was made smaller, or
 * whose cgroup has less room, still has to evict. Without the pool's lock the answer is a snapshot.
 */
static inline long swaplab_frame_nr_free(struct swaplab_pool *pool)
{
	return (long)READ_ONCE(pool->nr_room) - (long)READ_ONCE(pool->nr_held);
}

/* A page that was read ahead of its use has been used. */
static inline void swaplab_frame_count_hit(struct swaplab_pool *pool,
					   struct swaplab_frame *frame)
{
	unsigned int ahead = SWAPLAB_FRAME_AHEAD | SWAPLAB_FRAME_AROUND;

	if (!(atomic_read(&frame->flags) & ahead))
		return;
	ahead &= atomic_fetch_andnot(ahead, &frame->flags);
	if (ahead && READ_ONCE(pool->binding.reads_ahead))
		atomic_inc(&pool->binding.nr_ahead_used);
	if (ahead & SWAPLAB_FRAME_AROUND)
		swaplab_stat_inc(&pool->stats, readaround_hits);
	else if (ahead)
		swaplab_stat_inc(&pool->stats, readahead_hits);
}

#endif /* _SWAPLAB_FRAME_H */
