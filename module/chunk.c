// SPDX-License-Identifier: GPL-2.0
/*
 * Chunks: pages of frame metadata. They come as frames are needed, and go again when
 * nr_frames has shrunk.
 *
 * Chunks have numbers, and so have frames. The first ones, as many as nr_frames needs, are
 * the low ones; those above are surplus, and go when all of their frames are bare: free,
 * and without a folio. To get there, a surplus frame that is put back gives its folio to
 * a bare frame of a low chunk, and the bare frames of low chunks are taken first. There
 * always is one: at most nr_frames frames have a folio and may keep it, and the low
 * chunks have metadata for so many.
 *
 * A task may follow a pointer to a frame after the page that it looked for has left the
 * frame: see swaplab_region_peek() and swaplab_region_lock_folio(). It does so under RCU,
 * or under the region's xa_lock while the frame is the page's, or under the pool's lock
 * while the frame is in a chunk of the pool. So a chunk is freed after a grace period.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "chunk.h"

/**
 * struct swaplab_chunk - a page of frames
 * @number: in pool->chunks
 * @nr_bare: of the frames; the pool's lock guards it
 * @rcu: frees the page
 * @frames: four of them fill three cache lines; the head has the rest of the page
 */
struct swaplab_chunk {
	u32 number;
	unsigned int nr_bare;
	struct rcu_head rcu;
	struct swaplab_frame frames[] __aligned(64);
};

#define CHUNK_FRAMES							\
	((PAGE_SIZE - sizeof(struct swaplab_chunk)) / sizeof(struct swaplab_frame))

static_assert(sizeof(struct swaplab_frame) == 48);

static struct swaplab_chunk *chunk_of(struct swaplab_frame *frame)
{
	return (struct swaplab_chunk *)((unsigned long)frame & PAGE_MASK);
}

static bool is_surplus(struct swaplab_pool *pool, struct swaplab_chunk *chunk)
{
	return chunk->number >= pool->chunks.nr_wanted;
}

static void chunk_free(struct swaplab_chunk *chunk)
{
	set_page_private(virt_to_page(chunk), 0);
	free_page((unsigned long)chunk);
}

static void chunk_free_rcu(struct rcu_head *rcu)
{
	chunk_free(container_of(rcu, struct swaplab_chunk, rcu));
}

/* Its frames are bare: no page is in them, and no task takes them any more. */
static void chunk_remove(struct swaplab_pool *pool, struct swaplab_chunk *chunk)
{
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	for (i = 0; i < CHUNK_FRAMES; i++)
		list_del(&chunk->frames[i].link);
	xa_erase(&pool->chunks.all, chunk->number);
	WRITE_ONCE(pool->chunks.nr, pool->chunks.nr - 1);
	call_rcu(&chunk->rcu, chunk_free_rcu);
}

/**
 * swaplab_chunk_put_bare() - a frame is free and has no folio
 * @pool: the pool, locked
 * @frame: the caller's; not any more, and it may be gone
 */
void swaplab_chunk_put_bare(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	struct swaplab_chunk *chunk = chunk_of(frame);

	lockdep_assert_held(&pool->lock);
	atomic_set(&frame->flags, SWAPLAB_FRAME_BARE);
	chunk->nr_bare++;
	if (!is_surplus(pool, chunk)) {
		list_add(&frame->link, &pool->free.bare);
		return;
	}
	list_add_tail(&frame->link, &pool->free.bare);
	if (chunk->nr_bare == CHUNK_FRAMES)
		chunk_remove(pool, chunk);
}

/**
 * swaplab_chunk_take_bare() - take a frame without a folio
 * @pool: the pool, locked
 *
 * Return: a frame, NULL if there is none.
 */
struct swaplab_frame *swaplab_chunk_take_bare(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame;

	lockdep_assert_held(&pool->lock);
	frame = list_first_entry_or_null(&pool->free.bare, struct swaplab_frame,
					 link);
	if (!frame)
		return NULL;
	list_del(&frame->link);
	atomic_set(&frame->flags, 0);
	chunk_of(frame)->nr_bare--;
	return frame;
}

/**
 * swaplab_chunk_move_down() - exchange a surplus frame for one that is not
 * @pool: the pool, locked
 * @frame: free, on no list, with a folio
 *
 * Return: a frame of a low chunk, which has the folio now; @frame itself if it is in a
 * low chunk, or if there is no other.
 */
struct swaplab_frame *swaplab_chunk_move_down(struct swaplab_pool *pool,
					      struct swaplab_frame *frame)
{
	struct swaplab_frame *low;

	lockdep_assert_held(&pool->lock);
	if (likely(pool->chunks.nr <= pool->chunks.nr_wanted) ||
	    !is_surplus(pool, chunk_of(frame)))
		return frame;
	low = list_first_entry_or_null(&pool->free.bare, struct swaplab_frame,
				       link);
	if (!low || is_surplus(pool, chunk_of(low)))
		return frame;
	swaplab_chunk_take_bare(pool);
	/* The folio is no page's, so nothing goes from it to its frame now. */
	set_page_private(folio_page(frame->folio, 0), (unsigned long)low);
	WRITE_ONCE(low->folio, frame->folio);
	WRITE_ONCE(frame->folio, NULL);
	swaplab_chunk_put_bare(pool, frame);
	return low;
}

/**
 * swaplab_chunk_add() - add a chunk
 * @pool: the pool
 * @gfp: for its page
 *
 * Return: one of its frames, the caller's, without a folio; NULL without memory. The
 * others are bare.
 */
struct swaplab_frame *swaplab_chunk_add(struct swaplab_pool *pool, gfp_t gfp)
{
	struct swaplab_chunk *chunk;
	unsigned int i;

	chunk = (struct swaplab_chunk *)get_zeroed_page(gfp);
	if (!chunk)
		return NULL;
	set_page_private(virt_to_page(chunk), (unsigned long)pool);
	/* The lowest free number, so that the low chunks have no gaps. */
	if (xa_alloc(&pool->chunks.all, &chunk->number, chunk, xa_limit_32b, gfp)) {
		chunk_free(chunk);
		return NULL;
	}
	spin_lock(&pool->lock);
	WRITE_ONCE(pool->chunks.nr, pool->chunks.nr + 1);
	for (i = 1; i < CHUNK_FRAMES; i++)
		swaplab_chunk_put_bare(pool, &chunk->frames[i]);
	spin_unlock(&pool->lock);
	return &chunk->frames[0];
}

/**
 * swaplab_chunk_set_wanted() - set how many chunks are not surplus
 * @pool: the pool, locked
 * @nr_frames: frames to have metadata for
 */
void swaplab_chunk_set_wanted(struct swaplab_pool *pool, unsigned long nr_frames)
{
	pool->chunks.nr_wanted = DIV_ROUND_UP(nr_frames, CHUNK_FRAMES);
}

/* Puts the bare frames of a surplus chunk behind those of the low chunks. */
static void chunk_trim(struct swaplab_pool *pool, struct swaplab_chunk *chunk)
{
	unsigned int i;

	if (chunk->nr_bare == CHUNK_FRAMES) {
		chunk_remove(pool, chunk);
		return;
	}
	for (i = 0; i < CHUNK_FRAMES; i++)
		if (atomic_read(&chunk->frames[i].flags) & SWAPLAB_FRAME_BARE)
			list_move_tail(&chunk->frames[i].link, &pool->free.bare);
}

/**
 * swaplab_chunk_trim() - let surplus chunks go
 * @pool: the pool; nr_frames has shrunk, and no free frame has a folio
 *
 * Those with frames in use go later, when the last of these is put back.
 */
void swaplab_chunk_trim(struct swaplab_pool *pool)
{
	struct swaplab_chunk *chunk;
	unsigned long number = 0;

	do {
		spin_lock(&pool->lock);
		number = max(number, pool->chunks.nr_wanted);
		chunk = xa_find(&pool->chunks.all, &number, ULONG_MAX, XA_PRESENT);
		if (chunk)
			chunk_trim(pool, chunk);
		spin_unlock(&pool->lock);
		number++;
		cond_resched();
	} while (chunk);
}

/**
 * swaplab_chunk_next_frame() - go through all frames, free or not
 * @pool: the pool, locked
 * @number: the number of the first frame to return; set to that of the frame returned
 *
 * Numbers have gaps.
 *
 * Return: a frame, NULL if there is none from this number on.
 */
struct swaplab_frame *swaplab_chunk_next_frame(struct swaplab_pool *pool,
					       unsigned long *number)
{
	unsigned long at = *number / CHUNK_FRAMES;
	struct swaplab_chunk *chunk;

	lockdep_assert_held(&pool->lock);
	chunk = xa_find(&pool->chunks.all, &at, ULONG_MAX, XA_PRESENT);
	if (!chunk)
		return NULL;
	*number = max(*number, at * CHUNK_FRAMES);
	return &chunk->frames[*number % CHUNK_FRAMES];
}

/**
 * swaplab_chunk_nr_frames() - how many frames have metadata
 * @pool: the pool, locked
 */
unsigned long swaplab_chunk_nr_frames(struct swaplab_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->chunks.nr * CHUNK_FRAMES;
}

/**
 * swaplab_chunk_has_frame() - is this pointer a frame of the pool?
 * @pool: the pool
 * @frame: any pointer; it is not followed
 */
bool swaplab_chunk_has_frame(struct swaplab_pool *pool,
			     struct swaplab_frame *frame)
{
	unsigned long offset = offset_in_page(frame);

	if (!virt_addr_valid(frame) || offset < sizeof(struct swaplab_chunk))
		return false;
	offset -= sizeof(struct swaplab_chunk);
	return offset % sizeof(*frame) == 0 &&
	       offset / sizeof(*frame) < CHUNK_FRAMES &&
	       page_private(virt_to_page(frame)) == (unsigned long)pool;
}

/**
 * swaplab_chunk_init() - begin without chunks
 * @pool: the pool; zeroed memory
 */
void swaplab_chunk_init(struct swaplab_pool *pool)
{
	xa_init_flags(&pool->chunks.all, XA_FLAGS_ALLOC);
	INIT_LIST_HEAD(&pool->free.bare);
}

/**
 * swaplab_chunk_destroy() - free all chunks
 * @pool: the pool, without regions: every frame is bare
 */
void swaplab_chunk_destroy(struct swaplab_pool *pool)
{
	struct swaplab_chunk *chunk;
	unsigned long i;

	xa_for_each(&pool->chunks.all, i, chunk) {
		chunk_free(chunk);
		cond_resched();
	}
	xa_destroy(&pool->chunks.all);
}
