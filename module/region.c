// SPDX-License-Identifier: GPL-2.0
/*
 * Regions: the state of each page, and the steps by which it changes.
 *
 *   absent --publish_new--> resident --evict--> swapped (or absent, if never
 *   written) --claim_slot--> reading --publish--> resident
 *
 * and from anywhere --discard--> absent. removal.c has the steps by which a page leaves
 * its frame.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include "allocation.h"
#include "family.h"
#include "frame.h"
#include "origin.h"
#include "pager.h"
#include "static_slots.h"
#include "policy.h"
#include "region.h"
#include "regions.h"
#include "super.h"
#include "trace.h"
#include "user.h"

/* A reference on @inode passes to the region, unless this fails. */
static struct swaplab_region *region_create(struct swaplab_pool *pool,
					    struct inode *inode,
					    bool static_slots)
{
	struct swaplab_region *region;
	int err;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);
	region->pool = pool;
	region->turn.since = jiffies;
	err = swaplab_user_get(region);
	if (err)
		goto free;
	region->inode = inode;
	swaplab_streams_init(&region->streams);
	swaplab_locality_init(&region->locality);
	xa_init_flags(&region->pages, XA_FLAGS_ACCOUNT);
	region->static_slots = static_slots;
	mutex_init(&region->areas_lock);
	mutex_init(&region->mlock_lock);
	xa_init_flags(&region->areas, XA_FLAGS_ACCOUNT);
	err = swaplab_regions_add(region);
	if (err)
		goto put_user;
	return region;

put_user:
	swaplab_user_put(region);
free:
	kfree(region);
	return ERR_PTR(err);
}

/**
 * swaplab_region_create() - an empty region
 * @pool: its device; the caller counted it in nr_regions
 *
 * Return: the region or ERR_PTR().
 */
struct swaplab_region *swaplab_region_create(struct swaplab_pool *pool)
{
	struct inode *inode = swaplab_super_inode();
	struct swaplab_region *region;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	region = region_create(pool, inode,
			       READ_ONCE(pool->tunables.static_slots));
	if (IS_ERR(region))
		iput(inode);
	return region;
}

/**
 * swaplab_region_clone() - an empty region for a child of fork()
 * @parent: in a family; the caller counted the new one in nr_regions
 * @mm: of the child
 *
 * Return: the region, in the family, or ERR_PTR().
 */
struct swaplab_region *swaplab_region_clone(struct swaplab_region *parent,
					    struct mm_struct *mm)
{
	struct swaplab_region *region;

	region = region_create(parent->pool, parent->inode, false);
	if (IS_ERR(region))
		return region;
	ihold(region->inode);
	swaplab_origin_inherit(region, parent);
	mmgrab(mm);
	region->mm = mm;
	region->has_forked = true;
	region->was_used = true;
	swaplab_family_join(region, parent->family);
	return region;
}

/**
 * swaplab_region_destroy() - free a region
 * @region: without pages; its file is gone, so nothing maps it and no fault or ioctl
 *	runs
 */
void swaplab_region_destroy(struct swaplab_region *region)
{
	swaplab_regions_remove(region);
	swaplab_allocation_leave(region);
	swaplab_family_part(region);
	xa_destroy(&region->pages);
	swaplab_static_slots_free_all(region);
	swaplab_origin_drop(region);
	/*
	 * Folios that were left to a DMA have no mapping that leads here, and inodes are
	 * freed after a grace period: futex keys are safe, too.
	 */
	iput(region->inode);
	swaplab_user_put(region);
	kfree(region->named);
	kfree(region);
}

static bool is_beyond_limits(struct swaplab_region *region, pgoff_t index)
{
	unsigned long max = READ_ONCE(region->pool->tunables.max_region_pages);

	if (max && index >= max)
		return true;
	return region->static_slots && !swaplab_static_slots_find(region, index);
}

/**
 * swaplab_region_make_room() - may a page with this index come into being?
 * @region: the region
 * @file: of the region, by which the page is reached
 * @index: of the page; mremap() can grow a mapping without asking the device
 *
 * A page that exists stays, also if a lower limit is set later.
 *
 * Return: true, and the page is charged to the region's user.
 */
bool swaplab_region_make_room(struct swaplab_region *region, struct file *file,
			      pgoff_t index)
{
	if (is_beyond_limits(region, index) ||
	    !swaplab_region_may_reach(region, file, index + 1))
		return false;
	return !swaplab_user_charge(region, file, index + 1);
}

/**
 * swaplab_region_has_room() - may a page come into being that no task has touched?
 * @region: the region
 * @index: of the page
 *
 * Return: true if the page has been charged already.
 */
bool swaplab_region_has_room(struct swaplab_region *region, pgoff_t index)
{
	return index < READ_ONCE(region->nr_charged) && !is_beyond_limits(region, index);
}

/**
 * swaplab_region_begin_map() - a region is about to be mapped
 * @region: the region
 *
 * Return: whether its pages can be read-only. A later pager finds that it was mapped, and does not
 * change that.
 */
bool swaplab_region_begin_map(struct swaplab_region *region)
{
	bool protects;

	xa_lock(&region->pages);
	region->was_mapped = true;
	protects = region->protects;
	xa_unlock(&region->pages);
	return protects;
}

/**
 * swaplab_region_claim() - take a page into transit
 * @region: the region
 * @index: of the page
 * @frame: its entry, as the caller saw it
 *
 * Return: 0; -EBUSY if another task has it in transit; -EAGAIN if the entry has changed.
 */
int swaplab_region_claim(struct swaplab_region *region, pgoff_t index,
			 struct swaplab_frame *frame)
{
	int err = 0;

	xa_lock(&region->pages);
	if (xa_load(&region->pages, index) != frame)
		err = -EAGAIN;
	else if (atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		 SWAPLAB_FRAME_TRANSIT)
		err = -EBUSY;
	xa_unlock(&region->pages);
	return err;
}

/**
 * swaplab_region_settle() - end a frame's transit
 * @frame: in transit, by the caller
 * @flags: to clear beside TRANSIT
 *
 * The frame may be reused at once: only its address is used to wake.
 */
void swaplab_region_settle(struct swaplab_frame *frame, unsigned int flags)
{
	/* Fully ordered: a waiter either sees the flags clear or is seen. */
	atomic_fetch_andnot(flags | SWAPLAB_FRAME_TRANSIT, &frame->flags);
	wake_up_var(&frame->flags);
}

/**
 * swaplab_region_wake() - wake tasks that wait for pages that are gone
 * @region: the region
 * @frames: that the pages were in, in transit by the caller; they may be reused by now:
 *	only their addresses are used
 * @nr: how many
 *
 * For pages that have been made absent, which no task takes for busy any more: their
 * transit ends with the frames.
 */
void swaplab_region_wake(struct swaplab_region *region,
			 struct swaplab_frame **frames, unsigned int nr)
{
	unsigned int i;

	/*
	 * A waiter counts itself before it looks at the entry for the last time, with a full
	 * barrier in between: it either finds that the page is gone, or is seen here.
	 */
	smp_mb();
	if (likely(!atomic_read(&region->nr_waiting)))
		return;
	for (i = 0; i < nr; i++)
		wake_up_var(&frames[i]->flags);
}

static bool page_is_busy(struct swaplab_region *region, pgoff_t index,
			 struct swaplab_frame *frame, unsigned int flags)
{
	unsigned int now;

	return swaplab_region_peek(region, index, &now) == frame && now & flags;
}

/**
 * swaplab_region_wait() - wait for the end of a page's transit
 * @region: the region
 * @index: of the page
 * @frame: that it had when the caller looked
 * @flags: to wait for
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_region_wait(struct swaplab_region *region, pgoff_t index,
			struct swaplab_frame *frame, unsigned int flags)
{
	int err;

	atomic_inc(&region->nr_waiting);
	err = wait_var_event_killable(&frame->flags,
				      !page_is_busy(region, index, frame, flags));
	atomic_dec(&region->nr_waiting);
	return err ? -EINTR : 0;
}

/**
 * swaplab_region_wait_until() - wait for the end of a page's transit, or give up
 * @region: the region
 * @index: of the page
 * @frame: that it had when the caller looked
 * @flags: to wait for
 * @deadline: in jiffies
 *
 * Return: false if the page is still in transit at the deadline.
 */
bool swaplab_region_wait_until(struct swaplab_region *region, pgoff_t index,
			       struct swaplab_frame *frame, unsigned int flags,
			       unsigned long deadline)
{
	long left = deadline - jiffies;

	if (left <= 0)
		return false;
	atomic_inc(&region->nr_waiting);
	left = wait_var_event_timeout(&frame->flags,
				      !page_is_busy(region, index, frame, flags),
				      left);
	atomic_dec(&region->nr_waiting);
	return left > 0;
}

/**
 * swaplab_region_wait_mlocked() - wait for the end of the transit of a mlocked page
 * @region: the region
 * @index: of the page
 * @frame: that it had when the caller looked
 *
 * No I/O is under way on such a page, so the wait is short. It also ends when the owner
 * of the transit munlocks the page.
 */
void swaplab_region_wait_mlocked(struct swaplab_region *region, pgoff_t index,
				 struct swaplab_frame *frame)
{
	atomic_inc(&region->nr_waiting);
	wait_var_event(&frame->flags,
		       !page_is_busy(region, index, frame,
				     SWAPLAB_FRAME_MLOCKED) ||
		       !page_is_busy(region, index, frame,
				     SWAPLAB_FRAME_TRANSIT));
	atomic_dec(&region->nr_waiting);
}

/* Under the xa_lock: it is absent, and what is to be published is its content. */
static bool may_publish(struct swaplab_region *region, pgoff_t index, void *entry,
			const struct swaplab_origin *origin)
{
	if (entry)
		return false;
	if (likely(!swaplab_origin_has_any(region)))
		return true;
	return swaplab_origin_is(region, index, origin) &&
	       !(origin && origin->supply && swaplab_pager_is_stale(origin->supply, index));
}

/**
 * swaplab_region_publish_new() - make an absent page resident
 * @region: the region
 * @index: of the page
 * @frame: the caller's, with the content of the page; stays the caller's on failure
 * @origin: that the content is of; NULL: zeros
 * @gfp: for the entry
 *
 * Return: 0, -EEXIST if the page is not absent any more or has another origin, or its content is
 * old; -ENOMEM.
 */
int swaplab_region_publish_new(struct swaplab_region *region, pgoff_t index,
			       struct swaplab_frame *frame,
			       const struct swaplab_origin *origin, gfp_t gfp)
{
	unsigned int flags = SWAPLAB_FRAME_TRANSIT | SWAPLAB_FRAME_FRESH;
	XA_STATE(xas, &region->pages, index);
	struct folio *folio = frame->folio;
	bool published;

	/* A pager supplies a page before the touch that asks for it. */
	if (origin && origin->pager)
		flags |= SWAPLAB_FRAME_UNUSED;
	if (origin && origin->supply && origin->supply->is_readonly)
		flags |= SWAPLAB_FRAME_READONLY;
	frame->region = region;
	frame->slot = 0;
	atomic_set(&frame->flags, flags);
	folio->index = index;
	folio->mapping = region->inode->i_mapping;

	do {
		xas_lock(&xas);
		published = may_publish(region, index, xas_load(&xas), origin);
		if (published) {
			xas_store(&xas, frame);
			xas_set_mark(&xas, SWAPLAB_RESIDENT);
		}
		xas_unlock(&xas);
	} while (xas_nomem(&xas, gfp));
	if (!published || xas_error(&xas)) {
		folio->mapping = NULL;
		return published ? xas_error(&xas) : -EEXIST;
	}
	trace_page_state(region, index, SWAPLAB_STATE_RESIDENT);
	swaplab_region_count_resident(region, 1);
	swaplab_policy_admit(region->pool, frame,
			     origin ? SWAPLAB_REASON_READ : SWAPLAB_REASON_ZERO);
	swaplab_region_settle(frame, 0);
	return 0;
}

/**
 * swaplab_region_publish_copy() - give a region a copy of a page that it shares
 * @region: the region; none of its PTEs maps the old page
 * @old: the page, in transit by the caller, its folio locked
 * @frame: the caller's, with the copy
 */
void swaplab_region_publish_copy(struct swaplab_region *region,
				 struct swaplab_frame *old,
				 struct swaplab_frame *frame)
{
	pgoff_t index = old->folio->index;
	struct folio *folio = frame->folio;

	frame->region = region;
	frame->slot = 0;
	atomic_set(&frame->flags, SWAPLAB_FRAME_TRANSIT | SWAPLAB_FRAME_FRESH);
	folio->index = index;
	folio->mapping = region->inode->i_mapping;
	/* The store has no copy of it. */
	folio_mark_dirty(folio);
	swaplab_family_leave(region, old, frame);
	/* One page more is in frames, of the pool and not of the region. */
	atomic_long_inc(&region->pool->nr_resident);
	swaplab_region_note_peak(region->pool);
	trace_page_state(region, index, SWAPLAB_STATE_RESIDENT);
	swaplab_policy_admit(region->pool, frame, SWAPLAB_REASON_COPY);
	swaplab_region_settle(frame, 0);
}

/**
 * swaplab_region_claim_slot() - begin to bring a swapped page in
 * @region: the region
 * @index: of the page
 * @entry: a value, as the caller saw it
 * @frame: the caller's
 *
 * Return: false if the entry has changed; else @frame is in transit and being
 * read, and the page's slot is in it.
 */
bool swaplab_region_claim_slot(struct swaplab_region *region, pgoff_t index,
			       void *entry, struct swaplab_frame *frame)
{
	XA_STATE(xas, &region->pages, index);
	bool same, shared = false;

	if (entry == SWAPLAB_LOST)
		return false;
	frame->region = region;
	frame->slot = swaplab_entry_slot(entry);
	atomic_set(&frame->flags, SWAPLAB_FRAME_TRANSIT |
		   SWAPLAB_FRAME_READING | SWAPLAB_FRAME_FRESH |
		   SWAPLAB_FRAME_UNUSED);
	/* Policies do not use it before the refault, which takes it back out. */
	frame->word[0] = swaplab_entry_evicted(entry);
	frame->folio->index = index;

	swaplab_family_lock(region->family);
	xas_lock(&xas);
	same = xas_load(&xas) == entry;
	if (same) {
		/* Replaces an entry, so it needs no memory. */
		xas_store(&xas, frame);
		xas_set_mark(&xas, SWAPLAB_RESIDENT);
		shared = xas_get_mark(&xas, SWAPLAB_SHARED);
		trace_page_state(region, index, SWAPLAB_STATE_READING);
	}
	xas_unlock(&xas);
	if (shared)
		swaplab_family_follow(region->family, index, entry, frame);
	swaplab_family_unlock(region->family);
	return same;
}

/**
 * swaplab_region_unclaim_slot() - the page could not be read: swapped as before
 * @frame: claimed by swaplab_region_claim_slot(); the caller's again
 */
void swaplab_region_unclaim_slot(struct swaplab_frame *frame)
{
	void *entry = swaplab_entry(frame->slot, frame->word[0]);
	struct swaplab_region *region = frame->region;
	struct swaplab_family *family = region->family;
	pgoff_t index = frame->folio->index;

	swaplab_family_lock(family);
	xa_lock(&region->pages);
	__xa_store(&region->pages, index, entry, 0);
	__xa_clear_mark(&region->pages, index, SWAPLAB_RESIDENT);
	trace_page_state(region, index, SWAPLAB_STATE_SWAPPED);
	xa_unlock(&region->pages);
	if (family && swaplab_family_may_share(region, index))
		swaplab_family_follow(family, index, frame, entry);
	swaplab_family_unlock(family);
	swaplab_region_settle(frame, SWAPLAB_FRAME_READING);
}

/**
 * swaplab_region_publish() - a page has been read: resident
 * @frame: claimed by swaplab_region_claim_slot(), its folio filled
 */
void swaplab_region_publish(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;
	enum swaplab_reason reason = SWAPLAB_REASON_READ;

	/* In a family, a fault may use the page before the policy has it, and clear the flag. */
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_AHEAD)
		reason = SWAPLAB_REASON_READ_AHEAD;
	swaplab_region_count_swapped(region, -1);
	swaplab_region_count_resident(region, 1);
	/* The content comes first: swaplab_region_lock_folio() believes the mapping. */
	smp_store_release(&frame->folio->mapping, region->inode->i_mapping);
	if (region->family)
		swaplab_family_count_read(frame);
	trace_page_state(region, frame->folio->index, SWAPLAB_STATE_RESIDENT);
	swaplab_policy_admit_refault(region->pool, frame, frame->word[0], reason);
	swaplab_region_settle(frame, SWAPLAB_FRAME_READING);
}

/*
 * A reference on the folio of a page. NULL if its entry is not @frame any more,
 * ERR_PTR(-EBUSY) if the folio is frozen. Frames are recycled: the folio may be locked for
 * the page only if it is this page's just now.
 */
static struct folio *get_folio(struct swaplab_region *region, pgoff_t index,
			       struct swaplab_frame *frame)
{
	struct folio *folio = NULL;

	/* While a frame is an entry, or was one in this section, its metadata stays. */
	rcu_read_lock();
	if (xa_load(&region->pages, index) != frame)
		goto unlock;
	folio = READ_ONCE(frame->folio);
	if (!folio)
		goto unlock;
	if (!folio_try_get(folio)) {
		folio = ERR_PTR(-EBUSY);
	} else if (xa_load(&region->pages, index) != frame ||
		   READ_ONCE(frame->folio) != folio) {
		folio_put(folio);
		folio = NULL;
	}
unlock:
	rcu_read_unlock();
	return folio;
}

/**
 * swaplab_region_lock_folio() - lock a resident page so that it stays so
 * @region: the region
 * @index: of the page
 * @frame: its entry, as the caller saw it
 * @may_sleep: or only try the folio lock
 *
 * Needs no claim: mapping, index and entry, as found under the folio lock, stay the same
 * until it is released, because eviction and discard take it, too. A reference
 * count of zero means that the folio is frozen: its page is being evicted, which ends
 * under the xa_lock, or has another entry already.
 *
 * Return: the folio, locked and referenced; NULL if the caller must look again;
 * ERR_PTR(-EAGAIN) if the lock was not to be had.
 */
struct folio *swaplab_region_lock_folio(struct swaplab_region *region,
					pgoff_t index,
					struct swaplab_frame *frame,
					bool may_sleep)
{
	struct folio *folio = get_folio(region, index, frame);

	if (IS_ERR(folio)) {
		swaplab_family_lock(region->family);
		xa_lock(&region->pages);
		xa_unlock(&region->pages);
		swaplab_family_unlock(region->family);
		return NULL;
	}
	if (!folio)
		return NULL;
	if (!folio_trylock(folio)) {
		if (!may_sleep) {
			folio_put(folio);
			return ERR_PTR(-EAGAIN);
		}
		folio_lock(folio);
	}
	/* Pairs with swaplab_region_publish(): the content is there, too. */
	if (smp_load_acquire(&folio->mapping) == region->inode->i_mapping &&
	    folio->index == index &&
	    xa_load(&region->pages, index) == frame &&
	    !(atomic_read(&frame->flags) & SWAPLAB_FRAME_READING))
		return folio;
	folio_unlock(folio);
	folio_put(folio);
	return NULL;
}
