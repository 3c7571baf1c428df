// SPDX-License-Identifier: GPL-2.0
/*
 * Slots that the device cannot write or read, while it can write and read others.
 *
 * Such a slot is retired: it is not taken again until the next attach. An error alone
 * is no reason for that, because a device that is gone for a while fails all transfers,
 * and has all slots again when it is back. Error codes do not tell the two apart. So
 * two failures are needed. The slots of a write that failed are suspects; each is
 * written in a transfer of its own next time, so its neighbours are found innocent. A
 * suspect is retired when a transfer of it alone fails, and the device failed few
 * others between two transfers that worked. Reads and writes are judged apart, since a
 * device may refuse writes alone.
 *
 * At most an eighth of the store is retired: a device that fails at random would lose
 * all slots in time, and serves better if each is tried again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "bad_slots.h"

/* Slots that fail in a row on a device that works; a device that is gone soon has more. */
#define FAILURES_MAX	256U

/**
 * struct failures - slots that failed alone since a transfer worked
 * @nr: how many; beyond FAILURES_MAX: too many
 * @nr_repeats: failures of slots that had failed before
 * @slots: which slots
 */
struct failures {
	unsigned int nr;
	unsigned int nr_repeats;
	u32 slots[FAILURES_MAX];
};

/**
 * struct swaplab_bad_slots - failures of a store; its lock guards them
 * @failures: of reads, and of writes
 */
struct swaplab_bad_slots {
	struct failures failures[2];
};

static void suspect_add_locked(struct swaplab_store *store, u32 slot)
{
	lockdep_assert_held(&store->lock);
	if (!test_and_set_bit(slot - 1, store->suspects))
		WRITE_ONCE(store->nr_suspects, store->nr_suspects + 1);
}

static void suspect_clear_locked(struct swaplab_store *store, u32 slot)
{
	lockdep_assert_held(&store->lock);
	if (test_and_clear_bit(slot - 1, store->suspects))
		WRITE_ONCE(store->nr_suspects, store->nr_suspects - 1);
}

static bool failures_have(struct failures *failures, u32 slot)
{
	unsigned int i;

	for (i = 0; i < min(failures->nr, FAILURES_MAX); i++)
		if (failures->slots[i] == slot)
			return true;
	return false;
}

static void failures_add_locked(struct failures *failures, u32 slot)
{
	if (failures->nr > FAILURES_MAX)
		return;
	if (failures_have(failures, slot)) {
		/* A device that is gone fails the same few slots again and again. */
		if (++failures->nr_repeats > FAILURES_MAX)
			WRITE_ONCE(failures->nr, FAILURES_MAX + 1);
		return;
	}
	if (failures->nr < FAILURES_MAX)
		failures->slots[failures->nr] = slot;
	WRITE_ONCE(failures->nr, failures->nr + 1);
}

/**
 * swaplab_bad_slots_failed() - the device has failed a transfer
 * @store: the store
 * @slot: the first
 * @nr: of its slots
 * @write: else it was a read
 */
void swaplab_bad_slots_failed(struct swaplab_store *store, u32 slot, u32 nr,
			      bool write)
{
	u32 i;

	spin_lock(&store->lock);
	if (nr == 1)
		failures_add_locked(&store->bad_slots->failures[write], slot);
	for (i = 0; i < nr && nr > 1 && write; i++)
		suspect_add_locked(store, slot + i);
	spin_unlock(&store->lock);
}

/* The slot failed alone, between two transfers that worked. */
static void slot_judge_locked(struct swaplab_store *store, u32 slot)
{
	if (!test_bit(slot - 1, store->suspects)) {
		suspect_add_locked(store, slot);
		return;
	}
	suspect_clear_locked(store, slot);
	if (swaplab_store_retire_locked(store, slot))
		pr_warn_ratelimited("%s: slot %u is bad: it is not used again until the swap file is attached anew\n",
				    store->pool->name, slot);
}

/**
 * swaplab_bad_slots_worked() - the device has done a transfer
 * @store: the store
 * @slot: the first
 * @nr: of its slots
 * @write: else it was a read
 */
void swaplab_bad_slots_worked(struct swaplab_store *store, u32 slot, u32 nr,
			      bool write)
{
	struct failures *failures = &store->bad_slots->failures[write];
	bool innocent = write && nr == 1 &&
			swaplab_bad_slots_is_suspect(store, slot);
	unsigned int i;

	/* A failure that is missed is judged after the next transfer. */
	if (likely(!innocent && !READ_ONCE(failures->nr)))
		return;
	spin_lock(&store->lock);
	for (i = 0; i < failures->nr && failures->nr <= FAILURES_MAX; i++)
		if (failures->slots[i] - slot >= nr)
			slot_judge_locked(store, failures->slots[i]);
	WRITE_ONCE(failures->nr, 0);
	failures->nr_repeats = 0;
	if (innocent)
		suspect_clear_locked(store, slot);
	spin_unlock(&store->lock);
}

/**
 * swaplab_bad_slots_create() - nothing is known about any slot
 * @store: being attached
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_bad_slots_create(struct swaplab_store *store)
{
	store->bad_slots = kzalloc(sizeof(*store->bad_slots), GFP_KERNEL);
	store->suspects = kvcalloc(BITS_TO_LONGS(store->nr_slots), sizeof(long),
				   GFP_KERNEL);
	if (store->bad_slots && store->suspects)
		return 0;
	swaplab_bad_slots_destroy(store);
	return -ENOMEM;
}

/**
 * swaplab_bad_slots_destroy() - undo swaplab_bad_slots_create()
 * @store: no transfer is under way
 */
void swaplab_bad_slots_destroy(struct swaplab_store *store)
{
	kvfree(store->suspects);
	kfree(store->bad_slots);
}
