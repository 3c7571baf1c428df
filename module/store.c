// SPDX-License-Identifier: GPL-2.0
/*
 * Slots and transfers. Free slots are found next-fit, so that one batch of
 * victims lies together and writing sweeps over the device.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/blkdev.h>
#include <linux/mm.h>
#include "store.h"

/* Lazily: most of what is freed in small pieces is written again soon. */
#define DISCARD_DELAY	HZ

/* One slot in so many is retired at most. */
#define BAD_SHARE	8

/* Marks @nr slots from bit @bit as taken; the bit of slot s is s - 1. */
static u32 mark_used(struct swaplab_store *store, unsigned long bit, u32 nr)
{
	lockdep_assert_held(&store->lock);
	bitmap_set(store->used, bit, nr);
	if (store->stale)
		bitmap_clear(store->stale, bit, nr);
	store->nr_used += nr;
	return bit + 1;
}

static u32 try_take(struct swaplab_store *store, u32 want, u32 *got)
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
	slot = mark_used(store, bit, *got);
unlock:
	spin_unlock(&store->lock);
	return slot;
}

/*
 * Waits for a discard to end. True if one has ended since @nr_ended was read from
 * the store, before the caller looked in vain: what it gave back was not there then.
 * False also after a fatal signal.
 */
static bool wait_for_discard(struct swaplab_store *store, u32 nr_ended)
{
	if (wait_event_killable(store->discard_wait,
				!READ_ONCE(store->nr_discarding)))
		return false;
	smp_rmb(); /* of give_back()'s two writes, the one that comes first */
	return READ_ONCE(store->nr_discards_ended) != nr_ended;
}

/**
 * swaplab_store_take() - take neighbouring free slots
 * @store: the store
 * @want: how many would be best, not 0
 * @got: how many they are: 1 to @want
 *
 * Takes what lies free from the next free slot on, in the order of the device. May
 * have to wait until slots have been discarded: of the free ones half at most are.
 *
 * Return: the first, or 0 if the store is full.
 */
u32 swaplab_store_take(struct swaplab_store *store, u32 want, u32 *got)
{
	u32 slot, nr_ended;

	do {
		nr_ended = READ_ONCE(store->nr_discards_ended);
		slot = try_take(store, want, got);
	} while (!slot && wait_for_discard(store, nr_ended));
	return slot;
}

static u32 try_reserve(struct swaplab_store *store, u32 nr)
{
	unsigned long bit;
	u32 slot = 0;

	spin_lock(&store->lock);
	bit = bitmap_find_next_zero_area(store->used, store->nr_slots, 0, nr,
					 0);
	if (bit < store->nr_slots)
		slot = mark_used(store, bit, nr);
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
		slot = try_reserve(store, nr);
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
		mark_used(store, bit, 1);
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
	if (store->stale)
		bitmap_set(store->stale, slot - 1, nr);
	swaplab_store_release_locked(store, slot, nr);
	spin_unlock(&store->lock);
	if (store->stale && READ_ONCE(store->pool->tunables.discard_slots) &&
	    !delayed_work_pending(&store->discard))
		queue_delayed_work(system_freezable_wq, &store->discard,
				   DISCARD_DELAY);
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
		mark_used(store, slot - 1, 1);
	return true;
}

/**
 * swaplab_store_rewind() - take this slot next, if it is free then
 * @store: the store
 * @slot: the first of a transfer that failed
 *
 * Its pages are written one by one next time. In the same slots, that tells which
 * of them is bad.
 */
void swaplab_store_rewind(struct swaplab_store *store, u32 slot)
{
	spin_lock(&store->lock);
	store->next = slot - 1;
	spin_unlock(&store->lock);
}

/**
 * swaplab_store_extent() - the extent that a slot is in
 * @store: the store
 * @slot: 1 to @store->nr_slots
 */
const struct swaplab_extent *swaplab_store_extent(struct swaplab_store *store,
						  u32 slot)
{
	unsigned int first = 0, last = store->nr_extents - 1;

	while (first < last) {
		unsigned int middle = (first + last + 1) / 2;

		if (store->extents[middle].slot <= slot)
			first = middle;
		else
			last = middle - 1;
	}
	return &store->extents[first];
}

/**
 * swaplab_store_sector() - where a slot begins on the device
 * @store: the store
 * @slot: 1 to @store->nr_slots
 */
sector_t swaplab_store_sector(struct swaplab_store *store, u32 slot)
{
	const struct swaplab_extent *extent = swaplab_store_extent(store, slot);

	return extent->sector +
	       ((sector_t)(slot - extent->slot) << PAGE_SECTORS_SHIFT);
}

/**
 * swaplab_io_init() - begin a transfer
 * @io: idle
 * @store: the store
 * @slot: of the first page
 * @opf: REQ_OP_READ or REQ_OP_WRITE
 */
void swaplab_io_init(struct swaplab_io *io, struct swaplab_store *store,
		     u32 slot, blk_opf_t opf)
{
	atomic_set(&io->state, 0);
	io->nr = 0;
	bio_init(&io->bio, store->bdev, io->vecs, SWAPLAB_IO_PAGES,
		 opf | REQ_SWAP);
	io->bio.bi_iter.bi_sector = swaplab_store_sector(store, slot);
	io->bio.bi_private = io;
}

/* Does @slot lie on the device right behind what the transfer has? */
static bool io_continues(struct swaplab_io *io, struct swaplab_store *store,
			 u32 slot)
{
	return swaplab_store_sector(store, slot) == bio_end_sector(&io->bio);
}

/**
 * swaplab_io_add() - add a page to a transfer
 * @io: begun
 * @store: the store
 * @frame: in transit, with its slot
 *
 * Return: false if the transfer is full or the page lies elsewhere.
 */
bool swaplab_io_add(struct swaplab_io *io, struct swaplab_store *store,
		    struct swaplab_frame *frame)
{
	if (io->nr == SWAPLAB_IO_PAGES || !io_continues(io, store, frame->slot))
		return false;
	__bio_add_page(&io->bio, folio_page(frame->folio, 0), PAGE_SIZE, 0);
	io->frames[io->nr++] = frame;
	return true;
}

/**
 * swaplab_io_submit() - send a transfer to the device
 * @io: with at least one page
 * @end_io: called when it is done, possibly in interrupt context
 */
void swaplab_io_submit(struct swaplab_io *io, bio_end_io_t *end_io)
{
	io->bio.bi_end_io = end_io;
	submit_bio(&io->bio);
}
