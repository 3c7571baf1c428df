// SPDX-License-Identifier: GPL-2.0
/*
 * Load control (Denning, "Thrashing: Its Causes and Prevention", AFIPS 1968): while the regions
 * need more frames than there are, some of them are suspended, and take turns with the others.
 *
 * pff.c or working_set.c says of each interval which regions had too few frames. If that was so for
 * LOAD_PATIENCE intervals of a turn, one after the other, for two regions or more, the one of them
 * that has run longest is suspended: its quota is 0, so its pages go first, uses do not keep them,
 * and its tasks wait when they touch a page that is not resident. Nothing is written out for that,
 * and pages whose frames no other region needs stay. If two of the others still have too few, one
 * more is suspended.
 *
 * A turn lasts load_turn_ms, or LOAD_INTERVALS intervals if that is longer, but no more than
 * SWAPLAB_LOAD_MAX_TURN_MS. It is ended by a task that waits, or by an eviction; so no timer is
 * needed. Then the region that was suspended longest goes on, in place of the one that takes turns
 * with it and has run longest. A suspended region without a waiting task is idle, or used by system
 * calls alone. It goes on, too, and takes no turns until it has too few frames again.
 *
 * Once in LOAD_PROBE turns no region is suspended in place of the one that goes on: all may fit by
 * now. If one region has too few frames even while no other one that has is running, load control
 * does not help. It ends for as long as LOAD_QUIET turns.
 *
 * The pool's lock guards @turn of regions and @load of the pool. A region with an instance of its
 * own does not end under it, so regions are found by their instances.
 *
 * A task waits in a fault from user mode alone, without a lock. It may be what another task waits
 * for, but only up to its turn, or a signal. What must not be delayed at all is a pager: while
 * there is one, on any device, no task waits.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include "load.h"
#include "wait_state.h"

/* Intervals with too few frames before a region may be suspended. */
#define LOAD_PATIENCE	2

/* The least length of a turn, in intervals. The half of it has room for LOAD_PATIENCE. */
#define LOAD_INTERVALS	8

/* Turns until more regions may run. */
#define LOAD_PROBE	8

/* How long load control ends if it does not help, in turns. */
#define LOAD_QUIET	8

/* Tasks of suspended regions, of all pools. */
static DECLARE_WAIT_QUEUE_HEAD(waiters);

/* Pagers that are open, for regions of all pools. */
static atomic_t nr_pagers;

/* In jiffies; 0: there are none. */
static unsigned long turn_length(struct swaplab_pool *pool)
{
	unsigned int ms = READ_ONCE(pool->tunables.load_turn_ms);
	unsigned long interval = msecs_to_jiffies(READ_ONCE(pool->tunables.scan_interval_ms));

	if (!ms || atomic_read(&nr_pagers))
		return 0;
	return min(max(msecs_to_jiffies(ms), LOAD_INTERVALS * max(interval, 1UL)),
		   msecs_to_jiffies(SWAPLAB_LOAD_MAX_TURN_MS));
}

static unsigned long turn_left(struct swaplab_pool *pool, unsigned long length)
{
	unsigned long end = READ_ONCE(pool->allocation.load.turned) + length;

	return max_t(long, end - jiffies, 0);
}

/* What the regions needed before is no sign of what they need now. */
static void forget_short_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (region)
			region->turn.nr_short = 0;
	}
}

static void begin_turn_locked(struct swaplab_pool *pool)
{
	WRITE_ONCE(pool->allocation.load.turned, jiffies);
	forget_short_locked(pool);
}

static void suspend_locked(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_turn *turn = &region->turn;

	WRITE_ONCE(turn->is_suspended, true);
	WRITE_ONCE(turn->since, jiffies);
	turn->takes_turns = true;
	turn->prepages = false;
	turn->evicted = atomic_read(&pool->nr_evicted);
	pool->allocation.load.nr_suspended++;
	swaplab_stat_inc(&pool->stats, suspensions);
}

/* The caller wakes its tasks. */
static void resume_locked(struct swaplab_region *region)
{
	struct swaplab_turn *turn = &region->turn;

	WRITE_ONCE(turn->is_suspended, false);
	WRITE_ONCE(turn->since, jiffies);
	turn->prepages = turn->nr_waiting;
	turn->takes_turns = turn->nr_waiting;
	region->pool->allocation.load.nr_suspended--;
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

/* The longest suspended region goes on. Returns false if there is none. */
static bool resume_next_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *next;

	resume_idle_locked(pool);
	next = find_longest_locked(pool, true);
	if (next)
		resume_locked(next);
	pool->allocation.load.resumed = jiffies;
	return next;
}

static void end_turn_locked(struct swaplab_pool *pool)
{
	struct swaplab_load *load = &pool->allocation.load;
	struct swaplab_region *last = find_longest_locked(pool, false);

	if (resume_next_locked(pool) && last && ++load->nr_turns % LOAD_PROBE)
		suspend_locked(last);
	begin_turn_locked(pool);
	end_if_all_run_locked(pool);
	wake_up_all(&waiters);
}

/**
 * swaplab_load_init() - begin without a past
 * @pool: new, or locked
 */
void swaplab_load_init(struct swaplab_pool *pool)
{
	struct swaplab_load *load = &pool->allocation.load;

	load->is_quiet = false;
	load->resumed = jiffies - msecs_to_jiffies(SWAPLAB_LOAD_MAX_TURN_MS);
}

/**
 * swaplab_load_end_locked() - let all regions run
 * @pool: the pool, locked
 *
 * They need not fit, so nothing is read for them. When load control begins again, it is new.
 */
void swaplab_load_end_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	swaplab_load_init(pool);
	forget_short_locked(pool);
	if (!pool->allocation.load.nr_suspended)
		return;
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (!region || !region->turn.is_suspended)
			continue;
		resume_locked(region);
		region->turn.prepages = false;
	}
	end_if_all_run_locked(pool);
	wake_up_all(&waiters);
}

/* A region with a min is to have frames at all times. */
static bool can_suspend(struct swaplab_region *region)
{
	return region && !region->turn.is_suspended && !region->quota_min;
}

/*
 * Counts the intervals, for each region that can be suspended. Returns for how many there are
 * enough.
 */
static unsigned int count_short_locked(struct swaplab_pool *pool,
				       const bool is_short[SWAPLAB_INSTANCES])
{
	struct swaplab_region *region;
	unsigned int i, nr = 0;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (!can_suspend(region))
			continue;
		if (!is_short[i])
			region->turn.nr_short = 0;
		else if (++region->turn.nr_short >= LOAD_PATIENCE)
			nr++;
	}
	return nr;
}

/* Those with too few frames, of which there are some, take turns from now on. */
static void suspend_one_locked(struct swaplab_pool *pool)
{
	struct swaplab_region *region, *longest = NULL;
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		region = pool->binding.instances[i].region;
		if (!can_suspend(region) || region->turn.nr_short < LOAD_PATIENCE)
			continue;
		region->turn.takes_turns = true;
		if (!longest || time_before(region->turn.since, longest->turn.since))
			longest = region;
	}
	if (longest)
		suspend_locked(longest);
	begin_turn_locked(pool);
}

/* It is quiet for some turns after load control has not helped. */
static bool is_quiet_locked(struct swaplab_pool *pool, unsigned long length)
{
	struct swaplab_load *load = &pool->allocation.load;

	if (load->is_quiet && time_after(jiffies, load->turned + LOAD_QUIET * length))
		load->is_quiet = false;
	return load->is_quiet;
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
	unsigned int nr;

	lockdep_assert_held(&pool->lock);
	if (!length) {
		swaplab_load_end_locked(pool);
		return;
	}
	if (load->nr_suspended && !turn_left(pool, length))
		end_turn_locked(pool);
	/* A region that goes on reads its pages, at first. */
	if (is_quiet_locked(pool, length) ||
	    time_before(jiffies, load->resumed + length / 2))
		return;
	nr = count_short_locked(pool, is_short);
	if (nr >= 2) {
		suspend_one_locked(pool);
	} else if (nr && load->nr_suspended && turn_left(pool, length) < length / 2) {
		swaplab_load_end_locked(pool);
		load->is_quiet = true;
		begin_turn_locked(pool);
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
	wake_up_all(&waiters);
}

/**
 * swaplab_load_leave_locked() - a region ends
 * @region: still has its instance; its pool is locked
 *
 * If it took turns and was running, another one goes on at once; and if none is running that takes
 * turns, too.
 */
void swaplab_load_leave_locked(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	bool was_running = region->turn.takes_turns && !region->turn.is_suspended;

	if (region->turn.is_suspended)
		resume_locked(region);
	region->turn.takes_turns = false;
	if (pool->allocation.load.nr_suspended &&
	    (was_running || !find_longest_locked(pool, false))) {
		resume_next_locked(pool);
		begin_turn_locked(pool);
		wake_up_all(&waiters);
	}
	end_if_all_run_locked(pool);
}

static void end_due_turn(struct swaplab_pool *pool)
{
	unsigned long length = turn_length(pool);

	spin_lock(&pool->lock);
	if (!length)
		swaplab_load_end_locked(pool);
	else if (pool->allocation.load.nr_suspended && !turn_left(pool, length))
		end_turn_locked(pool);
	spin_unlock(&pool->lock);
}

static void count_waiter(struct swaplab_region *region, int nr)
{
	spin_lock(&region->pool->lock);
	region->turn.nr_waiting += nr;
	spin_unlock(&region->pool->lock);
}

/* Until it goes on, or the turn is over, or has another length. False after a signal. */
static bool wait_some(struct swaplab_region *region, unsigned int state)
{
	struct swaplab_pool *pool = region->pool;
	unsigned long length = turn_length(pool);

	return swaplab_wait_in_state(waiters, !swaplab_load_is_suspended(region) || !length ||
					      turn_length(pool) != length,
				     state, turn_left(pool, length)) >= 0;
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
	bool goes_on = true;

	count_waiter(region, 1);
	while (goes_on && swaplab_load_is_suspended(region)) {
		goes_on = wait_some(region, state);
		end_due_turn(region->pool);
	}
	count_waiter(region, -1);
	return goes_on;
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
 * swaplab_load_may_prepage() - is there time to read one more page for a region?
 * @region: swaplab_load_prepages() has said so for it
 *
 * Half of a turn is left for the use of the pages. Without the pool's lock this is a hint.
 */
bool swaplab_load_may_prepage(struct swaplab_region *region)
{
	return !swaplab_load_is_suspended(region) &&
	       time_before(jiffies, READ_ONCE(region->turn.since) +
				    turn_length(region->pool) / 2);
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
