// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_LOCK: pages that stay resident, like pages under mlock(). The policy does not
 * have their frames, so it never gives one as a victim.
 */
#include "frame.h"
#include "mlock.h"
#include "policy.h"
#include "user.h"

/**
 * swaplab_mlock_set() - keep a page from being evicted
 * @frame: in transit by the caller
 * @limit: pages that the region's user may have mlocked, with this one
 *
 * Return: 0, or -ENOMEM if there would be more, or the pool would keep too few frames
 * to work with.
 */
int swaplab_mlock_set(struct swaplab_frame *frame, unsigned long limit)
{
	struct swaplab_user *user = frame->region->user;
	struct swaplab_pool *pool = frame->region->pool;
	int err = 0;

	if (swaplab_frame_is_mlocked(frame))
		return 0;
	spin_lock(&pool->lock);
	if (user->nr_mlocked >= limit ||
	    pool->nr_mlocked >= swaplab_frame_mlock_limit(pool->nr_frames)) {
		err = -ENOMEM;
	} else {
		pool->nr_mlocked++;
		user->nr_mlocked++;
	}
	spin_unlock(&pool->lock);
	if (err)
		return err;
	swaplab_policy_forget(pool, &frame, 1);
	atomic_or(SWAPLAB_FRAME_MLOCKED, &frame->flags);
	atomic_long_inc(&frame->region->nr_mlocked);
	return 0;
}

/**
 * swaplab_mlock_clear() - undo swaplab_mlock_set()
 * @frame: in transit by the caller, mlocked or not
 */
void swaplab_mlock_clear(struct swaplab_frame *frame)
{
	struct swaplab_pool *pool = frame->region->pool;

	if (!(atomic_fetch_andnot(SWAPLAB_FRAME_MLOCKED, &frame->flags) &
	      SWAPLAB_FRAME_MLOCKED))
		return;
	atomic_long_dec(&frame->region->nr_mlocked);
	spin_lock(&pool->lock);
	frame->region->user->nr_mlocked--;
	pool->nr_mlocked--;
	spin_unlock(&pool->lock);
}
