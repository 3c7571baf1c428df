// SPDX-License-Identifier: GPL-2.0
/*
 * The page daemon of a pool: wait, sample, evict, sleep.
 *
 * It is woken when free frames, and those being written, fall below the low
 * watermark or a fault finds none, and evicts until the high one is reached, or some
 * frames less while faults wait for the disk. In between it samples accessed
 * bits once a period, as long as it finds pages in use: a sample that finds none
 * would age all pages alike, which changes no order, so the daemon then sleeps
 * until the next page-in. It does not wait for the end of the period when victims
 * turn out to be in use: then the policy knows too little.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include "daemon.h"
#include "pinned.h"
#include "policy.h"
#include "reclaim.h"
#include "record.h"
#include "trace.h"
#include "watermark.h"
#include "writeback.h"

/* How long to wait for pages when all of them are in use. */
#define BUSY_WAIT_JIFFIES	1

/*
 * Victims found in use, by pages: to look at that many one by one costs about as much as
 * a sample of all, with the tick.
 */
#define KEPT_SHARE	16
#define KEPT_LEAST	16

/**
 * struct daemon - the daemon's own state
 * @pool: its pool
 * @last_sample: in jiffies
 * @last_poll: of pinned frames, in jiffies
 * @shortage: since frames fell below low, until the pool was content again
 * @reclaiming: meanwhile, there is more to do than wait for writes
 * @retry: pages were busy: look again soon
 */
struct daemon {
	struct swaplab_pool *pool;
	unsigned long last_sample;
	unsigned long last_poll;
	bool shortage;
	bool reclaiming;
	bool retry;
};

static bool is_sampling(struct swaplab_pool *pool)
{
	if (swaplab_record_is_sampled(pool))
		return true;
	return !READ_ONCE(pool->daemon.sampling_idle) && READ_ONCE(pool->nr_held) &&
	       swaplab_policy_needs_references(pool);
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
	WRITE_ONCE(pool->daemon.sampling_idle, true);
	smp_mb(); /* and swaplab_watermark_check() has the other */
	if (READ_ONCE(pool->nr_held))
		WRITE_ONCE(pool->daemon.sampling_idle, false);
}

/* The daemon freezes after all writes are done: the disk is about to sleep, too. */
static bool may_freeze(struct swaplab_pool *pool)
{
	return freezing(current) && !pool->nr_writing;
}

static bool has_work(struct daemon *daemon)
{
	struct swaplab_pool *pool = daemon->pool;

	return kthread_should_stop() || may_freeze(pool) ||
	       READ_ONCE(pool->daemon.kicked) ||
	       swaplab_writeback_has_finished(pool);
}

/* Until the next sample, in jiffies: the interval may have changed since the last. */
static long time_to_sample(struct daemon *daemon)
{
	unsigned int interval = READ_ONCE(daemon->pool->tunables.scan_interval_ms);

	return (long)(daemon->last_sample + msecs_to_jiffies(interval) - jiffies);
}

static long sleep_time(struct daemon *daemon)
{
	struct swaplab_pool *pool = daemon->pool;
	long max = READ_ONCE(pool->nr_pinned) ? SWAPLAB_PINNED_INTERVAL :
						MAX_SCHEDULE_TIMEOUT;

	if (daemon->retry)
		return BUSY_WAIT_JIFFIES;
	if (!is_sampling(pool))
		return max;
	return clamp(time_to_sample(daemon), 1L, max);
}

static void daemon_wait(struct daemon *daemon)
{
	struct swaplab_pool *pool = daemon->pool;

	rest_without_pages(pool);
	/* Interruptible, or the freezer cannot wake it; it takes no signals. */
	wait_event_interruptible_timeout(pool->daemon.wait, has_work(daemon),
					 sleep_time(daemon));
	if (may_freeze(pool))
		try_to_freeze();
	daemon->retry = false;
}

/* Soft samples are expensive: each page in use then costs a fault. */
static bool is_misinformed(struct swaplab_pool *pool)
{
	return !READ_ONCE(pool->tunables.soft_sampling) &&
	       pool->nr_kept > READ_ONCE(pool->nr_admitted) / KEPT_SHARE + KEPT_LEAST;
}

static void daemon_sample(struct daemon *daemon)
{
	struct swaplab_pool *pool = daemon->pool;
	unsigned long nr;
	bool any;

	if (!is_sampling(pool) ||
	    (time_to_sample(daemon) > 0 && !is_misinformed(pool)))
		return;
	nr = swaplab_record_sample(pool, &any);
	swaplab_stat_inc(&pool->stats, samples);
	swaplab_stat_add(&pool->stats, referenced, nr);
	trace_sample(pool->id, nr);
	if (nr)
		swaplab_policy_tick(pool);
	if (!any)
		WRITE_ONCE(pool->daemon.sampling_idle, true);
	daemon->last_sample = jiffies;
	pool->nr_kept = 0;
}

/* The list may be long, so it is not polled with each batch of victims. */
static void daemon_poll_pinned(struct daemon *daemon)
{
	if (time_before_eq(jiffies, daemon->last_poll))
		return;
	swaplab_pinned_poll(daemon->pool);
	daemon->last_poll = jiffies;
}

static void begin_shortage(struct daemon *daemon)
{
	struct swaplab_pool *pool = daemon->pool;

	if (daemon->shortage)
		return;
	daemon->shortage = true;
	swaplab_stat_inc(&pool->stats, daemon_wakeups);
	swaplab_watermark_adapt(pool);
}

static void end_shortage(struct daemon *daemon)
{
	if (daemon->shortage)
		swaplab_reclaim_rest(daemon->pool);
	daemon->shortage = false;
}

static void daemon_reclaim(struct daemon *daemon)
{
	struct swaplab_pool *pool = daemon->pool;

	/* Cleared before anything is looked at: later changes kick again. */
	bool kicked = xchg(&pool->daemon.kicked, false);

	if (!daemon->reclaiming) {
		if (!kicked)
			return;
		if (!swaplab_watermark_is_short(pool)) {
			if (!pool->nr_writing)
				end_shortage(daemon);
			return;
		}
		begin_shortage(daemon);
		daemon->reclaiming = true;
	}
	switch (swaplab_reclaim_round(pool)) {
	case SWAPLAB_RECLAIM_MORE:
		WRITE_ONCE(pool->daemon.kicked, true);
		break;
	case SWAPLAB_RECLAIM_WRITING:
		break;
	case SWAPLAB_RECLAIM_BUSY:
		daemon->retry = true;
		break;
	case SWAPLAB_RECLAIM_STUCK:
		/* Waiters that came after the pass began get another. */
		daemon->retry = atomic_read(&pool->waiters.nr);
		daemon->reclaiming = daemon->retry;
		daemon->shortage = daemon->retry;
		break;
	case SWAPLAB_RECLAIM_ENOUGH:
		daemon->reclaiming = false;
		break;
	case SWAPLAB_RECLAIM_DONE:
		daemon->reclaiming = false;
		end_shortage(daemon);
		break;
	}
	cond_resched();
}

static int daemon_main(void *data)
{
	struct daemon daemon = {
		.pool = data,
		.last_sample = jiffies,
		.last_poll = jiffies,
	};
	unsigned int flags = memalloc_noreclaim_save();

	set_freezable();
	while (!kthread_should_stop()) {
		daemon_wait(&daemon);
		swaplab_writeback_finish(daemon.pool);
		daemon_poll_pinned(&daemon);
		daemon_sample(&daemon);
		daemon_reclaim(&daemon);
	}
	/* No region is left, and each one waited for its pages: no writes. */
	memalloc_noreclaim_restore(flags);
	return 0;
}

/**
 * swaplab_daemon_start() - start kswaplabd/N
 * @pool: the pool
 *
 * Return: 0 or -errno.
 */
int swaplab_daemon_start(struct swaplab_pool *pool)
{
	struct task_struct *task;

	task = kthread_run(daemon_main, pool, "kswaplabd/%d", pool->id);
	if (IS_ERR(task))
		return PTR_ERR(task);
	pool->daemon.task = task;
	return 0;
}

/**
 * swaplab_daemon_stop() - stop it
 * @pool: without regions
 */
void swaplab_daemon_stop(struct swaplab_pool *pool)
{
	kthread_stop(pool->daemon.task);
}
