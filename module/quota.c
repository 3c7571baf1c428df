// SPDX-License-Identifier: GPL-2.0
/*
 * Quotas: how many frames each instance of the policy should have, and which one evicts next.
 *
 * Frames are lent freely: a page that comes in takes any free frame. Eviction evens that out.
 * It takes pages from the instance that is furthest above its quota, so one that is below its
 * own loses none while another one is above.
 */
#include <linux/minmax.h>
#include "quota.h"
#include "region.h"

/* No policy has to work with fewer. */
#define QUOTA_MIN	SWAPLAB_MIN_FRAMES

static bool is_first(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	return instance == pool->binding.instances;
}

/* Regions with an instance of their own. */
static unsigned int nr_own_regions(struct swaplab_pool *pool)
{
	unsigned int i, nr = 0;

	for (i = 1; i < SWAPLAB_INSTANCES; i++)
		nr += !!pool->binding.instances[i].region;
	return nr;
}

/* Regions that an instance stands for: none if they have no page. */
static unsigned int weight_of(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	if (!instance->nr_frames)
		return 0;
	if (!is_first(pool, instance))
		return !!instance->region;
	/* Those of other owners of its pages may be gone. */
	return max_t(int, pool->nr_regions - nr_own_regions(pool), 1);
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

static void set_equal_locked(struct swaplab_pool *pool)
{
	struct swaplab_instance *instances = pool->binding.instances;
	unsigned int i, weights[SWAPLAB_INSTANCES], sum = 0;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		weights[i] = weight_of(pool, &instances[i]);
		sum += weights[i];
	}
	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		quota_set_locked(pool, &instances[i],
				 sum ? pool->nr_room * weights[i] / sum : 0);
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
		set_equal_locked(pool);
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

/**
 * swaplab_quota_choose_locked() - the instance that is to give the next victims
 * @pool: the pool, locked
 *
 * Return: of those that have pages, the one that is furthest above its quota, or least below
 * it; number 0 if none has pages.
 */
struct swaplab_instance *swaplab_quota_choose_locked(struct swaplab_pool *pool)
{
	struct swaplab_instance *instances = pool->binding.instances;
	struct swaplab_instance *most = instances;
	long over, most_over = LONG_MIN;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	if (pool->allocation.mode == SWAPLAB_ALLOCATION_GLOBAL)
		return most;
	swaplab_quota_update_locked(pool);
	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		if (!instances[i].nr_frames)
			continue;
		over = nr_held(pool, &instances[i]) - instances[i].quota;
		if (over > most_over) {
			most_over = over;
			most = &instances[i];
		}
	}
	return most;
}
