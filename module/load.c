// SPDX-License-Identifier: GPL-2.0
/*
 * Load control (Denning, "Thrashing: Its Causes and Prevention", AFIPS 1968): while the regions
 * need more frames than there are, some of them are suspended, and take turns with the others.
 *
 * pff.c says of each interval which regions had too few frames. If that was so for LOAD_PATIENCE
 * intervals, one after the other, for two regions or more, the one of them that has run longest is
 * suspended: its quota is 0, so its pages go first, and its tasks wait when they touch a page that
 * is not resident. Nothing is written out for that, and pages whose frames no other region needs
 * stay. If two of the others still have too few, one more is suspended.
 *
 * A turn lasts load_turn_ms, or LOAD_INTERVALS intervals if that is longer. It ends by a task that
 * has waited for so long; so no timer is needed. Then the region that was suspended longest goes on,
 * in place of the one that has run longest. A suspended region without a waiting task is idle. It
 * goes on, too, and takes no more turns.
 *
 * Once in LOAD_PROBE turns no region is suspended in place of the one that goes on: all may fit by
 * now. If a region has too few frames even when it runs alone, load control does not help. It ends
 * for LOAD_QUIET intervals of thrashing.
 *
 * The pool's lock guards @turn of regions and @load of the pool. A region with an instance of its own
 * does not end under it, so regions are found by their instances.
 *
 * A task waits in a fault from user mode alone, without a lock. It may be what another task waits
 * for, but only up to its turn, or a signal. What must not be delayed at all is a pager: while
 * there is one, on any device, no region is suspended.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include "load.h"
#include "wait_state.h"

/* Intervals with too few frames before a region may be suspended. */
#define LOAD_PATIENCE	2

/* The least length of a turn, in intervals: the half of it is longer than LOAD_PATIENCE. */
#define LOAD_INTERVALS	8

/* Turns until more regions may run. */
#define LOAD_PROBE	8

/* Intervals with too few frames that pass after load control has not helped. */
#define LOAD_QUIET	64

/* Tasks of suspended regions, of all pools. */
static DECLARE_WAIT_QUEUE_HEAD(waiters);

/* Pagers that are open, for regions of all pools. */
static atomic_t nr_pagers;

/* In jiffies; 0: there are none. */
static unsigned long turn_length(struct swaplab_pool *pool)
{
	unsigned int turn = READ_ONCE(pool->tunables.load_turn_ms);
	unsigned int interval = READ_ONCE(pool->tunables.scan_interval_ms);

	if (!turn || atomic_read(&nr_pagers))
		return 0;
	return msecs_to_jiffies(max(turn, LOAD_INTERVALS * interval));
}

static unsigned long turn_left(struct swaplab_pool *pool)
{
	unsigned long end = READ_ONCE(pool->allocation.load.turned) + turn_length(pool);

	return max_t(long, end - jiffies, 0);
}

static void suspend_locked(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_turn *turn = &region->turn;

	WRITE_ONCE(turn->is_suspended, true);
	turn->takes_turns = true;
	turn->prepages = false;
	turn->nr_short = 0;
	turn->since = jiffies;
	turn->evicted = atomic_read(&pool->nr_evicted);
	pool->allocation.load.nr_suspended++;
	WRITE_ONCE(pool->allocation.load.turned, jiffies);
	swaplab_stat_inc(&pool->stats, suspensions);
}

static void resume_locked(struct swaplab_region *region)
{
	struct swaplab_turn *turn = &region->turn;

	WRITE_ONCE(turn->is_suspended, false);
	turn->prepages = turn->nr_waiting;
	turn->takes_turns = turn->nr_waiting;
	turn->nr_short = 0;
	turn->since = jiffies;
	region->pool->allocation.load.nr_suspended--;
	wake_up_all(&waiters);
}

/* Of the regions that take turns, the one that has been suspended, or has run, longest. */
static struct swaplab_region *find_longest_locked(struct swaplab_pool *pool, bool is_suspended)
{
	struct swaplab_region *region, *longest = NULL;
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (!region || !region->turn.takes_turns ||
		    region->turn.is_suspended != is_suspended)
			continue;
		if (!longest || time_before(region->turn.since, longest->turn.since))
			longest = region;
	}
	return longest;
}

static void resume_idle_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (region && region->turn.is_suspended && !region->turn.nr_waiting)
			resume_locked(region);
	}
}

/* If all regions run, none takes turns any more. */
static void end_if_all_run_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	unsigned int i;

	if (pool->allocation.load.nr_suspended)
		return;
	pool->allocation.load.nr_turns = 0;
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (region)
			region->turn.takes_turns = false;
	}
}

static void end_turn_locked(struct swaplab_pool *pool)
{
	struct swaplab_load *load = &pool->allocation.load;
	struct swaplab_region *next, *last = NULL;

	resume_idle_locked(pool);
	next = find_longest_locked(pool, true);
	if (++load->nr_turns % LOAD_PROBE)
		last = find_longest_locked(pool, false);
	if (last)
		suspend_locked(last);
	if (next)
		resume_locked(next);
	WRITE_ONCE(load->turned, jiffies);
	end_if_all_run_locked(pool);
}

/**
 * swaplab_load_end_locked() - let all regions run
 * @pool: the pool, locked
 */
void swaplab_load_end_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (region && region->turn.is_suspended)
			resume_locked(region);
	}
	end_if_all_run_locked(pool);
}

/* A region with a min is to have frames at all times. */
static bool can_suspend(struct swaplab_region *region)
{
	return !region->turn.is_suspended && !region->quota_min;
}

/* Counts the intervals, for each region. Returns for how many there are enough. */
static unsigned int count_short_locked(struct swaplab_pool *pool,
				       const bool is_short[SWAPLAB_INSTANCES])
{
	struct swaplab_region *region;
	unsigned int i, nr = 0;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (!region)
			continue;
		if (!is_short[i])
			region->turn.nr_short = 0;
		else if (++region->turn.nr_short >= LOAD_PATIENCE)
			nr++;
	}
	return nr;
}

/* Those that have had too few frames for long take turns from now on, if there are two or more. */
static bool join_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *regions[SWAPLAB_INSTANCES];
	struct swaplab_region *region;
	unsigned int i, nr = 0;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (region && region->turn.nr_short >= LOAD_PATIENCE && can_suspend(region))
			regions[nr++] = region;
	}
	if (nr < 2)
		return false;
	while (nr)
		regions[--nr]->turn.takes_turns = true;
	return true;
}

/**
 * swaplab_load_adapt_locked() - an interval has ended
 * @pool: the pool, locked
 * @is_short: by instance: its region had too few frames, and cannot have many more
 */
void swaplab_load_adapt_locked(struct swaplab_pool *pool,
			       const bool is_short[SWAPLAB_INSTANCES])
{
	struct swaplab_load *load = &pool->allocation.load;
	unsigned long length = turn_length(pool);

	lockdep_assert_held(&pool->lock);
	if (!length) {
		swaplab_load_end_locked(pool);
		return;
	}
	/* In the first half of a turn, regions that go on read their pages. */
	if (load->nr_suspended && time_before(jiffies, load->turned + length / 2))
		return;
	if (!count_short_locked(pool, is_short))
		return;
	if (load->nr_quiet) {
		load->nr_quiet--;
	} else if (join_locked(pool)) {
		suspend_locked(find_longest_locked(pool, false));
	} else if (load->nr_suspended) {
		load->nr_quiet = LOAD_QUIET;
		swaplab_load_end_locked(pool);
	}
}

/**
 * swaplab_load_spare_locked() - a region is not to be suspended
 * @region: has a min; its pool is locked
 */
void swaplab_load_spare_locked(struct swaplab_region *region)
{
	if (region->turn.is_suspended)
		resume_locked(region);
	region->turn.takes_turns = false;
	end_if_all_run_locked(region->pool);
}

/**
 * swaplab_load_leave_locked() - a region ends
 * @region: still has its instance; its pool is locked
 *
 * If it was running, another one that takes turns with it goes on at once.
 */
void swaplab_load_leave_locked(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	bool was_running = region->turn.takes_turns && !region->turn.is_suspended;
	struct swaplab_region *next;

	if (region->turn.is_suspended)
		resume_locked(region);
	region->turn.takes_turns = false;
	if (was_running) {
		resume_idle_locked(pool);
		next = find_longest_locked(pool, true);
		if (next)
			resume_locked(next);
		WRITE_ONCE(pool->allocation.load.turned, jiffies);
	}
	end_if_all_run_locked(pool);
}

static void end_due_turn(struct swaplab_pool *pool)
{
	spin_lock(&pool->lock);
	if (!turn_length(pool))
		swaplab_load_end_locked(pool);
	else if (!turn_left(pool))
		end_turn_locked(pool);
	spin_unlock(&pool->lock);
}

static void count_waiter(struct swaplab_region *region, int nr)
{
	spin_lock(&region->pool->lock);
	region->turn.nr_waiting += nr;
	spin_unlock(&region->pool->lock);
}

/**
 * swaplab_load_wait() - wait while a region is suspended
 * @region: the caller keeps it, and holds no lock
 * @state: to sleep in
 *
 * Return: false after a signal that ends the sleep.
 */
bool swaplab_load_wait(struct swaplab_region *region, unsigned int state)
{
	struct swaplab_pool *pool = region->pool;
	long left = 0;

	count_waiter(region, 1);
	while (left >= 0 && swaplab_load_is_suspended(region)) {
		left = swaplab_wait_in_state(waiters, !swaplab_load_is_suspended(region) ||
						      !turn_length(pool),
					     state, turn_left(pool));
		end_due_turn(pool);
	}
	count_waiter(region, -1);
	return left >= 0;
}

/**
 * swaplab_load_prepages() - is the caller to read the pages that a region had?
 * @region: goes on
 * @evicted: set to the pool's eviction clock when it was suspended
 *
 * Return: true for the first task that asks.
 */
bool swaplab_load_prepages(struct swaplab_region *region, u32 *evicted)
{
	bool prepages;

	spin_lock(&region->pool->lock);
	prepages = region->turn.prepages;
	region->turn.prepages = false;
	*evicted = region->turn.evicted;
	spin_unlock(&region->pool->lock);
	return prepages;
}

/**
 * swaplab_load_changed() - the length of turns has been set
 * @pool: the pool
 */
void swaplab_load_changed(struct swaplab_pool *pool)
{
	end_due_turn(pool);
	wake_up_all(&waiters);
}

/**
 * swaplab_load_forbid() - suspend no region until swaplab_load_allow()
 *
 * Those that are suspended go on, as their tasks wake up.
 */
void swaplab_load_forbid(void)
{
	atomic_inc(&nr_pagers);
	wake_up_all(&waiters);
}

/** swaplab_load_allow() - undo one swaplab_load_forbid() */
void swaplab_load_allow(void)
{
	atomic_dec(&nr_pagers);
}
