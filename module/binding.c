// SPDX-License-Identifier: GPL-2.0
/*
 * Which policy has a frame: that of the pool, the one before it, or none. A flag that
 * flips with each change of the policy tells the first two apart. A policy may be at work in
 * several instances; a frame's flags have the number of the one that it was given to, which
 * is that of its region at that time. Each frame that a policy gives up is checked here.
 */
#include <linux/bitfield.h>
#include <linux/workqueue.h>
#include "binding.h"
#include "chunk.h"
#include "frame.h"
#include "region.h"

/*
 * How often a policy may go over all its frames to find a victim, with a margin: S3-FIFO
 * passes a page up to 4 times.
 */
#define BINDING_ROUNDS	8

/* A policy that gives so many wrong victims is not asked again. */
#define BINDING_MAX_ERRORS	256

/* Nor is one whose calls take too long in so many holds of the lock. */
#define BINDING_MAX_LONG	3

/* Flags of a frame that belong to the policy. */
#define BINDING_FLAGS							\
	(SWAPLAB_FRAME_ADMITTED | SWAPLAB_FRAME_GENERATION | SWAPLAB_FRAME_VICTIM | \
	 SWAPLAB_FRAME_INSTANCE)

static_assert(SWAPLAB_INSTANCES - 1 <= SWAPLAB_FRAME_INSTANCE >> __bf_shf(SWAPLAB_FRAME_INSTANCE));

/**
 * swaplab_binding_is_old_locked() - does the outgoing policy have this frame?
 * @pool: the pool, locked
 * @frame: admitted
 */
bool swaplab_binding_is_old_locked(struct swaplab_pool *pool,
				   struct swaplab_frame *frame)
{
	lockdep_assert_held(&pool->lock);
	return (atomic_read(&frame->flags) & SWAPLAB_FRAME_GENERATION) !=
	       pool->binding.generation;
}

/**
 * swaplab_binding_instance_locked() - the instance of the policy that has a frame
 * @pool: the pool, locked
 * @frame: admitted, or a victim
 */
struct swaplab_instance *swaplab_binding_instance_locked(struct swaplab_pool *pool,
							 struct swaplab_frame *frame)
{
	lockdep_assert_held(&pool->lock);
	return &pool->binding.instances[FIELD_GET(SWAPLAB_FRAME_INSTANCE,
						  atomic_read(&frame->flags))];
}

/*
 * Sets these flags of a frame and clears the others of BINDING_FLAGS, in one atomic step.
 * The pool's lock guards them, so only other flags can change between the two.
 */
static void frame_set_flags_locked(struct swaplab_pool *pool,
				   struct swaplab_frame *frame, unsigned int flags)
{
	lockdep_assert_held(&pool->lock);
	atomic_xor((atomic_read(&frame->flags) ^ flags) & BINDING_FLAGS,
		   &frame->flags);
}

/* The policy has the frame from now on, in this instance. */
static void frame_set_admitted_locked(struct swaplab_pool *pool,
				      struct swaplab_frame *frame,
				      struct swaplab_instance *instance)
{
	unsigned int number = instance - pool->binding.instances;

	frame_set_flags_locked(pool, frame, SWAPLAB_FRAME_ADMITTED |
			       pool->binding.generation |
			       FIELD_PREP(SWAPLAB_FRAME_INSTANCE, number));
	instance->nr_frames++;
	WRITE_ONCE(pool->nr_admitted, pool->nr_admitted + 1);
}

/**
 * swaplab_binding_admit_locked() - give a frame to the policy
 * @pool: the pool, locked
 * @frame: no policy has it; its region is one of those that have the page
 * @reason: told to the policy
 */
void swaplab_binding_admit_locked(struct swaplab_pool *pool,
				  struct swaplab_frame *frame,
				  enum swaplab_reason reason)
{
	struct swaplab_instance *instance =
		&pool->binding.instances[frame->region->instance];
	struct swaplab_policy *policy = instance->policy;

	lockdep_assert_held(&pool->lock);
	if (policy) {
		policy->reason = reason;
		policy->ops->admit(policy, frame);
	}
	frame_set_admitted_locked(pool, frame, instance);
}

/* An instance has given a frame up, or has been told to. */
static void count_lost_locked(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	instance->nr_frames--;
	WRITE_ONCE(pool->nr_admitted, pool->nr_admitted - 1);
}

/**
 * swaplab_binding_remove_locked() - take a frame from the policy that has it
 * @pool: the pool, locked
 * @frame: admitted
 * @reason: told to the policy
 */
void swaplab_binding_remove_locked(struct swaplab_pool *pool,
				   struct swaplab_frame *frame,
				   enum swaplab_reason reason)
{
	struct swaplab_instance *instance = swaplab_binding_instance_locked(pool, frame);
	struct swaplab_policy *policy;

	policy = swaplab_binding_is_old_locked(pool, frame) ? instance->old_policy :
							      instance->policy;
	if (policy) {
		policy->reason = reason;
		policy->ops->remove(policy, frame);
	}
	atomic_andnot(SWAPLAB_FRAME_ADMITTED, &frame->flags);
	count_lost_locked(pool, instance);
}

/**
 * swaplab_binding_putback_locked() - give a victim back to the policy
 * @pool: the pool, locked
 * @frame: a victim, of this policy or of one before it
 */
void swaplab_binding_putback_locked(struct swaplab_pool *pool,
				    struct swaplab_frame *frame)
{
	struct swaplab_instance *instance = swaplab_binding_instance_locked(pool, frame);
	struct swaplab_policy *policy = instance->policy;

	/* The words of the frame may be another policy's, with another meaning. */
	if (!policy || !policy->ops->putback || swaplab_binding_is_old_locked(pool, frame) ||
	    !(atomic_read(&frame->flags) & SWAPLAB_FRAME_VICTIM)) {
		swaplab_binding_admit_locked(pool, frame, SWAPLAB_REASON_PUTBACK);
		return;
	}
	policy->ops->putback(policy, frame);
	frame_set_admitted_locked(pool, frame, instance);
}

/**
 * swaplab_binding_claim_locked() - take a frame into transit
 * @pool: the pool, locked
 * @frame: the policy has it, or has just given it up
 *
 * Return: false if it is in transit already.
 */
bool swaplab_binding_claim_locked(struct swaplab_pool *pool,
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

static void eject_locked(struct swaplab_pool *pool, enum swaplab_ejection why)
{
	/* Without a policy, as at the pool's end, there is nothing to eject. */
	if (pool->binding.ejecting || !pool->binding.instances[0].policy)
		return;
	pool->binding.ejecting = why;
	schedule_work(&pool->binding.eject);
}

/**
 * swaplab_binding_count_long_locked() - calls of the policy in one hold took too long
 * @pool: the pool, locked
 *
 * Once may be the host's fault, if the machine is virtual.
 */
void swaplab_binding_count_long_locked(struct swaplab_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (++pool->binding.nr_long == BINDING_MAX_LONG)
		eject_locked(pool, SWAPLAB_EJECTED_LONG);
}

/* Not a frame of ours, or not the policy's to give. */
static void count_error_locked(struct swaplab_pool *pool, bool old)
{
	swaplab_stat_inc(&pool->stats, policy_errors);
	if (!old && ++pool->binding.nr_errors == BINDING_MAX_ERRORS)
		eject_locked(pool, SWAPLAB_EJECTED_WRONG);
}

/**
 * swaplab_binding_ask_locked() - ask a policy for a victim, and check the answer
 * @pool: the pool, locked
 * @instance: of the policy
 * @policy: its policy, or the outgoing one
 *
 * Return: a frame that the policy has given up; NULL if it gave none that can be one, or
 * SWAPLAB_VICTIM_AGAIN.
 */
struct swaplab_frame *swaplab_binding_ask_locked(struct swaplab_pool *pool,
						 struct swaplab_instance *instance,
						 struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = policy->ops->victim(policy);
	bool old = policy != instance->policy;

	if (!frame || frame == SWAPLAB_VICTIM_AGAIN)
		return frame;
	if (swaplab_chunk_has_frame(pool, frame) && swaplab_binding_has(frame) &&
	    swaplab_binding_is_old_locked(pool, frame) == old &&
	    swaplab_binding_instance_locked(pool, frame) == instance) {
		frame_set_flags_locked(pool, frame, SWAPLAB_FRAME_VICTIM |
				       (atomic_read(&frame->flags) &
					(SWAPLAB_FRAME_GENERATION | SWAPLAB_FRAME_INSTANCE)));
		count_lost_locked(pool, instance);
		return frame;
	}
	count_error_locked(pool, old);
	return NULL;
}

/**
 * swaplab_binding_max_calls() - calls that a search for a victim may take
 * @instance: has frames of the policy
 * @policy: is asked
 *
 * In these a policy can look at all its frames BINDING_ROUNDS times.
 */
unsigned long swaplab_binding_max_calls(struct swaplab_instance *instance,
					struct swaplab_policy *policy)
{
	return BINDING_ROUNDS * (READ_ONCE(instance->nr_frames) /
				 swaplab_policy_victim_looks(policy) + 1);
}
