// SPDX-License-Identifier: GPL-2.0
/*
 * Takes pages out of page tables.
 *
 * All members of a family are in one i_mmap. unmap_mapping_pages() takes an index from the
 * page tables of all of them, and takes as long. So an unmap goes through i_mmap as that
 * function does, and takes the page only from those that have it, where the kernel exports
 * a function that does so for one VMA.
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/sched/mm.h>
#include "compat.h"
#include "family.h"
#include "regions.h"
#include "rmap.h"
#include "unmap.h"

/* Whole TLBs that one unmap by index flushes at most: more are left to the next ones. */
#define MAX_FLUSHES	16

/* Flushes the whole TLB if that is due, else that of the pages. Counts the VMAs. */
static void unmap_from_vma(struct vm_area_struct *vma, pgoff_t first,
			   pgoff_t last, void *data)
{
	bool is_due = swaplab_vma_is_unflushed(vma);
	unsigned long *nr_vmas = data;

	if (is_due) {
		swaplab_vma_note_unflushed(vma, false);
		inc_tlb_flush_pending(vma->vm_mm);
	}
	swaplab_zap_range(vma, swaplab_rmap_address(vma, first),
			  (last - first + 1) << PAGE_SHIFT);
	if (is_due)
		dec_tlb_flush_pending(vma->vm_mm);
	++*nr_vmas;
}

/**
 * struct flush - of whole TLBs, by an unmap in all VMAs at once
 * @mms: grabbed, so that they stay after their VMAs have gone
 * @nr: of them
 * @nr_vmas: VMAs with the pages
 */
struct flush {
	struct mm_struct *mms[MAX_FLUSHES];
	unsigned int nr;
	unsigned long nr_vmas;
};

/* From now on, an unmap of pages in this VMA flushes the whole TLB if that is due. */
static void begin_flush(struct vm_area_struct *vma, pgoff_t first, pgoff_t last,
			void *data)
{
	struct flush *flush = data;

	flush->nr_vmas++;
	if (!swaplab_vma_is_unflushed(vma) || flush->nr == MAX_FLUSHES)
		return;
	swaplab_vma_note_unflushed(vma, false);
	mmgrab(vma->vm_mm);
	inc_tlb_flush_pending(vma->vm_mm);
	flush->mms[flush->nr++] = vma->vm_mm;
}

static void end_flush(struct flush *flush)
{
	while (flush->nr) {
		struct mm_struct *mm = flush->mms[--flush->nr];

		dec_tlb_flush_pending(mm);
		mmdrop(mm);
	}
}

/* For kernels that do not export what unmap_from_vma() needs: from the whole family. */
static pgoff_t unmap_by_index(struct swaplab_region *region, pgoff_t first,
			      pgoff_t last, unsigned long *nr_vmas)
{
	struct flush flush = {};

	last = swaplab_rmap_walk_some(region, first, last, NULL, begin_flush, &flush);
	unmap_mapping_pages(region->inode->i_mapping, first, last - first + 1,
			    false);
	end_flush(&flush);
	*nr_vmas = flush.nr_vmas;
	return last;
}

/*
 * Unmaps so many of the pages as one hold of a lock should. Returns the last of them. One
 * page is few enough, however many VMAs map it.
 */
static pgoff_t unmap_some(struct swaplab_region *region, pgoff_t first,
			  pgoff_t last, struct swaplab_region *only)
{
	unsigned long nr_vmas = 0;

	if (swaplab_can_zap())
		last = swaplab_rmap_walk_some(region, first, last, only,
					      unmap_from_vma, &nr_vmas);
	else
		last = unmap_by_index(region, first, last, &nr_vmas);
	swaplab_stat_inc(&region->pool->stats, unmaps);
	swaplab_stat_add(&region->pool->stats, vma_visits, nr_vmas);
	return last;
}

/*
 * Goes from one block of resident pages to the next: no other page is mapped, because
 * a page has its mark while it is in a frame.
 */
static void unmap_blocks(struct swaplab_region *region, pgoff_t first,
			 pgoff_t last, struct swaplab_region *only)
{
	pgoff_t end;

	for (; swaplab_regions_find_block(region, &first, &end, last); first = end + 1) {
		end = unmap_some(region, first, end, only);
		cond_resched();
	}
}

/**
 * swaplab_unmap_pages() - take pages out of the page tables of a region
 * @region: the region
 * @first: index of the first page
 * @nr: how many neighbours
 *
 * Moves accessed and dirty bits into the folios and flushes TLBs. To keep a page
 * unmapped, hold its lock. Others of the region's family that have a page keep their PTEs
 * of it.
 */
void swaplab_unmap_pages(struct swaplab_region *region, pgoff_t first,
			 unsigned long nr)
{
	unmap_blocks(region, first, first + nr - 1, region);
}

/**
 * swaplab_unmap_in_family() - the same in all members of a family
 * @region: a member; in all of them, pages of these indices are unmapped, shared or not
 * @first: index of the first page
 * @nr: how many neighbours, of which those that are resident in @region are unmapped
 */
void swaplab_unmap_in_family(struct swaplab_region *region, pgoff_t first,
			     unsigned long nr)
{
	unmap_blocks(region, first, first + nr - 1, NULL);
}

/**
 * swaplab_unmap_victims() - take pages out of all page tables that have them
 * @region: the region
 * @first: index of the first page
 * @nr: how many neighbours, all resident; in transit by the caller
 */
void swaplab_unmap_victims(struct swaplab_region *region, pgoff_t first,
			   unsigned int nr)
{
	pgoff_t end, last = first + nr - 1;
	struct swaplab_region *only;

	for (; first <= last; first = end + 1) {
		end = last;
		only = swaplab_family_only_owner(region, first, &end);
		end = unmap_some(region, first, end, only);
		cond_resched();
	}
}
