// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that move from one region to another: in their frames or as their slots, without a
 * copy.
 *
 * Both entries change in one hold of both xa_locks. So no task that looks at an entry under
 * its lock finds the page in two regions or in none. The target has to be absent, and
 * is looked at in the same hold: a touch that fills it with zeros comes before, and the
 * page stays where it is, or after, and finds the page.
 *
 * The xa_locks of two regions are taken in the order of the regions' addresses. A task has
 * one page in transit and one folio lock at a time, and has none while it waits for another
 * transit. So tasks that move pages in opposite directions do not wait for each other.
 *
 * A page in a frame is in transit, its folio is locked and unmapped, and the reference
 * count is frozen while the entries, the mapping and the index change:
 *
 * - A fault that has found the frame, in either region, cannot get a reference until both
 *   entries are right, and passes one of the xa_locks. One that has got its reference in
 *   time makes the freeze fail.
 * - A fault that waits for the folio lock has a reference, and would make the freeze fail
 *   each time. So faults do not come that far: MOVING, set before the folio lock is taken,
 *   makes them wait for the end of the transit without a reference. Those that were there
 *   before see it under the folio lock, and leave. What is left after some tries is a pin.
 * - Look-ups without a lock may find the frame in both regions, or in none. Before such a
 *   task uses the page it locks the folio, where it compares mapping, index and entry.
 * - A discard, the daemon and another move need the transit, and look at the entry again
 *   when it has ended. The policy does not have the frame meanwhile.
 *
 * A swapped page has no transit. What reads it in replaces the entry under the xa_lock, if
 * it is what it was. So it has the page in the old region before the move, which
 * then finds a frame, or fails there and finds the page in the new one.
 *
 * The frame, its dirty flag and its slot stay what they are. A clean page without a slot
 * was never written to and is zeros, as an absent page of the target is. So a region with
 * origins takes no part: its absent pages are not zeros, and such a page may not be either.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include "move.h"
#include "origin.h"
#include "policy.h"
#include "unmap.h"
#include "trace.h"

/* How often references are looked at before they are taken for those of a pin. */
#define PIN_TRIES	20

static pgoff_t from_index(const struct swaplab_moving *moving)
{
	return moving->first + moving->done;
}

static pgoff_t to_index(const struct swaplab_moving *moving)
{
	return moving->to_first + moving->done;
}

static void lock_both(struct swaplab_region *a, struct swaplab_region *b)
	__acquires(&a->pages.xa_lock) __acquires(&b->pages.xa_lock)
{
	if (a > b)
		swap(a, b);
	xa_lock(&a->pages);
	if (a != b)
		xa_lock_nested(&b->pages, SINGLE_DEPTH_NESTING);
	else
		__acquire(&b->pages);
}

static void unlock_both(struct swaplab_region *a, struct swaplab_region *b)
	__releases(&a->pages.xa_lock) __releases(&b->pages.xa_lock)
{
	if (a != b)
		xa_unlock(&a->pages);
	else
		__release(&a->pages);
	xa_unlock(&b->pages);
}

static void count_resident(struct swaplab_moving *moving)
{
	swaplab_region_add_resident(moving->from, -1);
	swaplab_region_add_resident(moving->to, 1);
	swaplab_stat_inc(&moving->to->pool->stats, moves);
	trace_page_state(moving->from, from_index(moving), SWAPLAB_STATE_ABSENT);
	trace_page_state(moving->to, to_index(moving), SWAPLAB_STATE_RESIDENT);
}

static void count_swapped(struct swaplab_moving *moving)
{
	atomic_long_dec(&moving->from->nr_swapped);
	atomic_long_inc(&moving->to->nr_swapped);
	swaplab_stat_inc(&moving->to->pool->stats, moves);
	trace_page_state(moving->from, from_index(moving), SWAPLAB_STATE_ABSENT);
	trace_page_state(moving->to, to_index(moving), SWAPLAB_STATE_SWAPPED);
}

/**
 * swaplab_move_has_origin() - is one of the regions backed by a file?
 * @moving: its regions
 *
 * Under both xa_locks the answer stays the same; else it may only become true.
 */
bool swaplab_move_has_origin(const struct swaplab_moving *moving)
{
	return swaplab_origin_has_any(moving->from) ||
	       swaplab_origin_has_any(moving->to);
}

/* Moves an entry of the source to the target's, under both locks. */
static bool replace_entries(struct swaplab_moving *moving, struct xa_state *to,
			    void *entry)
{
	xas_store(to, entry);
	if (xas_error(to))
		return false;
	if (swaplab_entry_is_frame(entry))
		xas_set_mark(to, SWAPLAB_RESIDENT);
	__xa_erase(&moving->from->pages, from_index(moving));
	return true;
}

static int move_frame_locked(struct swaplab_moving *moving, struct xa_state *to,
			     struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	if (swaplab_move_has_origin(moving))
		return -EINVAL;
	if (xas_load(to))
		return -EEXIST;
	if (folio_test_hwpoison(folio) || !folio_ref_freeze(folio, 1))
		return -EBUSY;
	if (replace_entries(moving, to, frame)) {
		WRITE_ONCE(frame->region, moving->to);
		folio->mapping = moving->to->inode->i_mapping;
		folio->index = to_index(moving);
		count_resident(moving);
	}
	folio_ref_unfreeze(folio, 1);
	return xas_error(to);
}

/* The folio is locked, and has no PTE. */
static int move_unmapped(struct swaplab_moving *moving, struct swaplab_frame *frame)
{
	XA_STATE(to, &moving->to->pages, to_index(moving));
	int err;

	do {
		lock_both(moving->from, moving->to);
		err = move_frame_locked(moving, &to, frame);
		unlock_both(moving->from, moving->to);
		/* Frees what is left over, too: xas_destroy() is not exported. */
	} while (xas_nomem(&to, GFP_KERNEL));
	return err;
}

/* The frame is in transit by the caller, and MOVING. */
static int move_frame(struct swaplab_moving *moving, struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;
	unsigned int tries = 0;
	int err;

	for (;;) {
		folio_lock(folio);
		if (folio_mapped(folio))
			swaplab_unmap_pages(moving->from, from_index(moving), 1);
		err = move_unmapped(moving, frame);
		folio_unlock(folio);
		if (err != -EBUSY || ++tries == PIN_TRIES)
			return err;
		/* A munmap() that has not flushed yet has a reference for a moment. */
		usleep_range(20, 50);
	}
}

static int move_resident(struct swaplab_moving *moving, struct swaplab_frame *frame)
{
	struct swaplab_pool *pool = moving->to->pool;
	int err;

	err = swaplab_region_claim(moving->from, from_index(moving), frame);
	if (err == -EBUSY)
		return swaplab_region_wait(moving->from, from_index(moving), frame,
					   SWAPLAB_FRAME_TRANSIT) ?: -EAGAIN;
	if (err)
		return err;
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_MLOCKED) {
		swaplab_region_settle(frame, 0);
		return -EBUSY;
	}
	/* It belongs to no stream of its new region. */
	atomic_andnot(SWAPLAB_FRAME_AHEAD | SWAPLAB_FRAME_AROUND, &frame->flags);
	atomic_or(SWAPLAB_FRAME_MOVING, &frame->flags);
	swaplab_policy_forget(pool, &frame, 1, SWAPLAB_REASON_MOVE);
	err = move_frame(moving, frame);
	swaplab_policy_readmit(pool, &frame, 1, SWAPLAB_REASON_MOVE);
	swaplab_region_settle(frame, SWAPLAB_FRAME_MOVING);
	return err;
}

static int move_swapped_locked(struct swaplab_moving *moving, struct xa_state *to,
			       void *entry)
{
	if (swaplab_move_has_origin(moving))
		return -EINVAL;
	if (xa_load(&moving->from->pages, from_index(moving)) != entry)
		return -EAGAIN;
	if (xas_load(to))
		return -EEXIST;
	if (replace_entries(moving, to, entry))
		count_swapped(moving);
	return xas_error(to);
}

static int move_swapped(struct swaplab_moving *moving, void *entry)
{
	XA_STATE(to, &moving->to->pages, to_index(moving));
	pgoff_t index = from_index(moving);
	int err;

	do {
		lock_both(moving->from, moving->to);
		err = move_swapped_locked(moving, &to, entry);
		unlock_both(moving->from, moving->to);
	} while (xas_nomem(&to, GFP_KERNEL));
	if (!err)
		swaplab_policy_forget_swapped(moving->from, &index, 1);
	return err;
}

/* 0; -EAGAIN: the page has changed meanwhile; or another error. */
static int move_page(struct swaplab_moving *moving)
{
	void *entry = swaplab_region_load(moving->from, from_index(moving));

	if (!entry)
		return -EAGAIN;
	if (!swaplab_region_make_room(moving->to, moving->file, to_index(moving)))
		return -ENOSPC;
	return swaplab_entry_is_frame(entry) ? move_resident(moving, entry) :
					       move_swapped(moving, entry);
}

/*
 * Goes on to the next page that is not absent. One that is absent on both sides has
 * moved. -EEXIST at a page that is not absent in the target.
 */
static int skip_absent(struct swaplab_moving *moving)
{
	unsigned long from = from_index(moving), to = to_index(moving);
	unsigned long nr = moving->nr;

	if (xa_find(&moving->from->pages, &from, moving->first + nr - 1, XA_PRESENT))
		nr = from - moving->first;
	if (xa_find(&moving->to->pages, &to, moving->to_first + moving->nr - 1,
		    XA_PRESENT) && to - moving->to_first <= nr) {
		moving->done = to - moving->to_first;
		return -EEXIST;
	}
	moving->done = nr;
	return 0;
}

/**
 * swaplab_move() - move pages to where there are none
 * @moving: the pages; moving->done is counted up
 *
 * Return: 0 if all have moved; else the error of page moving->done: -EEXIST if the target
 * has a page there, -EBUSY if it is mlocked or pinned, -ENOSPC if the target may not have
 * it, -EINVAL if one of the regions is backed by a file, -ENOMEM, or -EINTR after a fatal
 * signal.
 */
int swaplab_move(struct swaplab_moving *moving)
{
	int err = 0;

	while (!err) {
		err = skip_absent(moving);
		if (err || moving->done == moving->nr)
			break;
		err = move_page(moving);
		if (!err)
			moving->done++;
		else if (err == -EAGAIN)
			err = 0;
		if (!err && moving->done < moving->nr && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}
