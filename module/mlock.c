// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_LOCK: pages that stay resident, like pages under mlock(). The policy does not
 * have their frames, so it never gives one as a victim.
 */
#include "frame.h"
#include "mlock.h"
#include "policy.h"
#include "user.h"

/* Counts pages that are to be mlocked, or none if they are too many. */
static bool try_count(struct swaplab_region *region, unsigned int nr,
		      unsigned long limit)
{
	struct swaplab_user *user = region->user;
	struct swaplab_pool *pool = region->pool;
	bool fits;

	spin_lock(&pool->lock);
	fits = user->nr_mlocked + nr <= limit &&
	       pool->nr_mlocked + nr <=
		       swaplab_frame_mlock_limit(pool->nr_room);
	if (fits) {
		pool->nr_mlocked += nr;
		user->nr_mlocked += nr;
	}
	spin_unlock(&pool->lock);
	return fits;
}

/**
 * swaplab_mlock_set() - keep pages from being evicted
 * @run: of swaplab_run_claim()
 * @limit: pages that the region's user may have mlocked, with these
 *
 * Return: 0, or -ENOMEM if there would be more, or the pool would keep too few frames
 * to work with; then none of them is mlocked.
 */
int swaplab_mlock_set(struct swaplab_run *run, unsigned long limit)
{
	struct swaplab_region *region = run->region;
	unsigned int i;

	if (!try_count(region, run->nr, limit))
		return -ENOMEM;
	swaplab_policy_forget(region->pool, run->frames, run->nr, SWAPLAB_REASON_MLOCK);
	for (i = 0; i < run->nr; i++)
		atomic_or(SWAPLAB_FRAME_MLOCKED, &run->frames[i]->flags);
	atomic_long_add(run->nr, &region->nr_mlocked);
	return 0;
}

/**
 * swaplab_mlock_clear() - undo swaplab_mlock_set()
 * @run: pages in transit by the caller, mlocked or not
 */
void swaplab_mlock_clear(struct swaplab_run *run)
{
	struct swaplab_region *region = run->region;
	struct swaplab_pool *pool = region->pool;
	unsigned int i, nr = 0;

	/* A page that is mlocked was counted before the end of that transit. */
	if (!atomic_long_read(&region->nr_mlocked))
		return;
	for (i = 0; i < run->nr; i++) {
		if (!swaplab_frame_is_mlocked(run->frames[i]))
			continue;
		atomic_andnot(SWAPLAB_FRAME_MLOCKED, &run->frames[i]->flags);
		nr++;
	}
	if (!nr)
		return;
	atomic_long_sub(nr, &region->nr_mlocked);
	spin_lock(&pool->lock);
	region->user->nr_mlocked -= nr;
	pool->nr_mlocked -= nr;
	spin_unlock(&pool->lock);
}
