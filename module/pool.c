// SPDX-License-Identifier: GPL-2.0
/* Pools, from their first moment to the last. */
#include "frame.h"
#include "pcp.h"
#include "pinned.h"
#include "pool.h"
#include "request.h"
#include "watermark.h"

/**
 * swaplab_pool_init() - set up a pool without frames
 * @pool: zeroed memory
 * @id: N of swaplabN
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_pool_init(struct swaplab_pool *pool, int id)
{
	int err;

	pool->id = id;
	snprintf(pool->name, sizeof(pool->name), "swaplab%d", id);
	spin_lock_init(&pool->lock);
	mutex_init(&pool->regions_lock);
	mutex_init(&pool->recording.lock);
	mutex_init(&pool->config);
	mutex_init(&pool->names.lock);
	INIT_LIST_HEAD(&pool->pinned);
	xa_init_flags(&pool->regions, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&pool->users, XA_FLAGS_ACCOUNT);
	swaplab_frame_init(pool);
	swaplab_request_init(pool);
	swaplab_watermark_reset(pool);
	pool->tunables.scan_interval_ms = 1000;
	pool->tunables.readahead_pages = 32;
	pool->tunables.readaround_pages = 64;
	pool->tunables.writeback_pages = 16;
	/* As long as a transfer may keep pages from being evicted: longer than a restart. */
	pool->tunables.pager_timeout_ms = 10000;
	pool->tunables.max_reserved_percent = 50;
	pool->tunables.max_user_reserved_percent = SWAPLAB_MAX_RESERVED_PERCENT;
	pool->tunables.pff_low = 10;
	pool->tunables.pff_high = 50;
	pool->tunables.working_set_samples = 4;
	err = swaplab_stats_init(&pool->stats);
	if (err)
		return err;
	err = swaplab_pcp_init(pool);
	if (err)
		swaplab_stats_destroy(&pool->stats);
	return err;
}

/**
 * swaplab_pool_destroy() - free the memory of a pool without regions
 * @pool: the pool; its daemons have stopped and its device is gone
 */
void swaplab_pool_destroy(struct swaplab_pool *pool)
{
	swaplab_pinned_destroy(pool);
	swaplab_frame_destroy(pool);
	swaplab_pcp_destroy(pool);
	swaplab_latency_destroy(&pool->latency);
	swaplab_stats_destroy(&pool->stats);
}

/**
 * swaplab_pool_enter() - count a region in
 * @pool: the pool; it is not removed while it has regions in use
 *
 * Return: 0, or -ENODEV if the pool is being removed.
 */
int swaplab_pool_enter(struct swaplab_pool *pool)
{
	int err = 0;

	spin_lock(&pool->lock);
	if (pool->dead)
		err = -ENODEV;
	else
		pool->nr_regions++;
	spin_unlock(&pool->lock);
	return err;
}

/**
 * swaplab_pool_leave() - a region is gone
 * @pool: the pool
 */
void swaplab_pool_leave(struct swaplab_pool *pool)
{
	spin_lock(&pool->lock);
	pool->nr_regions--;
	spin_unlock(&pool->lock);
}
