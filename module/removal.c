// SPDX-License-Identifier: GPL-2.0
/*
 * Removal of pages from frames. An evicted page can be read again from its slot; a
 * discarded one loses its content and its slot.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "family.h"
#include "frame.h"
#include "mlock.h"
#include "origin.h"
#include "pinned.h"
#include "policy.h"
#include "removal.h"
#include "unmap.h"
#include "working_set.h"
#include "trace.h"

/*
 * Makes sure that the region alone has this page; the folio is locked and unmapped.
 * A PTE that is left has a reference, too. Every other reference could still lead to a
 * write (O_DIRECT takes plain references). get_user_pages_fast() either saw that the PTE
 * is gone or makes this fail. A poisoned page is never recycled.
 *
 * Returns true, and the reference count is 0 until the caller unfreezes it to 1.
 */
static bool freeze_folio(struct folio *folio)
{
	return !folio_test_hwpoison(folio) && folio_ref_freeze(folio, 1);
}

/* A frozen, locked folio is no page's from now on; its next user finds it clean. */
static void unlink_folio(struct folio *folio)
{
	folio->mapping = NULL;
	folio_clear_dirty(folio);
	folio_clear_referenced(folio);
	folio_ref_unfreeze(folio, 1);
	folio_unlock(folio);
}

/* The entry of a page that goes: its slot, or nothing if it was never written. */
static void *make_evicted_entry(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;

	/* In this order, or the pool's peak might miss a page that comes in now. */
	if (frame->slot)
		swaplab_region_count_swapped(region, 1);
	swaplab_region_count_resident(region, -1);
	if (!frame->slot)
		return NULL;
	return swaplab_entry(frame->slot,
			     atomic_fetch_inc(&region->pool->nr_evicted));
}

/* A page that was read ahead goes without a use. */
static void note_wasted(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;

	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_AROUND)
		swaplab_locality_wasted(&region->locality, frame->folio->index);
	else
		swaplab_streams_wasted(&region->streams);
	if (READ_ONCE(region->pool->binding.reads_ahead))
		atomic_inc(&region->pool->binding.nr_ahead_wasted);
}

/**
 * swaplab_removal_evict() - take a page from its frame, if it has no other user
 * @frame: in transit by the caller, not with the policy; its folio locked and
 *	unmapped; its slot has the content of the page if that is clean
 *
 * A fault that finds the page frozen has nothing to do but to look again. So the page
 * is frozen under the xa_lock only, and has another entry, or is not frozen any more,
 * when that is released: such a fault passes the lock once and is done. As for the
 * kernel's own reclaim, preemption is off for that time; where it is not, on PREEMPT_RT,
 * the fault lends its priority to the owner of the lock.
 *
 * A dirty page need not stay frozen while the caller makes it clean: a new user needs a
 * PTE, and for that the folio lock.
 *
 * Return: SWAPLAB_EVICT_DONE, and swaplab_removal_release() has to follow; else the page
 * is as before.
 */
enum swaplab_evict swaplab_removal_evict(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;
	struct swaplab_family *family = region->family;
	enum swaplab_evict result = SWAPLAB_EVICT_DONE;
	struct folio *folio = frame->folio;
	XA_STATE(xas, &region->pages, folio->index);
	bool shared = false;
	void *entry;

	swaplab_family_lock(family);
	xas_lock(&xas);
	if (!freeze_folio(folio)) {
		result = SWAPLAB_EVICT_BUSY;
		goto unlock;
	}
	if (folio_test_dirty(folio)) {
		folio_ref_unfreeze(folio, 1);
		result = SWAPLAB_EVICT_DIRTY;
		goto unlock;
	}
	entry = make_evicted_entry(frame);
	/* A store of nothing clears the mark. */
	if (family) {
		xas_load(&xas);
		shared = xas_get_mark(&xas, SWAPLAB_SHARED);
	}
	/* Replaces an entry, so it needs no memory. */
	xas_store(&xas, entry);
	if (entry)
		xas_clear_mark(&xas, SWAPLAB_RESIDENT);
	trace_page_state(region, folio->index, entry ? SWAPLAB_STATE_SWAPPED :
						       SWAPLAB_STATE_ABSENT);
	/* The region may be gone when the lock is. */
	if (swaplab_working_set_is_on(region->pool))
		swaplab_working_set_evicted(frame);
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_AHEAD &&
	    !folio_test_referenced(folio))
		note_wasted(frame);
unlock:
	xas_unlock(&xas);
	if (shared)
		swaplab_family_follow(family, folio->index, frame, entry);
	swaplab_family_unlock(family);
	return result;
}

/* False if the memory is not there just now. */
static bool copy_out(struct folio *folio, void __user *to)
{
	void *from = kmap_local_folio(folio, 0);
	bool copied = !copy_to_user_nofault(to, from, PAGE_SIZE);

	kunmap_local(from);
	return copied;
}

/* Under the xa_lock, as the next two: its entry is that of the frame; the folio is frozen. */
static int copy_written(struct swaplab_frame *frame, void __user *to, bool *written)
{
	/* One that is clean and has a slot was written to before it was read from there. */
	*written = folio_test_dirty(frame->folio) || frame->slot;
	return *written && !copy_out(frame->folio, to) ? -EFAULT : 0;
}

static void make_absent(struct swaplab_frame *frame, struct xa_state *xas)
{
	struct swaplab_region *region = frame->region;

	xas_store(xas, NULL);
	swaplab_region_count_resident(region, -1);
	trace_page_state(region, frame->folio->index, SWAPLAB_STATE_ABSENT);
}

/* Its content is its pager's: from now on it is dropped like a page that was not written to. */
static void make_readonly(struct swaplab_frame *frame)
{
	atomic_or(SWAPLAB_FRAME_READONLY, &frame->flags);
	folio_clear_dirty(frame->folio);
	folio_ref_unfreeze(frame->folio, 1);
}

/**
 * swaplab_removal_revoke() - take a page back, and copy what was written to it
 * @frame: in transit by the caller, and of a region without a family; its folio locked and
 *	unmapped; not with the policy, unless it stays
 * @origin: that the page is to have
 * @to: address in the memory of this task, for a page
 * @written: set to whether the page was copied: its content is not that of its origin
 * @keeps: the page becomes read-only, and the caller frees its slot; or else it becomes absent, and
 *	swaplab_removal_release() has to follow
 *
 * Return: 0; -EBUSY if the page has other users; -EIO if its memory is bad; -EAGAIN if it has
 * another origin; -EFAULT if the memory at @to is not there just now. After an error the page is as
 * before.
 */
int swaplab_removal_revoke(struct swaplab_frame *frame, const struct swaplab_origin *origin,
			   void __user *to, bool *written, bool keeps)
{
	struct swaplab_region *region = frame->region;
	struct folio *folio = frame->folio;
	XA_STATE(xas, &region->pages, folio->index);
	int err = -EBUSY;

	if (folio_test_hwpoison(folio))
		return -EIO;
	xas_lock(&xas);
	if (!freeze_folio(folio))
		goto unlock;
	err = swaplab_origin_is(region, folio->index, origin) ?
		      copy_written(frame, to, written) : -EAGAIN;
	if (err) {
		folio_ref_unfreeze(folio, 1);
		goto unlock;
	}
	if (keeps)
		make_readonly(frame);
	else
		make_absent(frame, &xas);
unlock:
	xas_unlock(&xas);
	return err;
}

/**
 * swaplab_removal_release() - end the transit of a frame whose page was evicted or revoked
 * @frame: of swaplab_removal_evict() or swaplab_removal_revoke(); afterwards no region knows it,
 *	and the caller puts it back; its region may be gone by now
 */
void swaplab_removal_release(struct swaplab_frame *frame)
{
	unlink_folio(frame->folio);
	swaplab_region_settle(frame, 0);
}

/*
 * Locks the folios of a run and takes them out of page tables. What lies between its pages
 * has no frame, but for pages that came in meanwhile. A page without a PTE gets none as
 * long as its folio is locked.
 */
static void run_isolate(struct swaplab_run *run)
{
	pgoff_t first = ULONG_MAX, last = 0;
	unsigned int i;

	for (i = 0; i < run->nr; i++) {
		struct folio *folio = run->frames[i]->folio;

		/* folio_lock() is a point of rescheduling, too: one a run is enough. */
		if (!folio_trylock(folio))
			folio_lock(folio);
		if (!folio_mapcount(folio))
			continue;
		first = min(first, folio->index);
		last = folio->index;
	}
	if (first <= last)
		swaplab_unmap_pages(run->region, first, last - first + 1);
}

/* The slots of absent pages: of those that were in frames, too. */
static void run_free_slots(struct swaplab_run *run)
{
	unsigned int i;

	for (i = 0; i < run->nr; i++)
		if (run->frames[i]->slot)
			run->slots[run->nr_slots++] = run->frames[i]->slot;
	swaplab_region_free_slots(run->region, run->slots, run->nr_slots);
}

/*
 * The frames have no page any more, and locked folios. Those that are in use stay held.
 * The others are in transit until they are put back, which clears all flags.
 */
static void run_release(struct swaplab_run *run)
{
	struct swaplab_pool *pool = run->region->pool;
	unsigned int i, nr = 0;

	for (i = 0; i < run->nr; i++) {
		struct swaplab_frame *frame = run->frames[i];

		if (freeze_folio(frame->folio)) {
			unlink_folio(frame->folio);
			run->frames[nr++] = frame;
		} else {
			frame->folio->mapping = NULL;
			folio_unlock(frame->folio);
			swaplab_region_settle(frame, 0);
			swaplab_pinned_add(pool, frame);
		}
	}
	if (nr)
		swaplab_frame_put_some(pool, run->frames, nr);
	swaplab_region_wake(run->region, run->frames, nr);
	run->nr = 0;
}

/*
 * Leaves the page of a frame to others that have it, too. It is locked until the entry is
 * gone, so no fault maps it here again. At the end of a process no VMA of the region is left
 * to unmap it from. A VMA that comes while this looks has no PTE of the page, and gets none
 * without the folio lock.
 */
static void leave_frame(struct swaplab_region *region, struct swaplab_frame *frame)
{
	struct folio *folio = frame->folio;

	folio_lock(folio);
	if (READ_ONCE(region->nr_vmas) && folio_mapped(folio))
		swaplab_unmap_pages(region, folio->index, 1);
	trace_page_state(region, folio->index, SWAPLAB_STATE_ABSENT);
	swaplab_family_leave(region, frame, NULL);
	folio_unlock(folio);
	swaplab_region_settle(frame, 0);
}

/* Only those frames stay in the run that no other region has. */
static void leave_shared(struct swaplab_run *run)
{
	unsigned int i, nr = 0;

	for (i = 0; i < run->nr; i++) {
		struct swaplab_frame *frame = run->frames[i];

		if (swaplab_family_shares(run->region, frame->folio->index, frame))
			leave_frame(run->region, frame);
		else
			run->frames[nr++] = frame;
	}
	run->nr = nr;
}

static void discard_frames(struct swaplab_run *run)
{
	swaplab_policy_forget(run->region->pool, run->frames, run->nr, SWAPLAB_REASON_DISCARD);
	swaplab_mlock_clear(run);
	run_isolate(run);
	swaplab_run_erase(run);
}

/**
 * swaplab_removal_discard() - make the next pages of a region absent
 * @run: of swaplab_run_init(), or of the last call
 * @last: index of the last page
 *
 * Afterwards run->more tells whether there are more pages. If run->busy is set, the next
 * one is in transit by another task, for which the caller may wait.
 */
void swaplab_removal_discard(struct swaplab_run *run, pgoff_t last)
{
	struct swaplab_family *family = run->region->family;

	if (family)
		down_read(&family->forking);
	swaplab_run_take(run, last);
	swaplab_policy_forget_swapped(run->region, run->gone, run->nr_slots);
	if (family)
		leave_shared(run);
	if (run->nr)
		discard_frames(run);
	run_free_slots(run);
	if (run->nr)
		run_release(run);
	if (family)
		up_read(&family->forking);
}

/* False if pages are left that were in transit until the deadline, in jiffies. */
static bool discard_until(struct swaplab_region *region, unsigned long deadline)
{
	struct swaplab_run run;
	bool complete = true;

	swaplab_run_init(&run, region, 0);
	while (run.more) {
		swaplab_removal_discard(&run, ULONG_MAX);
		if (run.busy && !swaplab_run_wait_until(&run, deadline))
			complete = false;
		cond_resched();
	}
	return complete;
}

/**
 * swaplab_removal_discard_all() - make all pages of a region absent
 * @region: nothing maps it, so no fault runs; I/O on its pages may, and is waited for
 * @patience: for so long, in jiffies
 *
 * Return: false if there is I/O that takes longer: then only the pages with I/O are
 * left, for the next call.
 */
bool swaplab_removal_discard_all(struct swaplab_region *region, long patience)
{
	/* First discards all pages that need no wait. */
	return discard_until(region, jiffies) ||
	       discard_until(region, jiffies + patience);
}

static bool page_is_mlocked(struct swaplab_region *region, pgoff_t index)
{
	unsigned int flags;

	swaplab_region_peek(region, index, &flags);
	return flags & SWAPLAB_FRAME_MLOCKED;
}

/**
 * swaplab_removal_check_mlocked() - is a page of a range mlocked?
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * Return: 0; -EBUSY if one is; -EINTR after a fatal signal.
 */
int swaplab_removal_check_mlocked(struct swaplab_region *region, pgoff_t first,
				  pgoff_t last)
{
	unsigned long index;
	void *entry;

	if (!atomic_long_read(&region->nr_mlocked))
		return 0;
	xa_for_each_range(&region->pages, index, entry, first, last) {
		if (page_is_mlocked(region, index))
			return -EBUSY;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * swaplab_removal_discard_range() - make the pages of a range absent
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * Waits for pages in transit.
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_removal_discard_range(struct swaplab_region *region, pgoff_t first,
				  pgoff_t last)
{
	struct swaplab_run run;
	int err = 0;

	swaplab_run_init(&run, region, first);
	while (!err && run.more) {
		swaplab_removal_discard(&run, last);
		if (run.busy)
			err = swaplab_run_wait(&run);
		else if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}
