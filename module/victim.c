// SPDX-License-Identifier: GPL-2.0
/*
 * A victim goes or stays. The pool's tally tells why victims stayed since the last one
 * that went, and so whether there is hope.
 */
#include "policy.h"
#include "region.h"
#include "trace.h"
#include "victim.h"

/**
 * swaplab_victim_begin_again() - count from here on
 * @pool: the pool
 */
void swaplab_victim_begin_again(struct swaplab_pool *pool)
{
	struct swaplab_tally *tally = &pool->daemons.tally;

	atomic_long_set(&tally->nr_young, 0);
	atomic_long_set(&tally->nr_busy, 0);
	atomic_long_set(&tally->nr_failed, 0);
	atomic_long_set(&tally->nr_full, 0);
	/* Last: a victim is counted before its reason, so none loses the reason alone. */
	atomic_long_set_release(&tally->nr_seen, 0);
}

/**
 * swaplab_victim_was_used() - was the page used, though no PTE shows it any more?
 * @pool: the pool
 * @frame: in transit by the caller
 *
 * Unmapping a page moves its accessed bit into its folio, and pinning it sets the same
 * flag. That includes reclaim itself: uses between its look and its unmap turn up here. The
 * flag stays set when more address spaces add theirs: all folios of a pool are active.
 *
 * Return: true once for all uses so far.
 */
bool swaplab_victim_was_used(struct swaplab_pool *pool,
			     struct swaplab_frame *frame)
{
	if (!folio_test_referenced(frame->folio))
		return false;
	folio_clear_referenced(frame->folio);
	swaplab_frame_count_hit(pool, frame);
	return true;
}

/**
 * swaplab_victim_evict() - free the frame of a victim, if it is clean and not in use
 * @pool: the pool
 * @frame: in transit by the caller; its folio locked and unmapped. Gone afterwards, if
 *	SWAPLAB_EVICT_DONE is returned; else it is as before
 * @freed: gets the frame then
 *
 * Return: as swaplab_removal_evict().
 */
enum swaplab_evict swaplab_victim_evict(struct swaplab_pool *pool,
					struct swaplab_frame *frame,
					struct swaplab_frame_batch *freed)
{
	enum swaplab_evict result = swaplab_removal_evict(frame);

	if (result != SWAPLAB_EVICT_DONE)
		return result;
	/* If no look came before: a page mapped ahead may have been used. */
	swaplab_victim_was_used(pool, frame);
	trace_evict(pool->id, frame->folio->index, frame->slot);
	swaplab_stat_inc(&pool->stats, evictions);
	/* Before the frame is put back: while it is held, the leader does not end a pass. */
	WRITE_ONCE(pool->daemons.busy_since, 0);
	swaplab_victim_begin_again(pool);
	swaplab_removal_release(frame);
	swaplab_frame_batch_add(freed, pool, frame);
	return SWAPLAB_EVICT_DONE;
}

/**
 * swaplab_victim_putback() - give a victim back to the policy
 * @pool: the pool
 * @frame: in transit by the caller
 */
void swaplab_victim_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	swaplab_policy_putback(pool, frame);
	trace_page_state(frame->region, frame->folio->index,
			 SWAPLAB_STATE_RESIDENT);
	swaplab_region_settle(frame, SWAPLAB_FRAME_WRITING |
			      SWAPLAB_FRAME_RESCUED);
}
