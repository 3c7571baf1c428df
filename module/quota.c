// SPDX-License-Identifier: GPL-2.0
/*
 * Quotas: how many frames each instance of the policy should have, and which one evicts next.
 *
 * Frames are lent freely: a page that comes in takes any free frame. Eviction evens that out.
 * It takes pages from the instance that is furthest above its quota, so one that is below its
 * own loses none while another one is above.
 *
 * A region may have bounds, by SWAPLAB_QUOTA. Its quota is within them, and the others divide
 * the rest. Like any other region it is lent frames beyond its quota while they are free.
 *
 * The pool's lock guards quotas and bounds. A region's bounds are those of an instance while the
 * instance has the region, and swaplab_allocation_leave() ends both in one hold of the lock. So a
 * region that is followed from its instance under the lock is there, with its bounds, and its min
 * is in the sum of all mins exactly once.
 */
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include "load.h"
#include "pff.h"
#include "quota.h"
#include "share.h"
#include "user.h"
#include "working_set.h"

/* No policy has to work with fewer. */
#define QUOTA_MIN	SWAPLAB_MIN_FRAMES

static bool is_first(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	return instance == pool->binding.instances;
}

/* Regions with an instance of their own, and resident pages. */
static int nr_own_regions(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	unsigned int i;
	int nr = 0;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		nr += region && atomic_long_read(&region->nr_resident);
	}
	return nr;
}

static bool is_suspended(struct swaplab_instance *instance)
{
	return instance->region && swaplab_load_is_suspended(instance->region);
}

/* Regions that an instance stands for, and that run: none if they have no page. */
static unsigned int weight_of(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	if (!instance->nr_frames)
		return 0;
	if (!is_first(pool, instance))
		return instance->region && !is_suspended(instance);
	/* Pages come and go meanwhile, and those of other owners of its pages may be gone. */
	return max(atomic_read(&pool->nr_populated) - nr_own_regions(pool), 1);
}

/*
 * Tells the policy, as far as it has memory for that. Asks once for more memory, which takes
 * a task that can sleep.
 */
static void quota_set_locked(struct swaplab_pool *pool, struct swaplab_instance *instance,
			     unsigned long quota)
{
	struct swaplab_policy *policy = instance->policy;

	WRITE_ONCE(instance->quota, quota);
	if (!policy)
		return;
	quota = max_t(unsigned long, quota, QUOTA_MIN);
	if (quota > instance->nr_reserved && quota > instance->nr_wanted) {
		instance->nr_wanted = quota;
		schedule_work(&pool->allocation.work);
	}
	quota = min(quota, instance->nr_reserved);
	if (policy->nr_frames != quota)
		WRITE_ONCE(policy->nr_frames, quota);
}

static unsigned long min_of(struct swaplab_instance *instance)
{
	return instance->region ? instance->region->quota_min : 0;
}

static unsigned long max_of(struct swaplab_instance *instance)
{
	unsigned long max = instance->region ? instance->region->quota_max : 0;

	return max ? max : ULONG_MAX;
}

static void divide_equally_locked(struct swaplab_pool *pool, struct swaplab_share *shares)
{
	struct swaplab_instance *instances = pool->binding.instances;
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		shares[i].weight = weight_of(pool, &instances[i]);
		shares[i].min = min_of(&instances[i]);
		shares[i].max = max_of(&instances[i]);
	}
	swaplab_share_divide(shares, SWAPLAB_INSTANCES, pool->nr_room);
}

static void set_local_locked(struct swaplab_pool *pool)
{
	struct swaplab_share shares[SWAPLAB_INSTANCES];
	unsigned int i;

	divide_equally_locked(pool, shares);
	if (pool->allocation.mode == SWAPLAB_ALLOCATION_PFF)
		swaplab_pff_divide_locked(pool, shares);
	else if (swaplab_working_set_is_on(pool))
		swaplab_working_set_divide_locked(pool, shares);
	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		quota_set_locked(pool, &pool->binding.instances[i], shares[i].frames);
}

/* For an eviction: also adapts what the mode has learned. */
static void adapt_locked(struct swaplab_pool *pool)
{
	struct swaplab_share equal[SWAPLAB_INSTANCES];

	set_local_locked(pool);
	if (pool->allocation.mode != SWAPLAB_ALLOCATION_PFF || !swaplab_pff_is_due_locked(pool))
		return;
	divide_equally_locked(pool, equal);
	swaplab_pff_adapt_locked(pool, equal);
	set_local_locked(pool);
}

/**
 * swaplab_quota_update_locked() - divide the frames as of now
 * @pool: the pool, locked
 */
void swaplab_quota_update_locked(struct swaplab_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->allocation.mode == SWAPLAB_ALLOCATION_GLOBAL)
		quota_set_locked(pool, &pool->binding.instances[0], pool->nr_room);
	else
		set_local_locked(pool);
}

/**
 * swaplab_quota_end_sample() - adapt quotas to a sample
 * @pool: the pool; the caller is its leader
 */
void swaplab_quota_end_sample(struct swaplab_pool *pool)
{
	if (!pool->allocation.count.is_due)
		return;
	spin_lock(&pool->lock);
	if (swaplab_working_set_is_on(pool)) {
		swaplab_working_set_measure_locked(pool);
		set_local_locked(pool);
		swaplab_working_set_control_locked(pool);
		set_local_locked(pool);
	}
	spin_unlock(&pool->lock);
}

/* Pages under SWAPLAB_LOCK, which no policy has, count for their region. */
static unsigned long nr_mlocked(struct swaplab_instance *instance)
{
	return instance->region ? atomic_long_read(&instance->region->nr_mlocked) : 0;
}

/* The same of the regions without an instance of their own. */
static unsigned long nr_mlocked_by_rest(struct swaplab_pool *pool)
{
	unsigned long nr = 0;
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++)
		nr += nr_mlocked(&pool->binding.instances[i]);
	return pool->nr_mlocked - min(pool->nr_mlocked, nr);
}

/*
 * Frames of an instance, with those of victims that are on their way, where the region tells:
 * the region has them until they are gone. In a family it also counts pages of others.
 */
static unsigned long nr_held(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	struct swaplab_region *region = instance->region;

	if (region && !READ_ONCE(region->family))
		return atomic_long_read(&region->nr_resident);
	if (!pool->nr_mlocked)
		return instance->nr_frames;
	return instance->nr_frames + (is_first(pool, instance) ? nr_mlocked_by_rest(pool) :
								 nr_mlocked(instance));
}

static unsigned long frames_of_percent(struct swaplab_pool *pool, unsigned int percent)
{
	return mult_frac(READ_ONCE(pool->nr_frames), percent, 100UL);
}

static void set_bounds_locked(struct swaplab_region *region, unsigned long min,
			      unsigned long max)
{
	struct swaplab_allocation *allocation = &region->pool->allocation;

	lockdep_assert_held(&region->pool->lock);
	allocation->nr_reserved += min - region->quota_min;
	region->user->nr_reserved += min - region->quota_min;
	WRITE_ONCE(region->quota_min, min);
	WRITE_ONCE(region->quota_max, max);
}

/* @others: mins of other regions */
static bool fits(unsigned long min, unsigned long others, unsigned long most)
{
	return min <= most && others <= most - min;
}

/* A min that becomes no larger always fits, be the settings lower by now. */
static bool min_fits_locked(struct swaplab_region *region, unsigned long min, bool is_privileged)
{
	struct swaplab_pool *pool = region->pool;
	unsigned long most, most_of_user;

	lockdep_assert_held(&pool->lock);
	if (min <= region->quota_min)
		return true;
	most = frames_of_percent(pool, READ_ONCE(pool->tunables.max_reserved_percent));
	most_of_user = frames_of_percent(pool,
					 READ_ONCE(pool->tunables.max_user_reserved_percent));
	return fits(min, pool->allocation.nr_reserved - region->quota_min, most) &&
	       (is_privileged ||
		fits(min, region->user->nr_reserved - region->quota_min, most_of_user));
}

/**
 * swaplab_quota_set_bounds() - set how many frames a region should have
 * @region: the region
 * @min: frames at least
 * @max: frames at most, @min or more; 0: any number
 * @is_privileged: the mins of its user are not limited for themselves
 *
 * Return: 0, or -ENOSPC if the mins of all regions, or those of the user that made the region,
 * would be too many frames.
 */
int swaplab_quota_set_bounds(struct swaplab_region *region, unsigned long min,
			     unsigned long max, bool is_privileged)
{
	struct swaplab_pool *pool = region->pool;
	int err = -ENOSPC;

	spin_lock(&pool->lock);
	if (min_fits_locked(region, min, is_privileged)) {
		set_bounds_locked(region, min, max);
		if (min)
			swaplab_load_spare_locked(region);
		swaplab_quota_update_locked(pool);
		err = 0;
	}
	spin_unlock(&pool->lock);
	return err;
}

/**
 * swaplab_quota_unbound_locked() - a region ends, and so do its bounds
 * @region: the region, its pool locked
 */
void swaplab_quota_unbound_locked(struct swaplab_region *region)
{
	set_bounds_locked(region, 0, 0);
}

/*
 * Frames that an instance has beyond the min of its region, which victims that are on their way
 * are not. The quota is less than the min if the pool has become smaller.
 */
static unsigned long nr_beyond_min(struct swaplab_instance *instance)
{
	unsigned long held = instance->nr_frames + nr_mlocked(instance);

	return held - min3(held, min_of(instance), instance->quota);
}

/*
 * How far an instance is above its quota. One whose region is suspended gives victims first, and
 * one that has no more than its min gives them last.
 */
static long nr_over(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	if (is_suspended(instance))
		return LONG_MAX / 2 + instance->nr_frames;
	if (!nr_beyond_min(instance))
		return -(long)instance->quota;
	return nr_held(pool, instance) - instance->quota;
}

/**
 * swaplab_quota_choose_locked() - the instance that is to give the next victims
 * @pool: the pool, locked
 * @max: victims that are asked for; set to how many the instance has beyond its min, if these
 *	are fewer, and more than none
 *
 * Return: of those that have pages, the one that is furthest above its quota, or least below
 * it; number 0 if none has pages.
 */
struct swaplab_instance *swaplab_quota_choose_locked(struct swaplab_pool *pool,
						     unsigned int *max)
{
	struct swaplab_instance *instances = pool->binding.instances;
	struct swaplab_instance *most = instances;
	long over, most_over = LONG_MIN;
	unsigned long nr;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	if (pool->allocation.mode == SWAPLAB_ALLOCATION_GLOBAL)
		return most;
	adapt_locked(pool);
	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		if (!instances[i].nr_frames)
			continue;
		over = nr_over(pool, &instances[i]);
		if (over > most_over) {
			most_over = over;
			most = &instances[i];
		}
	}
	nr = nr_beyond_min(most);
	if (nr && nr < *max)
		*max = nr;
	return most;
}
