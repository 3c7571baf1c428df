// SPDX-License-Identifier: GPL-2.0
/*
 * Discards tell the device which slots are free, for drives and thin volumes that work
 * better if they know. As with swapon this is off unless asked for: some drives are
 * slow at it.
 *
 * A freed slot is stale until it is taken again or discarded. A second after slots have
 * been freed, a work item looks for long runs of stale slots, because short ones are
 * soon written again. It takes a run, discards it, and gives it back. A task that finds
 * no free slot meanwhile waits for that, so a discard does not make the store full.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include "discard.h"
#include "store.h"

/* Slots in a run: a large write at least, and not so many that others wait long. */
#define DISCARD_MIN		SWAPLAB_IO_PAGES
#define DISCARD_MAX		(16 * SWAPLAB_IO_PAGES)

/* Slots looked at under one hold of the store's lock. */
#define DISCARD_LOOK		4096U

/*
 * Takes the first long run of stale slots from *@next on, as far as it looks, which
 * is where *@next is then; 0 if there is none.
 */
static u32 slots_take_stale(struct swaplab_store *store, u32 *next, u32 *nr)
{
	unsigned long bit = *next - 1, end, limit;
	u32 slot = 0, most;

	spin_lock(&store->lock);
	/* Half of the free slots stay free for writes. */
	most = min((store->nr_slots - store->nr_used) / 2, DISCARD_MAX);
	limit = min_t(unsigned long, bit + DISCARD_LOOK, store->nr_slots);
	for (; bit < limit && most >= DISCARD_MIN; bit = end) {
		bit = find_next_bit(store->stale, limit, bit);
		end = min_t(unsigned long, bit + most, store->nr_slots);
		end = find_next_zero_bit(store->stale, end, bit);
		if (end - bit < DISCARD_MIN)
			continue;
		*nr = end - bit;
		swaplab_store_claim_locked(store, bit, *nr);
		slot = bit + 1;
		limit = end;
	}
	spin_unlock(&store->lock);
	*next = limit + 1;
	return slot;
}

static void slots_give_back(struct swaplab_store *store, u32 slot, u32 nr)
{
	spin_lock(&store->lock);
	swaplab_store_release_locked(store, slot, nr);
	spin_unlock(&store->lock);
	swaplab_store_end_claim(store, nr);
}

static bool discards_are_wanted(struct swaplab_store *store)
{
	return READ_ONCE(store->pool->tunables.discard_slots);
}

static void discard_work(struct work_struct *work)
{
	struct swaplab_store *store = container_of(to_delayed_work(work),
						   struct swaplab_store,
						   discard);
	u32 slot, nr, next = 1;

	while (next <= store->nr_slots && discards_are_wanted(store)) {
		slot = slots_take_stale(store, &next, &nr);
		if (slot) {
			store->ops->discard(store, slot, nr);
			slots_give_back(store, slot, nr);
			swaplab_stat_add(&store->pool->stats, slot_discards, nr);
		}
		cond_resched();
	}
}

/**
 * swaplab_discard_create() - prepare a store, whose device may not know discards
 * @store: being attached; all slots are free, and stale
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_discard_create(struct swaplab_store *store)
{
	INIT_DELAYED_WORK(&store->discard, discard_work);
	if (!store->discards)
		return 0;
	store->stale = kvcalloc(BITS_TO_LONGS(store->nr_slots), sizeof(long),
				GFP_KERNEL);
	if (!store->stale)
		return -ENOMEM;
	bitmap_set(store->stale, 0, store->nr_slots);
	return 0;
}

/**
 * swaplab_discard_destroy() - undo swaplab_discard_create()
 * @store: being closed; no slot is freed any more
 */
void swaplab_discard_destroy(struct swaplab_store *store)
{
	cancel_delayed_work_sync(&store->discard);
	kvfree(store->stale);
}
