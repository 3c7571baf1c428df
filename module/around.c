// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that a fault maps beside its own, so that they need no fault: those of its
 * stream that have come in, those that continue a run of first touches, and those around
 * it that are resident because another mapping uses them.
 *
 * The fault holds mmap_lock or its VMA's lock, and maybe the lock of its own folio. So it
 * only tries the locks of other folios, and leaves a busy page alone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "around.h"
#include "frame.h"
#include "pte.h"
#include "pagein.h"
#include "readahead.h"
#include "record.h"

/* Pages that are looked at around one that others use, its own among them. */
#define AROUND_RESIDENT	16

/*
 * The folio is locked. A recorder that wants to know each page that is used waits for
 * that lock after it has said so.
 */
static bool insert_page(struct vm_fault *vmf, struct swaplab_frame *frame)
{
	return !folio_test_hwpoison(frame->folio) &&
	       !swaplab_record_is_exact(frame->region->pool) &&
	       swaplab_pte_insert(vmf->vma, frame);
}

/* Maps a page that is resident, if of the flags in @mask it has just @flags. */
static bool map_page(struct vm_fault *vmf, struct swaplab_region *region,
		     pgoff_t index, unsigned int mask, unsigned int flags)
{
	struct swaplab_frame *frame;
	struct folio *folio;
	unsigned int found;
	bool mapped;

	frame = swaplab_region_peek(region, index, &found);
	if (!swaplab_entry_is_frame(frame) || (found & mask) != flags)
		return false;
	folio = swaplab_region_lock_folio(region, index, frame, false);
	if (IS_ERR_OR_NULL(folio))
		return false;
	/* Write-out begins under the folio lock: the flag does not change now. */
	mapped = !(atomic_read(&frame->flags) & SWAPLAB_FRAME_WRITING) &&
		 insert_page(vmf, frame);
	folio_unlock(folio);
	folio_put(folio);
	return mapped;
}

/**
 * swaplab_around_read() - map a page that was read ahead
 * @vmf: the fault
 * @region: of its pages
 * @index: of the page
 *
 * Return: false if it has not come in yet, or cannot be mapped now.
 */
bool swaplab_around_read(struct vm_fault *vmf, struct swaplab_region *region,
			 pgoff_t index)
{
	return map_page(vmf, region, index,
			SWAPLAB_FRAME_TRANSIT | SWAPLAB_FRAME_AHEAD,
			SWAPLAB_FRAME_AHEAD);
}

/**
 * swaplab_around_resident() - map resident pages around one that others use
 * @vmf: the fault on it
 * @region: of its pages
 *
 * A fault in a second mapping meets such pages: they are resident, but have no PTE in
 * this page table. (A child of fork() has its parent's.) They are not used by that. A
 * page that waits for its own fault, or for that of its stream, is left out.
 */
void swaplab_around_resident(struct vm_fault *vmf,
			     struct swaplab_region *region)
{
	pgoff_t first = round_down(vmf->pgoff, AROUND_RESIDENT), index;
	unsigned int mask = SWAPLAB_FRAME_TRANSIT | SWAPLAB_FRAME_AHEAD |
			    SWAPLAB_FRAME_UNUSED;

	if (READ_ONCE(region->pool->tunables.soft_sampling))
		return;
	for (index = first; index < first + AROUND_RESIDENT; index++)
		if (index != vmf->pgoff)
			map_page(vmf, region, index, mask, 0);
}

/*
 * Makes and maps one page before its first touch, if it has been charged already: a
 * guess costs the user nothing. From when others can find it to when it is mapped its
 * folio is locked, so it cannot be evicted in between. Returns false if there is no
 * use in going on.
 */
static bool make_page(struct vm_fault *vmf, struct swaplab_region *region,
		      pgoff_t index)
{
	gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	struct swaplab_frame *frame;
	struct folio *folio;
	bool mapped;

	if (index - vmf->vma->vm_pgoff >= vma_pages(vmf->vma) ||
	    index >= READ_ONCE(region->nr_charged) ||
	    swaplab_region_load(region, index) ||
	    !swaplab_region_make_room(region, vmf->vma->vm_file, index))
		return false;
	frame = swaplab_frame_take(region->pool, gfp | __GFP_ZERO);
	if (IS_ERR_OR_NULL(frame))
		return false;
	folio = swaplab_pagein_zero_and_lock(region, index, frame, gfp);
	if (IS_ERR(folio))
		return false;
	mapped = insert_page(vmf, frame);
	folio_unlock(folio);
	folio_put(folio);
	return mapped;
}

/**
 * swaplab_around_zero() - make and map the pages that continue a run of first touches
 * @vmf: the fault of a first touch
 * @region: of its pages
 */
void swaplab_around_zero(struct vm_fault *vmf, struct swaplab_region *region)
{
	unsigned int max, nr = 0;

	max = swaplab_readahead_touch(region, vmf->pgoff);
	while (nr < max && swaplab_readahead_nr_affordable(region->pool) &&
	       make_page(vmf, region, vmf->pgoff + 1 + nr))
		nr++;
	if (nr)
		swaplab_readahead_touched(region, nr);
}
