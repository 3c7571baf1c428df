// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation: how the frames of a pool are divided among its regions. With "global", one
 * instance of the policy has all pages. With anything else a region has an instance for itself,
 * which chooses victims among the pages of that region alone, as far as there are instances.
 * quota.c says which instance evicts next.
 *
 * A region gets its instance when it is opened, before it has a page, and keeps it until its
 * end. Those that are there when the allocation changes get theirs in that change, which is
 * a change of the policy to itself. All other regions, and those of children of fork(), have
 * instance 0.
 *
 * Instances come and go under the pool's config mutex. It may be held for as long as a disk
 * takes, so the end of a region, which is that of a process, does not wait for it: it leaves
 * the instance without a region, under the pool's lock, to a work item.
 */
#include <linux/sched.h>
#include "allocation.h"
#include "instance.h"
#include "load.h"
#include "quota.h"
#include "rebind.h"
#include "region.h"

static bool is_local(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->allocation.mode) != SWAPLAB_ALLOCATION_GLOBAL;
}

/* Frees the instances whose regions are gone. */
static void instances_reap(struct swaplab_pool *pool)
{
	struct swaplab_instance *instance;
	unsigned int i;

	lockdep_assert_held(&pool->config);
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		instance = &pool->binding.instances[i];
		/*
		 * It gets a region under the config mutex only. Pairs with the release in
		 * swaplab_allocation_leave(): is_shared is that of its last region.
		 */
		if (!smp_load_acquire(&instance->region) &&
		    (instance->policy || instance->is_shared))
			swaplab_instance_destroy(swaplab_rebind_remove(pool, instance));
	}
}

/* Has a policy allocate memory for the frames of its quota; without it, it has a smaller one. */
static void instance_grow(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	struct swaplab_policy *policy = instance->policy;
	unsigned long nr = READ_ONCE(instance->nr_wanted);

	lockdep_assert_held(&pool->config);
	if (!policy || nr <= READ_ONCE(instance->nr_reserved) ||
	    policy->ops->resize(policy, nr))
		return;
	spin_lock(&pool->lock);
	instance->nr_reserved = nr;
	swaplab_quota_update_locked(pool);
	spin_unlock(&pool->lock);
}

static void instances_update(struct work_struct *work)
{
	struct swaplab_pool *pool = container_of(work, struct swaplab_pool, allocation.work);
	unsigned int i;

	mutex_lock(&pool->config);
	instances_reap(pool);
	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		instance_grow(pool, &pool->binding.instances[i]);
	mutex_unlock(&pool->config);
}

/**
 * swaplab_allocation_init() - begin with one instance for all
 * @pool: new; zeroed memory
 */
void swaplab_allocation_init(struct swaplab_pool *pool)
{
	INIT_WORK(&pool->allocation.work, instances_update);
	swaplab_load_init(pool);
}

/**
 * swaplab_allocation_exit() - the pool is about to go
 * @pool: without regions and policies
 */
void swaplab_allocation_exit(struct swaplab_pool *pool)
{
	cancel_work_sync(&pool->allocation.work);
}

static void policies_destroy(struct swaplab_policy *policies[SWAPLAB_INSTANCES])
{
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		swaplab_instance_destroy(policies[i]);
		policies[i] = NULL;
	}
}

/* Frames of an instance to begin with, if there are @nr regions with one of their own. */
static unsigned long first_quota(struct swaplab_pool *pool, unsigned int nr)
{
	return max(READ_ONCE(pool->nr_frames) / (nr + 1), (unsigned long)SWAPLAB_MIN_FRAMES);
}

/* One for number 0, and one for each member of @regions that is there. */
static int policies_create(struct swaplab_pool *pool, const struct swaplab_policy_ops *ops,
			   struct swaplab_region *const regions[SWAPLAB_INSTANCES],
			   struct swaplab_policy *policies[SWAPLAB_INSTANCES])
{
	struct swaplab_policy *policy;
	unsigned int i, nr = 0;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		policies[i] = NULL;
		nr += !!regions[i];
	}
	for (i = 0; ops && i < SWAPLAB_INSTANCES; i++) {
		if (i && !regions[i])
			continue;
		policy = swaplab_instance_create(ops, first_quota(pool, nr));
		if (IS_ERR(policy)) {
			policies_destroy(policies);
			return PTR_ERR(policy);
		}
		policies[i] = policy;
	}
	return 0;
}

/* Those that have an instance; they may be gone, so they are not followed. */
static void own_regions_get(struct swaplab_pool *pool,
			    struct swaplab_region *regions[SWAPLAB_INSTANCES])
{
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		regions[i] = READ_ONCE(pool->binding.instances[i].region);
}

/**
 * swaplab_allocation_prepare() - make a policy ready to be bound
 * @pool: the pool; the caller holds its config mutex
 * @ops: the policy; NULL: none
 * @policies: get one for each instance that is in use
 *
 * Return: 0, or an error of swaplab_instance_create(). swaplab_allocation_bind() has to
 * follow, unless it failed; it never does without a policy.
 */
int swaplab_allocation_prepare(struct swaplab_pool *pool,
			       const struct swaplab_policy_ops *ops,
			       struct swaplab_policy *policies[SWAPLAB_INSTANCES])
{
	struct swaplab_region *regions[SWAPLAB_INSTANCES];

	lockdep_assert_held(&pool->config);
	own_regions_get(pool, regions);
	return policies_create(pool, ops, regions, policies);
}

/**
 * swaplab_allocation_bind() - change to another policy
 * @pool: the pool; the caller holds its config mutex
 * @policies: of swaplab_allocation_prepare()
 *
 * Frees the policies before.
 */
void swaplab_allocation_bind(struct swaplab_pool *pool,
			     struct swaplab_policy *policies[SWAPLAB_INSTANCES])
{
	spin_lock(&pool->lock);
	swaplab_rebind_begin_locked(pool, policies);
	spin_unlock(&pool->lock);
	swaplab_rebind_finish(pool);
	/* No frame is left with them, and callbacks run under the lock only. */
	policies_destroy(policies);
}

/* The regions that get an instance: the oldest ones. Returns how many. */
static unsigned int regions_choose(struct swaplab_pool *pool,
				   struct swaplab_region *regions[SWAPLAB_INSTANCES])
{
	struct swaplab_region *region;
	unsigned long id;
	unsigned int nr = 0;

	lockdep_assert_held(&pool->regions_lock);
	memset(regions, 0, SWAPLAB_INSTANCES * sizeof(*regions));
	if (!is_local(pool))
		return 0;
	xa_for_each(&pool->regions, id, region) {
		if (nr == SWAPLAB_INSTANCES - 1)
			break;
		regions[++nr] = region;
	}
	return nr;
}

/* A region that has opened the device since the policies were made has none. */
static void regions_assign_locked(struct swaplab_pool *pool,
				  struct swaplab_region *const regions[SWAPLAB_INSTANCES],
				  struct swaplab_policy *const policies[SWAPLAB_INSTANCES])
{
	struct swaplab_instance *instance;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	swaplab_load_end_locked(pool);
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		instance = &pool->binding.instances[i];
		/* It may have another instance by now, with a lower number. */
		if (instance->region && instance->region->instance == i)
			instance->region->instance = 0;
		WRITE_ONCE(instance->region, policies[i] || !policies[0] ? regions[i] : NULL);
		if (instance->region)
			instance->region->instance = i;
	}
}

/* Gives all regions their instances anew, as the mode says. */
static int instances_renew(struct swaplab_pool *pool)
{
	struct swaplab_policy *policies[SWAPLAB_INSTANCES];
	struct swaplab_region *regions[SWAPLAB_INSTANCES];
	int err;

	mutex_lock(&pool->regions_lock);
	regions_choose(pool, regions);
	mutex_unlock(&pool->regions_lock);
	err = policies_create(pool, swaplab_pool_policy_ops(pool), regions, policies);
	if (err)
		return err;
	/* A region stays until the lock is released, as regions_remove() needs it. */
	mutex_lock(&pool->regions_lock);
	regions_choose(pool, regions);
	spin_lock(&pool->lock);
	regions_assign_locked(pool, regions, policies);
	swaplab_rebind_begin_locked(pool, policies);
	spin_unlock(&pool->lock);
	mutex_unlock(&pool->regions_lock);
	swaplab_rebind_finish(pool);
	policies_destroy(policies);
	/* Those that were made for regions that are gone by now. */
	instances_reap(pool);
	return 0;
}

/**
 * swaplab_allocation_set() - divide the frames of a pool in another way
 * @pool: the pool; the caller holds its config mutex
 * @mode: the way
 *
 * Return: 0, -ENOMEM, or another error of the policy's init(): then nothing has changed.
 */
int swaplab_allocation_set(struct swaplab_pool *pool, enum swaplab_allocation_mode mode)
{
	enum swaplab_allocation_mode old = pool->allocation.mode;
	int err;

	lockdep_assert_held(&pool->config);
	if (mode == old)
		return 0;
	instances_reap(pool);
	/* A region that is opened from here on joins, after this. */
	spin_lock(&pool->lock);
	WRITE_ONCE(pool->allocation.mode, mode);
	spin_unlock(&pool->lock);
	err = instances_renew(pool);
	if (!err)
		return 0;
	spin_lock(&pool->lock);
	WRITE_ONCE(pool->allocation.mode, old);
	swaplab_quota_update_locked(pool);
	spin_unlock(&pool->lock);
	return err;
}

static struct swaplab_instance *instance_find_free(struct swaplab_pool *pool)
{
	struct swaplab_instance *instance;
	unsigned int i;

	lockdep_assert_held(&pool->config);
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		instance = &pool->binding.instances[i];
		if (!READ_ONCE(instance->region) && !instance->policy && !instance->is_shared)
			return instance;
	}
	return NULL;
}

/* Without memory for a policy of its own, the region goes on with instance 0. */
static void join(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	const struct swaplab_policy_ops *ops = swaplab_pool_policy_ops(pool);
	struct swaplab_policy *policy = NULL;
	struct swaplab_instance *instance;

	instances_reap(pool);
	instance = instance_find_free(pool);
	if (instance && ops)
		policy = swaplab_instance_create(ops, first_quota(pool, pool->nr_regions));
	if (instance && !IS_ERR(policy))
		swaplab_rebind_add(instance, region, policy);
}

/**
 * swaplab_allocation_join() - let a region have an instance of the policy, if there is one
 * @region: new, without pages
 *
 * A task that is killed while it waits gets none.
 */
void swaplab_allocation_join(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;

	if (likely(!is_local(pool)) || mutex_lock_killable(&pool->config))
		return;
	/* A change of the mode may have given it one. */
	if (is_local(pool) && !region->instance)
		join(region);
	mutex_unlock(&pool->config);
}

/**
 * swaplab_allocation_leave() - a region ends
 * @region: without pages, and not among the pool's regions any more
 */
void swaplab_allocation_leave(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_instance *instance;

	spin_lock(&pool->lock);
	swaplab_quota_unbound_locked(region);
	if (region->instance) {
		swaplab_load_leave_locked(region);
		instance = &pool->binding.instances[region->instance];
		instance->is_shared = region->family;
		/* Pairs with instances_reap(), which reads is_shared behind it. */
		smp_store_release(&instance->region, NULL);
		schedule_work(&pool->allocation.work);
	}
	spin_unlock(&pool->lock);
}

/**
 * swaplab_allocation_quota() - frames that a region should have
 * @region: the region
 *
 * Return: the quota as of now; 0 if the region has no instance of its own.
 */
unsigned long swaplab_allocation_quota(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	unsigned long quota = 0;

	spin_lock(&pool->lock);
	if (region->instance) {
		swaplab_quota_update_locked(pool);
		quota = pool->binding.instances[region->instance].quota;
	}
	spin_unlock(&pool->lock);
	return quota;
}

/**
 * swaplab_allocation_working_set() - pages that a region has used lately
 * @region: the region
 *
 * Return: as counted last; 0 before the end of its first interval, with another allocation, or if
 * the region has no instance of its own.
 */
unsigned long swaplab_allocation_working_set(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	unsigned long nr = 0;

	spin_lock(&pool->lock);
	if (region->instance && pool->binding.instances[region->instance].target &&
	    pool->allocation.mode == SWAPLAB_ALLOCATION_WORKING_SET)
		nr = region->working_set.nr_pages;
	spin_unlock(&pool->lock);
	return nr;
}
