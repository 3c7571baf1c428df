// SPDX-License-Identifier: GPL-2.0
/*
 * Slots. Free slots are found next-fit, so that one batch of victims lies together
 * and writing sweeps over the device.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include "store.h"

/* Most slots that are freed in small pieces are written again soon. */
#define DISCARD_DELAY	HZ

/* Bits looked at, or changed under the lock, before another task can have the CPU. */
#define STORE_STEP	65536UL

/* One slot in so many is retired at most. */
#define BAD_SHARE	8

/* Marks @nr slots from bit @bit as taken; the bit of slot s is s - 1. */
static u32 slots_mark_used(struct swaplab_store *store, unsigned long bit, u32 nr)
{
	lockdep_assert_held(&store->lock);
	bitmap_set(store->used, bit, nr);
	if (store->stale)
		bitmap_clear(store->stale, bit, nr);
	WRITE_ONCE(store->nr_used, store->nr_used + nr);
	return bit + 1;
}

/* The next bit from @bit on that is clear, before @end, or @end; it may be set by now. */
static unsigned long find_free(struct swaplab_store *store, unsigned long bit,
			       unsigned long end)
{
	unsigned long limit, found;

	for (; bit < end; bit = limit) {
		limit = min(bit + STORE_STEP, end);
		/* The caller looks again under the lock. */
		found = data_race(find_next_zero_bit(store->used, limit, bit));
		if (found < limit)
			return found;
		cond_resched();
	}
	return end;
}

/* The bit of a slot that was free when it was looked at, from the next one on, if any was. */
static unsigned long slots_find(struct swaplab_store *store)
{
	u32 next = READ_ONCE(store->next);
	unsigned long bit = find_free(store, next, store->nr_slots);

	return bit < store->nr_slots ? bit : find_free(store, 0, next);
}

/* Takes the slot of a bit, if it is still free, with those behind it; else returns 0. */
static u32 slots_take_at(struct swaplab_store *store, unsigned long bit, u32 want,
			 u32 *got)
{
	unsigned long end = min_t(unsigned long, store->nr_slots, bit + want);
	u32 slot = 0;

	spin_lock(&store->lock);
	end = find_next_bit(store->used, end, bit);
	if (end > bit) {
		*got = end - bit;
		WRITE_ONCE(store->next, end);
		slot = slots_mark_used(store, bit, *got);
	}
	spin_unlock(&store->lock);
	return slot;
}

/* The lock is taken before a task is told that there is no slot. */
static bool all_are_used(struct swaplab_store *store)
{
	bool full;

	if (READ_ONCE(store->nr_used) < store->nr_slots)
		return false;
	spin_lock(&store->lock);
	full = store->nr_used == store->nr_slots;
	spin_unlock(&store->lock);
	return full;
}

/*
 * The search goes without the lock, because it may pass all slots: the lock is held for a
 * look at @want of them at most. A slot that was taken meanwhile is searched for anew: another
 * task has got on. A slot that was freed behind the search may be missed, and then not all
 * slots are in use: the next search finds it.
 */
static u32 slots_try_take(struct swaplab_store *store, u32 want, u32 *got)
{
	u32 slot = 0;

	while (!slot && !all_are_used(store)) {
		slot = slots_take_at(store, slots_find(store), want, got);
		cond_resched();
	}
	return slot;
}

/**
 * swaplab_store_claim_locked() - take slots that may be free again in a moment
 * @store: the store; the caller holds its lock
 * @bit: of the first
 * @nr: how many; all are free
 *
 * Until swaplab_store_end_claim(), a task that finds no free slot waits.
 */
void swaplab_store_claim_locked(struct swaplab_store *store, unsigned long bit, u32 nr)
{
	slots_mark_used(store, bit, nr);
	WRITE_ONCE(store->nr_claimed, store->nr_claimed + nr);
}

/**
 * swaplab_store_end_claim() - slots that were claimed have been freed, or stay taken
 * @store: the store
 * @nr: how many
 */
void swaplab_store_end_claim(struct swaplab_store *store, u32 nr)
{
	spin_lock(&store->lock);
	WRITE_ONCE(store->nr_claims_ended, store->nr_claims_ended + 1);
	/* A task that sees this sees the count above, too. */
	smp_store_release(&store->nr_claimed, store->nr_claimed - nr);
	spin_unlock(&store->lock);
	wake_up_all(&store->claim_wait);
}

/* Has one ended since @nr_ended was read from the store? */
static bool has_claim_ended(struct swaplab_store *store, u32 nr_ended)
{
	return READ_ONCE(store->nr_claims_ended) != nr_ended;
}

static bool has_claims(struct swaplab_store *store)
{
	/* Pairs with swaplab_store_end_claim(): without claims, all that ended are seen. */
	return smp_load_acquire(&store->nr_claimed);
}

/*
 * Waits for a claim to end. True if one has ended since @nr_ended was read from the
 * store: its slots were not free when the caller looked for some in vain. False also
 * after a fatal signal.
 */
static bool wait_for_claim(struct swaplab_store *store, u32 nr_ended)
{
	if (wait_event_killable(store->claim_wait,
				!has_claims(store) ||
				has_claim_ended(store, nr_ended)))
		return false;
	return has_claim_ended(store, nr_ended);
}

/**
 * swaplab_store_take() - take neighbouring free slots
 * @store: the store
 * @want: how many would be best, not 0
 * @got: how many they are: 1 to @want
 *
 * Takes free slots from the next one on, in the order of the device. May have to wait until
 * a claim has ended; at most half of the free slots are discarded at a time.
 *
 * Return: the first, or 0 if the store is full.
 */
u32 swaplab_store_take(struct swaplab_store *store, u32 want, u32 *got)
{
	u32 slot, nr_ended;

	do {
		nr_ended = READ_ONCE(store->nr_claims_ended);
		slot = slots_try_take(store, want, got);
	} while (!slot && wait_for_claim(store, nr_ended));
	return slot;
}

/* The first of @nr bits that are clear, or nr_slots; some may be set by now. */
static unsigned long find_area(struct swaplab_store *store, u32 nr)
{
	/* Each step looks at the end of the last one again, @nr bits of it. */
	unsigned long step = max_t(unsigned long, nr, STORE_STEP);
	unsigned long bit, limit, found;

	for (bit = 0; bit + nr <= store->nr_slots; bit += step) {
		limit = min_t(unsigned long, bit + nr + step, store->nr_slots);
		/* The caller looks again under the lock. */
		found = data_race(bitmap_find_next_zero_area(store->used, limit,
							     bit, nr, 0));
		if (found < limit)
			return found;
		cond_resched();
	}
	return store->nr_slots;
}

/* Claims the slots of @nr bits while they are free; returns how many were. */
static u32 area_claim(struct swaplab_store *store, unsigned long bit, u32 nr)
{
	u32 part, claimed = 0;
	bool is_free = true;

	for (; is_free && claimed < nr; bit += part) {
		part = min_t(u32, nr - claimed, STORE_STEP);
		spin_lock(&store->lock);
		is_free = find_next_bit(store->used, bit + part, bit) == bit + part;
		if (is_free) {
			swaplab_store_claim_locked(store, bit, part);
			claimed += part;
		}
		spin_unlock(&store->lock);
		cond_resched();
	}
	return claimed;
}

/* Returns the slot of a bit if it has the others, too; none of them otherwise, and 0. */
static u32 area_take(struct swaplab_store *store, unsigned long bit, u32 nr)
{
	u32 claimed = area_claim(store, bit, nr);

	if (claimed < nr)
		swaplab_store_free(store, bit + 1, claimed);
	swaplab_store_end_claim(store, claimed);
	return claimed < nr ? 0 : bit + 1;
}

/*
 * As slots_try_take(). The slots are claimed a part at a time. Two tasks would claim parts of
 * the same area, so they do this by turns; one that takes a few slots meanwhile has got on.
 */
static u32 slots_try_reserve(struct swaplab_store *store, u32 nr)
{
	unsigned long bit;
	u32 slot = 0;

	mutex_lock(&store->reserve_lock);
	do {
		bit = find_area(store, nr);
		if (bit < store->nr_slots)
			slot = area_take(store, bit, nr);
	} while (!slot && bit < store->nr_slots);
	mutex_unlock(&store->reserve_lock);
	return slot;
}

/**
 * swaplab_store_reserve() - take exactly so many neighbouring slots
 * @store: the store
 * @nr: how many, not 0
 *
 * May sleep, as swaplab_store_take() may; each slot is discarded once.
 *
 * Return: the first, or 0 if there is no such run.
 */
u32 swaplab_store_reserve(struct swaplab_store *store, u32 nr)
{
	u32 slot, nr_ended;

	do {
		nr_ended = READ_ONCE(store->nr_claims_ended);
		slot = slots_try_reserve(store, nr);
	} while (!slot && wait_for_claim(store, nr_ended));
	return slot;
}

/**
 * swaplab_store_release_locked() - slots are not in use any more
 * @store: the store; the caller holds its lock
 * @slot: the first
 * @nr: how many
 *
 * Those that are bad stay taken.
 */
void swaplab_store_release_locked(struct swaplab_store *store, u32 slot, u32 nr)
{
	unsigned long bit, end = slot - 1 + nr;

	lockdep_assert_held(&store->lock);
	bitmap_clear(store->used, slot - 1, nr);
	WRITE_ONCE(store->nr_used, store->nr_used - nr);
	if (likely(!store->nr_bad))
		return;
	for (bit = slot - 1; (bit = find_next_bit(store->bad, end, bit)) < end; bit++)
		slots_mark_used(store, bit, 1);
}

static void slots_free_locked(struct swaplab_store *store, u32 slot, u32 nr)
{
	if (store->stale)
		bitmap_set(store->stale, slot - 1, nr);
	swaplab_store_release_locked(store, slot, nr);
}

/* Slots have been freed: they may be worth a discard. */
static void queue_discard(struct swaplab_store *store)
{
	if (store->stale && READ_ONCE(store->pool->tunables.discard_slots) &&
	    !delayed_work_pending(&store->discard))
		queue_delayed_work(system_freezable_wq, &store->discard,
				   DISCARD_DELAY);
}

/**
 * swaplab_store_free() - free neighbouring slots
 * @store: the store
 * @slot: the first
 * @nr: how many
 *
 * No page refers to them any more and no transfer is under way. May sleep if they are many.
 */
void swaplab_store_free(struct swaplab_store *store, u32 slot, u32 nr)
{
	u32 part;

	for (; nr; slot += part, nr -= part) {
		part = min_t(u32, nr, STORE_STEP);
		spin_lock(&store->lock);
		slots_free_locked(store, slot, part);
		spin_unlock(&store->lock);
		if (nr > part)
			cond_resched();
	}
	queue_discard(store);
}

/**
 * swaplab_store_free_some() - free slots that may lie anywhere
 * @store: the store
 * @slots: in any order; pages that were written together have neighbours in order
 * @nr: how many; 64 at most, since the lock is held for all of them
 */
void swaplab_store_free_some(struct swaplab_store *store, const u32 *slots,
			     unsigned int nr)
{
	unsigned int i, run;

	spin_lock(&store->lock);
	for (i = 0; i < nr; i += run) {
		run = 1;
		while (i + run < nr && slots[i + run] == slots[i] + run)
			run++;
		slots_free_locked(store, slots[i], run);
	}
	spin_unlock(&store->lock);
	queue_discard(store);
}

/**
 * swaplab_store_retire_locked() - a slot is bad: it is not taken again
 * @store: the store; the caller holds its lock
 * @slot: in use, and then it is retired when it is freed; or free
 *
 * Return: false if it was bad before, or too many slots are.
 */
bool swaplab_store_retire_locked(struct swaplab_store *store, u32 slot)
{
	lockdep_assert_held(&store->lock);
	if (store->nr_bad >= store->nr_slots / BAD_SHARE ||
	    __test_and_set_bit(slot - 1, store->bad))
		return false;
	WRITE_ONCE(store->nr_bad, store->nr_bad + 1);
	if (!test_bit(slot - 1, store->used))
		slots_mark_used(store, slot - 1, 1);
	return true;
}

/**
 * swaplab_store_init() - all slots are free
 * @store: opened by its back end
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_store_init(struct swaplab_store *store)
{
	size_t nr_longs = BITS_TO_LONGS(store->nr_slots);

	spin_lock_init(&store->lock);
	mutex_init(&store->reserve_lock);
	init_waitqueue_head(&store->claim_wait);
	store->used = kvcalloc(nr_longs, sizeof(long), GFP_KERNEL);
	store->bad = kvcalloc(nr_longs, sizeof(long), GFP_KERNEL);
	if (store->used && store->bad)
		return 0;
	swaplab_store_destroy(store);
	return -ENOMEM;
}

/**
 * swaplab_store_destroy() - undo swaplab_store_init()
 * @store: no slot is taken
 */
void swaplab_store_destroy(struct swaplab_store *store)
{
	kvfree(store->bad);
	kvfree(store->used);
}
