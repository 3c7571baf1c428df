// SPDX-License-Identifier: GPL-2.0
/*
 * A pass: a look at all pages of a pool, by all its daemons together, in which none is
 * freed. Its tally tells why the pages stayed, and so whether there is hope. If there is
 * none, the tasks that were waiting for a frame when it began are refused.
 *
 * The leader alone begins and ends a pass. It begins one when the tally is zero, and each
 * victim is counted before the look at it. So all that a pass knows was seen after the
 * tasks that it refuses had begun to wait. A daemon whose victim goes zeroes the tally in
 * the middle of a pass: then the next round begins another one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include "frame.h"
#include "pass.h"
#include "pcp.h"
#include "request.h"
#include "victim.h"
#include "writeback.h"

/* Victims that do not make the difference between one pass and the next. */
#define PASS_SLACK	64

/* Victims in vain after which the plain scan takes over until one goes. */
#define PASS_MISLED	128

/* More of these, or as many as there are pages, after which the scan no longer heeds quotas. */
#define PASS_LOST	1024UL

/*
 * How long all pages may have references other than those of page tables before waiters
 * for a frame are refused: the task that has pinned them may be waiting, too.
 */
#define PASS_PATIENCE	(10 * HZ)

/* Slots to take back if none is left. */
#define PASS_SLOTS	64

/* Those that the policy has, and the victims that daemons have in hand. */
static unsigned long nr_pages(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->nr_admitted) +
	       atomic_read(&pool->daemons.nr_picked);
}

/* Victims that could not go. */
static unsigned long nr_in_vain(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->daemons.tally;

	return atomic_long_read(&tally->nr_busy) + atomic_long_read(&tally->nr_full);
}

/**
 * swaplab_pass_is_misled() - does the policy give pages that cannot go?
 * @pool: the pool
 *
 * It may prefer such as are pinned, and give them again and again. Then the scan must find
 * the others.
 */
bool swaplab_pass_is_misled(struct swaplab_pool *pool)
{
	return nr_in_vain(pool) > PASS_MISLED;
}

/**
 * swaplab_pass_is_lost() - does the scan find none that can go, either?
 * @pool: the pool
 *
 * All pages of the instance that is to give some may be pinned. Those of others can go.
 */
bool swaplab_pass_is_lost(struct swaplab_pool *pool)
{
	return nr_in_vain(pool) > PASS_MISLED + min(nr_pages(pool), PASS_LOST);
}

/**
 * swaplab_pass_is_desperate() - do pages in use have to go, too?
 * @pool: the pool
 *
 * After every page has been found young once, youth protects no more; nor does it in a
 * pool that has been made smaller: the memory is wanted elsewhere.
 */
bool swaplab_pass_is_desperate(struct swaplab_pool *pool)
{
	unsigned long nr = nr_pages(pool);

	if (swaplab_frame_nr_free(pool) < 0)
		return true;
	return !atomic_read(&pool->daemons.nr_writing) &&
	       atomic_long_read(&pool->daemons.tally.nr_seen) >
		       2 * nr + PASS_SLACK;
}

/**
 * swaplab_pass_is_complete() - has every page been tried?
 * @pool: the pool
 *
 * Used ones get a second look, and a third. With quotas, those of one instance may have been
 * tried again and again before the scan comes to the others.
 */
bool swaplab_pass_is_complete(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->daemons.tally;
	unsigned long nr = nr_pages(pool) + PASS_SLACK;

	if (atomic_long_read(&tally->nr_young) || atomic_long_read(&tally->nr_busy) ||
	    READ_ONCE(pool->allocation.mode) != SWAPLAB_ALLOCATION_GLOBAL)
		nr *= 3;
	return atomic_long_read(&tally->nr_seen) > PASS_MISLED + nr;
}

/**
 * swaplab_pass_begin() - begin a pass, unless one is under way
 * @pool: the pool; the caller is its leader
 */
void swaplab_pass_begin(struct swaplab_pool *pool)
{
	if (atomic_long_read(&pool->daemons.tally.nr_seen))
		return;
	spin_lock(&pool->lock);
	pool->waiters.pass_started++;
	spin_unlock(&pool->lock);
}

/* Once a shortage: it is over when more frames are free than the low watermark. */
static void log_stuck(struct swaplab_pool *pool)
{
	const char *why;
	bool told;

	spin_lock(&pool->lock);
	told = pool->complained;
	pool->complained = true;
	spin_unlock(&pool->lock);
	if (told)
		return;
	if (!swaplab_pool_has_store(pool))
		why = "there is no swap file: write its path to swap_file, or raise nr_frames";
	else if (atomic_long_read(&pool->daemons.tally.nr_full))
		why = "the swap file is full: raise nr_frames, or use a larger one next time";
	else
		why = "all pages are locked or pinned: release some, or raise nr_frames";
	pr_err_ratelimited("%s: no frame can be freed, faults get SIGBUS: %s\n",
			   pool->name, why);
}

/* Have all pages been in use for longer than waiters can wait? */
static bool is_impatient(struct swaplab_pool *pool)
{
	unsigned long since = READ_ONCE(pool->daemons.busy_since);

	if (!since) {
		since = jiffies ? jiffies : 1;
		WRITE_ONCE(pool->daemons.busy_since, since);
	}
	return time_after(jiffies, since + PASS_PATIENCE);
}

/*
 * May a pass that has freed nothing succeed a little later? Pages do not stay in use, or in
 * transit, for ever, and pins seldom last; pages that came in since there was nothing to
 * pick have not been tried. Victims that another daemon has in hand are in transit.
 */
static bool has_hope_locked(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->daemons.tally;
	bool busy = atomic_long_read(&tally->nr_busy);

	lockdep_assert_held(&pool->lock);
	return (!atomic_long_read(&tally->nr_seen) && !busy && pool->nr_admitted) ||
	       atomic_long_read(&tally->nr_young) ||
	       atomic_long_read(&tally->nr_failed) ||
	       ((busy || pool->nr_pinned) && !is_impatient(pool)) ||
	       pool->nr_held !=
		       pool->nr_admitted + pool->nr_mlocked + pool->nr_pinned;
}

static void tell_waiters(struct swaplab_pool *pool, unsigned long pass)
{
	if (swaplab_frame_nr_free(pool) <= 0)
		log_stuck(pool);
	if (!atomic_read(&pool->waiters.nr))
		WRITE_ONCE(pool->daemons.busy_since, 0);
	swaplab_frame_wake_stuck(pool, pass);
}

/**
 * swaplab_pass_end() - a pass is complete, or there is no page to try
 * @daemon: the caller, which leads
 *
 * Return: SWAPLAB_PASS_STUCK if there is no hope, and then waiters have been refused.
 */
enum swaplab_pass_result swaplab_pass_end(struct swaplab_daemon *daemon)
{
	enum swaplab_pass_result result = SWAPLAB_PASS_STUCK;
	struct swaplab_pool *pool = daemon->pool;
	unsigned long pass;
	bool full;

	full = atomic_long_read(&pool->daemons.tally.nr_full) &&
	       swaplab_pool_has_store(pool);
	/*
	 * A device that is gone refuses writes at once. If one of these pages was evicted
	 * nevertheless, the tally no longer has the reason why the others stayed.
	 */
	if (swaplab_writeback_finish(daemon))
		return SWAPLAB_PASS_MORE;
	if (atomic_read(&pool->daemons.nr_writing))
		return SWAPLAB_PASS_WRITING;
	spin_lock(&pool->lock);
	/* Frames in per-CPU lists are held, but by no page that could go. */
	swaplab_pcp_empty(pool);
	if (has_hope_locked(pool))
		result = SWAPLAB_PASS_BUSY;
	WRITE_ONCE(pool->nr_pressure, 0);
	pass = pool->waiters.pass_started;
	spin_unlock(&pool->lock);

	if (full && swaplab_writeback_take_back(pool, PASS_SLOTS))
		result = SWAPLAB_PASS_MORE;
	if (result == SWAPLAB_PASS_STUCK)
		tell_waiters(pool, pass);
	if (result != SWAPLAB_PASS_MORE)
		swaplab_request_end_pass(pool, pass, result == SWAPLAB_PASS_BUSY);
	swaplab_victim_begin_again(pool);
	return result;
}

/**
 * swaplab_pass_rest() - a shortage is over
 * @pool: the pool; the caller is its leader
 */
void swaplab_pass_rest(struct swaplab_pool *pool)
{
	WRITE_ONCE(pool->daemons.busy_since, 0);
	swaplab_victim_begin_again(pool);
}
