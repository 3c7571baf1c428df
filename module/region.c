// SPDX-License-Identifier: GPL-2.0
/*
 * Regions: the state of each page, and the steps by which it changes.
 *
 *   absent --publish_zero--> resident --evict--> swapped (or absent, if never
 *   written) --claim_slot--> reading --publish--> resident
 *
 * and from anywhere --claim, discard--> absent.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include "frame.h"
#include "static_slots.h"
#include "pte.h"
#include "policy.h"
#include "region.h"
#include "super.h"
#include "trace.h"
#include "user.h"

/**
 * swaplab_region_create() - an empty region
 * @pool: its device; the caller counted it in nr_regions
 *
 * Return: the region or ERR_PTR().
 */
struct swaplab_region *swaplab_region_create(struct swaplab_pool *pool)
{
	struct swaplab_region *region;
	int err;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);
	region->pool = pool;
	err = swaplab_user_get(region);
	if (err)
		goto free;
	region->inode = swaplab_super_inode();
	err = PTR_ERR_OR_ZERO(region->inode);
	if (err)
		goto put_user;
	region->inode->i_private = region;
	region->id = atomic_inc_return(&pool->nr_regions_made);
	swaplab_streams_init(&region->streams);
	xa_init_flags(&region->pages, XA_FLAGS_ACCOUNT);
	region->static_slots = READ_ONCE(pool->tunables.static_slots);
	mutex_init(&region->areas_lock);
	INIT_LIST_HEAD(&region->areas);
	return region;

put_user:
	swaplab_user_put(region);
free:
	kfree(region);
	return ERR_PTR(err);
}

static bool page_is_busy(struct swaplab_region *region, pgoff_t index,
			 struct swaplab_frame *frame, unsigned int flags)
{
	return xa_load(&region->pages, index) == frame &&
	       atomic_read(&frame->flags) & flags;
}

/* False if somebody else has the page in transit; else it is claimed. */
static bool try_claim(struct swaplab_region *region, pgoff_t index,
		      void **entry)
{
	struct swaplab_frame *frame;
	bool busy;

	xa_lock(&region->pages);
	*entry = xa_load(&region->pages, index);
	frame = *entry;
	busy = swaplab_entry_is_frame(*entry) &&
	       atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
	       SWAPLAB_FRAME_TRANSIT;
	xa_unlock(&region->pages);
	return !busy;
}

/* The same, with patience until @deadline, in jiffies. */
static bool claim_until(struct swaplab_region *region, pgoff_t index,
			void **entry, unsigned long deadline)
{
	struct swaplab_frame *frame;
	long left;

	while (!try_claim(region, index, entry)) {
		frame = *entry;
		left = deadline - jiffies;
		if (left <= 0 ||
		    !wait_var_event_timeout(&frame->flags,
					    !page_is_busy(region, index, frame,
							  SWAPLAB_FRAME_TRANSIT),
					    left))
			return false;
	}
	return true;
}

/* False if pages are left that were in transit until @deadline. */
static bool discard_all(struct swaplab_region *region, unsigned long deadline)
{
	bool complete = true;
	unsigned long index;
	void *entry;

	xa_for_each(&region->pages, index, entry) {
		if (!claim_until(region, index, &entry, deadline))
			complete = false;
		else if (swaplab_entry_is_frame(entry))
			swaplab_region_discard(entry);
		else if (entry)
			swaplab_region_discard_slot(region, index, entry);
		cond_resched();
	}
	return complete;
}

/**
 * swaplab_region_destroy() - free a region and all its pages
 * @region: its file is gone, so nothing maps it and no fault or ioctl runs; I/O
 *	on its pages may, and is waited for
 * @patience: for so long, in jiffies
 *
 * Return: true, and it is gone; false if there is I/O that takes longer: then only
 * the pages with I/O are left, for the next call.
 */
bool swaplab_region_destroy(struct swaplab_region *region, long patience)
{
	/* All that can go goes before anything is waited for. */
	if (!discard_all(region, jiffies) &&
	    !discard_all(region, jiffies + patience))
		return false;
	xa_destroy(&region->pages);
	swaplab_static_slots_free_all(region);
	/*
	 * Frames given up to somebody's DMA have no mapping left that leads here,
	 * and inodes are freed after a grace period: futex keys are safe, too.
	 */
	iput(region->inode);
	swaplab_user_put(region);
	kfree(region);
	return true;
}

/**
 * swaplab_region_make_room() - may a page with this index come into being?
 * @region: the region
 * @index: of the page; mremap() can grow a mapping without asking the device
 *
 * A page that is there stays, whatever limit is set later.
 *
 * Return: true, and the page is charged to the region's user.
 */
bool swaplab_region_make_room(struct swaplab_region *region, pgoff_t index)
{
	unsigned long max = READ_ONCE(region->pool->tunables.max_region_pages);

	if (max && index >= max)
		return false;
	if (region->static_slots && !swaplab_static_slots_find(region, index))
		return false;
	return !swaplab_user_charge(region, index + 1);
}

static void count_resident(struct swaplab_region *region, long nr)
{
	atomic_long_add(nr, &region->nr_resident);
	atomic_long_add(nr, &region->pool->nr_resident);
}

static void count_swapped(struct swaplab_region *region, long nr)
{
	atomic_long_add(nr, &region->nr_swapped);
	atomic_long_add(nr, &region->pool->nr_swapped);
}

/**
 * swaplab_region_settle() - end a frame's transit
 * @frame: in transit, by the caller
 * @flags: to clear beside TRANSIT
 *
 * The frame may be anybody's afterwards: only its address is used to wake.
 */
void swaplab_region_settle(struct swaplab_frame *frame, unsigned int flags)
{
	/* Fully ordered: a waiter either sees the flags clear or is seen. */
	atomic_fetch_andnot(flags | SWAPLAB_FRAME_TRANSIT, &frame->flags);
	wake_up_var(&frame->flags);
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
	if (wait_var_event_killable(&frame->flags,
				    !page_is_busy(region, index, frame, flags)))
		return -EINTR;
	return 0;
}

/**
 * swaplab_region_publish_zero() - make an absent page resident
 * @region: the region
 * @index: of the page
 * @frame: the caller's, zeroed; stays the caller's on failure
 * @gfp: for the entry
 *
 * Return: 0, -EEXIST if the page is not absent any more, -ENOMEM.
 */
int swaplab_region_publish_zero(struct swaplab_region *region, pgoff_t index,
				struct swaplab_frame *frame, gfp_t gfp)
{
	XA_STATE(xas, &region->pages, index);
	struct folio *folio = frame->folio;
	void *old;

	frame->region = region;
	frame->slot = 0;
	atomic_set(&frame->flags, SWAPLAB_FRAME_TRANSIT | SWAPLAB_FRAME_FRESH);
	folio->index = index;
	folio->mapping = region->inode->i_mapping;

	do {
		xas_lock(&xas);
		old = xas_load(&xas);
		if (!old) {
			xas_store(&xas, frame);
			xas_set_mark(&xas, SWAPLAB_RESIDENT);
		}
		xas_unlock(&xas);
	} while (xas_nomem(&xas, gfp));
	if (old || xas_error(&xas)) {
		folio->mapping = NULL;
		return old ? -EEXIST : xas_error(&xas);
	}
	trace_page_state(region, index, SWAPLAB_STATE_RESIDENT);
	count_resident(region, 1);
	swaplab_policy_admit(region->pool, frame);
	swaplab_region_settle(frame, 0);
	return 0;
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
	bool same;

	frame->region = region;
	frame->slot = swaplab_entry_slot(entry);
	atomic_set(&frame->flags, SWAPLAB_FRAME_TRANSIT |
		   SWAPLAB_FRAME_READING | SWAPLAB_FRAME_FRESH |
		   SWAPLAB_FRAME_UNUSED);
	/* Of use to nobody before the refault, which takes it back out. */
	frame->word[0] = swaplab_entry_evicted(entry);
	frame->folio->index = index;

	xas_lock(&xas);
	same = xas_load(&xas) == entry;
	if (same) {
		/* Replaces an entry, so it needs no memory. */
		xas_store(&xas, frame);
		xas_set_mark(&xas, SWAPLAB_RESIDENT);
		trace_page_state(region, index, SWAPLAB_STATE_READING);
	}
	xas_unlock(&xas);
	return same;
}

/**
 * swaplab_region_unclaim_slot() - the page could not be read: swapped as before
 * @frame: claimed by swaplab_region_claim_slot(); the caller's again
 */
void swaplab_region_unclaim_slot(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;
	pgoff_t index = frame->folio->index;

	xa_lock(&region->pages);
	__xa_store(&region->pages, index,
		   swaplab_entry(frame->slot, frame->word[0]), 0);
	__xa_clear_mark(&region->pages, index, SWAPLAB_RESIDENT);
	trace_page_state(region, index, SWAPLAB_STATE_SWAPPED);
	xa_unlock(&region->pages);
	swaplab_region_settle(frame, SWAPLAB_FRAME_READING);
}

/**
 * swaplab_region_publish() - a page has been read: resident
 * @frame: claimed by swaplab_region_claim_slot(), its folio filled
 */
void swaplab_region_publish(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;

	count_swapped(region, -1);
	count_resident(region, 1);
	/* The content comes first: lock_folio() believes the mapping. */
	smp_store_release(&frame->folio->mapping, region->inode->i_mapping);
	trace_page_state(region, frame->folio->index, SWAPLAB_STATE_RESIDENT);
	swaplab_policy_admit_refault(region->pool, frame, frame->word[0]);
	swaplab_region_settle(frame, SWAPLAB_FRAME_READING);
}

/**
 * swaplab_region_lock_folio() - lock a resident page so that it stays so
 * @region: the region
 * @index: of the page
 * @frame: its entry, as the caller saw it
 * @may_sleep: or only try the folio lock
 *
 * Needs no claim: what was true of mapping, index and entry under the folio lock stays
 * true until it is released, because eviction and discard take it, too. A reference
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
	struct folio *folio = READ_ONCE(frame->folio);

	if (!folio)
		return NULL;
	if (!folio_try_get(folio)) {
		xa_lock(&region->pages);
		xa_unlock(&region->pages);
		return NULL;
	}
	/* Frames are recycled: lock only what is this page's just now. */
	if (xa_load(&region->pages, index) != frame ||
	    READ_ONCE(frame->folio) != folio)
		goto put;
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
put:
	folio_put(folio);
	return NULL;
}

/*
 * Makes sure that the region alone has this page; the folio is locked and unmapped.
 * Every other reference could still lead to a write (O_DIRECT takes plain references).
 * get_user_pages_fast() either saw that the PTE is gone or makes this fail. A poisoned
 * page is never recycled.
 *
 * Returns true, and the reference count is 0 until the caller unfreezes it to 1.
 */
static bool freeze_folio(struct folio *folio)
{
	return !folio_mapped(folio) && !folio_test_hwpoison(folio) &&
	       folio_ref_freeze(folio, 1);
}

/* Make a frozen, locked folio nobody's; the next user finds it clean. */
static void release_frozen(struct folio *folio)
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
	struct swaplab_pool *pool = region->pool;
	u32 clock = pool->nr_evicted;

	count_resident(region, -1);
	if (!frame->slot)
		return NULL;
	count_swapped(region, 1);
	WRITE_ONCE(pool->nr_evicted, clock + 1);
	return swaplab_entry(frame->slot, clock);
}

/**
 * swaplab_region_evict() - take a page from its frame, if nobody else has it
 * @frame: in transit by the caller, not with the policy; its folio locked and
 *	unmapped; its slot has the content of the page if that is clean
 *
 * A fault that finds the page frozen has nothing to do but to look again. So the page
 * is frozen under the xa_lock only, and has another entry, or is not frozen any more,
 * when that is released: such a fault passes the lock once and is done. As for the
 * kernel's own reclaim, preemption is off for that time; where it is not, on PREEMPT_RT,
 * the fault lends its priority to the owner of the lock.
 *
 * A dirty page need not stay frozen to be made clean by the caller: to be had again it
 * needs a PTE, and for that the folio lock.
 *
 * Return: SWAPLAB_EVICT_DONE, and swaplab_region_release() has to follow; else the page
 * is as before.
 */
enum swaplab_evict swaplab_region_evict(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;
	struct folio *folio = frame->folio;
	XA_STATE(xas, &region->pages, folio->index);
	void *entry;

	xas_lock(&xas);
	if (!freeze_folio(folio)) {
		xas_unlock(&xas);
		return SWAPLAB_EVICT_BUSY;
	}
	if (folio_test_dirty(folio)) {
		folio_ref_unfreeze(folio, 1);
		xas_unlock(&xas);
		return SWAPLAB_EVICT_DIRTY;
	}
	entry = make_evicted_entry(frame);
	/* Replaces an entry, so it needs no memory. */
	xas_store(&xas, entry);
	if (entry)
		xas_clear_mark(&xas, SWAPLAB_RESIDENT);
	trace_page_state(region, folio->index, entry ? SWAPLAB_STATE_SWAPPED :
						       SWAPLAB_STATE_ABSENT);
	xas_unlock(&xas);
	return SWAPLAB_EVICT_DONE;
}

/**
 * swaplab_region_release() - free the frame of a page that was evicted
 * @pool: the pool; the region may be gone by now
 * @frame: of swaplab_region_evict(); gone afterwards
 */
void swaplab_region_release(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	release_frozen(frame->folio);
	swaplab_region_settle(frame, 0);
	swaplab_frame_put(pool, frame);
}

/**
 * swaplab_region_claim() - own the state of a page
 * @region: the region
 * @index: of the page
 *
 * Return: the entry. A frame is in transit, by the caller. Anything else is not
 * held, and may change. ERR_PTR(-EINTR) after a fatal signal.
 */
void *swaplab_region_claim(struct swaplab_region *region, pgoff_t index)
{
	void *entry;

	while (!try_claim(region, index, &entry))
		if (swaplab_region_wait(region, index, entry,
					SWAPLAB_FRAME_TRANSIT))
			return ERR_PTR(-EINTR);
	return entry;
}

/**
 * swaplab_region_claim_mlocked() - own the state of a page under SWAPLAB_LOCK
 * @region: the region
 * @index: of the page
 *
 * No I/O is under way on such a page, so the wait for whoever has it in transit is
 * short, and ends when he unlocks it.
 *
 * Return: the frame, in transit by the caller, or NULL if the page is not locked.
 */
struct swaplab_frame *
swaplab_region_claim_mlocked(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_frame *frame;
	void *entry;

	while (!try_claim(region, index, &entry)) {
		frame = entry;
		wait_var_event(&frame->flags,
			       !swaplab_frame_is_mlocked(frame) ||
			       !page_is_busy(region, index, frame,
					     SWAPLAB_FRAME_TRANSIT));
		if (!swaplab_frame_is_mlocked(frame))
			return NULL;
	}
	if (!swaplab_entry_is_frame(entry))
		return NULL;
	frame = entry;
	if (swaplab_frame_is_mlocked(frame))
		return frame;
	swaplab_region_settle(frame, 0);
	return NULL;
}

/**
 * swaplab_region_mlock() - keep a page from being evicted
 * @frame: in transit by the caller
 * @limit: pages that the region's user may have locked, with this one
 *
 * Return: 0, or -ENOMEM if there would be more, or the pool would keep too few frames
 * to work with.
 */
int swaplab_region_mlock(struct swaplab_frame *frame, unsigned long limit)
{
	struct swaplab_user *user = frame->region->user;
	struct swaplab_pool *pool = frame->region->pool;
	int err = 0;

	if (swaplab_frame_is_mlocked(frame))
		return 0;
	spin_lock(&pool->lock);
	if (user->nr_mlocked >= limit ||
	    pool->nr_mlocked + 1 + max(8UL, pool->nr_frames / 4) >
		    pool->nr_frames) {
		err = -ENOMEM;
	} else {
		pool->nr_mlocked++;
		user->nr_mlocked++;
	}
	spin_unlock(&pool->lock);
	if (err)
		return err;
	swaplab_policy_forget(pool, frame);
	atomic_or(SWAPLAB_FRAME_MLOCKED, &frame->flags);
	atomic_long_inc(&frame->region->nr_mlocked);
	return 0;
}

/**
 * swaplab_region_munlock() - undo swaplab_region_mlock()
 * @frame: in transit by the caller, locked or not
 */
void swaplab_region_munlock(struct swaplab_frame *frame)
{
	struct swaplab_pool *pool = frame->region->pool;

	if (!(atomic_fetch_andnot(SWAPLAB_FRAME_MLOCKED, &frame->flags) &
	      SWAPLAB_FRAME_MLOCKED))
		return;
	atomic_long_dec(&frame->region->nr_mlocked);
	spin_lock(&pool->lock);
	frame->region->user->nr_mlocked--;
	pool->nr_mlocked--;
	spin_unlock(&pool->lock);
}

/**
 * swaplab_region_discard() - make a resident page absent
 * @frame: in transit by the caller; gone afterwards
 */
void swaplab_region_discard(struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;
	struct swaplab_pool *pool = region->pool;
	struct folio *folio = frame->folio;
	pgoff_t index = folio->index;

	swaplab_policy_forget(pool, frame);
	swaplab_region_munlock(frame);
	folio_lock(folio);
	if (folio_mapped(folio))
		swaplab_pte_unmap(region, index, 1);
	xa_lock(&region->pages);
	__xa_erase(&region->pages, index);
	trace_page_state(region, index, SWAPLAB_STATE_ABSENT);
	xa_unlock(&region->pages);
	count_resident(region, -1);
	swaplab_region_free_slot(region, frame->slot);

	if (freeze_folio(folio)) {
		release_frozen(folio);
	} else {
		/*
		 * There are other references: of a DMA that outlives the mapping, or of
		 * a look-up about to notice. The folio goes with the last one; the
		 * frame gets another.
		 */
		folio->mapping = NULL;
		folio_unlock(folio);
		set_page_private(folio_page(folio, 0), 0);
		WRITE_ONCE(frame->folio, NULL);
		folio_put(folio);
	}
	swaplab_region_settle(frame, 0);
	swaplab_frame_put(pool, frame);
}

/**
 * swaplab_region_discard_slot() - make a swapped page absent
 * @region: the region
 * @index: of the page
 * @entry: its value, as the caller saw it
 *
 * Return: false if the entry has changed.
 */
bool swaplab_region_discard_slot(struct swaplab_region *region, pgoff_t index,
				 void *entry)
{
	bool same;

	xa_lock(&region->pages);
	same = __xa_cmpxchg(&region->pages, index, entry, NULL, 0) == entry;
	if (same)
		trace_page_state(region, index, SWAPLAB_STATE_ABSENT);
	xa_unlock(&region->pages);
	if (!same)
		return false;
	count_swapped(region, -1);
	swaplab_region_free_slot(region, swaplab_entry_slot(entry));
	return true;
}
