/* SPDX-License-Identifier: GPL-2.0 */
/* Chunks: pages of frame metadata. They come as frames are needed, and go again. */
#ifndef _SWAPLAB_CHUNK_H
#define _SWAPLAB_CHUNK_H

#include "pool.h"

void swaplab_chunk_init(struct swaplab_pool *pool);
void swaplab_chunk_destroy(struct swaplab_pool *pool);

struct swaplab_frame *swaplab_chunk_add(struct swaplab_pool *pool, gfp_t gfp);
void swaplab_chunk_trim(struct swaplab_pool *pool);
void swaplab_chunk_set_wanted(struct swaplab_pool *pool, unsigned long nr_frames);

struct swaplab_frame *swaplab_chunk_take_bare(struct swaplab_pool *pool);
void swaplab_chunk_put_bare(struct swaplab_pool *pool, struct swaplab_frame *frame);
struct swaplab_frame *swaplab_chunk_move_down(struct swaplab_pool *pool,
					      struct swaplab_frame *frame);

struct swaplab_frame *swaplab_chunk_next_frame(struct swaplab_pool *pool,
					       unsigned long *number);
unsigned long swaplab_chunk_nr_frames(struct swaplab_pool *pool);
bool swaplab_chunk_has_frame(struct swaplab_pool *pool,
			     struct swaplab_frame *frame);

#endif /* _SWAPLAB_CHUNK_H */
