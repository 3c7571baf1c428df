// SPDX-License-Identifier: GPL-2.0
/*
 * Runs: some pages of a region, in order, whose state one task changes together: each lock
 * that the steps need is taken once for all of them.
 *
 * A run claims its pages by trying. It ends before the first page that is in transit by
 * another task, and its owner finishes the run before it waits for that page. So a task
 * that waits for a transit holds none, and two tasks that claim runs of the same pages, in
 * any order, do not wait for each other.
 *
 * The owner of a run may lock the folios of all its pages, and may sleep for each of
 * these locks. No other task does that: a fault sleeps for a folio lock only while it has
 * no other one, and only tries those of the pages around its own; reclaim only tries.
 * The owners of two runs have no page in common. So the task that an owner waits for has
 * one folio lock at most that it slept for, and waits for no other and for no transit.
 */
#include "family.h"
#include "frame.h"
#include "run.h"
#include "trace.h"

/**
 * swaplab_run_init() - prepare to go through pages of a region
 * @run: to be filled in
 * @region: the region
 * @first: index of the first page
 */
void swaplab_run_init(struct swaplab_run *run, struct swaplab_region *region,
		      pgoff_t first)
{
	run->region = region;
	run->next = first;
	run->more = true;
	run->busy = NULL;
	run->nr = 0;
	run->nr_slots = 0;
	run->nr_shared = 0;
}

/* Forgets the pages of the last run. */
static void run_begin(struct swaplab_run *run)
{
	run->more = false;
	run->busy = NULL;
	run->nr = 0;
	run->nr_slots = 0;
	run->nr_shared = 0;
}

/* Adds the page of a frame, which is the entry at run->next; false if it is busy. */
static __always_inline bool run_add_frame(struct swaplab_run *run,
					  struct swaplab_frame *frame)
{
	if (atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
	    SWAPLAB_FRAME_TRANSIT) {
		run->busy = frame;
		return false;
	}
	run->frames[run->nr++] = frame;
	return true;
}

/* Entries in the leaf of the tree in which @xas stands; 0: in no leaf. */
static unsigned int leaf_count(struct xa_state *xas)
{
	struct xa_node *node = xas->xa_node;

	return xas_not_node(node) || node->shift ? 0 : node->count;
}

/* One store of nothing to a whole leaf is far cheaper than one to each of its entries. */
static void leaf_erase(struct swaplab_region *region, pgoff_t index)
{
	XA_STATE_ORDER(xas, &region->pages, index, XA_CHUNK_SHIFT);

	xas_store(&xas, NULL);
}

/* Erases the @nr values among the entries from @first to @last, of one leaf. */
static void leaf_erase_values(struct swaplab_region *region, pgoff_t first,
			      pgoff_t last, unsigned int nr)
{
	XA_STATE(xas, &region->pages, first);
	void *entry;

	xas_load(&xas);
	if (leaf_count(&xas) == nr) {
		leaf_erase(region, first);
		return;
	}
	xas_set(&xas, first);
	xas_for_each(&xas, entry, last)
		if (xa_is_value(entry))
			xas_store(&xas, NULL);
}

/* Takes the slot of a swapped page, if no other region has it, too. */
static void run_add_slot(struct swaplab_run *run, pgoff_t index, void *entry)
{
	if (entry == SWAPLAB_LOST ||
	    swaplab_family_has_other(run->region, index, entry)) {
		run->nr_shared++;
	} else {
		run->gone[run->nr_slots] = index;
		run->slots[run->nr_slots++] = swaplab_entry_slot(entry);
	}
	trace_page_state(run->region, index, SWAPLAB_STATE_ABSENT);
}

/* Takes the pages of a leaf; the run has room for all of them. */
static void run_take_leaf(struct swaplab_run *run, pgoff_t last)
{
	XA_STATE(xas, &run->region->pages, run->next);
	unsigned int nr = run->nr_slots + run->nr_shared;
	pgoff_t first = run->next;
	void *entry;

	xas_for_each(&xas, entry, last) {
		run->next = xas.xa_index;
		if (!xa_is_value(entry)) {
			if (!run_add_frame(run, entry))
				break;
			continue;
		}
		run_add_slot(run, xas.xa_index, entry);
	}
	nr = run->nr_slots + run->nr_shared - nr;
	if (nr)
		leaf_erase_values(run->region, first, run->next, nr);
}

/**
 * swaplab_run_take() - take the next pages, to discard them
 * @run: of swaplab_run_init(), or of the last call and finished
 * @last: index of the last page
 *
 * Claims those that are in frames. Those that are swapped are absent afterwards, and the
 * caller frees the slots that no other region has. Does not wait. A leaf of the tree
 * is taken as a whole, so that it can be erased as a whole.
 */
void swaplab_run_take(struct swaplab_run *run, pgoff_t last)
{
	XA_STATE(xas, &run->region->pages, run->next);
	pgoff_t end;

	run_begin(run);
	swaplab_family_lock(run->region->family);
	xas_lock(&xas);
	while (!run->busy && xas_find(&xas, last)) {
		run->next = xas.xa_index;
		run->more = run->nr + run->nr_slots + run->nr_shared +
			    leaf_count(&xas) > SWAPLAB_RUN_PAGES;
		if (run->more)
			break;
		end = min(last, run->next | XA_CHUNK_MASK);
		run_take_leaf(run, end);
		xas_set(&xas, end + 1);
	}
	if (run->busy)
		run->more = true;
	xas_unlock(&xas);
	if (run->nr_shared)
		atomic_long_sub(run->nr_shared, &run->region->nr_swapped);
	swaplab_family_unlock(run->region->family);
	if (run->nr_slots)
		swaplab_region_count_swapped(run->region, -(long)run->nr_slots);
}

/* How many frames of a run from frame @i on have their entries in one leaf. */
static unsigned int run_nr_in_leaf(struct swaplab_run *run, unsigned int i)
{
	pgoff_t last = run->frames[i]->folio->index | XA_CHUNK_MASK;
	unsigned int nr = 1;

	if (run->frames[run->nr - 1]->folio->index <= last)
		return run->nr - i;
	while (i + nr < run->nr && run->frames[i + nr]->folio->index <= last)
		nr++;
	return nr;
}

/* Makes @nr pages from frame @i on absent; their entries are in one leaf. */
static void run_erase_leaf(struct swaplab_run *run, unsigned int i,
			   unsigned int nr)
{
	XA_STATE(xas, &run->region->pages, run->frames[i]->folio->index);
	bool whole;

	xas_load(&xas);
	whole = leaf_count(&xas) == nr;
	if (whole)
		leaf_erase(run->region, xas.xa_index);
	if (whole && !trace_page_state_enabled())
		return;
	for (; nr; nr--, i++) {
		pgoff_t index = run->frames[i]->folio->index;

		trace_page_state(run->region, index, SWAPLAB_STATE_ABSENT);
		if (whole)
			continue;
		xas_set(&xas, index);
		xas_store(&xas, NULL);
	}
}

/**
 * swaplab_run_erase() - make the pages in frames absent
 * @run: of swaplab_run_take(); the frames stay in transit
 */
void swaplab_run_erase(struct swaplab_run *run)
{
	unsigned int i, nr;

	xa_lock(&run->region->pages);
	for (i = 0; i < run->nr; i += nr) {
		nr = run_nr_in_leaf(run, i);
		run_erase_leaf(run, i, nr);
	}
	xa_unlock(&run->region->pages);
	swaplab_region_count_resident(run->region, -(long)run->nr);
}

/*
 * Adds the page of a frame, the entry at run->next, unless it is in transit or mlocked. A
 * mlock that ends after the first look shows in the second: MLOCKED changes in transit only.
 */
static void run_add_evictable(struct swaplab_run *run, struct swaplab_frame *frame)
{
	if (swaplab_frame_is_mlocked(frame) || !run_add_frame(run, frame))
		return;
	if (swaplab_frame_is_mlocked(frame))
		swaplab_region_settle(run->frames[--run->nr], 0);
}

/**
 * swaplab_run_claim_resident() - claim the next pages in frames, to evict them
 * @run: of swaplab_run_init(), or of the last call and finished
 * @last: index of the last page
 *
 * Leaves out those that are mlocked, in transit, or shared since a fork(). Does not wait.
 */
void swaplab_run_claim_resident(struct swaplab_run *run, pgoff_t last)
{
	XA_STATE(xas, &run->region->pages, run->next);
	unsigned int nr_seen = 0;
	void *entry;

	run_begin(run);
	xas_lock(&xas);
	xas_for_each_marked(&xas, entry, last, SWAPLAB_RESIDENT) {
		run->next = xas.xa_index;
		run->more = nr_seen++ == SWAPLAB_RUN_PAGES;
		if (run->more)
			break;
		if (swaplab_entry_is_frame(entry) &&
		    !xas_get_mark(&xas, SWAPLAB_SHARED))
			run_add_evictable(run, entry);
	}
	xas_unlock(&xas);
	run->busy = NULL;
}

/**
 * swaplab_run_claim() - claim the next pages, to mlock them
 * @run: of swaplab_run_init(), or of the last call and finished; the caller holds
 *	region->mlock_lock
 * @last: index of the last page
 *
 * Claims and marks with SWAPLAB_MLOCKING pages that are in frames, up to the first one
 * that is not; those that are mlocked already are left out. Does not wait.
 */
void swaplab_run_claim(struct swaplab_run *run, pgoff_t last)
{
	XA_STATE(xas, &run->region->pages, run->next);
	unsigned int nr_seen;
	void *entry;

	lockdep_assert_held(&run->region->mlock_lock);
	run_begin(run);
	xas_lock(&xas);
	entry = xas_load(&xas);
	for (nr_seen = 0; nr_seen < SWAPLAB_RUN_PAGES; nr_seen++) {
		if (run->next > last || !swaplab_entry_is_frame(entry))
			break;
		if (!swaplab_frame_is_mlocked(entry)) {
			if (!run_add_frame(run, entry))
				break;
			xas_set_mark(&xas, SWAPLAB_MLOCKING);
		}
		entry = xas_next(&xas);
		run->next++;
	}
	xas_unlock(&xas);
	run->more = run->next <= last;
}

/**
 * swaplab_run_claim_mlocked() - claim the next pages under SWAPLAB_LOCK
 * @run: of swaplab_run_init(), or of the last call and finished
 * @last: index of the last page
 * @mark: that they have: SWAPLAB_RESIDENT or SWAPLAB_MLOCKING
 *
 * A page that is munlocked in this moment may be among them. Does not wait.
 */
void swaplab_run_claim_mlocked(struct swaplab_run *run, pgoff_t last,
			       xa_mark_t mark)
{
	XA_STATE(xas, &run->region->pages, run->next);
	unsigned int nr_seen = 0;
	void *entry;

	run_begin(run);
	xas_lock(&xas);
	xas_for_each_marked(&xas, entry, last, mark) {
		run->next = xas.xa_index;
		run->more = nr_seen++ == SWAPLAB_RUN_PAGES;
		if (run->more)
			break;
		if (!swaplab_entry_is_frame(entry) ||
		    !swaplab_frame_is_mlocked(entry))
			continue;
		run->more = !run_add_frame(run, entry);
		if (run->more)
			break;
	}
	xas_unlock(&xas);
}

/**
 * swaplab_run_unmark() - take SWAPLAB_MLOCKING from the next pages that have it
 * @run: of swaplab_run_init(), or of the last call
 */
void swaplab_run_unmark(struct swaplab_run *run)
{
	XA_STATE(xas, &run->region->pages, run->next);
	unsigned int nr_seen = 0;
	void *entry;

	run_begin(run);
	xas_lock(&xas);
	xas_for_each_marked(&xas, entry, ULONG_MAX, SWAPLAB_MLOCKING) {
		run->next = xas.xa_index;
		run->more = nr_seen++ == SWAPLAB_RUN_PAGES;
		if (run->more)
			break;
		xas_clear_mark(&xas, SWAPLAB_MLOCKING);
	}
	xas_unlock(&xas);
}

/**
 * swaplab_run_settle() - end the transit of all pages of a run
 * @run: its pages are resident
 */
void swaplab_run_settle(struct swaplab_run *run)
{
	unsigned int i;

	for (i = 0; i < run->nr; i++)
		swaplab_region_settle(run->frames[i], 0);
	run->nr = 0;
}

/**
 * swaplab_run_wait() - wait for the page that has ended a run
 * @run: finished; with run->busy
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_run_wait(struct swaplab_run *run)
{
	return swaplab_region_wait(run->region, run->next, run->busy,
				   SWAPLAB_FRAME_TRANSIT);
}

/**
 * swaplab_run_wait_until() - wait for the page that has ended a run, or leave it out
 * @run: finished; with run->busy
 * @deadline: in jiffies
 *
 * Return: false if the page is still in transit at the deadline; the next run begins
 * behind it.
 */
bool swaplab_run_wait_until(struct swaplab_run *run, unsigned long deadline)
{
	if (swaplab_region_wait_until(run->region, run->next, run->busy,
				      SWAPLAB_FRAME_TRANSIT, deadline))
		return true;
	run->next++;
	return false;
}
