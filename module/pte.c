// SPDX-License-Identifier: GPL-2.0
/*
 * Looks into page tables and maps pages; unmap.c takes pages out. No other file touches them.
 *
 * Accessed bits are cleared without a flush, as the kernel does on x86: a TLB that
 * has the translation still does not set the bit again. So that pages in use all
 * the time do not look idle, the next unmap flushes the whole TLB of the address
 * space, as the kernel's own reclaim does with each batch. A module can ask for
 * that by saying that a flush of the address space is pending, which is true:
 * the next unmap of pages in it then flushes all of it. Each VMA has a note whether
 * that is due, so an unmap asks only the VMAs of its pages.
 *
 * Soft sampling does without accessed bits: a sample takes all pages out of page tables,
 * and the next one finds the pages that have been used, because they are mapped again.
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include "compat.h"
#include "family.h"
#include "frame.h"
#include "pte.h"
#include "regions.h"
#include "rmap.h"
#include "unmap.h"
#include "working_set.h"

/* Calls @fn for the PTEs of some pages in one VMA that maps them. */
static void apply_to_pages(struct vm_area_struct *vma, pgoff_t first,
			   pgoff_t last, pte_fn_t fn, void *data)
{
	apply_to_existing_page_range(vma->vm_mm,
				     swaplab_rmap_address(vma, first),
				     (last - first + 1) << PAGE_SHIFT, fn, data);
}

/*
 * The frame behind a PTE of ours. Under the page table lock the mapping holds a
 * reference, so the folio is not recycled and its private stays.
 */
static struct swaplab_frame *frame_of(pte_t pte)
{
	return (struct swaplab_frame *)page_private(pte_page(pte));
}

/**
 * struct look - at accessed bits
 * @pool: of the pages
 * @region: of a sample: the region whose VMAs it looks into
 * @fn: called for each PTE
 * @cleared: there were some in the VMA at hand
 * @nr_vmas: VMAs that were looked into
 */
struct look {
	struct swaplab_pool *pool;
	struct swaplab_region *region;
	pte_fn_t fn;
	bool cleared;
	unsigned long nr_vmas;
};

/* Has the page been used since its accessed bit was cleared? */
static bool test_clear_used(struct look *look, pte_t *ptep,
			    unsigned long address)
{
	if (!pte_present(*ptep) ||
	    !swaplab_pte_test_clear_young(ptep, address))
		return false;
	look->cleared = true;
	return true;
}

static void look_into_vma(struct vm_area_struct *vma, pgoff_t first,
			  pgoff_t last, void *data)
{
	struct look *look = data;

	look->cleared = false;
	apply_to_pages(vma, first, last, look->fn, look);
	if (look->cleared)
		swaplab_vma_note_unflushed(vma, true);
	look->nr_vmas++;
}

/**
 * struct sample - of all pages of a pool
 * @look: at their accessed bits
 * @soft: a page has been used if it is mapped: the last sample unmapped it, and this one
 *	does so with each block when it has looked into the VMAs of its region
 * @stamps: frames get stamps of uses, for working sets
 * @counts: these are counted
 * @seen: called for each page that has been used, or NULL
 * @nr_young: pages that have been used
 * @nr_referenced: those of them that have been in since the last sample
 */
struct sample {
	struct look look;
	bool soft;
	bool stamps;
	bool counts;
	void (*seen)(struct swaplab_region *region, pgoff_t index);
	unsigned long nr_young;
	unsigned long nr_referenced;
};

static int sample_pte(pte_t *ptep, unsigned long address, void *data)
{
	struct sample *sample = container_of(data, struct sample, look);
	struct swaplab_frame *frame;

	if (sample->soft ? !pte_present(*ptep) :
			   !test_clear_used(&sample->look, ptep, address))
		return 0;
	frame = frame_of(*ptep);
	sample->nr_young++;
	swaplab_frame_count_hit(sample->look.pool, frame);
	if (sample->stamps)
		swaplab_working_set_use(sample->look.region, frame);
	if (sample->seen)
		sample->seen(sample->look.region, frame->folio->index);
	/*
	 * It was brought in for this use, which is known already. YOUNG is for a daemon that
	 * has the page in hand and is about to look at the bit that is cleared now.
	 */
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_FRESH) {
		atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
		atomic_or(SWAPLAB_FRAME_YOUNG, &frame->flags);
	} else {
		atomic_or(SWAPLAB_FRAME_REFERENCED | SWAPLAB_FRAME_YOUNG,
			  &frame->flags);
		sample->nr_referenced++;
	}
	return 0;
}

static int sample_block(struct swaplab_region *region, pgoff_t first,
			pgoff_t last, void *data)
{
	struct sample *sample = data;
	unsigned long nr_young = sample->nr_young;

	/* A page that a VMA maps is resident in the region of that VMA, so it is met there. */
	sample->look.region = region;
	swaplab_rmap_walk(region, first, last, region, look_into_vma, &sample->look);
	if (sample->counts)
		swaplab_working_set_count(region, first, last);
	if (sample->nr_young == nr_young)
		return 0;
	/* The next use of each page is a fault. */
	if (sample->soft)
		swaplab_unmap_pages(region, first, last - first + 1);
	else if (sample->counts)
		/* Any unmap flushes the TLB. Else pages in it would have no use to be counted. */
		swaplab_unmap_pages(region, first, 1);
	return 0;
}

/**
 * swaplab_pte_sample() - copy accessed bits into frames and clear them
 * @pool: the pool; the caller is its leader, which has called swaplab_working_set_begin()
 * @any: set to whether there was one that was set, be it since its page came in
 * @seen: called for each page found accessed, once for each VMA, block by block in the
 *	order of regions and indices, under the page table lock; or NULL
 *
 * Return: pages found accessed since they were sampled last; a page that is new
 * does not count.
 */
unsigned long swaplab_pte_sample(struct swaplab_pool *pool, bool *any,
				 void (*seen)(struct swaplab_region *region,
					      pgoff_t index))
{
	struct sample sample = {
		.look = { .pool = pool, .fn = sample_pte },
		.soft = READ_ONCE(pool->tunables.soft_sampling),
		.stamps = pool->allocation.count.is_on,
		.counts = pool->allocation.count.is_due,
		.seen = seen,
	};

	swaplab_regions_walk(pool, sample_block, &sample);
	swaplab_stat_add(&pool->stats, vma_visits, sample.look.nr_vmas);
	*any = sample.nr_young;
	return sample.nr_referenced;
}

static int look_pte(pte_t *ptep, unsigned long address, void *data)
{
	struct look *look = data;
	struct swaplab_frame *frame;

	if (!test_clear_used(look, ptep, address))
		return 0;
	frame = frame_of(*ptep);
	swaplab_frame_count_hit(look->pool, frame);
	atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
	atomic_or(SWAPLAB_FRAME_YOUNG, &frame->flags);
	return 0;
}

static void look_at_run(struct look *look, struct swaplab_region *region,
			pgoff_t first, pgoff_t last)
{
	struct swaplab_region *only;
	pgoff_t end;

	for (; first <= last; first = end + 1) {
		end = last;
		only = swaplab_family_only_owner(region, first, &end);
		swaplab_rmap_walk(region, first, end, only, look_into_vma, look);
	}
}

/**
 * swaplab_pte_look() - look at candidates once more before they go
 * @pool: the pool
 * @frames: sorted by region and index; in transit by the caller, so that their regions
 *	stay
 * @nr: of them
 *
 * Sets SWAPLAB_FRAME_YOUNG on those found accessed, and clears the bit.
 */
void swaplab_pte_look(struct swaplab_pool *pool, struct swaplab_frame **frames,
		      unsigned int nr)
{
	struct look look = { .pool = pool, .fn = look_pte };
	unsigned int i, run;

	for (i = 0; i < nr; i += run) {
		struct swaplab_region *region = frames[i]->region;
		pgoff_t first = frames[i]->folio->index;

		for (run = 1; i + run < nr; run++)
			if (frames[i + run]->region != region ||
			    frames[i + run]->folio->index != first + run)
				break;
		look_at_run(&look, region, first, first + run - 1);
	}
	swaplab_stat_add(&pool->stats, vma_visits, look.nr_vmas);
}

/**
 * swaplab_pte_forget_uses() - clear accessed bits of a region's pages
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * Goes through the VMAs of this region alone. With soft sampling a use is to be mapped, so the
 * pages are unmapped. Incomplete after a fatal signal.
 */
void swaplab_pte_forget_uses(struct swaplab_region *region, pgoff_t first,
			     pgoff_t last)
{
	struct look look = { .pool = region->pool, .fn = look_pte };
	bool soft = READ_ONCE(region->pool->tunables.soft_sampling);
	pgoff_t end;

	for (; swaplab_regions_find_block(region, &first, &end, last); first = end + 1) {
		if (soft)
			swaplab_unmap_pages(region, first, end - first + 1);
		else
			swaplab_rmap_walk(region, first, end, region, look_into_vma, &look);
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	swaplab_stat_add(&region->pool->stats, vma_visits, look.nr_vmas);
}

static int collect_dirty_pte(pte_t *ptep, unsigned long address, void *data)
{
	if (pte_present(*ptep) && pte_dirty(*ptep))
		folio_mark_dirty(page_folio(pte_page(*ptep)));
	return 0;
}

static void collect_dirty_vma(struct vm_area_struct *vma, pgoff_t first,
			      pgoff_t last, void *data)
{
	apply_to_pages(vma, first, last, collect_dirty_pte, NULL);
}

/**
 * swaplab_pte_collect_dirty() - make dirty bits of PTEs visible in folios
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * A snapshot; incomplete after a fatal signal.
 */
void swaplab_pte_collect_dirty(struct swaplab_region *region, pgoff_t first,
			       pgoff_t last)
{
	pgoff_t end;

	for (; swaplab_regions_find_block(region, &first, &end, last); first = end + 1) {
		swaplab_rmap_walk(region, first, end, NULL, collect_dirty_vma, NULL);
		if (fatal_signal_pending(current))
			return;
		cond_resched();
	}
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

	if (index < vma->vm_pgoff || index > swaplab_rmap_last(vma) ||
	    READ_ONCE(frame->region->pool->tunables.soft_sampling))
		return false;
	address = swaplab_rmap_address(vma, index);
	if (vm_insert_page(vma, address, folio_page(frame->folio, 0)))
		return false;
	apply_to_existing_page_range(vma->vm_mm, address, PAGE_SIZE,
				     clear_young_pte, NULL);
	atomic_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags);
	return true;
}

/* In one step, since the CPU may set the accessed bit meanwhile. */
static int protect_pte(pte_t *ptep, unsigned long address, void *data)
{
	pte_t old = READ_ONCE(*ptep), new;

	do {
		if (!pte_present(old))
			return 0;
		new = pte_mkclean(pte_wrprotect(old));
	} while (!try_cmpxchg((unsigned long *)ptep, (unsigned long *)&old,
			      pte_val(new)));
	if (pte_dirty(old))
		folio_mark_dirty(page_folio(pte_page(old)));
	return 0;
}

/**
 * swaplab_pte_protect() - make the PTEs of a VMA read-only and clean
 * @vma: locked for writing by the caller, which flushes the TLB
 *
 * Moves dirty bits into the folios.
 */
void swaplab_pte_protect(struct vm_area_struct *vma)
{
	pgoff_t first = vma->vm_pgoff, end, last = swaplab_rmap_last(vma);
	struct swaplab_region *region = swaplab_region_of(vma);

	for (; swaplab_regions_find_block(region, &first, &end, last); first = end + 1) {
		apply_to_pages(vma, first, end, protect_pte, NULL);
		cond_resched();
	}
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
	unsigned long address = swaplab_rmap_address(vma, frame->folio->index);
	struct page *page = folio_page(frame->folio, 0);
	int err;

	err = vm_insert_page(vma, address, page);
	if (err == -EBUSY)
		err = replace_marker(vma, address, page);
	return err == -EBUSY ? 0 : err;
}
