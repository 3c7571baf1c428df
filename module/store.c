// SPDX-License-Identifier: GPL-2.0
/*
 * Slots. Free slots are found next-fit, so that one batch of victims lies together
 * and writing sweeps over the device.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include "store.h"

/* Most slots that are freed in small pieces are written again soon. */
#define DISCARD_DELAY	HZ

/* One slot in so many is retired at most. */
#define BAD_SHARE	8

/* Marks @nr slots from bit @bit as taken; the bit of slot s is s - 1. */
static u32 slots_mark_used(struct swaplab_store *store, unsigned long bit, u32 nr)
{
	lockdep_assert_held(&store->lock);
	bitmap_set(store->used, bit, nr);
	if (store->stale)
		bitmap_clear(store->stale, bit, nr);
	store->nr_used += nr;
	return bit + 1;
}

static u32 slots_try_take(struct swaplab_store *store, u32 want, u32 *got)
{
	unsigned long bit, end;
	u32 slot = 0;

	spin_lock(&store->lock);
	if (store->nr_used == store->nr_slots)
		goto unlock;
	bit = find_next_zero_bit(store->used, store->nr_slots, store->next);
	if (bit >= store->nr_slots)
		bit = find_first_zero_bit(store->used, store->nr_slots);
	end = find_next_bit(store->used,
			    min_t(unsigned long, store->nr_slots, bit + want),
			    bit);
	*got = end - bit;
	store->next = end;
	slot = slots_mark_used(store, bit, *got);
unlock:
	spin_unlock(&store->lock);
	return slot;
}

/*
 * Waits for a discard to end. True if one has ended since @nr_ended was read from the
 * store: its slots were not free when the caller looked for some in vain. False also
 * after a fatal signal.
 */
static bool wait_for_discard(struct swaplab_store *store, u32 nr_ended)
{
	if (wait_event_killable(store->discard_wait,
				!READ_ONCE(store->nr_discarding)))
		return false;
	smp_rmb(); /* slots_give_back() writes this before nr_discarding */
	return READ_ONCE(store->nr_discards_ended) != nr_ended;
}

/**
 * swaplab_store_take() - take neighbouring free slots
 * @store: the store
 * @want: how many would be best, not 0
 * @got: how many they are: 1 to @want
 *
 * Takes free slots from the next one on, in the order of the device. May have to wait
 * until a discard has ended; at most half of the free slots are discarded at a time.
 *
 * Return: the first, or 0 if the store is full.
 */
u32 swaplab_store_take(struct swaplab_store *store, u32 want, u32 *got)
{
	u32 slot, nr_ended;

	do {
		nr_ended = READ_ONCE(store->nr_discards_ended);
		slot = slots_try_take(store, want, got);
	} while (!slot && wait_for_discard(store, nr_ended));
	return slot;
}

static u32 slots_try_reserve(struct swaplab_store *store, u32 nr)
{
	unsigned long bit;
	u32 slot = 0;

	spin_lock(&store->lock);
	bit = bitmap_find_next_zero_area(store->used, store->nr_slots, 0, nr,
					 0);
	if (bit < store->nr_slots)
		slot = slots_mark_used(store, bit, nr);
	spin_unlock(&store->lock);
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
		nr_ended = READ_ONCE(store->nr_discards_ended);
		slot = slots_try_reserve(store, nr);
	} while (!slot && wait_for_discard(store, nr_ended));
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
	store->nr_used -= nr;
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
 * No page refers to them any more and no transfer is under way.
 */
void swaplab_store_free(struct swaplab_store *store, u32 slot, u32 nr)
{
	spin_lock(&store->lock);
	slots_free_locked(store, slot, nr);
	spin_unlock(&store->lock);
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
