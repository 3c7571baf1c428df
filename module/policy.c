// SPDX-License-Identifier: GPL-2.0
/*
 * Calls to a pool's policy. Each answer of a policy is checked here.
 *
 * The pool's lock is never held for long: in one hold there is one call of each callback,
 * or a look at SWAPLAB_POLICY_STEP frames by the core itself. A policy that says how few
 * frames victim() looks at is asked for as many victims in one hold as take no more looks
 * than that. Only for a run of pages that are discarded or mlocked, and of those that are
 * munlocked, remove() or admit() is called for up to 64 frames.
 *
 * A policy is changed live. New pages go to the new policy at once. The frames of the
 * old policy move over in the order in which it would have evicted them, one at a
 * time. A flag that flips with each change tells which of the two policies has a frame
 * meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sched.h>
#include "chunk.h"
#include "frame.h"
#include "policy.h"

/*
 * How often a policy may go over all its frames to find a victim, with a margin: S3-FIFO
 * passes a page up to 4 times.
 */
#define POLICY_ROUNDS	8

/* What the policy has to do with a frame. */
#define POLICY_FLAGS							\
	(SWAPLAB_FRAME_ADMITTED | SWAPLAB_FRAME_GENERATION | SWAPLAB_FRAME_VICTIM)

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

/*
 * Sets these flags of a frame and clears the others of POLICY_FLAGS, in one atomic step.
 * The pool's lock guards them, so only other flags can change between the two.
 */
static void frame_set_flags_locked(struct swaplab_pool *pool,
				   struct swaplab_frame *frame, unsigned int flags)
{
	lockdep_assert_held(&pool->lock);
	atomic_xor((atomic_read(&frame->flags) ^ flags) & POLICY_FLAGS,
		   &frame->flags);
}

/* The policy has the frame from now on. */
static void frame_set_admitted_locked(struct swaplab_pool *pool,
				      struct swaplab_frame *frame)
{
	frame_set_flags_locked(pool, frame, SWAPLAB_FRAME_ADMITTED |
			       pool->binding.generation);
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
 * swaplab_policy_readmit() - pages are the policy's again
 * @pool: the pool
 * @frames: resident; in transit by the caller; the policy may have them or not
 * @nr: how many; 64 at most, since the lock is held for all of them
 */
void swaplab_policy_readmit(struct swaplab_pool *pool,
			    struct swaplab_frame **frames, unsigned int nr)
{
	unsigned int i;

	spin_lock(&pool->lock);
	for (i = 0; i < nr; i++)
		if (!frame_is_admitted(frames[i]))
			frame_admit_locked(pool, frames[i]);
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
	u32 distance = ((u32)atomic_read(&pool->nr_evicted) - evicted) & INT_MAX;
	struct swaplab_policy *policy;

	swaplab_stat_add(&pool->stats, refault_distance, distance);
	if (distance < READ_ONCE(pool->nr_frames))
		swaplab_stat_inc(&pool->stats, near_refaults);
	spin_lock(&pool->lock);
	policy = pool->binding.policy;
	if (policy && policy->ops->refault)
		policy->ops->refault(policy, frame, distance);
	frame_admit_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_putback() - a victim stays
 * @pool: the pool
 * @frame: of swaplab_policy_victims(), still in transit by the caller
 */
void swaplab_policy_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	frame_putback_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_forget() - pages go that the policy did not choose
 * @pool: the pool
 * @frames: in transit by the caller; the policy may have them or not
 * @nr: how many; 64 at most, since the lock is held for all of them
 */
void swaplab_policy_forget(struct swaplab_pool *pool,
			   struct swaplab_frame **frames, unsigned int nr)
{
	unsigned int i;

	spin_lock(&pool->lock);
	for (i = 0; i < nr; i++)
		if (frame_is_admitted(frames[i]))
			frame_remove_locked(pool, frames[i]);
	spin_unlock(&pool->lock);
}

/* Takes the frame into transit; false if it is already. */
static bool frame_claim_locked(struct swaplab_pool *pool,
			       struct swaplab_frame *frame)
{
	lockdep_assert_held(&pool->lock);
	/*
	 * Having been admitted, the frame cannot leave its region before
	 * its owner in transit has taken this lock: claiming is safe.
	 */
	return !(atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		 SWAPLAB_FRAME_TRANSIT);
}

/*
 * A step of the plain scan: the next frame, by number, that has a page and is not in
 * transit. Frames that have none count, too: there may be many after a pool has shrunk.
 */
static struct swaplab_frame *victim_scan_locked(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame;
	unsigned int i;

	if (!pool->nr_admitted)
		return NULL;
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = swaplab_chunk_next_frame(pool, &pool->binding.hand);
		if (!frame) {
			pool->binding.hand = 0;
			continue;
		}
		pool->binding.hand++;
		if (frame_is_admitted(frame) && frame_claim_locked(pool, frame)) {
			frame_remove_locked(pool, frame);
			return frame;
		}
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/*
 * A frame that the policy gave up, checked; NULL if it gave none that can be, or
 * SWAPLAB_VICTIM_AGAIN.
 */
static struct swaplab_frame *victim_ask_locked(struct swaplab_pool *pool,
					       struct swaplab_policy *policy, bool old)
{
	struct swaplab_frame *frame = policy->ops->victim(policy);

	if (!frame || frame == SWAPLAB_VICTIM_AGAIN)
		return frame;
	if (swaplab_chunk_has_frame(pool, frame) && frame_is_admitted(frame) &&
	    frame_is_old(pool, frame) == old) {
		frame_set_flags_locked(pool, frame, SWAPLAB_FRAME_VICTIM |
				       (atomic_read(&frame->flags) &
					SWAPLAB_FRAME_GENERATION));
		WRITE_ONCE(pool->nr_admitted, pool->nr_admitted - 1);
		return frame;
	}
	/* Not ours, or not the policy's to give. */
	swaplab_stat_inc(&pool->stats, policy_errors);
	return NULL;
}

/* Calls in which a policy can look at all its frames POLICY_ROUNDS times. */
static unsigned long max_calls(struct swaplab_pool *pool)
{
	return POLICY_ROUNDS * (READ_ONCE(pool->nr_admitted) / SWAPLAB_POLICY_STEP + 1);
}

/*
 * A step of the policy's search. A policy that says "again" without end gets one call for
 * each victim, and the scan finds one, until it gives another answer.
 */
static struct swaplab_frame *victim_choose_locked(struct swaplab_pool *pool)
{
	struct swaplab_policy *policy = pool->binding.policy;
	struct swaplab_frame *frame;

	if (!pool->nr_admitted || !policy)
		return NULL;
	frame = victim_ask_locked(pool, policy, false);
	if (frame == SWAPLAB_VICTIM_AGAIN) {
		if (pool->binding.nr_again++ < max_calls(pool))
			return frame;
		frame = NULL;
	} else {
		pool->binding.nr_again = 0;
	}
	if (!frame && !pool->binding.old_policy)
		swaplab_stat_inc(&pool->stats, policy_fallbacks);
	/* A policy might give one that is in transit already at once again. */
	if (frame && !frame_claim_locked(pool, frame)) {
		frame_putback_locked(pool, frame);
		return NULL;
	}
	return frame;
}

/**
 * swaplab_policy_scan() - the next frame to go, by the plain scan
 * @pool: the pool
 *
 * For when the policy gives no victim, or goes on giving such as cannot go.
 *
 * Return: a frame that the policy has given up, in transit by the caller, or NULL.
 */
struct swaplab_frame *swaplab_policy_scan(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame;
	unsigned long i, nr = 0;

	/* Once round, and the step in which that is complete. */
	for (i = 0; i <= nr; i += SWAPLAB_POLICY_STEP) {
		spin_lock(&pool->lock);
		nr = swaplab_chunk_nr_frames(pool);
		frame = victim_scan_locked(pool);
		spin_unlock(&pool->lock);
		if (frame != SWAPLAB_VICTIM_AGAIN)
			return frame;
		cond_resched();
	}
	return NULL;
}

/* How many victims take a look at SWAPLAB_POLICY_STEP frames at most. */
static unsigned int max_victims(struct swaplab_policy *policy)
{
	if (!policy || !policy->ops->victim_looks)
		return 1;
	return max(1U, SWAPLAB_POLICY_STEP / policy->ops->victim_looks);
}

/* Asks for some victims; *@last is the policy's last answer. Returns how many there are. */
static unsigned int victims_choose_locked(struct swaplab_pool *pool,
					  struct swaplab_frame **frames,
					  unsigned int max,
					  struct swaplab_frame **last)
{
	unsigned int nr = 0;

	max = min(max, max_victims(pool->binding.policy));
	do {
		*last = victim_choose_locked(pool);
		if (IS_ERR_OR_NULL(*last))
			break;
		frames[nr++] = *last;
	} while (nr < max);
	return nr;
}

/**
 * swaplab_policy_victims() - the next frames to go
 * @pool: the pool
 * @frames: to be filled in
 * @max: how many at most, not 0
 *
 * Looks at some frames at a time, the lock dropped in between.
 *
 * Return: how many: as many as one hold of the lock gives. The policy has given them up,
 * and they are in transit by the caller; 0 if there is none. They may not be evictable: the
 * caller looks, and hands each that is not to swaplab_policy_putback().
 */
unsigned int swaplab_policy_victims(struct swaplab_pool *pool,
				    struct swaplab_frame **frames, unsigned int max)
{
	struct swaplab_frame *last;
	unsigned int nr;

	for (;;) {
		spin_lock(&pool->lock);
		nr = victims_choose_locked(pool, frames, max, &last);
		spin_unlock(&pool->lock);
		if (nr)
			return nr;
		if (last != SWAPLAB_VICTIM_AGAIN)
			break;
		cond_resched();
	}
	frames[0] = swaplab_policy_scan(pool);
	return frames[0] ? 1 : 0;
}

/**
 * swaplab_policy_claim_locked() - own the state of a page by its frame
 * @pool: the pool, locked
 * @frame: any frame of the pool
 *
 * Return: true, and the frame is in transit by the caller and stays with the
 * policy; false if the policy does not have it or it is in transit already.
 */
bool swaplab_policy_claim_locked(struct swaplab_pool *pool,
				 struct swaplab_frame *frame)
{
	return frame_is_admitted(frame) && frame_claim_locked(pool, frame);
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
	unsigned long left = READ_ONCE(pool->nr_admitted) + SWAPLAB_POLICY_STEP;
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
	frame = victim_ask_locked(pool, pool->binding.old_policy, true);
	if (frame && frame != SWAPLAB_VICTIM_AGAIN)
		frame_admit_locked(pool, frame);
	spin_unlock(&pool->lock);
	cond_resched();
	return frame;
}

/* In the order in which the old policy would have evicted them, as far as it says. */
static void frames_move(struct swaplab_pool *pool)
{
	unsigned long nr_again = 0;
	struct swaplab_frame *frame;

	while (pool->binding.old_policy && nr_again <= max_calls(pool)) {
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
		if (frame_is_admitted(frame) && frame_is_old(pool, frame)) {
			frame_remove_locked(pool, frame);
			frame_admit_locked(pool, frame);
			break;
		}
		if (!frame_is_admitted(frame))
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
	pool->binding.nr_again = 0;
	spin_unlock(&pool->lock);

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
