// SPDX-License-Identifier: GPL-2.0
/*
 * Calls to a pool's policy. Each answer of a policy is checked here.
 *
 * A policy is changed live. New pages go to the new policy at once. The frames of the
 * old policy move over in the order in which it would have evicted them, some at a
 * time, so the pool's lock is never held for long. A flag that flips with each change
 * tells which of the two policies has a frame meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sched.h>
#include "frame.h"
#include "policy.h"

/* Frames handled under one hold of the pool's lock. */
#define POLICY_BATCH	64

static bool frame_is_admitted(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_ADMITTED;
}

/* Does the outgoing policy have this admitted frame? */
static bool frame_is_old(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	lockdep_assert_held(&pool->lock);
	return (atomic_read(&frame->flags) & SWAPLAB_FRAME_GENERATION) !=
	       pool->binding.generation;
}

/* The policy has the frame from now on. */
static void frame_set_admitted_locked(struct swaplab_pool *pool,
				      struct swaplab_frame *frame)
{
	atomic_andnot(SWAPLAB_FRAME_GENERATION | SWAPLAB_FRAME_VICTIM,
		      &frame->flags);
	atomic_or(SWAPLAB_FRAME_ADMITTED | pool->binding.generation, &frame->flags);
	WRITE_ONCE(pool->nr_admitted, pool->nr_admitted + 1);
}

static void frame_admit_locked(struct swaplab_pool *pool,
			       struct swaplab_frame *frame)
{
	struct swaplab_policy *policy = pool->binding.policy;

	lockdep_assert_held(&pool->lock);
	if (policy)
		policy->ops->admit(policy, frame);
	frame_set_admitted_locked(pool, frame);
}

/* The policy has given the frame up, or has been told to. */
static void frame_clear_admitted_locked(struct swaplab_pool *pool,
					struct swaplab_frame *frame)
{
	atomic_andnot(SWAPLAB_FRAME_ADMITTED, &frame->flags);
	WRITE_ONCE(pool->nr_admitted, pool->nr_admitted - 1);
}

static void frame_remove_locked(struct swaplab_pool *pool,
				struct swaplab_frame *frame)
{
	struct swaplab_policy *policy;

	policy = frame_is_old(pool, frame) ? pool->binding.old_policy :
					     pool->binding.policy;
	if (policy)
		policy->ops->remove(policy, frame);
	frame_clear_admitted_locked(pool, frame);
}

static void frame_putback_locked(struct swaplab_pool *pool,
				 struct swaplab_frame *frame)
{
	struct swaplab_policy *policy = pool->binding.policy;

	/* The words of the frame may be another policy's, with another meaning. */
	if (!policy || !policy->ops->putback || frame_is_old(pool, frame) ||
	    !(atomic_read(&frame->flags) & SWAPLAB_FRAME_VICTIM)) {
		frame_admit_locked(pool, frame);
		return;
	}
	policy->ops->putback(policy, frame);
	frame_set_admitted_locked(pool, frame);
}

/**
 * swaplab_policy_admit() - a page is resident that was not before
 * @pool: the pool
 * @frame: in transit by the caller
 */
void swaplab_policy_admit(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	frame_admit_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_admit_refault() - a page that was evicted is resident again
 * @pool: the pool
 * @frame: in transit by the caller
 * @evicted: the pool's eviction clock when it went
 */
void swaplab_policy_admit_refault(struct swaplab_pool *pool,
				  struct swaplab_frame *frame, u32 evicted)
{
	struct swaplab_policy *policy;
	u32 distance;

	spin_lock(&pool->lock);
	policy = pool->binding.policy;
	distance = (READ_ONCE(pool->nr_evicted) - evicted) & INT_MAX;
	swaplab_stat_add(&pool->stats, refault_distance, distance);
	if (distance < pool->nr_frames)
		swaplab_stat_inc(&pool->stats, near_refaults);
	if (policy && policy->ops->refault)
		policy->ops->refault(policy, frame, distance);
	frame_admit_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_putback() - a victim stays
 * @pool: the pool
 * @frame: from swaplab_policy_victim(), still in transit by the caller
 */
void swaplab_policy_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	frame_putback_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_forget() - a page goes that the policy did not choose
 * @pool: the pool
 * @frame: in transit by the caller; the policy may have it or not
 */
void swaplab_policy_forget(struct swaplab_pool *pool,
			   struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	if (frame_is_admitted(frame))
		frame_remove_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/* The plain scan: the next frame that has a page, by number. */
static struct swaplab_frame *victim_scan_locked(struct swaplab_pool *pool)
{
	unsigned long nr = swaplab_frame_nr_made(pool), i;
	struct swaplab_frame *frame;

	if (!pool->nr_admitted)
		return NULL;
	for (i = 0; i < nr; i++) {
		frame = swaplab_frame_nth(pool, pool->binding.hand++ % nr);
		if (frame_is_admitted(frame)) {
			frame_remove_locked(pool, frame);
			return frame;
		}
	}
	return NULL;
}

/* A frame that the policy gave up, checked; NULL if it gave none that can be. */
static struct swaplab_frame *victim_ask_locked(struct swaplab_pool *pool,
					       struct swaplab_policy *policy, bool old)
{
	struct swaplab_frame *frame = policy->ops->victim(policy);

	if (!frame)
		return NULL;
	if (swaplab_frame_is_owned(pool, frame) && frame_is_admitted(frame) &&
	    frame_is_old(pool, frame) == old) {
		frame_clear_admitted_locked(pool, frame);
		atomic_or(SWAPLAB_FRAME_VICTIM, &frame->flags);
		return frame;
	}
	/* Not ours, or not the policy's to give. */
	swaplab_stat_inc(&pool->stats, policy_errors);
	return NULL;
}

static struct swaplab_frame *victim_choose_locked(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame = NULL;

	if (!pool->nr_admitted)
		return NULL;
	if (pool->binding.policy)
		frame = victim_ask_locked(pool, pool->binding.policy, false);
	if (!frame && pool->binding.policy && !pool->binding.old_policy)
		swaplab_stat_inc(&pool->stats, policy_fallbacks);
	return frame ? frame : victim_scan_locked(pool);
}

/*
 * Claims the frame that @choose gives. One that is in transit already goes back,
 * and a policy might give it again at once: then the scan finds others.
 */
static struct swaplab_frame *
victim_claim(struct swaplab_pool *pool,
	     struct swaplab_frame *(*choose)(struct swaplab_pool *pool))
{
	struct swaplab_frame *frame;
	unsigned int tries;

	spin_lock(&pool->lock);
	for (tries = 0; tries < POLICY_BATCH; tries++) {
		frame = tries ? victim_scan_locked(pool) : choose(pool);
		/*
		 * Having been admitted, the frame cannot leave its region before
		 * its owner in transit has taken this lock: claiming is safe.
		 */
		if (!frame ||
		    !(atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		      SWAPLAB_FRAME_TRANSIT))
			break;
		frame_putback_locked(pool, frame);
		frame = NULL;
	}
	spin_unlock(&pool->lock);
	return frame;
}

/**
 * swaplab_policy_victim() - the next frame to go
 * @pool: the pool
 *
 * Return: a frame that the policy has given up, in transit by the caller, or
 * NULL if there is none. It may not be evictable: the caller looks, and hands it
 * to swaplab_policy_putback() if so.
 */
struct swaplab_frame *swaplab_policy_victim(struct swaplab_pool *pool)
{
	return victim_claim(pool, victim_choose_locked);
}

/**
 * swaplab_policy_scan() - the next frame to go, by the plain scan
 * @pool: the pool
 *
 * For when the policy keeps giving victims that cannot go.
 *
 * Return: as swaplab_policy_victim().
 */
struct swaplab_frame *swaplab_policy_scan(struct swaplab_pool *pool)
{
	return victim_claim(pool, victim_scan_locked);
}

/**
 * swaplab_policy_claim() - own the state of a page by its frame
 * @pool: the pool
 * @frame: any frame of the pool
 *
 * Return: true, and the frame is in transit by the caller and stays with the
 * policy; false if the policy does not have it or it is in transit already.
 */
bool swaplab_policy_claim(struct swaplab_pool *pool,
			  struct swaplab_frame *frame)
{
	bool claimed;

	spin_lock(&pool->lock);
	claimed = frame_is_admitted(frame) &&
		  !(atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		    SWAPLAB_FRAME_TRANSIT);
	spin_unlock(&pool->lock);
	return claimed;
}

/**
 * swaplab_policy_needs_references() - does the policy read referenced flags?
 * @pool: the pool
 */
bool swaplab_policy_needs_references(struct swaplab_pool *pool)
{
	bool needs;

	spin_lock(&pool->lock);
	needs = pool->binding.policy && pool->binding.policy->ops->needs_references;
	spin_unlock(&pool->lock);
	return needs;
}

/**
 * swaplab_policy_tick() - tell the policy that a sample is complete
 * @pool: the pool
 *
 * A policy that always wants more is left until the next sample, since the daemon
 * has pages to evict.
 */
void swaplab_policy_tick(struct swaplab_pool *pool)
{
	unsigned long left = READ_ONCE(pool->nr_admitted) + POLICY_BATCH;
	struct swaplab_policy *policy;
	bool more = true;

	while (more && left--) {
		spin_lock(&pool->lock);
		policy = pool->binding.policy;
		more = policy && policy->ops->tick && policy->ops->tick(policy);
		spin_unlock(&pool->lock);
		cond_resched();
	}
}

/* Moves some frames from the old policy to the new one; false: it has no more. */
static bool frames_move_batch(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < POLICY_BATCH; i++) {
		frame = victim_ask_locked(pool, pool->binding.old_policy, true);
		if (!frame)
			return false;
		frame_admit_locked(pool, frame);
	}
	return true;
}

/*
 * The same for frames that the old policy has but does not give, or if there was none.
 * Victims of the old policy that are still in transit are no victims of the new one.
 */
static void frames_sweep_batch(struct swaplab_pool *pool, unsigned long first,
			       unsigned long end)
{
	struct swaplab_frame *frame;

	for (; first < end; first++) {
		frame = swaplab_frame_nth(pool, first);
		if (frame_is_admitted(frame) && frame_is_old(pool, frame)) {
			frame_remove_locked(pool, frame);
			frame_admit_locked(pool, frame);
		} else if (!frame_is_admitted(frame)) {
			atomic_andnot(SWAPLAB_FRAME_VICTIM, &frame->flags);
		}
	}
}

static void frames_move(struct swaplab_pool *pool)
{
	unsigned long i, nr;
	bool more = pool->binding.old_policy;

	while (more) {
		spin_lock(&pool->lock);
		more = frames_move_batch(pool);
		spin_unlock(&pool->lock);
		cond_resched();
	}
	/* New frames get numbers beyond these, but are not old. */
	spin_lock(&pool->lock);
	nr = swaplab_frame_nr_made(pool);
	spin_unlock(&pool->lock);
	for (i = 0; i < nr; i += POLICY_BATCH) {
		spin_lock(&pool->lock);
		frames_sweep_batch(pool, i, min(i + POLICY_BATCH, nr));
		spin_unlock(&pool->lock);
		cond_resched();
	}
}

/**
 * swaplab_policy_switch() - change to another policy
 * @pool: the pool; the caller holds its config mutex
 * @policy: ready to work; NULL: none
 *
 * Return: the policy before that, which has no frame any more and is not called
 * again; NULL if there was none.
 */
struct swaplab_policy *swaplab_policy_switch(struct swaplab_pool *pool,
					     struct swaplab_policy *policy)
{
	struct swaplab_policy *old = pool->binding.policy;

	lockdep_assert_held(&pool->config);
	spin_lock(&pool->lock);
	pool->binding.old_policy = old;
	pool->binding.policy = policy;
	pool->binding.generation ^= SWAPLAB_FRAME_GENERATION;
	spin_unlock(&pool->lock);

	frames_move(pool);

	spin_lock(&pool->lock);
	pool->binding.old_policy = NULL;
	spin_unlock(&pool->lock);
	/* The daemon may have to sample for this one. */
	swaplab_pool_wake_daemon(pool);
	/* No frame is left with it, and callbacks run under the lock only. */
	return old;
}
