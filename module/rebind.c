// SPDX-License-Identifier: GPL-2.0
/*
 * The live change of a policy, in all its instances at once. New pages go to the new policy at
 * once. The frames of the old one move over in the order in which it would have evicted them,
 * one at a time, each to the instance of its region. The flag that flips with each change
 * tells which of the two policies has it meanwhile.
 *
 * When the region of an instance is gone, others may still have some of its pages since a
 * fork(). These move to other instances in the same way.
 */
#include <linux/sched.h>
#include "binding.h"
#include "chunk.h"
#include "instance.h"
#include "quota.h"
#include "rebind.h"
#include "region.h"
#include "working_set.h"

/*
 * Moves a frame from a policy that gives its frames up. One a hold of the lock: victim() and
 * admit() may look at as many frames as can be in one hold.
 *
 * Return: the frame, NULL if the policy gives none, or SWAPLAB_VICTIM_AGAIN.
 */
static struct swaplab_frame *frame_move(struct swaplab_pool *pool,
					struct swaplab_instance *instance,
					struct swaplab_policy *policy)
{
	struct swaplab_frame *frame;

	spin_lock(&pool->lock);
	frame = swaplab_binding_ask_locked(pool, instance, policy);
	if (frame && frame != SWAPLAB_VICTIM_AGAIN)
		swaplab_binding_admit_locked(pool, frame, SWAPLAB_REASON_REBIND);
	spin_unlock(&pool->lock);
	cond_resched();
	return frame;
}

/* In the order in which the policy would have evicted them, as far as it says. */
static void frames_move(struct swaplab_pool *pool, struct swaplab_instance *instance,
			struct swaplab_policy *policy)
{
	unsigned long nr_again = 0;
	struct swaplab_frame *frame;

	while (policy && nr_again <= swaplab_binding_max_calls(instance, policy)) {
		frame = frame_move(pool, instance, policy);
		if (!frame)
			break;
		nr_again = frame == SWAPLAB_VICTIM_AGAIN ? nr_again + 1 : 0;
	}
}

/* Is it, or was it, with a policy that is to have no frames any more? */
static bool has_to_move_locked(struct swaplab_pool *pool, struct swaplab_frame *frame,
			       struct swaplab_instance *leaving)
{
	return leaving ? swaplab_binding_instance_locked(pool, frame) == leaving :
			 swaplab_binding_is_old_locked(pool, frame);
}

/*
 * The same for frames that the policy has but does not give, or if there was none: looks
 * at those from @number on, until one has moved. Its victims that are still in transit are
 * no victims of the new one. A frame that is made meanwhile does not have to move. @leaving:
 * an instance; NULL: the old policy.
 *
 * Return: false if there is no frame from @number on; else it is that of the next frame.
 */
static bool frames_sweep_locked(struct swaplab_pool *pool, struct swaplab_instance *leaving,
				unsigned long *number)
{
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = swaplab_chunk_next_frame(pool, number);
		if (!frame)
			return false;
		++*number;
		if (!has_to_move_locked(pool, frame, leaving))
			continue;
		if (swaplab_binding_has(frame)) {
			swaplab_binding_remove_locked(pool, frame, SWAPLAB_REASON_REBIND);
			swaplab_binding_admit_locked(pool, frame, SWAPLAB_REASON_REBIND);
			break;
		}
		atomic_andnot(SWAPLAB_FRAME_VICTIM, &frame->flags);
	}
	return true;
}

static void frames_sweep(struct swaplab_pool *pool, struct swaplab_instance *leaving)
{
	unsigned long number = 0;
	bool more;

	do {
		spin_lock(&pool->lock);
		more = frames_sweep_locked(pool, leaving, &number);
		spin_unlock(&pool->lock);
		cond_resched();
	} while (more);
}

/* The instance has this policy from now on; memory is reserved for as many frames as it says. */
static void policy_install_locked(struct swaplab_pool *pool, struct swaplab_instance *instance,
				  struct swaplab_policy *policy)
{
	lockdep_assert_held(&pool->config);
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(instance->policy, policy);
	instance->nr_again = 0;
	instance->target = 0;
	instance->patience = 0;
	if (instance->region)
		swaplab_working_set_renew_locked(instance->region);
	instance->nr_wanted = 0;
	instance->nr_reserved = 0;
	if (policy)
		instance->nr_reserved = policy->ops->resize ? policy->nr_frames : ULONG_MAX;
}

/**
 * swaplab_rebind_begin_locked() - change to another policy, or to other instances
 * @pool: the pool, locked; the caller holds its config mutex, too
 * @policies: for each instance, ready to work; NULL: none. Gets those before them.
 *
 * swaplab_rebind_finish() has to follow, without the lock.
 */
void swaplab_rebind_begin_locked(struct swaplab_pool *pool,
				 struct swaplab_policy *policies[SWAPLAB_INSTANCES])
{
	struct swaplab_binding *binding = &pool->binding;
	const struct swaplab_policy *first = binding->instances[0].policy;
	const struct swaplab_policy_ops *ops;
	struct swaplab_instance *instance;
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		instance = &binding->instances[i];
		swaplab_instance_copy_params(policies[i], first);
		instance->old_policy = instance->policy;
		policy_install_locked(pool, instance, policies[i]);
		policies[i] = instance->old_policy;
	}
	/* The room may have changed since the policy was made. */
	swaplab_quota_update_locked(pool);
	binding->generation ^= SWAPLAB_FRAME_GENERATION;
	binding->nr_errors = 0;
	binding->nr_long = 0;
	ops = swaplab_pool_policy_ops(pool);
	WRITE_ONCE(binding->forgets, ops && ops->forget);
	WRITE_ONCE(binding->reads_ahead, ops && ops->readahead);
	atomic_set(&binding->nr_ahead_used, 0);
	atomic_set(&binding->nr_ahead_wasted, 0);
	binding->is_old_ejected = binding->ejecting;
	binding->ejecting = SWAPLAB_EJECTED_NOT;
}

/**
 * swaplab_rebind_finish() - move all frames to the new policy
 * @pool: the pool; the caller holds its config mutex
 *
 * The policies before that have no frame any more and are not called again.
 */
void swaplab_rebind_finish(struct swaplab_pool *pool)
{
	struct swaplab_instance *instances = pool->binding.instances;
	unsigned int i;

	lockdep_assert_held(&pool->config);
	for (i = 0; i < SWAPLAB_INSTANCES && !pool->binding.is_old_ejected; i++)
		frames_move(pool, &instances[i], instances[i].old_policy);
	frames_sweep(pool, NULL);

	spin_lock(&pool->lock);
	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		instances[i].old_policy = NULL;
	spin_unlock(&pool->lock);
	/* The daemon may have to sample for this one. */
	swaplab_pool_wake_daemon(pool);
}

/**
 * swaplab_rebind_add() - let a region have an instance of the policy
 * @instance: free
 * @region: without pages; it has the pool's so far
 * @policy: ready to work, of the pool's policy; NULL: none
 */
void swaplab_rebind_add(struct swaplab_instance *instance, struct swaplab_region *region,
			struct swaplab_policy *policy)
{
	struct swaplab_pool *pool = region->pool;

	spin_lock(&pool->lock);
	swaplab_instance_copy_params(policy, pool->binding.instances[0].policy);
	instance->region = region;
	policy_install_locked(pool, instance, policy);
	region->instance = instance - pool->binding.instances;
	swaplab_quota_update_locked(pool);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_rebind_remove() - take its policy from an instance whose region is gone
 * @pool: the pool; the caller holds its config mutex
 * @instance: one whose region is gone
 *
 * No page comes to it any more. Without a fork() it has none: the region had no page at its
 * end, in transit or not.
 *
 * Return: the policy, which has no frame any more and is not called again, or NULL.
 */
struct swaplab_policy *swaplab_rebind_remove(struct swaplab_pool *pool,
					     struct swaplab_instance *instance)
{
	struct swaplab_policy *policy = instance->policy;

	lockdep_assert_held(&pool->config);
	if (instance->is_shared) {
		if (!pool->binding.ejecting)
			frames_move(pool, instance, policy);
		frames_sweep(pool, instance);
	}
	spin_lock(&pool->lock);
	policy_install_locked(pool, instance, NULL);
	instance->is_shared = false;
	spin_unlock(&pool->lock);
	return policy;
}
