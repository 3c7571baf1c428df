// SPDX-License-Identifier: GPL-2.0
/*
 * Page fault frequency (Chu and Opderbeck, "Program Behavior and the Page Fault Frequency
 * Replacement Algorithm", Computer, December 1976), with two bounds. A region that reads pages
 * back more often than pff_high has too few frames: its target grows by a step each interval.
 * One that does so less often than pff_low can do with fewer: its target becomes smaller. In
 * between nothing changes.
 *
 * Differences from the paper:
 *
 * - The frequency is refaults per second of real time, not of the time that the program runs. An
 *   interval is scan_interval_ms long, and ends with the first search for victims after that. So
 *   no timer is needed, and without evictions nothing changes.
 * - Targets sum up to no more than all frames. A region grows by frames that are in no target;
 *   else, up to an equal part, by those of the region that is furthest above its equal part. So a
 *   region which misses however many frames it has, as one that goes round too many pages does,
 *   never takes what another one needs up to its equal part.
 * - Targets become smaller only while another region has too few frames: until then the frames
 *   are lent in any case. A region that has grown keeps what it has for some intervals: with
 *   less it would miss again.
 * - The frames that a region gives up are those that its policy chooses.
 *
 * Thrashing is an interval in which all regions with an instance of their own had too few frames
 * and none could have more. load.c is told which regions had too few. Those that it has suspended
 * have no weight, and are left out of all this.
 *
 * The pool's lock is held in all of this file. It guards the members of instances, and a region
 * that has an instance does not end under it. Refaults are counted without it; a late one counts
 * for the next interval.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include "load.h"
#include "pff.h"

/* A step up, as a part of all frames. */
#define PFF_GROW	16

/* A step down, as a part of the target. */
#define PFF_SHRINK	16

/* Intervals in which a region that has grown keeps its target. */
#define PFF_PATIENCE	16

/**
 * struct pff - an interval that has ended
 * @pool: the pool
 * @equal: equal parts, within the bounds of the regions
 * @nr_free: frames that are in no target
 * @step: frames that a target grows by
 * @elapsed: jiffies
 * @nr_regions: with a target, and a frequency
 * @above: which of them have too few frames
 * @nr_above: how many
 * @has_grown: a target has
 * @is_short: which regions have too few frames, and could not have a step more
 */
struct pff {
	struct swaplab_pool *pool;
	const struct swaplab_share *equal;
	unsigned long nr_free;
	unsigned long step;
	unsigned long elapsed;
	unsigned int nr_regions;
	bool above[SWAPLAB_INSTANCES];
	unsigned int nr_above;
	bool has_grown;
	bool is_short[SWAPLAB_INSTANCES];
};

/**
 * swaplab_pff_divide_locked() - quotas by targets
 * @pool: the pool, locked
 * @shares: equal parts; become those by targets
 *
 * An instance without a target, as number 0, has its equal part.
 */
void swaplab_pff_divide_locked(struct swaplab_pool *pool, struct swaplab_share *shares)
{
	unsigned long sum = 0, target;
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		if (!shares[i].weight)
			continue;
		target = pool->binding.instances[i].target;
		shares[i].weight = max(target ? target : shares[i].frames, 1UL);
		shares[i].frames = clamp(shares[i].weight, shares[i].min, shares[i].max);
		sum += shares[i].frames;
	}
	if (sum > pool->nr_room)
		swaplab_share_divide(shares, SWAPLAB_INSTANCES, pool->nr_room);
}

/* Refaults in a second of the interval. */
static unsigned long rate_of(const struct pff *pff, struct swaplab_instance *instance)
{
	unsigned long before = instance->nr_refaults;

	instance->nr_refaults = atomic_long_read(&instance->region->refaults);
	return (instance->nr_refaults - before) * HZ / pff->elapsed;
}

static void shrink(struct pff *pff, struct swaplab_instance *instance, unsigned long least)
{
	unsigned long target = instance->target - DIV_ROUND_UP(instance->target, PFF_SHRINK);

	if (instance->patience) {
		instance->patience--;
		return;
	}
	target = max3(target, least, (unsigned long)SWAPLAB_MIN_FRAMES);
	if (target >= instance->target)
		return;
	pff->nr_free += instance->target - target;
	instance->target = target;
}

/* Measures the regions, and begins with those that are new. */
static void rates_measure(struct pff *pff, unsigned long *rates)
{
	struct swaplab_instance *instances = pff->pool->binding.instances;
	unsigned long high = max(READ_ONCE(pff->pool->tunables.pff_low),
				 READ_ONCE(pff->pool->tunables.pff_high));
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		if (!instances[i].region)
			continue;
		/* Of one that is suspended it is not used, but counts anew when it goes on. */
		rates[i] = rate_of(pff, &instances[i]);
		if (!pff->equal[i].weight)
			continue;
		if (instances[i].target) {
			pff->nr_regions++;
			pff->above[i] = rates[i] > high;
			pff->nr_above += pff->above[i];
		} else {
			/* The rate is that of the next interval on. */
			instances[i].patience = PFF_PATIENCE;
		}
		/* What the bounds, and the number of regions, have made of it. */
		instances[i].target = max(instances[i].quota, 1UL);
	}
	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		pff->nr_free -= min(pff->nr_free, instances[i].quota);
}

static void targets_shrink(struct pff *pff, const unsigned long *rates)
{
	unsigned int i, low = READ_ONCE(pff->pool->tunables.pff_low);
	struct swaplab_instance *instances = pff->pool->binding.instances;

	for (i = 1; i < SWAPLAB_INSTANCES; i++)
		if (instances[i].target && pff->equal[i].weight && rates[i] < low)
			shrink(pff, &instances[i], pff->equal[i].min);
}

/* Takes frames from the target that is furthest above its equal part. Returns how many. */
static unsigned long frames_take(struct pff *pff, unsigned long nr)
{
	struct swaplab_instance *instances = pff->pool->binding.instances;
	unsigned int i, most = 0;
	long over, most_over = 0;

	for (i = 1; i < SWAPLAB_INSTANCES; i++) {
		over = instances[i].target - max(pff->equal[i].frames, pff->equal[i].min);
		if (pff->equal[i].weight && instances[i].target && over > most_over) {
			most_over = over;
			most = i;
		}
	}
	nr = min_t(unsigned long, nr, most_over);
	instances[most].target -= nr;
	return nr;
}

/* @part: of the frames that are in no target. */
static void grow(struct pff *pff, unsigned int number, unsigned long part)
{
	struct swaplab_instance *instance = &pff->pool->binding.instances[number];
	const struct swaplab_share *equal = &pff->equal[number];
	unsigned long nr = min(part, pff->step), room, fair;

	room = equal->max - min(equal->max, instance->target);
	nr = min3(nr, pff->nr_free, room);
	pff->nr_free -= nr;
	fair = equal->frames - min(equal->frames, instance->target + nr);
	if (fair && nr < pff->step)
		nr += frames_take(pff, min(fair, pff->step - nr));
	/* A region at its max could not have more, whatever the others do. */
	pff->is_short[number] = nr < min(pff->step, room);
	instance->target += nr;
	if (nr) {
		instance->patience = PFF_PATIENCE;
		pff->has_grown = true;
	}
}

static void targets_grow(struct pff *pff)
{
	unsigned long part = DIV_ROUND_UP(pff->nr_free, pff->nr_above);
	unsigned int i;

	for (i = 1; i < SWAPLAB_INSTANCES; i++)
		if (pff->above[i])
			grow(pff, i, part);
}

/**
 * swaplab_pff_is_due_locked() - has an interval ended?
 * @pool: the pool, locked
 */
bool swaplab_pff_is_due_locked(struct swaplab_pool *pool)
{
	unsigned int interval = READ_ONCE(pool->tunables.scan_interval_ms);

	lockdep_assert_held(&pool->lock);
	return jiffies - pool->allocation.adapted >= max(msecs_to_jiffies(interval), 1UL);
}

/**
 * swaplab_pff_adapt_locked() - adapt targets, as an interval has ended
 * @pool: the pool, locked, with quotas as of now
 * @equal: equal parts, within the bounds of the regions
 */
void swaplab_pff_adapt_locked(struct swaplab_pool *pool, const struct swaplab_share *equal)
{
	unsigned long rates[SWAPLAB_INSTANCES] = { };
	struct pff pff = {
		.pool = pool,
		.equal = equal,
		.nr_free = pool->nr_room,
		.step = max(pool->nr_room / PFF_GROW, 1UL),
		.elapsed = jiffies - pool->allocation.adapted,
	};

	lockdep_assert_held(&pool->lock);
	pool->allocation.adapted = jiffies;
	rates_measure(&pff, rates);
	if (pff.nr_above) {
		targets_shrink(&pff, rates);
		targets_grow(&pff);
		if (pff.nr_above == pff.nr_regions && !pff.has_grown)
			swaplab_stat_inc(&pool->stats, thrashing);
	}
	swaplab_load_adapt_locked(pool, pff.is_short);
}
