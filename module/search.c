// SPDX-License-Identifier: GPL-2.0
/*
 * The search for victims: by the policy, in the instance that is furthest above its quota; and by
 * the plain scan, when the policy gives none, or such as cannot go.
 *
 * In one hold of the pool's lock there is one call of victim(), or a look at SWAPLAB_POLICY_STEP
 * frames by the scan. A policy that says how few frames victim() looks at is asked for as many
 * victims in one hold as take no more looks than that.
 */
#include <linux/sched.h>
#include "binding.h"
#include "chunk.h"
#include "quota.h"
#include "search.h"

/* May the scan take it: of this instance, or of any if that is NULL? */
static bool victim_suits_locked(struct swaplab_pool *pool, struct swaplab_frame *frame,
				struct swaplab_instance *instance)
{
	return swaplab_binding_has(frame) &&
	       (!instance || swaplab_binding_instance_locked(pool, frame) == instance);
}

/*
 * A step of the plain scan: the next frame, by number, that has a page and is not in
 * transit. Frames that have none count, too: there may be many after a pool has shrunk.
 */
static struct swaplab_frame *victim_scan_locked(struct swaplab_pool *pool,
						struct swaplab_instance *instance)
{
	struct swaplab_frame *frame;
	unsigned int i;

	if (!(instance ? instance->nr_frames : pool->nr_admitted))
		return NULL;
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = swaplab_chunk_next_frame(pool, &pool->binding.hand);
		if (!frame) {
			pool->binding.hand = 0;
			continue;
		}
		pool->binding.hand++;
		if (victim_suits_locked(pool, frame, instance) &&
		    swaplab_binding_claim_locked(pool, frame)) {
			swaplab_binding_remove_locked(pool, frame, SWAPLAB_REASON_SCAN);
			return frame;
		}
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/*
 * A step of the policy's search. A policy that says "again" without end gets one call for
 * each victim, and the scan finds one, until it gives another answer.
 */
static struct swaplab_frame *victim_choose_locked(struct swaplab_pool *pool,
						  struct swaplab_instance *instance)
{
	struct swaplab_policy *policy = instance->policy;
	struct swaplab_frame *frame;

	if (!instance->nr_frames || !policy || pool->binding.ejecting)
		return NULL;
	frame = swaplab_binding_ask_locked(pool, instance, policy);
	if (frame == SWAPLAB_VICTIM_AGAIN) {
		if (instance->nr_again++ < swaplab_binding_max_calls(instance, policy))
			return frame;
		frame = NULL;
	} else {
		instance->nr_again = 0;
	}
	if (!frame && !instance->old_policy)
		swaplab_stat_inc(&pool->stats, policy_fallbacks);
	/* A policy might give one that is in transit already at once again. */
	if (frame && !swaplab_binding_claim_locked(pool, frame)) {
		swaplab_binding_putback_locked(pool, frame);
		return NULL;
	}
	return frame;
}

/* Of one instance; of any if it is NULL. */
static struct swaplab_frame *scan(struct swaplab_pool *pool, struct swaplab_instance *instance)
{
	struct swaplab_frame *frame;
	unsigned long i, nr = 0;

	/* Once round, and the step in which that is complete. */
	for (i = 0; i <= nr; i += SWAPLAB_POLICY_STEP) {
		spin_lock(&pool->lock);
		nr = swaplab_chunk_nr_frames(pool);
		frame = victim_scan_locked(pool, instance);
		spin_unlock(&pool->lock);
		if (frame != SWAPLAB_VICTIM_AGAIN)
			return frame;
		cond_resched();
	}
	return NULL;
}

/**
 * swaplab_search_scan_all() - the next frame to go, by the plain scan, of any instance
 * @pool: the pool
 *
 * For when pages of the instance that is to give victims cannot go.
 *
 * Return: as swaplab_search_scan().
 */
struct swaplab_frame *swaplab_search_scan_all(struct swaplab_pool *pool)
{
	return scan(pool, NULL);
}

/**
 * swaplab_search_scan() - the next frame to go, by the plain scan
 * @pool: the pool
 *
 * For when the policy gives no victim, or goes on giving such as cannot go. The frame is of the
 * instance that is furthest above its quota, if that has one.
 *
 * Return: a frame that the policy has given up, in transit by the caller, or NULL.
 */
struct swaplab_frame *swaplab_search_scan(struct swaplab_pool *pool)
{
	struct swaplab_instance *instance;
	struct swaplab_frame *frame;
	unsigned int max = 1;

	spin_lock(&pool->lock);
	instance = swaplab_quota_choose_locked(pool, &max);
	spin_unlock(&pool->lock);
	frame = scan(pool, instance);
	return frame ?: swaplab_search_scan_all(pool);
}

/* How many calls of victim() take a look at SWAPLAB_POLICY_STEP frames at most. */
static unsigned int max_calls(struct swaplab_policy *policy)
{
	return policy ? SWAPLAB_POLICY_STEP / swaplab_policy_victim_looks(policy) : 1;
}

/* Asks for some victims; *@last is the policy's last answer. Returns how many there are. */
static unsigned int victims_choose_locked(struct swaplab_pool *pool,
					  struct swaplab_instance *instance,
					  struct swaplab_frame **frames,
					  unsigned int max,
					  struct swaplab_frame **last)
{
	unsigned int nr = 0, left = max_calls(instance->policy);
	unsigned long start = jiffies;

	for (; left && nr < max; left--) {
		*last = victim_choose_locked(pool, instance);
		if (*last == SWAPLAB_VICTIM_AGAIN)
			continue;
		if (IS_ERR_OR_NULL(*last))
			break;
		frames[nr++] = *last;
	}
	swaplab_binding_time_locked(pool, start);
	return nr;
}

/**
 * swaplab_search_victims() - the next frames to go
 * @pool: the pool
 * @frames: to be filled in
 * @max: how many at most, not 0
 *
 * Looks at some frames at a time, the lock dropped in between. The victims are of the instance
 * that is furthest above its quota, if that can give any.
 *
 * Return: how many: as many as one hold of the lock gives. The policy has given them up,
 * and they are in transit by the caller; 0 if there is none. They may not be evictable: the
 * caller looks, and hands each that is not to swaplab_policy_putback().
 */
unsigned int swaplab_search_victims(struct swaplab_pool *pool,
				    struct swaplab_frame **frames, unsigned int max)
{
	struct swaplab_instance *instance;
	struct swaplab_frame *last;
	unsigned int nr;

	for (;;) {
		spin_lock(&pool->lock);
		instance = swaplab_quota_choose_locked(pool, &max);
		nr = victims_choose_locked(pool, instance, frames, max, &last);
		spin_unlock(&pool->lock);
		if (nr)
			return nr;
		if (last != SWAPLAB_VICTIM_AGAIN)
			break;
		cond_resched();
	}
	frames[0] = swaplab_search_scan(pool);
	return frames[0] ? 1 : 0;
}
