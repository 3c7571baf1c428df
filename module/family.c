// SPDX-License-Identifier: GPL-2.0
/*
 * Families of regions: after fork(), parent and child share the pages that neither of them
 * has written to since.
 *
 * The members have one inode, so one i_mmap, and a page has the same index in all of them.
 * A shared page is the same entry in each of its owners: the same frame, or the same slot.
 *
 * - An entry that several have changes in all of them at once, under the family's lock. A
 *   look-up without the lock may find the new entry in one region and the old one in
 *   another; the frame or slot that goes is not used again before all have the new one.
 * - A region leaves a page, by a write, a discard or its end, with the page in transit, if
 *   it is in a frame, and under the family's lock in any case. So while a task has the
 *   page of a frame in transit, no owner leaves it.
 * - Only fork() adds owners, to pages of the address space that forks. Its VMAs are locked
 *   for writing meanwhile, so no fault in them is under way; and @forking keeps discards
 *   away. So a page that a fault or a discard finds unshared stays so until its end.
 * - frame->region is one of the owners.
 * - fork() puts the mark SWAPLAB_SHARED on the pages that it shares, in both regions. A page
 *   that loses its other owners keeps the mark until a write looks for them in vain. So a
 *   page without the mark has one owner, and other members need not be looked into.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "family.h"

/**
 * swaplab_family_create() - make a region the first one of a family
 * @region: the region
 *
 * Return: 0; -EBUSY if it is mapped, has been, or has had another request; -ENOMEM.
 */
int swaplab_family_create(struct swaplab_region *region)
{
	struct swaplab_family *family;
	int err = 0;

	family = kzalloc(sizeof(*family), GFP_KERNEL_ACCOUNT);
	if (!family)
		return -ENOMEM;
	spin_lock_init(&family->lock);
	INIT_LIST_HEAD(&family->members);
	init_rwsem(&family->forking);
	xa_lock(&region->pages);
	if (region->was_used) {
		err = -EBUSY;
	} else if (!region->family) {
		list_add(&region->family_link, &family->members);
		swap(region->family, family);
	}
	xa_unlock(&region->pages);
	/* One that is in a family already stays there. */
	kfree(family);
	return err;
}

/**
 * swaplab_family_of() - the family of a region that is about to be used
 * @region: the region
 *
 * mmap() and requests on pages call this first. The answer stays right: a use that began
 * without a family would miss the locks of one that comes meanwhile, and could leave pages
 * under SWAPLAB_LOCK in it. The xa_lock puts the two in order: swaplab_family_create() sees
 * the use, or the use sees the family.
 *
 * Return: the family, or NULL.
 */
struct swaplab_family *swaplab_family_of(struct swaplab_region *region)
{
	struct swaplab_family *family;

	xa_lock(&region->pages);
	region->was_used = true;
	family = region->family;
	xa_unlock(&region->pages);
	return family;
}

/**
 * swaplab_family_join() - add a region without pages to a family
 * @region: new; its address space is not running yet
 * @family: of the region that it came from
 */
void swaplab_family_join(struct swaplab_region *region,
			 struct swaplab_family *family)
{
	region->family = family;
	spin_lock(&family->lock);
	list_add(&region->family_link, &family->members);
	spin_unlock(&family->lock);
}

/**
 * swaplab_family_part() - take a region out of its family, if it has one
 * @region: without pages, about to be freed
 */
void swaplab_family_part(struct swaplab_region *region)
{
	struct swaplab_family *family = region->family;
	bool last;

	if (!family)
		return;
	spin_lock(&family->lock);
	list_del(&region->family_link);
	last = list_empty(&family->members);
	spin_unlock(&family->lock);
	if (region->mm)
		mmdrop(region->mm);
	if (last)
		kfree_rcu(family, rcu);
}

/**
 * swaplab_family_member() - the region of an address space
 * @family: the family; the caller holds its lock
 * @mm: the address space
 *
 * Return: the region, or NULL.
 */
struct swaplab_region *swaplab_family_member(struct swaplab_family *family,
					     struct mm_struct *mm)
{
	struct swaplab_region *region;

	lockdep_assert_held(&family->lock);
	list_for_each_entry(region, &family->members, family_link)
		if (region->mm == mm)
			return region;
	return NULL;
}

/* Of a page with the mark. */
static struct swaplab_region *other_owner(struct swaplab_region *region,
					  pgoff_t index, void *entry)
{
	struct swaplab_region *other;

	lockdep_assert_held(&region->family->lock);
	list_for_each_entry(other, &region->family->members, family_link) {
		swaplab_stat_inc(&region->pool->stats, family_visits);
		if (other != region &&
		    swaplab_region_load(other, index) == entry)
			return other;
	}
	return NULL;
}

/**
 * swaplab_family_has_other() - has a page another owner?
 * @region: one owner; if it is in a family, the caller holds that one's lock
 * @index: of the page
 * @entry: of the page
 */
bool swaplab_family_has_other(struct swaplab_region *region, pgoff_t index,
			      void *entry)
{
	return region->family && swaplab_family_may_share(region, index) &&
	       other_owner(region, index, entry);
}

/**
 * swaplab_family_shares() - has a page another owner?
 * @region: one owner
 * @index: of the page
 * @entry: of the page
 *
 * The mark is looked at without the lock: fork() of this region would set it, but is not
 * under way, and fork() of another region shares a page of this one only if it has the
 * mark already.
 */
bool swaplab_family_shares(struct swaplab_region *region, pgoff_t index,
			   void *entry)
{
	struct swaplab_family *family = region->family;
	bool shares;

	if (!family || !swaplab_family_may_share(region, index))
		return false;
	spin_lock(&family->lock);
	shares = other_owner(region, index, entry);
	/* The mark is of the entry that the page has now. */
	if (!shares && swaplab_region_load(region, index) == entry)
		xa_clear_mark(&region->pages, index, SWAPLAB_SHARED);
	spin_unlock(&family->lock);
	return shares;
}

/* An entry is replaced, so this needs no memory; but one may be erased. */
static void follow_in(struct swaplab_region *region, pgoff_t index, void *old,
		      void *new)
{
	XA_STATE(xas, &region->pages, index);

	xas_lock(&xas);
	if (xas_load(&xas) != old)
		goto unlock;
	xas_store(&xas, new);
	if (swaplab_entry_is_frame(new))
		xas_set_mark(&xas, SWAPLAB_RESIDENT);
	else if (new)
		xas_clear_mark(&xas, SWAPLAB_RESIDENT);
unlock:
	xas_unlock(&xas);
}

/**
 * swaplab_family_follow() - change the entry of a page in its other owners, too
 * @family: the family; the caller holds its lock, and has changed the entry in one owner
 *	since it took it, where the page had the mark SWAPLAB_SHARED
 * @index: of the page
 * @old: the entry before
 * @new: the entry now
 *
 * Counts what an eviction changes. A read has not ended yet: see
 * swaplab_family_count_read().
 */
void swaplab_family_follow(struct swaplab_family *family, pgoff_t index,
			   void *old, void *new)
{
	bool evicted = swaplab_entry_is_frame(old) &&
		       !(atomic_read(&((struct swaplab_frame *)old)->flags) &
			 SWAPLAB_FRAME_READING);
	struct swaplab_region *region;

	lockdep_assert_held(&family->lock);
	list_for_each_entry(region, &family->members, family_link) {
		swaplab_stat_inc(&region->pool->stats, family_visits);
		if (swaplab_region_load(region, index) != old)
			continue;
		follow_in(region, index, old, new);
		if (evicted)
			swaplab_region_add_resident(region, -1);
		if (evicted && new)
			atomic_long_inc(&region->nr_swapped);
	}
}

static void count_read_in_others(struct swaplab_frame *frame)
{
	pgoff_t index = frame->folio->index;
	struct swaplab_region *region;

	list_for_each_entry(region, &frame->region->family->members, family_link) {
		swaplab_stat_inc(&region->pool->stats, family_visits);
		if (region == frame->region ||
		    swaplab_region_load(region, index) != frame)
			continue;
		atomic_long_dec(&region->nr_swapped);
		swaplab_region_add_resident(region, 1);
	}
}

/**
 * swaplab_family_count_read() - a page has come in
 * @frame: in transit by the caller, and being read until now; its region counts already,
 *	and is in a family
 *
 * A clone that gets the entry later counts the page as resident, as it finds it.
 */
void swaplab_family_count_read(struct swaplab_frame *frame)
{
	struct swaplab_family *family = frame->region->family;

	spin_lock(&family->lock);
	if (swaplab_family_may_share(frame->region, frame->folio->index))
		count_read_in_others(frame);
	atomic_andnot(SWAPLAB_FRAME_READING, &frame->flags);
	spin_unlock(&family->lock);
}

/**
 * swaplab_family_leave() - leave a page that is in a frame to its other owners
 * @region: leaves it, and no PTE of its own maps it
 * @frame: in transit by the caller, its folio locked; shared
 * @entry: of the region from now on: another frame, or NULL
 *
 * Another owner becomes frame->region, if that was this one. It is read under the pool's
 * lock by policies, and else by tasks that have the page in transit or its folio locked.
 */
void swaplab_family_leave(struct swaplab_region *region,
			  struct swaplab_frame *frame, void *entry)
{
	pgoff_t index = frame->folio->index;
	XA_STATE(xas, &region->pages, index);

	spin_lock(&region->family->lock);
	if (frame->region == region) {
		spin_lock(&region->pool->lock);
		WRITE_ONCE(frame->region, other_owner(region, index, frame));
		spin_unlock(&region->pool->lock);
	}
	xas_lock(&xas);
	xas_store(&xas, entry);
	if (entry)
		xas_clear_mark(&xas, SWAPLAB_SHARED);
	xas_unlock(&xas);
	if (!entry)
		swaplab_region_add_resident(region, -1);
	spin_unlock(&region->family->lock);
}

/**
 * swaplab_family_only_owner() - the one owner of some pages
 * @region: has them
 * @first: index of the first page
 * @last: index of the last one; made that of the last page that the answer is for
 *
 * The pages are in transit by the caller, so they lose no owner. If fork() gives them one
 * after this, the PTEs of the child are not looked at, or left; then the page has references
 * of theirs, and is not evicted.
 *
 * Return: @region, if no other one of its family may have one of these pages; else NULL, for
 * the first page alone.
 */
struct swaplab_region *swaplab_family_only_owner(struct swaplab_region *region,
						 pgoff_t first, pgoff_t *last)
{
	struct swaplab_family *family = region->family;
	pgoff_t shared = first;

	/* Without the lock: a fork() that comes meanwhile is as one that comes after this. */
	if (!family || data_race(list_is_singular(&family->members)) ||
	    !xa_find(&region->pages, &shared, *last, SWAPLAB_SHARED))
		return region;
	if (shared > first) {
		*last = shared - 1;
		return region;
	}
	*last = first;
	return NULL;
}
