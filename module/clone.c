// SPDX-License-Identifier: GPL-2.0
/*
 * The region of a child of fork(): it gets the entries of its parent's.
 *
 * A page under DMA stays the parent's, and the child gets a copy. get_user_pages_fast()
 * takes its reference before it looks at the PTE for a second time. So once PTEs are
 * read-only, it either sees that, or its reference is seen here.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include "clone.h"
#include "compat.h"
#include "family.h"
#include "frame.h"
#include "origin.h"
#include "super.h"
#include "unmap.h"
#include "user.h"
#include "watermark.h"

/* Entries that are copied in one hold of the locks. */
#define COPY_BATCH	64

/* How often references are looked at before they are taken for those of a DMA. */
#define PIN_TRIES	20

/*
 * References beside those of the pool and of PTEs may be of a DMA. The mapping count is
 * read last: a PTE that goes meanwhile can only make the page look pinned. A page that
 * has other owners was read-only before.
 */
static bool has_refs(struct folio *folio, int nr_own)
{
	int nr_refs = folio_ref_count(folio);

	smp_rmb(); /* the mapping count comes after it */
	return nr_refs > nr_own + folio_mapcount(folio);
}

static bool is_pinned(struct swaplab_region *region, pgoff_t index,
		      struct swaplab_frame *frame)
{
	return !(atomic_read(&frame->flags) & SWAPLAB_FRAME_READING) &&
	       has_refs(frame->folio, 1) &&
	       !swaplab_family_has_other(region, index, frame);
}

/* The clone has the page from now on. */
static void count_copied(struct swaplab_region *clone, void *entry)
{
	struct swaplab_frame *frame = entry;

	if (swaplab_entry_is_frame(entry) &&
	    !(atomic_read(&frame->flags) & SWAPLAB_FRAME_READING))
		swaplab_region_add_resident(clone, 1);
	else
		atomic_long_inc(&clone->nr_swapped);
}

/**
 * struct copy - of the entries of a region
 * @parent: its entries are copied
 * @clone: to this region
 * @from: where the copy goes on
 * @to: the same index, in the clone
 * @pinned: the frame at which it has stopped, if that is pinned
 */
struct copy {
	struct swaplab_region *parent;
	struct swaplab_region *clone;
	struct xa_state from;
	struct xa_state to;
	struct swaplab_frame *pinned;
};

/* Both trees are walked in step, so that only the first entry of a leaf is searched for. */
static bool copy_entry(struct copy *copy, void *entry)
{
	if (copy->to.xa_node != XAS_RESTART &&
	    copy->from.xa_index == copy->to.xa_index + 1)
		xas_next(&copy->to);
	else
		xas_set(&copy->to, copy->from.xa_index);
	xas_store(&copy->to, entry);
	if (xas_error(&copy->to))
		return false;
	if (swaplab_entry_is_frame(entry))
		xas_set_mark(&copy->to, SWAPLAB_RESIDENT);
	xas_set_mark(&copy->to, SWAPLAB_SHARED);
	xas_set_mark(&copy->from, SWAPLAB_SHARED);
	count_copied(copy->clone, entry);
	return true;
}

/*
 * Copies some entries. The parent's are stable under the family's lock: no fault or discard
 * of its own is under way, and what others do to a shared page, or reclaim to any, takes
 * that lock. The marks need the locks of both trees, the parent's first; no other
 * task takes two. Returns false at the end.
 */
static bool copy_some(struct copy *copy)
{
	unsigned int nr = 0;
	bool more = false;
	void *entry;

	spin_lock(&copy->parent->family->lock);
	xas_lock(&copy->from);
	xa_lock_nested(&copy->clone->pages, SINGLE_DEPTH_NESTING);
	xas_for_each(&copy->from, entry, ULONG_MAX) {
		more = true;
		if (nr++ == COPY_BATCH)
			break;
		if (swaplab_entry_is_frame(entry) &&
		    is_pinned(copy->parent, copy->from.xa_index, entry)) {
			copy->pinned = entry;
			break;
		}
		if (!copy_entry(copy, entry))
			break;
		more = false;
	}
	xas_unlock(&copy->to);
	xas_unlock(&copy->from);
	spin_unlock(&copy->parent->family->lock);
	/* The next batch finds its place again. */
	xas_set(&copy->from, copy->from.xa_index);
	return more;
}

static int mark_lost(struct swaplab_region *clone, pgoff_t index)
{
	void *old = xa_store(&clone->pages, index, SWAPLAB_LOST, GFP_KERNEL);

	if (xa_is_err(old))
		return xa_err(old);
	atomic_long_inc(&clone->nr_swapped);
	return 0;
}

/* A frame for a copy, or NULL: the pool has no room. May wait for reclaim. */
static struct swaplab_frame *take_frame(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame = NULL;

	while (!frame) {
		frame = swaplab_frame_take(pool, GFP_USER);
		if (!frame && swaplab_frame_wait(pool))
			return NULL;
	}
	return IS_ERR(frame) ? NULL : frame;
}

/* Publishes a copy, which is dirty: the origin that its page has makes no difference. */
static int publish_copy(struct swaplab_region *clone, pgoff_t index,
			struct swaplab_frame *frame)
{
	struct swaplab_origin origin;
	int err;

	if (!swaplab_origin_get(clone, index, &origin))
		return swaplab_region_publish_new(clone, index, frame, NULL, GFP_KERNEL);
	err = swaplab_region_publish_new(clone, index, frame, &origin, GFP_KERNEL);
	swaplab_origin_put(&origin);
	return err;
}

/*
 * The clone gets a copy of the page, and the parent's PTEs of it are not for the child.
 * Consumes the frame. Bad memory must not be read.
 */
static int copy_for_clone(struct copy *copy, struct folio *folio,
			  struct swaplab_frame *frame)
{
	struct swaplab_region *clone = copy->clone;
	pgoff_t index = folio->index;
	int err;

	swaplab_unmap_pages(copy->parent, index, 1);
	if (frame && !folio_test_hwpoison(folio)) {
		copy_highpage(folio_page(frame->folio, 0), folio_page(folio, 0));
		folio_mark_dirty(frame->folio);
		err = publish_copy(clone, index, frame);
		if (!err)
			return 0;
		/* As the next user of the frame expects it. */
		folio_clear_dirty(frame->folio);
	} else {
		err = mark_lost(clone, index);
	}
	if (frame)
		swaplab_frame_put(clone->pool, frame);
	return err;
}

/*
 * An unmap has references for a moment: reclaim's with the folio locked, munmap()'s without.
 * Those of a DMA stay.
 */
static bool is_pinned_for_long(struct folio *folio)
{
	unsigned int tries;

	for (tries = 0; tries < PIN_TRIES && has_refs(folio, 2); tries++)
		usleep_range(20, 50);
	return tries == PIN_TRIES;
}

/*
 * fork() holds mmap_lock, for which no daemon waits. So it may wait for a frame, as it may
 * wait for memory.
 */
static int copy_pinned(struct copy *copy)
{
	struct swaplab_pool *pool = copy->clone->pool;
	pgoff_t index = copy->from.xa_index;
	struct swaplab_frame *frame;
	struct folio *folio;
	bool copied = false;
	int err = 0;

	frame = take_frame(pool);
	folio = swaplab_region_lock_folio(copy->parent, index, copy->pinned, true);
	if (!IS_ERR_OR_NULL(folio)) {
		copied = is_pinned_for_long(folio);
		if (copied)
			err = copy_for_clone(copy, folio, frame);
		folio_unlock(folio);
		folio_put(folio);
	}
	if (frame && !copied)
		swaplab_frame_put(pool, frame);
	swaplab_watermark_check(pool);
	copy->pinned = NULL;
	xas_set(&copy->from, index + copied);
	return err;
}

/**
 * swaplab_clone_fill() - give a child the pages of its parent
 * @clone: of swaplab_clone_create()
 * @parent: no fault is under way in its VMAs, and its PTEs are read-only
 *
 * Return: 0, or -ENOMEM, and the clone has some of the pages.
 */
int swaplab_clone_fill(struct swaplab_region *clone, struct swaplab_region *parent)
{
	struct copy copy = {
		.parent = parent,
		.clone = clone,
		.from = __XA_STATE(&parent->pages, 0, 0, 0),
		.to = __XA_STATE(&clone->pages, 0, 0, 0),
	};
	int err = 0;

	down_write(&parent->family->forking);
	while (!err && copy_some(&copy)) {
		if (copy.pinned)
			err = copy_pinned(&copy);
		else if (xas_error(&copy.to) && !xas_nomem(&copy.to, GFP_KERNEL))
			err = -ENOMEM;
		xas_set(&copy.to, copy.from.xa_index);
		cond_resched();
	}
	/* Frees what is left over: xas_destroy() is not exported. */
	xas_nomem(&copy.to, GFP_KERNEL);
	up_write(&parent->family->forking);
	return err;
}

/**
 * swaplab_clone_give_up() - end a region that could not get its pages
 * @clone: without VMAs
 *
 * The release of its file takes the pages back, later. Other VMAs of the child do not find
 * it.
 */
void swaplab_clone_give_up(struct swaplab_region *clone)
{
	struct mm_struct *mm = clone->mm;

	spin_lock(&clone->family->lock);
	clone->mm = NULL;
	clone->own_file = NULL;
	spin_unlock(&clone->family->lock);
	mmdrop(mm);
	fput(clone->file);
}

/**
 * swaplab_clone_create() - the region of a child of fork(), without pages yet
 * @parent: the region that it comes from
 * @mm: of the child
 *
 * The clone is charged like its parent. Nothing less would do: each of the two may have a
 * page of its own at each index, be it that the other one writes to the page that they
 * share, or ends. So a later copy needs no charge, and is never refused.
 *
 * Return: the region; its file is the one reference on it. NULL without memory, or if the
 * user may not have so many pages.
 */
struct swaplab_region *swaplab_clone_create(struct swaplab_region *parent,
					    struct mm_struct *mm)
{
	struct swaplab_region *clone;
	struct file *file;

	if (swaplab_pool_enter(parent->pool))
		return NULL;
	clone = swaplab_region_clone(parent, mm);
	if (IS_ERR(clone)) {
		swaplab_pool_leave(parent->pool);
		return NULL;
	}
	file = swaplab_super_file(clone->inode, parent->pool->name,
				  parent->file->f_op);
	if (IS_ERR(file)) {
		swaplab_region_destroy(clone);
		swaplab_pool_leave(parent->pool);
		return NULL;
	}
	file->private_data = clone;
	clone->file = file;
	clone->own_file = file;
	if (!swaplab_user_charge(clone, file, parent->nr_charged))
		return clone;
	swaplab_clone_give_up(clone);
	return NULL;
}
