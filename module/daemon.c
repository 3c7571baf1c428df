// SPDX-License-Identifier: GPL-2.0
/*
 * The page daemons of a pool: threads that evict. The first one, kswaplabd/N, leads: see
 * leader.c. The others, kswaplabd/N:1 and so on, evict beside it when it calls them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/nodemask.h>
#include <linux/sched/mm.h>
#include "daemon.h"
#include "leader.h"
#include "reclaim.h"
#include "writeback.h"

/* A thread that is to stop first ends its writes; so does one that is to freeze. */
static bool may_rest(struct swaplab_daemon *daemon)
{
	return (kthread_should_stop() || freezing(current)) &&
	       swaplab_writeback_is_idle(daemon);
}

static bool has_work(struct swaplab_daemon *daemon)
{
	return may_rest(daemon) || READ_ONCE(daemon->kicked) ||
	       swaplab_writeback_has_finished(daemon);
}

/*
 * Evicts until there is no more to do, nothing has gone, or the thread has to stop or to
 * freeze. The leader may have counted on victims that stayed, so it looks again in any case.
 */
static void evict_some(struct swaplab_daemon *daemon)
{
	while (!kthread_should_stop() && !freezing(current) &&
	       swaplab_reclaim_help(daemon))
		cond_resched();
	swaplab_pool_wake_daemon(daemon->pool);
}

static void help_leader(struct swaplab_daemon *daemon)
{
	while (!kthread_should_stop() || !swaplab_writeback_is_idle(daemon)) {
		/* Interruptible, or the freezer cannot wake it; it takes no signals. */
		wait_event_interruptible(daemon->wait, has_work(daemon));
		if (freezing(current) && swaplab_writeback_is_idle(daemon))
			try_to_freeze();
		swaplab_writeback_finish(daemon);
		if (xchg(&daemon->kicked, false))
			evict_some(daemon);
	}
}

static bool is_leader(struct swaplab_daemon *daemon)
{
	return daemon == &daemon->pool->daemons.threads[0];
}

static int daemon_main(void *data)
{
	struct swaplab_daemon *daemon = data;
	unsigned int flags = memalloc_noreclaim_save();

	set_freezable();
	if (is_leader(daemon))
		swaplab_leader_run(daemon);
	else
		help_leader(daemon);
	memalloc_noreclaim_restore(flags);
	return 0;
}

static struct task_struct *run_thread(struct swaplab_daemon *daemon,
				      unsigned int number)
{
	int id = daemon->pool->id;

	if (!number)
		return kthread_run(daemon_main, daemon, "kswaplabd/%d", id);
	return kthread_run(daemon_main, daemon, "kswaplabd/%d:%u", id, number);
}

static int thread_start(struct swaplab_pool *pool, unsigned int number)
{
	struct swaplab_daemon *daemon = &pool->daemons.threads[number];
	int err;

	err = swaplab_reclaim_create(daemon);
	if (err)
		return err;
	daemon->task = run_thread(daemon, number);
	if (!IS_ERR(daemon->task))
		return 0;
	err = PTR_ERR(daemon->task);
	swaplab_reclaim_destroy(daemon);
	return err;
}

static void thread_stop(struct swaplab_pool *pool, unsigned int number)
{
	struct swaplab_daemon *daemon = &pool->daemons.threads[number];

	kthread_stop(daemon->task);
	swaplab_reclaim_destroy(daemon);
}

/* The leader calls no thread from @nr on any more; one that it has just called may stop. */
static void stop_from(struct swaplab_pool *pool, unsigned int nr)
{
	while (pool->daemons.nr > nr) {
		WRITE_ONCE(pool->daemons.nr, pool->daemons.nr - 1);
		thread_stop(pool, pool->daemons.nr);
	}
}

/**
 * swaplab_daemon_set_number() - change how many daemons a pool has
 * @pool: the pool; the caller holds its config mutex, or nobody else knows the pool
 * @nr: 1 to SWAPLAB_MAX_DAEMONS
 *
 * Waits until those that go have finished their writes.
 *
 * Return: 0; -EINVAL if @nr is out of range; -ENOMEM or -EINTR, and there are as many as
 * before.
 */
int swaplab_daemon_set_number(struct swaplab_pool *pool, unsigned int nr)
{
	unsigned int before = pool->daemons.nr;
	int err;

	if (!nr || nr > SWAPLAB_MAX_DAEMONS)
		return -EINVAL;
	stop_from(pool, nr);
	while (pool->daemons.nr < nr) {
		err = thread_start(pool, pool->daemons.nr);
		if (err) {
			stop_from(pool, before);
			return err;
		}
		WRITE_ONCE(pool->daemons.nr, pool->daemons.nr + 1);
	}
	return 0;
}

/**
 * swaplab_daemon_start() - start the daemons of a pool, one for each node of the machine
 * @pool: the pool
 *
 * Return: 0 or -errno.
 */
int swaplab_daemon_start(struct swaplab_pool *pool)
{
	struct swaplab_daemon *daemon = pool->daemons.threads;
	unsigned int i;

	for (i = 0; i < SWAPLAB_MAX_DAEMONS; i++, daemon++) {
		daemon->pool = pool;
		daemon->tally = &pool->daemons.tally;
		init_waitqueue_head(&daemon->wait);
	}
	return swaplab_daemon_set_number(pool, min_t(unsigned int, num_online_nodes(),
						     SWAPLAB_MAX_DAEMONS));
}

/**
 * swaplab_daemon_stop() - stop them
 * @pool: without regions
 */
void swaplab_daemon_stop(struct swaplab_pool *pool)
{
	stop_from(pool, 0);
}
