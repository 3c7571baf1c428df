// SPDX-License-Identifier: GPL-2.0
/*
 * The live change of a policy. New pages go to the new policy at once. The frames of the old
 * one move over in the order in which it would have evicted them, one at a time. The flag
 * that flips with each change tells which of the two has a frame meanwhile.
 */
#include <linux/sched.h>
#include "binding.h"
#include "chunk.h"
#include "rebind.h"

/*
 * Moves a frame from the old policy to the new one. One a hold of the lock: victim() and
 * admit() may look at as many frames as can be in one hold.
 *
 * Return: the frame, NULL if the old policy gives none, or SWAPLAB_VICTIM_AGAIN.
 */
static struct swaplab_frame *frame_move(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame;

	spin_lock(&pool->lock);
	frame = swaplab_binding_ask_locked(pool, pool->binding.old_policy);
	if (frame && frame != SWAPLAB_VICTIM_AGAIN)
		swaplab_binding_admit_locked(pool, frame, SWAPLAB_REASON_REBIND);
	spin_unlock(&pool->lock);
	cond_resched();
	return frame;
}

/* In the order in which the old policy would have evicted them, as far as it says. */
static void frames_move(struct swaplab_pool *pool)
{
	unsigned long nr_again = 0;
	struct swaplab_frame *frame;

	while (pool->binding.old_policy && nr_again <= swaplab_binding_max_calls(pool)) {
		frame = frame_move(pool);
		if (!frame)
			break;
		nr_again = frame == SWAPLAB_VICTIM_AGAIN ? nr_again + 1 : 0;
	}
}

/*
 * The same for frames that the old policy has but does not give, or if there was none: looks
 * at those from @number on, until one has moved. Victims of the old policy that are still in
 * transit are no victims of the new one. A frame that is made meanwhile is not old.
 *
 * Return: false if there is no frame from @number on; else it is that of the next frame.
 */
static bool frames_sweep_locked(struct swaplab_pool *pool, unsigned long *number)
{
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = swaplab_chunk_next_frame(pool, number);
		if (!frame)
			return false;
		++*number;
		if (swaplab_binding_has(frame) && swaplab_binding_is_old_locked(pool, frame)) {
			swaplab_binding_remove_locked(pool, frame, SWAPLAB_REASON_REBIND);
			swaplab_binding_admit_locked(pool, frame, SWAPLAB_REASON_REBIND);
			break;
		}
		if (!swaplab_binding_has(frame))
			atomic_andnot(SWAPLAB_FRAME_VICTIM, &frame->flags);
	}
	return true;
}

static void frames_sweep(struct swaplab_pool *pool)
{
	unsigned long number = 0;
	bool more;

	do {
		spin_lock(&pool->lock);
		more = frames_sweep_locked(pool, &number);
		spin_unlock(&pool->lock);
		cond_resched();
	} while (more);
}

/**
 * swaplab_rebind() - change to another policy
 * @pool: the pool; the caller holds its config mutex
 * @policy: ready to work; NULL: none
 *
 * Return: the policy before that, which has no frame any more and is not called
 * again; NULL if there was none.
 */
struct swaplab_policy *swaplab_rebind(struct swaplab_pool *pool,
				      struct swaplab_policy *policy)
{
	struct swaplab_policy *old = pool->binding.policy;
	enum swaplab_ejection ejected;

	lockdep_assert_held(&pool->config);
	spin_lock(&pool->lock);
	pool->binding.old_policy = old;
	pool->binding.policy = policy;
	/* The room may have changed since the policy was made. */
	if (policy)
		WRITE_ONCE(policy->nr_frames, pool->nr_room);
	pool->binding.generation ^= SWAPLAB_FRAME_GENERATION;
	pool->binding.nr_again = 0;
	pool->binding.nr_errors = 0;
	pool->binding.nr_long = 0;
	WRITE_ONCE(pool->binding.forgets, policy && policy->ops->forget);
	WRITE_ONCE(pool->binding.reads_ahead, policy && policy->ops->readahead);
	atomic_set(&pool->binding.nr_ahead_used, 0);
	atomic_set(&pool->binding.nr_ahead_wasted, 0);
	ejected = pool->binding.ejecting;
	pool->binding.ejecting = SWAPLAB_EJECTED_NOT;
	spin_unlock(&pool->lock);

	if (!ejected)
		frames_move(pool);
	frames_sweep(pool);

	spin_lock(&pool->lock);
	pool->binding.old_policy = NULL;
	spin_unlock(&pool->lock);
	/* The daemon may have to sample for this one. */
	swaplab_pool_wake_daemon(pool);
	/* No frame is left with it, and callbacks run under the lock only. */
	return old;
}
