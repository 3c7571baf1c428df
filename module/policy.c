// SPDX-License-Identifier: GPL-2.0
/*
 * Calls to the policy of a pool.
 *
 * The pool's lock is never held for long: in one hold there is one call of each callback, but
 * for those that search.c makes. Only for a run of pages that are discarded, mlocked or paged
 * out, of those that are munlocked, and for advice on some, remove(), forget(), admit() or
 * advise() is called for up to 64 pages.
 */
#include <linux/sched.h>
#include "binding.h"
#include "frame.h"
#include "policy.h"
#include "region.h"
#include "working_set.h"

/* Around calls of the policy; returns when they began. */
static unsigned long calls_begin(struct swaplab_pool *pool)
	__acquires(&pool->lock)
{
	spin_lock(&pool->lock);
	return jiffies;
}

static void calls_end(struct swaplab_pool *pool, unsigned long start)
	__releases(&pool->lock)
{
	swaplab_binding_time_locked(pool, start);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_admit() - a page is resident that was not before
 * @pool: the pool
 * @frame: in transit by the caller
 * @reason: told to the policy
 */
void swaplab_policy_admit(struct swaplab_pool *pool, struct swaplab_frame *frame,
			  enum swaplab_reason reason)
{
	unsigned long start = calls_begin(pool);

	swaplab_binding_admit_locked(pool, frame, reason);
	calls_end(pool, start);
}

/**
 * swaplab_policy_readmit() - pages are the policy's again
 * @pool: the pool
 * @frames: resident; in transit by the caller; the policy may have them or not
 * @nr: how many; 64 at most, since the lock is held for all of them
 * @reason: told to the policy
 */
void swaplab_policy_readmit(struct swaplab_pool *pool,
			    struct swaplab_frame **frames, unsigned int nr,
			    enum swaplab_reason reason)
{
	unsigned long start;
	unsigned int i;

	start = calls_begin(pool);
	for (i = 0; i < nr; i++)
		if (!swaplab_binding_has(frames[i]))
			swaplab_binding_admit_locked(pool, frames[i], reason);
	calls_end(pool, start);
}

/**
 * swaplab_policy_admit_refault() - a page that was evicted is resident again
 * @pool: the pool
 * @frame: in transit by the caller
 * @evicted: the pool's eviction clock when it went
 * @reason: told to the policy
 */
void swaplab_policy_admit_refault(struct swaplab_pool *pool,
				  struct swaplab_frame *frame, u32 evicted,
				  enum swaplab_reason reason)
{
	u32 distance = ((u32)atomic_read(&pool->nr_evicted) - evicted) & INT_MAX;
	struct swaplab_policy *policy;
	unsigned long start;

	swaplab_stat_add(&pool->stats, refault_distance, distance);
	if (distance < READ_ONCE(pool->nr_room))
		swaplab_stat_inc(&pool->stats, near_refaults);
	if (swaplab_working_set_is_on(pool))
		swaplab_working_set_refault(frame, evicted);
	start = calls_begin(pool);
	policy = pool->binding.instances[frame->region->instance].policy;
	if (policy && policy->ops->refault)
		policy->ops->refault(policy, frame, distance);
	swaplab_binding_admit_locked(pool, frame, reason);
	calls_end(pool, start);
}

/**
 * swaplab_policy_putback() - a victim stays
 * @pool: the pool
 * @frame: of swaplab_search_victims(), still in transit by the caller
 */
void swaplab_policy_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	unsigned long start = calls_begin(pool);

	swaplab_binding_putback_locked(pool, frame);
	calls_end(pool, start);
}

/**
 * swaplab_policy_forget() - pages go that the policy did not choose
 * @pool: the pool
 * @frames: in transit by the caller; the policy may have them or not
 * @nr: how many; 64 at most, since the lock is held for all of them
 * @reason: told to the policy
 */
void swaplab_policy_forget(struct swaplab_pool *pool,
			   struct swaplab_frame **frames, unsigned int nr,
			   enum swaplab_reason reason)
{
	unsigned long start;
	unsigned int i;

	start = calls_begin(pool);
	for (i = 0; i < nr; i++)
		if (swaplab_binding_has(frames[i]))
			swaplab_binding_remove_locked(pool, frames[i], reason);
	calls_end(pool, start);
}

/**
 * swaplab_policy_forget_swapped() - pages in the store go, or are other pages from now on
 * @region: they were in
 * @indexes: of these pages
 * @nr: how many; 64 at most, since the lock is held for all of them
 *
 * Comes after their entries have changed, so a page may be there again: the policy drops
 * what it remembers of the page before, or of this one, which is a worse guess and no more.
 * The same goes for a policy that is bound meanwhile, and is not told.
 */
void swaplab_policy_forget_swapped(struct swaplab_region *region,
				   const pgoff_t *indexes, unsigned int nr)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_policy *policy;
	unsigned long start;
	unsigned int i;

	if (!nr || !READ_ONCE(pool->binding.forgets))
		return;
	start = calls_begin(pool);
	policy = pool->binding.instances[region->instance].policy;
	for (i = 0; i < nr && policy && policy->ops->forget; i++)
		policy->ops->forget(policy, region, indexes[i]);
	calls_end(pool, start);
}

static void advise_locked(struct swaplab_pool *pool, struct swaplab_frame *frame,
			  enum swaplab_advice advice)
{
	struct swaplab_policy *policy = swaplab_binding_instance_locked(pool, frame)->policy;

	if (advice == SWAPLAB_ADVICE_COLD) {
		atomic_andnot(SWAPLAB_FRAME_REFERENCED, &frame->flags);
		/* Uses of before that unmaps have found. */
		folio_clear_referenced(frame->folio);
	} else {
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
	}
	if (policy && policy->ops->advise && !swaplab_binding_is_old_locked(pool, frame))
		policy->ops->advise(policy, frame, advice);
}

/**
 * swaplab_policy_advise() - a program gives advice on pages
 * @region: of the pages
 * @frames: their entries, as the caller has seen them in the same RCU read-side section: the
 *	metadata of a frame that has left the region stays until its end
 * @indexes: of the pages
 * @nr: how many; 64 at most, since the lock is held for all of them
 * @advice: told to the policy
 *
 * A page is in no transit by the caller. A frame that the policy has is not taken from its
 * page without the lock, so if it is the entry now, it is the page's until the lock is
 * released. A page in transit may just be about to leave; then the advice is of no use.
 *
 * Return: how many pages were told.
 */
unsigned int swaplab_policy_advise(struct swaplab_region *region,
				   struct swaplab_frame **frames,
				   const pgoff_t *indexes, unsigned int nr,
				   enum swaplab_advice advice)
{
	struct swaplab_pool *pool = region->pool;
	unsigned int i, nr_told = 0;
	unsigned long start = calls_begin(pool);

	for (i = 0; i < nr; i++) {
		if (!swaplab_binding_has(frames[i]) ||
		    swaplab_region_load(region, indexes[i]) != frames[i])
			continue;
		advise_locked(pool, frames[i], advice);
		nr_told++;
	}
	calls_end(pool, start);
	return nr_told;
}

/**
 * swaplab_policy_readahead() - ask which pages to read with one that a task asks for
 * @region: of the page
 * @readahead: the page; gets the answer, which may be any
 *
 * Return: false if the policy leaves that to the core.
 */
bool swaplab_policy_readahead(struct swaplab_region *region,
			      struct swaplab_readahead *readahead)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_policy *policy;
	unsigned long start;
	bool has_answered = false;

	start = calls_begin(pool);
	policy = pool->binding.instances[region->instance].policy;
	if (policy && policy->ops->readahead && !pool->binding.ejecting) {
		readahead->nr_used = atomic_xchg(&pool->binding.nr_ahead_used, 0);
		readahead->nr_wasted = atomic_xchg(&pool->binding.nr_ahead_wasted, 0);
		has_answered = policy->ops->readahead(policy, readahead);
	}
	calls_end(pool, start);
	return has_answered;
}

/**
 * swaplab_policy_claim_locked() - own the state of a page by its frame
 * @pool: the pool, locked
 * @frame: any frame of the pool
 *
 * Return: true, and the frame is in transit by the caller and stays with the
 * policy; false if the policy does not have it or it is in transit already.
 */
bool swaplab_policy_claim_locked(struct swaplab_pool *pool,
				 struct swaplab_frame *frame)
{
	return swaplab_binding_has(frame) && swaplab_binding_claim_locked(pool, frame);
}

/**
 * swaplab_policy_needs_references() - does the policy read referenced flags?
 * @pool: the pool
 */
bool swaplab_policy_needs_references(struct swaplab_pool *pool)
{
	const struct swaplab_policy_ops *ops;
	bool needs;

	spin_lock(&pool->lock);
	ops = swaplab_pool_policy_ops(pool);
	needs = ops && ops->needs_references;
	spin_unlock(&pool->lock);
	return needs;
}

/* Returns whether the policy wants another call. */
static bool tick_locked(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	struct swaplab_policy *policy = instance->policy;

	if (!policy || !policy->ops->tick || pool->binding.ejecting)
		return false;
	return policy->ops->tick(policy);
}

static void tick(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	unsigned long left = READ_ONCE(instance->nr_frames) + SWAPLAB_POLICY_STEP, start;
	bool more = true;

	while (more && left--) {
		start = calls_begin(pool);
		more = tick_locked(pool, instance);
		calls_end(pool, start);
		cond_resched();
	}
}

/**
 * swaplab_policy_tick() - tell the policy that a sample is complete
 * @pool: the pool
 *
 * A policy that always wants more is left until the next sample, since the leader
 * has pages to evict.
 */
void swaplab_policy_tick(struct swaplab_pool *pool)
{
	unsigned int i;

	for (i = 0; i < SWAPLAB_INSTANCES; i++)
		if (READ_ONCE(pool->binding.instances[i].policy))
			tick(pool, &pool->binding.instances[i]);
}

/**
 * swaplab_frame_region_id() - the region of the page in a frame
 * @frame: a frame that the policy holds, or is about to get; under the pool's lock
 *
 * Return: its number, as fdinfo and recordings have it, which is not used again before
 * all others have been. A page that several regions share has the number of one of them.
 */
u32 swaplab_frame_region_id(struct swaplab_frame *frame)
{
	return frame->region->id;
}
EXPORT_SYMBOL_GPL(swaplab_frame_region_id);

/**
 * swaplab_frame_dirty() - is the page newer than its copy in the store?
 * @frame: a frame that the policy holds, or is about to get; under the pool's lock
 *
 * A write since the page was mapped shows when its PTE is looked at, so at the unmap.
 *
 * Return: true if it is known to be, or if the store has no copy of it.
 */
bool swaplab_frame_dirty(struct swaplab_frame *frame)
{
	return folio_test_dirty(frame->folio);
}
EXPORT_SYMBOL_GPL(swaplab_frame_dirty);

/**
 * swaplab_frame_read_cost() - the time that a read of the page takes, once it is evicted
 * @frame: a frame that the policy holds, or is about to get; under the pool's lock
 *
 * Some of the reads that tasks wait for are timed, from the request to the answer of the
 * store, and smoothed: the latest 8 of these count most.
 *
 * Return: ns, 0 if no page was read yet from the pool's store, or there is none.
 */
u32 swaplab_frame_read_cost(struct swaplab_frame *frame)
{
	/* It stays while the pool has a region. */
	struct swaplab_store *store = READ_ONCE(frame->region->pool->store);

	return store ? READ_ONCE(store->read_ns) : 0;
}
EXPORT_SYMBOL_GPL(swaplab_frame_read_cost);
