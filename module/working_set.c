// SPDX-License-Identifier: GPL-2.0
/*
 * Working sets (Denning, "The Working Set Model for Program Behavior", Communications of the ACM,
 * May 1968). The working set of a region is the pages that it has used in its window, the last
 * working_set_samples intervals. A region should have as many frames. If all working sets fit in
 * the frames, the rest is divided equally. If they do not fit, load.c is told which regions have
 * too few frames: a program should run only if its working set fits.
 *
 * Once in scan_interval_ms, or later, a sample also counts. Samples in between, which the leader
 * takes when it is misled, only find uses. Each frame has a stamp: the interval of its region in
 * which the page was last used, as samples and looks at victims found. A count adds up the stamps
 * of the window, and takes away older ones, while the sample goes through the pages of each
 * region. So a stamp needs few bits.
 *
 * A page that is evicted although it was used in the window still belongs to the working set. It
 * is counted among those that have gone in this interval, for as long as the window is. If it is
 * read back before that, it is taken from them, and its frame gets the stamp of that interval. The
 * eviction clock of the page tells the interval. So each page is counted once.
 *
 * A region that misses all the time uses few pages in a second, however many it needs. So intervals
 * are in the time in which a region runs, as in the paper: waits for pages that it reads back are
 * left out, as far as their number and the time of a read tell. An interval ends with the first
 * count after that. While a region is suspended its intervals stand still.
 *
 * So the working set does not stay low. A region that needs more pages than it has frames loses
 * pages that it has used in the window, and these are counted without a frame. A page that was not
 * used in the whole window when it went was in no working set. This has a limit: in an interval of
 * real time a region runs for a part of 1/SET_LEAST at least, since the waits of several tasks may
 * add up to more time than there was. The count may be too high for a while: a page that has
 * gone is counted for a window from its eviction, not from its use. Pages that are absent after an
 * eviction, since they had only zeros or come from a file, may be counted twice in that time.
 *
 * Differences from the paper:
 *
 * - Time goes on while a program sleeps, or has no CPU. So one that sleeps for longer than the
 *   window has no working set.
 * - Uses are counted by samples. Within an interval, all uses of a page are one.
 * - A page leaves memory when its frame is needed, not when it leaves the working set.
 *
 * If the working sets do not fit, those that are no larger than an equal part have what they need,
 * and the others divide the rest equally. In proportion, a region that goes round too many pages
 * would take from a small one that needs all of its own.
 *
 * A region that has an instance does not end under the pool's lock.
 */
#include <linux/bitfield.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include "load.h"
#include "working_set.h"

/* The least part of real time for which a region is taken to run. */
#define SET_LEAST	16

/* Stamps are 1 to SWAPLAB_WINDOW_SLOTS; 0: not used in the window. */
static_assert((SWAPLAB_FRAME_USED >> __bf_shf(SWAPLAB_FRAME_USED)) >= SWAPLAB_WINDOW_SLOTS);
/* A stamp is taken away before its number comes again. */
static_assert(SWAPLAB_WINDOW_SLOTS >= 2 * SWAPLAB_WINDOW_MAX);

static unsigned int slot_of(unsigned int interval)
{
	return interval % SWAPLAB_WINDOW_SLOTS;
}

/* Intervals of the window, with the one that is under way: none from before the set began. */
static unsigned int window_length(struct swaplab_region *region)
{
	return min(READ_ONCE(region->pool->tunables.working_set_samples),
		   READ_ONCE(region->working_set.nr_intervals) + 1);
}

/* Sets the stamp of a frame, unless its other flags change meanwhile; these are in @flags. */
static bool stamp_set(struct swaplab_frame *frame, int *flags, unsigned int stamp)
{
	unsigned int others = *flags & ~SWAPLAB_FRAME_USED;

	return atomic_try_cmpxchg(&frame->flags, flags,
				  others | FIELD_PREP(SWAPLAB_FRAME_USED, stamp));
}

/* The page was used in this interval. */
static void frame_stamp(struct swaplab_frame *frame, unsigned int interval)
{
	unsigned int stamp = slot_of(interval) + 1;
	int flags = atomic_read(&frame->flags);

	while (FIELD_GET(SWAPLAB_FRAME_USED, (unsigned int)flags) != stamp &&
	       !stamp_set(frame, &flags, stamp))
		;
}

static bool is_in_window(struct swaplab_region *region, unsigned int flags)
{
	unsigned int stamp = FIELD_GET(SWAPLAB_FRAME_USED, flags);
	unsigned int now = READ_ONCE(region->working_set.now);

	return stamp && slot_of(now - (stamp - 1)) < window_length(region);
}

/*
 * Also takes away the stamp of a page that has left the window. A page under SWAPLAB_LOCK takes a
 * frame whether it is used or not.
 */
static bool frame_is_used(struct swaplab_region *region, struct swaplab_frame *frame)
{
	int flags = atomic_read(&frame->flags);

	if (is_in_window(region, flags) || flags & SWAPLAB_FRAME_MLOCKED)
		return true;
	/* If another flag changes, the next count does it. */
	if (flags & SWAPLAB_FRAME_USED)
		stamp_set(frame, &flags, 0);
	return false;
}

/*
 * The next interval begins. Evictions and refaults may meet this: then a page is taken from
 * the wrong interval, or from none, when it comes back. This ends with the window.
 */
static void interval_begin(struct swaplab_region *region)
{
	struct swaplab_working_set *set = &region->working_set;
	unsigned int next = set->now + 1;

	set->time = 0;
	atomic_set(&set->nr_gone[slot_of(next)], 0);
	WRITE_ONCE(set->began[slot_of(next)], atomic_read(&region->pool->nr_evicted));
	/* swaplab_working_set_refault() reads both after that. */
	smp_store_release(&set->now, next);
}

/**
 * swaplab_working_set_renew_locked() - forget what a region has used
 * @region: its pool is locked
 *
 * Stamps of before are not in the window any more, and go with the next count.
 */
void swaplab_working_set_renew_locked(struct swaplab_region *region)
{
	struct swaplab_working_set *set = &region->working_set;
	unsigned int i;

	for (i = 0; i < SWAPLAB_WINDOW_SLOTS; i++)
		atomic_set(&set->nr_gone[i], 0);
	set->nr_pages = 0;
	set->nr_refaults = atomic_long_read(&region->refaults);
	WRITE_ONCE(set->nr_intervals, 0);
	interval_begin(region);
}

static unsigned long interval_length(struct swaplab_pool *pool)
{
	return max(msecs_to_jiffies(READ_ONCE(pool->tunables.scan_interval_ms)), 1UL);
}

/**
 * swaplab_working_set_begin() - a sample begins
 * @pool: the pool; the caller is its leader
 *
 * Notes in pool->allocation.count whether the sample counts.
 */
void swaplab_working_set_begin(struct swaplab_pool *pool)
{
	struct swaplab_count *count = &pool->allocation.count;
	bool is_on = swaplab_working_set_is_on(pool);

	count->is_due = is_on && count->is_on && jiffies - count->since >= interval_length(pool);
	if (count->is_due)
		count->number++;
	else if (!count->is_on)
		count->since = jiffies;
	count->is_on = is_on;
}

/**
 * swaplab_working_set_use() - a page was found used
 * @region: that has used it; it stays meanwhile
 * @frame: that has the page, and keeps it for now
 *
 * A page that several regions share counts for the one that its frame names.
 */
void swaplab_working_set_use(struct swaplab_region *region, struct swaplab_frame *frame)
{
	if (READ_ONCE(frame->region) == region)
		frame_stamp(frame, READ_ONCE(region->working_set.now));
}

/**
 * swaplab_working_set_count() - count resident pages of a region's working set
 * @region: it stays meanwhile; the caller is the leader, in a sample that counts
 * @first: index of the first page
 * @last: index of the last page, of the same block
 */
void swaplab_working_set_count(struct swaplab_region *region, pgoff_t first, pgoff_t last)
{
	unsigned long number = region->pool->allocation.count.number;
	struct swaplab_working_set *set = &region->working_set;
	XA_STATE(xas, &region->pages, first);
	struct swaplab_frame *frame;

	if (set->counted != number)
		set->nr_resident = 0;
	set->counted = number;
	/* While a frame is an entry, or was one in this section, its metadata stays. */
	rcu_read_lock();
	xas_for_each_marked(&xas, frame, last, SWAPLAB_RESIDENT) {
		if (xas_retry(&xas, frame) || !swaplab_entry_is_frame(frame) ||
		    READ_ONCE(frame->region) != region)
			continue;
		set->nr_resident += frame_is_used(region, frame);
	}
	rcu_read_unlock();
}

/* Pages that were found used since the last sample have no stamp yet, or an old one. */
static bool was_used(struct swaplab_frame *frame)
{
	unsigned int flags = atomic_read(&frame->flags);
	bool is_asked = flags & SWAPLAB_FRAME_FRESH && !(flags & SWAPLAB_FRAME_AHEAD);
	bool is_soft = READ_ONCE(frame->region->pool->tunables.soft_sampling);

	/* A soft sample unmaps pages, and an unmap says that they have been used. */
	return is_in_window(frame->region, flags) || is_asked || flags & SWAPLAB_FRAME_YOUNG ||
	       (!is_soft && folio_test_referenced(frame->folio));
}

/**
 * swaplab_working_set_evicted() - a page goes
 * @frame: in transit by the caller, which holds the xa_lock of its region; the page is unmapped
 */
void swaplab_working_set_evicted(struct swaplab_frame *frame)
{
	struct swaplab_working_set *set = &frame->region->working_set;

	if (was_used(frame))
		atomic_inc(&set->nr_gone[slot_of(READ_ONCE(set->now))]);
}

/* Was this time of the eviction clock, which has 31 bits, in an interval, or after it? */
static bool is_since(struct swaplab_working_set *set, u32 evicted, unsigned int interval)
{
	u32 began = READ_ONCE(set->began[slot_of(interval)]);

	return ((evicted - began) & INT_MAX) <= INT_MAX / 2;
}

/**
 * swaplab_working_set_refault() - a page that was evicted is resident again
 * @frame: that has it, in transit by the caller
 * @evicted: the pool's eviction clock when it went
 *
 * It is still counted in its working set if it went in the window and was in it then. Pages do not
 * remember the latter, so it is taken from those that went in that interval, if there are any.
 */
void swaplab_working_set_refault(struct swaplab_frame *frame, u32 evicted)
{
	struct swaplab_working_set *set = &frame->region->working_set;
	/* Pairs with interval_begin(). */
	unsigned int age, now = smp_load_acquire(&set->now);

	for (age = 0; age < window_length(frame->region); age++) {
		if (!is_since(set, evicted, now - age))
			continue;
		if (atomic_dec_if_positive(&set->nr_gone[slot_of(now - age)]) >= 0)
			frame_stamp(frame, now - age);
		return;
	}
}

/*
 * Frames that an instance should have: an equal part as long as that is not known. That of the
 * regions that share number 0 never is, but they need no more than they have.
 */
static unsigned long frames_wanted(struct swaplab_instance *instance,
				   const struct swaplab_share *share)
{
	unsigned long nr = instance->target ? instance->target : share->frames;

	if (!instance->region)
		nr = min(nr, instance->nr_frames);
	return clamp(nr, share->min, share->max);
}

/* All working sets fit: they are given, and the rest is divided. */
static void divide_rest(struct swaplab_share *shares, const unsigned long *wanted,
			unsigned long rest)
{
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		shares[i].min = 0;
		shares[i].max -= wanted[i];
	}
	swaplab_share_divide(shares, SWAPLAB_INSTANCES, rest);
	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		shares[i].frames += wanted[i];
}

/* They do not fit: none gets more than it wants, and else all get the same. */
static void divide_cut(struct swaplab_share *shares, const unsigned long *wanted,
		       unsigned long total)
{
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		if (shares[i].weight)
			shares[i].max = wanted[i];
	swaplab_share_divide(shares, SWAPLAB_INSTANCES, total);
}

/**
 * swaplab_working_set_divide_locked() - quotas by working sets
 * @pool: the pool, locked
 * @shares: equal parts; become those by working sets
 *
 * An instance without a target wants its equal part.
 */
void swaplab_working_set_divide_locked(struct swaplab_pool *pool, struct swaplab_share *shares)
{
	unsigned long wanted[SWAPLAB_INSTANCES] = { }, sum = 0;
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		if (shares[i].weight)
			wanted[i] = frames_wanted(&pool->binding.instances[i], &shares[i]);
		sum += wanted[i];
	}
	if (sum <= pool->nr_room)
		divide_rest(shares, wanted, pool->nr_room - sum);
	else
		divide_cut(shares, wanted, pool->nr_room);
}

/* Pages that a region has used in its window, resident or not. */
static unsigned long nr_used(struct swaplab_region *region)
{
	struct swaplab_working_set *set = &region->working_set;
	unsigned long nr = 0;
	unsigned int age;

	if (set->counted == region->pool->allocation.count.number)
		nr = set->nr_resident;
	for (age = 0; age < window_length(region); age++)
		nr += atomic_read(&set->nr_gone[slot_of(set->now - age)]);
	return nr;
}

/* How long it has run in @elapsed ns, without the reads that it has waited for in that time. */
static u64 time_run(struct swaplab_region *region, u64 elapsed)
{
	/* The store stays while the pool has a region. */
	struct swaplab_store *store = READ_ONCE(region->pool->store);
	struct swaplab_working_set *set = &region->working_set;
	u64 nr, waits;

	nr = atomic_long_read(&region->refaults) - set->nr_refaults;
	set->nr_refaults += nr;
	waits = store ? nr * READ_ONCE(store->read_ns) : 0;
	return elapsed - min(waits, elapsed - elapsed / SET_LEAST);
}

static void set_measure(struct swaplab_instance *instance, u64 elapsed)
{
	struct swaplab_region *region = instance->region;
	struct swaplab_working_set *set = &region->working_set;
	u64 time = time_run(region, elapsed);
	bool is_over;

	if (swaplab_load_is_suspended(region))
		return;
	set->nr_pages = nr_used(region);
	set->time += time;
	is_over = set->time >= jiffies64_to_nsecs(interval_length(region->pool));
	/* A region that has just begun has used few pages yet. */
	if (instance->target || is_over)
		instance->target = max(set->nr_pages, 1UL);
	if (!is_over)
		return;
	WRITE_ONCE(set->nr_intervals, min(set->nr_intervals + 1, SWAPLAB_WINDOW_MAX));
	interval_begin(region);
}

/**
 * swaplab_working_set_measure_locked() - a sample has counted
 * @pool: the pool, locked; the caller is its leader
 */
void swaplab_working_set_measure_locked(struct swaplab_pool *pool)
{
	struct swaplab_count *count = &pool->allocation.count;
	u64 elapsed = jiffies64_to_nsecs(jiffies - count->since);
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	for (i = 1; i < SWAPLAB_INSTANCES; i++)
		if (pool->binding.instances[i].region)
			set_measure(&pool->binding.instances[i], elapsed);
	count->since = jiffies;
}

/* One that is at its max could not have more, whatever the others do. */
static bool is_short(struct swaplab_instance *instance)
{
	struct swaplab_region *region = instance->region;

	if (!region || !instance->quota || swaplab_load_is_suspended(region) ||
	    instance->target <= instance->quota)
		return false;
	return !region->quota_max || region->quota_max > instance->quota;
}

/**
 * swaplab_working_set_control_locked() - control the load after a count
 * @pool: the pool, locked, with quotas by the working sets as of now
 */
void swaplab_working_set_control_locked(struct swaplab_pool *pool)
{
	bool are_short[SWAPLAB_INSTANCES] = { }, any = false;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		are_short[i] = is_short(&pool->binding.instances[i]);
		any |= are_short[i];
	}
	if (any)
		swaplab_stat_inc(&pool->stats, thrashing);
	swaplab_load_adapt_locked(pool, are_short);
}
