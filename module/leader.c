// SPDX-License-Identifier: GPL-2.0
/*
 * The page daemon that leads: wait, sample, evict, sleep.
 *
 * It is woken when free frames, and those being written, fall below the low
 * watermark or a fault finds none, and evicts until the high one is reached, or some
 * frames less while faults wait for the disk. In between it samples accessed
 * bits once a period, as long as it finds pages in use: a sample that finds none
 * would age all pages alike, which changes no order, so the daemon then sleeps
 * until the next page-in. It does not wait for the end of the period when victims
 * turn out to be in use: then the policy knows too little.
 *
 * The other daemons of the pool, if there are any, do nothing but evict, beside it and when
 * it calls them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include "charge.h"
#include "frame.h"
#include "leader.h"
#include "pass.h"
#include "pinned.h"
#include "policy.h"
#include "quota.h"
#include "reclaim.h"
#include "record.h"
#include "store.h"
#include "trace.h"
#include "watermark.h"
#include "working_set.h"
#include "writeback.h"

/* How long to wait for pages when all of them are in use. */
#define BUSY_WAIT_JIFFIES	1

/*
 * The same in a pool above nr_frames, when no task waits for a frame: at first, and after several
 * passes in vain. No event tells that pins have ended.
 */
#define OVER_WAIT_JIFFIES	HZ
#define OVER_MOST_JIFFIES	(16 * HZ)

/*
 * Victims found in use, by pages: to look at that many one by one costs about as much as
 * a sample of all, with the tick.
 */
#define KEPT_SHARE	16
#define KEPT_LEAST	16

/**
 * struct leader - its own state
 * @daemon: its thread
 * @pool: its pool
 * @last_sample: in jiffies
 * @last_poll: of pinned frames, in jiffies
 * @shortage: since frames fell below low, until the pool was content again
 * @reclaiming: meanwhile, there is more to do than wait for writes
 * @retry: pages were busy: look again soon
 * @over: the pool is above nr_frames, the last pass has freed nothing, and no task waits
 * @over_since: the last such pass ended, in jiffies
 * @over_wait: from then on, in jiffies
 */
struct leader {
	struct swaplab_daemon *daemon;
	struct swaplab_pool *pool;
	unsigned long last_sample;
	unsigned long last_poll;
	bool shortage;
	bool reclaiming;
	bool retry;
	bool over;
	unsigned long over_since;
	unsigned long over_wait;
};

static bool is_sampling(struct swaplab_pool *pool)
{
	if (swaplab_record_is_sampled(pool))
		return true;
	return !READ_ONCE(pool->daemons.sampling_idle) && READ_ONCE(pool->nr_held) &&
	       (swaplab_policy_needs_references(pool) || swaplab_working_set_is_on(pool));
}

/*
 * Without a page there is nothing to sample: the task that takes a frame wakes the
 * daemon. It takes the frame first and then looks at the flag (see
 * swaplab_watermark_check()); the daemon does the reverse, so one of the two sees the
 * other's step.
 */
static void rest_without_pages(struct swaplab_pool *pool)
{
	if (READ_ONCE(pool->nr_held))
		return;
	WRITE_ONCE(pool->daemons.sampling_idle, true);
	smp_mb(); /* and swaplab_watermark_check() has the other */
	if (READ_ONCE(pool->nr_held))
		WRITE_ONCE(pool->daemons.sampling_idle, false);
}

/* The daemon freezes after all writes are done: the disk is about to sleep, too. */
static bool may_freeze(struct swaplab_daemon *daemon)
{
	return freezing(current) && swaplab_writeback_is_idle(daemon);
}

static bool has_work(struct swaplab_daemon *daemon)
{
	return kthread_should_stop() || may_freeze(daemon) ||
	       READ_ONCE(daemon->kicked) ||
	       swaplab_writeback_has_finished(daemon);
}

/* Until the next sample, in jiffies: the interval may have changed since the last. */
static long time_to_sample(struct leader *leader)
{
	unsigned int interval = READ_ONCE(leader->pool->tunables.scan_interval_ms);

	return (long)(leader->last_sample + msecs_to_jiffies(interval) - jiffies);
}

static long sleep_time(struct leader *leader)
{
	struct swaplab_pool *pool = leader->pool;
	long max = READ_ONCE(pool->nr_pinned) ? SWAPLAB_PINNED_INTERVAL :
						MAX_SCHEDULE_TIMEOUT;

	if (leader->retry)
		return BUSY_WAIT_JIFFIES;
	if (leader->over)
		max = min_t(long, max, leader->over_wait);
	if (!is_sampling(pool))
		return max;
	return clamp(time_to_sample(leader), 1L, max);
}

static void leader_wait(struct leader *leader)
{
	rest_without_pages(leader->pool);
	/* Interruptible, or the freezer cannot wake it; it takes no signals. */
	wait_event_interruptible_timeout(leader->daemon->wait,
					 has_work(leader->daemon),
					 sleep_time(leader));
	if (may_freeze(leader->daemon))
		try_to_freeze();
	leader->retry = false;
}

/* Soft samples are expensive: each page in use then costs a fault. */
static bool is_misinformed(struct swaplab_pool *pool)
{
	unsigned long nr = READ_ONCE(pool->nr_admitted);

	return !READ_ONCE(pool->tunables.soft_sampling) &&
	       atomic_long_read(&pool->daemons.nr_kept) >
		       (long)(nr / KEPT_SHARE + KEPT_LEAST);
}

static void leader_sample(struct leader *leader)
{
	struct swaplab_pool *pool = leader->pool;
	unsigned long nr;
	bool any;

	if (!is_sampling(pool) ||
	    (time_to_sample(leader) > 0 && !is_misinformed(pool)))
		return;
	swaplab_working_set_begin(pool);
	nr = swaplab_record_sample(pool, &any);
	swaplab_stat_inc(&pool->stats, samples);
	swaplab_stat_add(&pool->stats, referenced, nr);
	trace_sample(pool->id, nr);
	if (nr)
		swaplab_policy_tick(pool);
	swaplab_quota_end_sample(pool);
	if (!any)
		WRITE_ONCE(pool->daemons.sampling_idle, true);
	leader->last_sample = jiffies;
	atomic_long_set(&pool->daemons.nr_kept, 0);
}

/* The list may be long, so it is not polled with each batch of victims. */
static void leader_poll_pinned(struct leader *leader)
{
	if (time_before_eq(jiffies, leader->last_poll))
		return;
	swaplab_pinned_poll(leader->pool);
	leader->last_poll = jiffies;
}

static void begin_shortage(struct leader *leader)
{
	struct swaplab_pool *pool = leader->pool;

	if (leader->shortage)
		return;
	leader->shortage = true;
	swaplab_stat_inc(&pool->stats, daemon_wakeups);
	swaplab_charge_grow(pool);
	swaplab_watermark_adapt(pool);
}

static void end_shortage(struct leader *leader)
{
	if (leader->shortage)
		swaplab_pass_rest(leader->pool);
	leader->shortage = false;
}

/* The pool's lock keeps the store, which may be about to be detached. */
static bool has_free_slots(struct swaplab_pool *pool)
{
	bool has;

	spin_lock(&pool->lock);
	has = pool->store && !swaplab_store_is_full(pool->store);
	spin_unlock(&pool->lock);
	return has;
}

/*
 * After nr_frames was lowered, a pool may be above it with no task that needs a frame, and so
 * with no task that would wake the daemon when pages can go. A full store is not tried.
 */
static bool is_to_try_again(struct leader *leader)
{
	return leader->over &&
	       time_after_eq(jiffies, leader->over_since + leader->over_wait) &&
	       has_free_slots(leader->pool);
}

/* Is there a shortage, or does one begin? */
static bool leader_has_to_reclaim(struct leader *leader)
{
	struct swaplab_pool *pool = leader->pool;

	/* Cleared before anything is looked at: later changes kick again. */
	bool kicked = xchg(&leader->daemon->kicked, false);

	if (leader->reclaiming)
		return true;
	if (!kicked && !is_to_try_again(leader))
		return false;
	if (!swaplab_watermark_is_short(pool)) {
		leader->over = false;
		if (!atomic_read(&pool->daemons.nr_writing))
			end_shortage(leader);
		return false;
	}
	begin_shortage(leader);
	leader->reclaiming = true;
	return true;
}

/* A pass has freed nothing. Waiters that came after it began get another. */
static void end_in_vain(struct leader *leader, bool has_hope)
{
	struct swaplab_pool *pool = leader->pool;
	bool awaited = atomic_read(&pool->waiters.nr) || READ_ONCE(pool->request.nr);

	leader->retry = awaited || (has_hope && !leader->over);
	leader->reclaiming = leader->retry;
	leader->over = !leader->retry && swaplab_frame_nr_free(pool) < 0;
	leader->shortage = leader->retry || leader->over;
	if (!leader->over)
		return;
	/* A task that comes to wait has a patience of its own. */
	WRITE_ONCE(pool->daemons.busy_since, 0);
	leader->over_since = jiffies;
	leader->over_wait = clamp_t(unsigned long, 2 * leader->over_wait,
				    OVER_WAIT_JIFFIES, OVER_MOST_JIFFIES);
}

static void leader_reclaim(struct leader *leader)
{
	enum swaplab_pass_result result;

	if (!leader_has_to_reclaim(leader))
		return;
	result = swaplab_reclaim_round(leader->daemon);
	switch (result) {
	case SWAPLAB_PASS_MORE:
		WRITE_ONCE(leader->daemon->kicked, true);
		break;
	case SWAPLAB_PASS_WRITING:
		break;
	case SWAPLAB_PASS_BUSY:
	case SWAPLAB_PASS_STUCK:
		end_in_vain(leader, result == SWAPLAB_PASS_BUSY);
		break;
	case SWAPLAB_PASS_ENOUGH:
		leader->reclaiming = false;
		break;
	case SWAPLAB_PASS_DONE:
		leader->reclaiming = false;
		leader->over = false;
		leader->over_wait = 0;
		end_shortage(leader);
		break;
	}
	cond_resched();
}

/**
 * swaplab_leader_run() - lead the page daemons of a pool until the thread has to stop
 * @daemon: the caller
 */
void swaplab_leader_run(struct swaplab_daemon *daemon)
{
	struct leader leader = {
		.daemon = daemon,
		.pool = daemon->pool,
		.last_sample = jiffies,
		.last_poll = jiffies,
	};

	while (!kthread_should_stop()) {
		leader_wait(&leader);
		swaplab_writeback_finish(daemon);
		leader_poll_pinned(&leader);
		leader_sample(&leader);
		leader_reclaim(&leader);
	}
	/* No region is left, and each one waited for its pages: no writes. */
}
