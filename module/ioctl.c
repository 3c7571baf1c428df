// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on ranges of pages. Each goes from page to page, owning one at a
 * time, and gives way to fatal signals.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/swaplab.h>
#include <linux/uaccess.h>
#include "frame.h"
#include "pte.h"
#include "mlock.h"
#include "pagein.h"
#include "policy.h"
#include "removal.h"
#include "ioctl.h"
#include "user.h"

static bool is_locked(void *entry)
{
	return swaplab_entry_is_frame(entry) && swaplab_frame_is_mlocked(entry);
}

static bool has_locked(struct swaplab_region *region, pgoff_t first,
		       pgoff_t last)
{
	unsigned long index;
	void *entry;

	if (!atomic_long_read(&region->nr_mlocked))
		return false;
	xa_for_each_range(&region->pages, index, entry, first, last)
		if (is_locked(entry))
			return true;
	return false;
}

static int discard_page(struct swaplab_region *region, pgoff_t index)
{
	void *entry;

	do {
		entry = swaplab_region_claim(region, index);
		if (IS_ERR(entry))
			return PTR_ERR(entry);
		if (swaplab_entry_is_frame(entry)) {
			swaplab_removal_discard(entry);
			return 0;
		}
	} while (entry && !swaplab_removal_discard_slot(region, index, entry));
	return 0;
}

/**
 * swaplab_range_discard() - make pages absent
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * Return: 0, -EBUSY if one of them is locked, -EINTR after a fatal signal.
 */
int swaplab_range_discard(struct swaplab_region *region, pgoff_t first,
			  pgoff_t last)
{
	unsigned long index;
	void *entry;
	int err;

	if (has_locked(region, first, last))
		return -EBUSY;
	/* One flush for all; pages touched again meanwhile cost their own. */
	swaplab_pte_unmap(region, first, last - first + 1);
	xa_for_each_range(&region->pages, index, entry, first, last) {
		err = discard_page(region, index);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static u8 state_of(void *entry)
{
	struct swaplab_frame *frame = entry;
	unsigned int flags;
	struct folio *folio;
	u8 state = 0;

	if (!entry)
		return 0;
	if (xa_is_value(entry))
		return SWAPLAB_PAGE_SWAPPED;
	flags = atomic_read(&frame->flags);
	if (flags & SWAPLAB_FRAME_TRANSIT)
		state |= SWAPLAB_PAGE_TRANSIT;
	if (flags & SWAPLAB_FRAME_READING)
		return state | SWAPLAB_PAGE_SWAPPED;
	state |= SWAPLAB_PAGE_RESIDENT;
	if (flags & SWAPLAB_FRAME_MLOCKED)
		state |= SWAPLAB_PAGE_LOCKED;
	if (flags & SWAPLAB_FRAME_REFERENCED)
		state |= SWAPLAB_PAGE_REFERENCED;
	/* The frame may be another page's by now; its flags are harmless. */
	folio = READ_ONCE(frame->folio);
	if (folio && folio_test_dirty(folio))
		state |= SWAPLAB_PAGE_DIRTY;
	return state;
}

/**
 * swaplab_range_states() - tell the states of pages
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @states: where to put one byte a page
 *
 * Return: 0, -EFAULT, or -EINTR after a fatal signal.
 */
int swaplab_range_states(struct swaplab_region *region, pgoff_t first,
			 pgoff_t last, u8 __user *states)
{
	u8 some[256];
	pgoff_t index = first;
	unsigned int nr;

	swaplab_pte_collect_dirty(region, first, last);
	while (index <= last) {
		for (nr = 0; nr < sizeof(some) && index <= last; nr++, index++)
			some[nr] = state_of(swaplab_region_load(region, index));
		if (copy_to_user(states, some, nr))
			return -EFAULT;
		states += nr;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Brings one page in; it may be gone again when this returns 0. */
static int bring_in(struct swaplab_region *region, pgoff_t index, void *entry)
{
	struct swaplab_frame *frame;
	struct swaplab_io *io;
	int err;

	if (!entry && !swaplab_region_make_room(region, index))
		return -ENOSPC;
	frame = swaplab_frame_take(region->pool,
				   GFP_USER | (entry ? 0 : __GFP_ZERO));
	if (IS_ERR(frame))
		return PTR_ERR(frame);
	if (!frame) {
		err = swaplab_frame_wait(region->pool);
		return err == -ENOSPC ? -ENOMEM : err;
	}
	if (!entry) {
		err = swaplab_pagein_zero(region, index, frame, GFP_KERNEL);
		return err == -EEXIST ? 0 : err;
	}
	io = swaplab_pagein_start(region, index, entry, frame);
	err = IS_ERR(io) ? PTR_ERR(io) : swaplab_pagein_finish(io);
	return err == -EAGAIN ? 0 : err;
}

/* Within what the caller may have locked in the regions of its user. */
static int lock_frame(struct swaplab_frame *frame)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	int err = swaplab_mlock_set(frame, limit);

	if (err && capable(CAP_IPC_LOCK))
		err = swaplab_mlock_set(frame, ULONG_MAX);
	return err;
}

/* Locks one page: 1 if it was not locked before, 0 if it was. */
static int lock_page_in(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_frame *frame;
	bool was_locked;
	void *entry;
	int err;

	for (;;) {
		entry = swaplab_region_claim(region, index);
		if (IS_ERR(entry))
			return PTR_ERR(entry);
		if (swaplab_entry_is_frame(entry))
			break;
		err = bring_in(region, index, entry);
		if (err)
			return err;
	}
	frame = entry;
	was_locked = is_locked(frame);
	err = lock_frame(frame);
	swaplab_region_settle(frame, 0);
	return err ? err : !was_locked;
}

static void unlock_page_in(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_frame *frame = swaplab_region_claim_mlocked(region, index);

	if (!frame)
		return;
	swaplab_mlock_clear(frame);
	swaplab_policy_admit(region->pool, frame);
	swaplab_region_settle(frame, 0);
}

/**
 * swaplab_range_mlock() - bring pages in and keep them
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * Return: 0, or -ENOMEM, -ENOSPC (beyond static slots), -EIO or -EINTR, and
 * then no page is locked that was not before.
 */
int swaplab_range_mlock(struct swaplab_region *region, pgoff_t first,
			pgoff_t last)
{
	unsigned long nr = last - first + 1, i, bit;
	unsigned long *locked;
	int err = 0;

	if (nr > READ_ONCE(region->pool->nr_frames))
		return -ENOMEM;
	locked = bitmap_zalloc(nr, GFP_KERNEL);
	if (!locked)
		return -ENOMEM;
	for (i = 0; i < nr && err >= 0; i++) {
		err = lock_page_in(region, first + i);
		if (err > 0)
			__set_bit(i, locked);
		cond_resched();
	}
	if (err < 0)
		for_each_set_bit(bit, locked, nr)
			unlock_page_in(region, first + bit);
	bitmap_free(locked);
	return min(err, 0);
}

/**
 * swaplab_range_munlock() - let pages be evicted again
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_range_munlock(struct swaplab_region *region, pgoff_t first,
			  pgoff_t last)
{
	unsigned long index;
	void *entry;

	xa_for_each_range(&region->pages, index, entry, first, last) {
		if (is_locked(entry))
			unlock_page_in(region, index);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * swaplab_range_nr_dirty() - resident pages that are newer than the store
 * @region: the region
 */
unsigned long swaplab_range_nr_dirty(struct swaplab_region *region)
{
	unsigned long index, nr = 0;
	void *entry;

	swaplab_pte_collect_dirty(region, 0, ULONG_MAX);
	xa_for_each_marked(&region->pages, index, entry, SWAPLAB_RESIDENT) {
		nr += !!(state_of(entry) & SWAPLAB_PAGE_DIRTY);
		cond_resched();
	}
	return nr;
}

/**
 * swaplab_range_metadata() - bytes that the region itself occupies
 * @region: the region
 *
 * Counts the region and the leaves of its tree of pages; frames are the pool's.
 */
size_t swaplab_range_metadata(struct swaplab_region *region)
{
	size_t size = sizeof(*region);
	unsigned long index = 0;

	while (xa_find(&region->pages, &index, ULONG_MAX, XA_PRESENT)) {
		size += sizeof(struct xa_node);
		if (index >= ULONG_MAX - XA_CHUNK_SIZE)
			break;
		index = (index | XA_CHUNK_MASK) + 1;
		cond_resched();
	}
	return size;
}
