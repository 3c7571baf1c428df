// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that touches page tables.
 *
 * Accessed bits are cleared without a flush, as the kernel does on x86: a TLB that
 * has the translation still does not set the bit again. So that pages in use all
 * the time do not look idle, the next unmap flushes the whole TLB of the address
 * space, as the kernel's own reclaim does with each batch. A module can ask for
 * that by saying that a flush of the address space is pending, which is true:
 * the next unmap of pages in it then flushes all of it.
 *
 * Soft sampling does without accessed bits: a sample takes all pages out of page tables,
 * and the next one finds the pages that have been used, because they are mapped again.
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include "compat.h"
#include "frame.h"
#include "pte.h"
#include "mm.h"

static unsigned long address_of(struct vm_area_struct *vma, pgoff_t index)
{
	return vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
}

static pgoff_t last_index(struct vm_area_struct *vma)
{
	return vma->vm_pgoff + vma_pages(vma) - 1;
}

/*
 * Calls @fn for the PTEs of pages in [first, last] that the region has frames for, one
 * page table at a time: the cost of a sparse mapping is that of its resident pages.
 */
static void walk_resident(struct vm_area_struct *vma,
			  struct swaplab_region *region, pgoff_t first,
			  pgoff_t last, pte_fn_t fn, void *data)
{
	unsigned long index, address, end;

	first = max(first, vma->vm_pgoff);
	last = min(last, last_index(vma));
	for (index = first; index <= last; index++) {
		if (!xa_find(&region->pages, &index, last, SWAPLAB_RESIDENT))
			break;
		address = address_of(vma, index);
		end = min(pmd_addr_end(address, vma->vm_end),
			  address_of(vma, last) + PAGE_SIZE);
		apply_to_existing_page_range(vma->vm_mm, address, end - address,
					     fn, data);
		index += ((end - address) >> PAGE_SHIFT) - 1;
		cond_resched();
	}
}

/*
 * The frame behind a PTE of ours. Under the page table lock the mapping holds a
 * reference, so the folio is not recycled and its private stays.
 */
static struct swaplab_frame *frame_of(pte_t pte)
{
	return (struct swaplab_frame *)page_private(pte_page(pte));
}

/* Has the page been used since its accessed bit was cleared? */
static bool test_clear_used(struct swaplab_walk *walk, pte_t *ptep,
			    unsigned long address)
{
	if (!pte_present(*ptep) ||
	    !swaplab_pte_test_clear_young(ptep, address))
		return false;
	walk->cleared = true;
	return true;
}

/**
 * struct sample - of all pages of a pool
 * @soft: a page has been used if it is mapped: the last sample unmapped it, and this one
 *	does so when it has looked into all address spaces
 * @seen: called for each page that has been used, or NULL
 * @nr_young: pages that have been used
 * @nr_referenced: those of them that have been in since the last sample
 */
struct sample {
	bool soft;
	void (*seen)(struct swaplab_region *region, pgoff_t index);
	unsigned long nr_young;
	unsigned long nr_referenced;
};

static int sample_pte(pte_t *ptep, unsigned long address, void *data)
{
	struct swaplab_walk *walk = data;
	struct sample *sample = walk->data;
	struct swaplab_frame *frame;

	if (sample->soft ? !pte_present(*ptep) :
			   !test_clear_used(walk, ptep, address))
		return 0;
	frame = frame_of(*ptep);
	sample->nr_young++;
	swaplab_frame_count_hit(walk->pool, frame);
	if (sample->seen)
		sample->seen(frame->region, frame->folio->index);
	/* It was brought in for this use, which is known already. */
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_FRESH) {
		atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
	} else {
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
		sample->nr_referenced++;
	}
	return 0;
}

static void sample_vma(struct vm_area_struct *vma,
		       struct swaplab_region *region, struct swaplab_walk *walk)
{
	walk_resident(vma, region, vma->vm_pgoff, last_index(vma), sample_pte,
		      walk);
}

/* The end of a soft sample: the next use of each page is a fault. */
static void hide_vma(struct vm_area_struct *vma, struct swaplab_region *region,
		     struct swaplab_walk *walk)
{
	swaplab_pte_unmap(region, vma->vm_pgoff, vma_pages(vma));
}

/**
 * swaplab_pte_sample() - copy accessed bits into frames and clear them
 * @pool: the pool
 * @any: set to whether there was one that was set, be it since its page came in
 * @seen: called for each page found accessed, once for each address space, in the
 *	order of addresses in it, under the page table lock; or NULL
 *
 * Return: pages found accessed since they were sampled last; a page that is new
 * does not count.
 */
unsigned long swaplab_pte_sample(struct swaplab_pool *pool, bool *any,
				 void (*seen)(struct swaplab_region *region,
					      pgoff_t index))
{
	struct sample sample = {
		.soft = READ_ONCE(pool->tunables.soft_sampling),
		.seen = seen,
	};
	struct swaplab_walk walk = {
		.pool = pool,
		.vma = sample_vma,
		.data = &sample,
	};
	struct swaplab_walk end = { .pool = pool, .vma = hide_vma };

	swaplab_mm_walk_all(&walk);
	if (sample.soft && sample.nr_young)
		swaplab_mm_walk_all(&end);
	*any = sample.nr_young;
	return sample.nr_referenced;
}

/* Frames that are looked at, sorted by region and index. */
struct look {
	struct swaplab_frame **frames;
	unsigned int nr;
};

static int look_pte(pte_t *ptep, unsigned long address, void *data)
{
	struct swaplab_walk *walk = data;
	struct swaplab_frame *frame;

	if (!test_clear_used(walk, ptep, address))
		return 0;
	frame = frame_of(*ptep);
	swaplab_frame_count_hit(walk->pool, frame);
	atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
	atomic_or(SWAPLAB_FRAME_YOUNG, &frame->flags);
	return 0;
}

static void look_vma(struct vm_area_struct *vma, struct swaplab_region *region,
		     struct swaplab_walk *walk)
{
	struct look *look = walk->data;
	unsigned int i, run;

	for (i = 0; i < look->nr; i += run) {
		pgoff_t index = look->frames[i]->folio->index;

		run = 1;
		if (look->frames[i]->region != region ||
		    index < vma->vm_pgoff || index > last_index(vma))
			continue;
		while (i + run < look->nr &&
		       look->frames[i + run]->region == region &&
		       look->frames[i + run]->folio->index == index + run &&
		       index + run <= last_index(vma))
			run++;
		apply_to_existing_page_range(vma->vm_mm,
					     address_of(vma, index),
					     run << PAGE_SHIFT, look_pte, walk);
	}
}

/**
 * swaplab_pte_look() - look at candidates once more before they go
 * @pool: the pool
 * @frames: sorted by region and index; in transit by the caller
 * @nr: of them
 *
 * Sets SWAPLAB_FRAME_YOUNG on those found accessed, and clears the bit.
 */
void swaplab_pte_look(struct swaplab_pool *pool,
		      struct swaplab_frame **frames, unsigned int nr)
{
	struct look look = { .frames = frames, .nr = nr };
	struct swaplab_walk walk = {
		.pool = pool,
		.vma = look_vma,
		.data = &look,
	};

	if (nr)
		swaplab_mm_walk_all(&walk);
}

/* Pages of a region. */
struct page_range {
	struct swaplab_region *region;
	pgoff_t first, last;
};

static int collect_dirty_pte(pte_t *ptep, unsigned long address, void *data)
{
	if (pte_present(*ptep) && pte_dirty(*ptep))
		folio_mark_dirty(page_folio(pte_page(*ptep)));
	return 0;
}

static void collect_dirty_vma(struct vm_area_struct *vma,
			      struct swaplab_region *region,
			      struct swaplab_walk *walk)
{
	struct page_range *range = walk->data;

	if (region == range->region && range->first <= last_index(vma) &&
	    range->last >= vma->vm_pgoff)
		walk_resident(vma, region, range->first, range->last,
			      collect_dirty_pte, NULL);
}

/**
 * swaplab_pte_collect_dirty() - make dirty bits of PTEs visible in folios
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * A snapshot: address spaces that are busy are left out.
 */
void swaplab_pte_collect_dirty(struct swaplab_region *region, pgoff_t first,
			       pgoff_t last)
{
	struct page_range range = {
		.region = region,
		.first = first,
		.last = last,
	};
	struct swaplab_walk walk = {
		.pool = region->pool,
		.vma = collect_dirty_vma,
		.data = &range,
	};

	swaplab_mm_walk_all(&walk);
}

static int clear_young_pte(pte_t *ptep, unsigned long address, void *data)
{
	swaplab_pte_test_clear_young(ptep, address);
	return 0;
}

/**
 * swaplab_pte_insert() - map a page ahead of its first touch
 * @vma: of the page's region, as a fault has it
 * @frame: its folio locked and referenced by the caller
 *
 * A new PTE has the accessed bit set. The bit is cleared at once, so that it shows real
 * use; a use by another thread in this moment is missed. With soft sampling there is no
 * such bit, so the page has to wait for its own fault. A sample does not count its first
 * use, as with a page that its own fault has mapped: it was brought in for that use, and
 * the policy has admitted it as used.
 *
 * Return: false if it was not possible, or the page is mapped there already.
 */
bool swaplab_pte_insert(struct vm_area_struct *vma,
			struct swaplab_frame *frame)
{
	pgoff_t index = frame->folio->index;
	unsigned long address;

	if (index < vma->vm_pgoff || index > last_index(vma) ||
	    READ_ONCE(frame->region->pool->tunables.soft_sampling))
		return false;
	address = address_of(vma, index);
	if (vm_insert_page(vma, address, folio_page(frame->folio, 0)))
		return false;
	apply_to_existing_page_range(vma->vm_mm, address, PAGE_SIZE,
				     clear_young_pte, NULL);
	atomic_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags);
	return true;
}

/*
 * A PTE may be neither empty nor map a page: userfaultfd sets a marker for a page that is
 * write-protected but not mapped.
 */
static int take_wp_marker(pte_t *ptep, unsigned long address, void *mm)
{
	if (pte_swp_uffd_wp_any(*ptep))
		pte_clear(mm, address, ptep);
	return 0;
}

/* Not if the page has been written to meanwhile: that ends the protection. */
static int protect_again(pte_t *ptep, unsigned long address, void *data)
{
	if (pte_present(*ptep) && !pte_write(*ptep))
		set_pte(ptep, pte_mkuffd_wp(*ptep));
	return 0;
}

/*
 * Maps a page in the place of a marker, as the kernel does at the end of a fault.
 * userfaultfd makes all new PTEs of the VMA read-only, so no write is missed.
 */
static int replace_marker(struct vm_area_struct *vma, unsigned long address,
			  struct page *page)
{
	int err;

	apply_to_existing_page_range(vma->vm_mm, address, PAGE_SIZE,
				     take_wp_marker, vma->vm_mm);
	err = vm_insert_page(vma, address, page);
	if (!err)
		apply_to_existing_page_range(vma->vm_mm, address, PAGE_SIZE,
					     protect_again, NULL);
	return err;
}

/**
 * swaplab_pte_set() - map a page for the fault that asks for it
 * @vma: of the page's region, as the fault has it
 * @frame: its folio locked and referenced by the caller
 *
 * Return: 0, also if it is mapped there already; -ENOMEM.
 */
int swaplab_pte_set(struct vm_area_struct *vma, struct swaplab_frame *frame)
{
	unsigned long address = address_of(vma, frame->folio->index);
	struct page *page = folio_page(frame->folio, 0);
	int err;

	err = vm_insert_page(vma, address, page);
	if (err == -EBUSY)
		err = replace_marker(vma, address, page);
	return err == -EBUSY ? 0 : err;
}

/* From now on, an unmap of pages of the region flushes whole TLBs where that is due. */
static bool begin_flush(struct swaplab_region *region)
{
	struct swaplab_mm *space;
	bool any = false;

	lockdep_assert_held(&region->pool->mms_lock);
	list_for_each_entry(space, &region->pool->mms, link) {
		if (!(READ_ONCE(space->unflushed) & swaplab_mm_filter(region)))
			continue;
		WRITE_ONCE(space->unflushed, 0);
		inc_tlb_flush_pending(space->mm);
		space->flushing = true;
		any = true;
	}
	return any;
}

static void end_flush(struct swaplab_pool *pool)
{
	struct swaplab_mm *space;

	lockdep_assert_held(&pool->mms_lock);
	list_for_each_entry(space, &pool->mms, link) {
		if (space->flushing)
			dec_tlb_flush_pending(space->mm);
		space->flushing = false;
	}
}

/**
 * swaplab_pte_unmap() - take pages out of all page tables
 * @region: the region
 * @first: index of the first page
 * @nr: how many neighbours
 *
 * Moves accessed and dirty bits into the folios and flushes TLBs. To keep a page
 * unmapped, hold its lock.
 */
void swaplab_pte_unmap(struct swaplab_region *region, pgoff_t first,
		       unsigned long nr)
{
	struct swaplab_pool *pool = region->pool;
	bool flushing;

	/* Kept, if a flush is due: the spaces must stay until it is done. */
	mutex_lock(&pool->mms_lock);
	flushing = begin_flush(region);
	if (!flushing)
		mutex_unlock(&pool->mms_lock);
	unmap_mapping_pages(region->inode->i_mapping, first, nr, false);
	if (flushing) {
		end_flush(pool);
		mutex_unlock(&pool->mms_lock);
	}
	swaplab_stat_inc(&pool->stats, unmaps);
}

static void unmap_vma(struct vm_area_struct *vma, struct swaplab_region *region,
		      struct swaplab_walk *walk)
{
	vma_start_write(vma);
	swaplab_pte_unmap(region, vma->vm_pgoff, vma_pages(vma));
}

/**
 * swaplab_pte_unmap_all() - take all pages of a pool out of all page tables
 * @pool: the pool; the caller holds no lock
 *
 * Faults hold mmap_lock, or the VMA lock, until their PTE is set. So each of them
 * has either ended before its pages are unmapped here, or sees all that the caller did
 * before the call.
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_pte_unmap_all(struct swaplab_pool *pool)
{
	struct swaplab_walk walk = { .pool = pool, .vma = unmap_vma };
	struct swaplab_mm *space = NULL;
	int err = 0;

	/* To the end even after an error: the walk lets go of its last space. */
	while ((space = swaplab_mm_next(pool, space))) {
		struct mm_struct *mm = space->mm;

		if (!mmget_not_zero(mm))
			continue;
		if (!err)
			err = mmap_write_lock_killable(mm);
		if (!err) {
			swaplab_mm_walk(space, &walk);
			mmap_write_unlock(mm);
		}
		mmput_async(mm);
	}
	return err;
}
