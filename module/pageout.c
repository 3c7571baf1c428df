// SPDX-License-Identifier: GPL-2.0
/*
 * Evictions of pages that a program has named, by SWAPLAB_ADVISE. The task that asks takes
 * them through the steps of reclaim itself, as one more daemon beside those of the pool. It
 * has victims, transfers and a workspace as they have, and its pages are in transit from the
 * first step to the last; so what reclaim.c says of several daemons holds for it, too. One
 * such task works at a time.
 *
 * It differs from them in three ways. The policy has not chosen the pages, but is told that
 * they go; one that stays is admitted anew. They go even if they are in use. And they are not
 * in the pool's tally, which tells why victims of the policy stay: pages that a program names
 * again and again, and has pinned, must not make the core believe that no page can go. The
 * pool counts them as picked, so the daemons do not evict others for the same shortage.
 *
 * Pages are claimed by trying, so the task waits for no transit while it has one. It waits for
 * its own writes, as a daemon does. The pool has a region meanwhile, so its store stays.
 */
#include <linux/sched/signal.h>
#include "pageout.h"
#include "policy.h"
#include "reclaim.h"
#include "run.h"
#include "writeback.h"

/**
 * swaplab_pageout_init() - prepare for the first request
 * @pool: the pool; nobody else knows it
 */
void swaplab_pageout_init(struct swaplab_pool *pool)
{
	struct swaplab_daemon *daemon = &pool->pageout.daemon;

	mutex_init(&pool->pageout.lock);
	init_waitqueue_head(&daemon->wait);
	daemon->pool = pool;
	daemon->tally = &pool->pageout.tally;
}

/**
 * swaplab_pageout_destroy() - free what the first request has allocated
 * @pool: without regions
 */
void swaplab_pageout_destroy(struct swaplab_pool *pool)
{
	if (pool->pageout.daemon.reclaim)
		swaplab_reclaim_destroy(&pool->pageout.daemon);
}

static int prepare_daemon(struct swaplab_daemon *daemon)
{
	daemon->nr_evicted = 0;
	return daemon->reclaim ? 0 : swaplab_reclaim_create(daemon);
}

static void finish_writes(struct swaplab_daemon *daemon)
{
	while (!swaplab_writeback_is_idle(daemon)) {
		wait_event_idle(daemon->wait, swaplab_writeback_has_finished(daemon));
		swaplab_writeback_finish(daemon);
	}
}

static int page_out_range(struct swaplab_daemon *daemon,
			  struct swaplab_region *region, pgoff_t first, pgoff_t last)
{
	struct swaplab_run run;

	swaplab_run_init(&run, region, first);
	while (run.more) {
		swaplab_run_claim_resident(&run, last);
		if (run.nr) {
			swaplab_policy_forget(region->pool, run.frames, run.nr,
					      SWAPLAB_REASON_PAGEOUT);
			swaplab_reclaim_run(daemon, run.frames, run.nr);
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * swaplab_pageout() - evict pages of a range, and wait until they are gone
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @nr: set to how many were evicted; others stay because they are mlocked, in transit,
 *	shared since a fork(), pinned, or cannot be written
 *
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal.
 */
int swaplab_pageout(struct swaplab_region *region, pgoff_t first, pgoff_t last,
		    unsigned long *nr)
{
	struct swaplab_pageout *pageout = &region->pool->pageout;
	int err;

	*nr = 0;
	if (mutex_lock_killable(&pageout->lock))
		return -EINTR;
	err = prepare_daemon(&pageout->daemon);
	if (!err) {
		err = page_out_range(&pageout->daemon, region, first, last);
		finish_writes(&pageout->daemon);
		*nr = pageout->daemon.nr_evicted;
	}
	mutex_unlock(&pageout->lock);
	return err;
}
