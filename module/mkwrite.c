// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to pages that are mapped read-only, because a fork() has made them shared, or their pager
 * is asked first.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "family.h"
#include "fault.h"
#include "frame.h"
#include "mkwrite.h"
#include "record.h"
#include "unmap.h"
#include "wait.h"

/* The page that a PTE maps, as the entry of its region; the folio is locked. */
static struct swaplab_frame *find_mapped(struct swaplab_region *region,
					 pgoff_t index, struct folio *folio)
{
	struct swaplab_frame *frame;

	rcu_read_lock();
	frame = swaplab_region_load(region, index);
	if (!swaplab_entry_is_frame(frame) || READ_ONCE(frame->folio) != folio ||
	    folio->mapping != region->inode->i_mapping)
		frame = NULL;
	rcu_read_unlock();
	return frame;
}

/* A frame for a copy of the page, if it is shared and there is a free frame; or NULL. */
static struct swaplab_frame *take_for_copy(struct swaplab_region *region,
					   pgoff_t index)
{
	struct swaplab_frame *frame, *copy;
	unsigned int flags;

	frame = swaplab_region_peek(region, index, &flags);
	if (!swaplab_entry_is_frame(frame) ||
	    !swaplab_family_shares(region, index, frame))
		return NULL;
	copy = swaplab_frame_take(region->pool, GFP_USER);
	return IS_ERR(copy) ? NULL : copy;
}

/* Under the folio lock. Returns whether it could; consumes @copy if so. */
static bool copy_mapped(struct swaplab_region *region, struct swaplab_frame *frame,
			struct swaplab_frame *copy)
{
	struct folio *folio;

	if (!frame || !copy || folio_test_hwpoison(frame->folio) ||
	    atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		    SWAPLAB_FRAME_TRANSIT)
		return false;
	folio = swaplab_fault_copy(region, frame, copy);
	if (!IS_ERR_OR_NULL(folio)) {
		folio_unlock(folio);
		folio_put(folio);
	}
	return true;
}

static bool may_write(struct swaplab_region *region, struct swaplab_frame *frame,
		      pgoff_t index)
{
	unsigned int busy = swaplab_fault_busy_flags(region) | SWAPLAB_FRAME_READONLY;

	return frame && !swaplab_family_shares(region, index, frame) &&
	       !(atomic_read(&frame->flags) & busy);
}

/*
 * The fault found that uses are not recorded, and dropped the folio lock. If a recorder has
 * started since, it may have unmapped all pages already, and would not know of this PTE. The
 * next attempt is recorded. A PTE that is there is set only if it is still there.
 */
static bool must_be_recorded(struct vm_fault *vmf, struct swaplab_region *region)
{
	return !vmf->pte && swaplab_record_is_exact(region->pool);
}

/**
 * swaplab_mkwrite() - vm_operations_struct.page_mkwrite
 * @vmf: a write to a page that is mapped read-only, or about to be mapped
 *
 * A shared page is copied. The copy cannot be mapped here, so the write is attempted again,
 * and finds it. An instruction that reads the page before it writes to it may fault twice in
 * each attempt. So each attempt must get further, or the instruction would never end: if the
 * page cannot be copied now, swaplab_fault() is told that a write follows, and waits for what
 * is missing, or asks the pager. Here, a wait would keep the page pinned.
 *
 * Return: VM_FAULT_LOCKED, and the page is the region's alone; VM_FAULT_NOPAGE.
 */
vm_fault_t swaplab_mkwrite(struct vm_fault *vmf)
{
	struct swaplab_region *region = swaplab_region_of(vmf->vma);
	struct swaplab_frame *frame, *copy;
	struct folio *folio = page_folio(vmf->page);
	vm_fault_t ret = VM_FAULT_NOPAGE;
	u64 start;

	start = swaplab_latency_start(&region->pool->latency);
	copy = take_for_copy(region, vmf->pgoff);
	folio_lock(folio);
	frame = find_mapped(region, vmf->pgoff, folio);
	if (must_be_recorded(vmf, region))
		frame = NULL;
	if (may_write(region, frame, vmf->pgoff)) {
		/* Set under the folio lock, where the end of the write-out looks. */
		if (atomic_read(&frame->flags) & SWAPLAB_FRAME_WRITING)
			atomic_or(SWAPLAB_FRAME_RESCUED, &frame->flags);
		if (atomic_read(&frame->flags) & SWAPLAB_FRAME_UNUSED)
			atomic_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags);
		folio_mark_dirty(folio);
		ret = VM_FAULT_LOCKED;
	} else if (copy_mapped(region, frame, copy)) {
		copy = NULL;
		swaplab_latency_end(&region->pool->latency, SWAPLAB_LATENCY_copy, 1,
				    start);
	} else if (frame) {
		swaplab_unmap_pages(region, vmf->pgoff, 1);
		swaplab_wait_expect_write(region, vmf->pgoff);
	}
	if (ret == VM_FAULT_NOPAGE)
		folio_unlock(folio);
	if (copy)
		swaplab_frame_put(region->pool, copy);
	return ret;
}
