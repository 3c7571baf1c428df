// SPDX-License-Identifier: GPL-2.0
/*
 * Slots that the device cannot write or read, while it does others.
 *
 * Such a slot is retired: it is not taken again until the next attach. An error alone
 * is no reason for that, because a device that is gone for a while fails all transfers,
 * and has all slots again when it is back. Error codes do not tell the two apart. So a
 * slot is suspected if a transfer of it alone failed, and the device failed few others
 * between two transfers that worked; and it is retired when that happens a second time.
 * Reads and writes are judged apart, since a device may refuse writes alone.
 *
 * At most an eighth of the store is retired: a device that fails at random would lose
 * all slots in time, and serves better if each is tried again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include "bad_slots.h"
#include "store.h"

/* Slots that fail in a row on a device that works; a device that is gone soon has more. */
#define FAILURES_MAX	256U

/* Suspects remembered; a slot pushes out those whose number is the same modulo this. */
#define NR_SUSPECTS	1024

/**
 * struct failures - of transfers in one direction
 * @nr: slots that failed since a transfer worked; beyond FAILURES_MAX: too many
 * @slots: which slots
 */
struct failures {
	unsigned int nr;
	u32 slots[FAILURES_MAX];
};

/**
 * struct swaplab_bad_slots - failures of a store; its lock guards them
 * @failures: of reads, and of writes
 * @suspects: a slot, or 0, at its number modulo NR_SUSPECTS
 */
struct swaplab_bad_slots {
	struct failures failures[2];
	u32 suspects[NR_SUSPECTS];
};

static bool has_failed(struct failures *failures, u32 slot)
{
	unsigned int i;

	for (i = 0; i < min(failures->nr, FAILURES_MAX); i++)
		if (failures->slots[i] == slot)
			return true;
	return false;
}

/**
 * swaplab_bad_slots_failed() - the device has failed to transfer one slot
 * @store: the store
 * @slot: in a transfer of its own
 * @write: else it was a read
 */
void swaplab_bad_slots_failed(struct swaplab_store *store, u32 slot, bool write)
{
	struct failures *failures = &store->bad_slots->failures[write];

	spin_lock(&store->lock);
	if (failures->nr > FAILURES_MAX || has_failed(failures, slot))
		goto unlock;
	if (failures->nr < FAILURES_MAX)
		failures->slots[failures->nr] = slot;
	WRITE_ONCE(failures->nr, failures->nr + 1);
unlock:
	spin_unlock(&store->lock);
}

/* The slot failed between two transfers that worked. */
static void suspect_slot_locked(struct swaplab_store *store, u32 slot)
{
	u32 *suspect = &store->bad_slots->suspects[slot % NR_SUSPECTS];

	if (*suspect != slot) {
		*suspect = slot;
		return;
	}
	*suspect = 0;
	if (swaplab_store_retire_locked(store, slot))
		pr_warn_ratelimited("%s: slot %u is bad: it is not used again until the swap file is attached anew\n",
				    store->pool->name, slot);
}

/**
 * swaplab_bad_slots_worked() - the device has done a transfer
 * @store: the store
 * @write: else it was a read
 */
void swaplab_bad_slots_worked(struct swaplab_store *store, bool write)
{
	struct failures *failures = &store->bad_slots->failures[write];
	unsigned int i;

	/* A failure that is missed is judged by the next transfer. */
	if (likely(!READ_ONCE(failures->nr)))
		return;
	spin_lock(&store->lock);
	for (i = 0; i < failures->nr && failures->nr <= FAILURES_MAX; i++)
		suspect_slot_locked(store, failures->slots[i]);
	WRITE_ONCE(failures->nr, 0);
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
	return store->bad_slots ? 0 : -ENOMEM;
}

/**
 * swaplab_bad_slots_destroy() - undo swaplab_bad_slots_create()
 * @store: no transfer is under way
 */
void swaplab_bad_slots_destroy(struct swaplab_store *store)
{
	kfree(store->bad_slots);
}
