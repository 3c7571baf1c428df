// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that touches page tables.
 *
 * The kernel's list of a mapping's VMAs is out of a module's reach, so a pool
 * keeps the address spaces (mms) that map it, counted by VMA, and finds the VMAs
 * in them when it needs them: remembered ranges would go stale with every split
 * and mremap(). Whoever walks takes mmap_lock by trylock only: a process that
 * holds it may be waiting for the daemon, and one sample more or less is a
 * question of quality, never of data.
 *
 * Accessed bits are cleared without a flush, as the kernel does on x86: a TLB that
 * has the translation still does not set the bit again. So that pages in use all
 * the time do not look idle, the next unmap flushes the whole TLB of the address
 * space, as the kernel's own reclaim does with each batch. A module can ask for
 * that by saying that a flush of the address space is pending, which is true:
 * whoever then takes pages out of it flushes all of it.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/oom.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "compat.h"
#include "mapping.h"
#include "super.h"

/**
 * struct swaplab_space - an address space that maps a pool
 * @link: on pool->spaces, for as long as @nr_users
 * @mm: grabbed, so that the structure stays; its users may be gone
 * @nr_vmas: VMAs of the pool in it
 * @nr_users: 1 while there are VMAs, and walkers at work
 * @hint: where the first of them began when they were walked last
 * @unflushed: a filter of the regions in it (see filter_of()) if accessed bits
 *	were cleared since the last flush, else 0
 * @flushing: an unmap under way flushes all of it
 */
struct swaplab_space {
	struct list_head link;
	struct mm_struct *mm;
	unsigned int nr_vmas;
	unsigned int nr_users;
	unsigned long hint;
	u64 unflushed;
	bool flushing;
};

static struct swaplab_space *space_of(struct swaplab_pool *pool,
				      struct mm_struct *mm)
{
	struct swaplab_space *space;

	lockdep_assert_held(&pool->spaces_lock);
	list_for_each_entry(space, &pool->spaces, link)
		if (space->mm == mm && space->nr_vmas)
			return space;
	return NULL;
}

static void space_put(struct swaplab_pool *pool, struct swaplab_space *space)
{
	lockdep_assert_held(&pool->spaces_lock);
	if (--space->nr_users)
		return;
	list_del(&space->link);
	mmdrop(space->mm);
	kfree(space);
}

/**
 * swaplab_mapping_add() - an address space has one more VMA of the pool
 * @pool: the pool
 * @mm: the address space, with its mmap_lock held for writing
 *
 * Without memory the space is not sampled: its pages look unused.
 */
void swaplab_mapping_add(struct swaplab_pool *pool, struct mm_struct *mm)
{
	struct swaplab_space *space, *spare;

	/* Not under the lock: the daemon takes it to free memory. */
	spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
	mutex_lock(&pool->spaces_lock);
	space = space_of(pool, mm);
	if (!space && spare) {
		swap(space, spare);
		mmgrab(mm);
		space->mm = mm;
		space->nr_users = 1;
		list_add_tail(&space->link, &pool->spaces);
	}
	if (space)
		space->nr_vmas++;
	mutex_unlock(&pool->spaces_lock);
	kfree(spare);
}

/**
 * swaplab_mapping_del() - an address space has one VMA of the pool less
 * @pool: the pool
 * @mm: the address space
 */
void swaplab_mapping_del(struct swaplab_pool *pool, struct mm_struct *mm)
{
	struct swaplab_space *space;

	mutex_lock(&pool->spaces_lock);
	space = space_of(pool, mm);
	if (space && !--space->nr_vmas)
		space_put(pool, space);
	mutex_unlock(&pool->spaces_lock);
}

/*
 * The next space after @prev, or the first. The walker's use keeps a space on
 * the list, so the walk can go on from it without the lock in between.
 */
static struct swaplab_space *space_next(struct swaplab_pool *pool,
					struct swaplab_space *prev)
{
	struct swaplab_space *space = NULL;

	mutex_lock(&pool->spaces_lock);
	if (!list_empty(&pool->spaces)) {
		space = prev ? list_next_entry(prev, link) :
			       list_first_entry(&pool->spaces,
						struct swaplab_space, link);
		while (!list_entry_is_head(space, &pool->spaces, link) &&
		       !space->nr_vmas)
			space = list_next_entry(space, link);
		if (list_entry_is_head(space, &pool->spaces, link))
			space = NULL;
		else
			space->nr_users++;
	}
	if (prev)
		space_put(pool, prev);
	mutex_unlock(&pool->spaces_lock);
	return space;
}

/* What a walk over VMAs is for, and what it has found. */
struct swaplab_walk {
	struct swaplab_pool *pool;
	void (*vma)(struct vm_area_struct *vma, struct swaplab_region *region,
		    struct swaplab_walk *walk);
	struct swaplab_frame **frames;	/* look: sorted by region and index */
	unsigned int nr;
	struct swaplab_region *region;	/* dirty: of this region only */
	pgoff_t first, last;
	unsigned long nr_young;		/* sample: with the bit set */
	unsigned long nr_referenced;	/* of them, not by coming in */
	void (*seen)(struct swaplab_region *region, pgoff_t index);
	u64 regions;			/* in this mm: a filter */
	unsigned long first_start;	/* of the first VMA in this mm */
	bool cleared;			/* bits in this mm */
};

/*
 * One bit of 64: what answers whether an mm maps a region. It errs in one case of
 * 64 for each region, and a flush is then left out.
 */
static u64 filter_of(struct swaplab_region *region)
{
	return BIT_ULL(hash_ptr(region, 6));
}

/* The region that a VMA maps, NULL if it is none of ours. */
static struct swaplab_region *region_of(struct vm_area_struct *vma)
{
	struct inode *inode;

	if (!vma->vm_file)
		return NULL;
	inode = vma->vm_file->f_mapping->host;
	return swaplab_super_has(inode) ? inode->i_private : NULL;
}

/*
 * Calls walk->vma for the pool's VMAs that begin in [@start, @end), until @left
 * of them have been found. Returns how many are still to be found.
 */
static unsigned int walk_vmas(struct swaplab_space *space,
			      struct swaplab_walk *walk, unsigned long start,
			      unsigned long end, unsigned int left)
{
	struct mm_struct *mm = space->mm;
	struct vm_area_struct *vma;
	struct swaplab_region *region;

	for (vma = find_vma(mm, start); left && vma && vma->vm_start < end;
	     vma = find_vma(mm, vma->vm_end)) {
		region = region_of(vma);
		if (!region || region->pool != walk->pool)
			continue;
		walk->first_start = min(walk->first_start, vma->vm_start);
		walk->regions |= filter_of(region);
		walk->vma(vma, region, walk);
		left--;
	}
	return left;
}

/*
 * All of the pool's VMAs in an mm, under its mmap_lock. They are few among many
 * as a rule: begin where they began the last time, and end when all are found.
 */
static void walk_mm(struct swaplab_space *space, struct swaplab_walk *walk)
{
	unsigned long hint = READ_ONCE(space->hint);
	unsigned int left = READ_ONCE(space->nr_vmas);

	walk->regions = 0;
	walk->cleared = false;
	walk->first_start = ULONG_MAX;
	/* An mm that the OOM reaper is at may lose pages under our eyes. */
	if (check_stable_address_space(space->mm))
		return;
	left = walk_vmas(space, walk, hint, ULONG_MAX, left);
	walk_vmas(space, walk, 0, hint, left);
	WRITE_ONCE(space->hint, walk->first_start);
}

static void walk_spaces(struct swaplab_walk *walk)
{
	struct swaplab_space *space = NULL;

	while ((space = space_next(walk->pool, space))) {
		struct mm_struct *mm = space->mm;

		if (!mmget_not_zero(mm))
			continue;
		if (mmap_read_trylock(mm)) {
			walk_mm(space, walk);
			mmap_read_unlock(mm);
			if (walk->cleared)
				WRITE_ONCE(space->unflushed, walk->regions);
		}
		/* The last put tears the mm down, and may wait for the daemon. */
		mmput_async(mm);
	}
}

static unsigned long address_of(struct vm_area_struct *vma, pgoff_t index)
{
	return vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
}

static pgoff_t last_index(struct vm_area_struct *vma)
{
	return vma->vm_pgoff + vma_pages(vma) - 1;
}

/*
 * Calls @fn for the PTEs of pages in [first, last] that the region has frames
 * for, one page table at a time: a sparse mapping costs what is resident.
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

/* A page that was mapped ahead of its use has been used. */
static void count_hit(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	if (!(atomic_read(&frame->flags) & SWAPLAB_FRAME_AHEAD))
		return;
	atomic_andnot(SWAPLAB_FRAME_AHEAD, &frame->flags);
	swaplab_stat_inc(&pool->stats, readahead_hits);
}

static int sample_pte(pte_t *ptep, unsigned long address, void *data)
{
	struct swaplab_walk *walk = data;
	struct swaplab_frame *frame;

	if (!pte_present(*ptep) || !swaplab_pte_test_clear_young(ptep))
		return 0;
	frame = frame_of(*ptep);
	walk->cleared = true;
	walk->nr_young++;
	count_hit(walk->pool, frame);
	if (walk->seen)
		walk->seen(frame->region, frame->folio->index);
	/* The fault that mapped it set the bit: that use is known already. */
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_FRESH) {
		atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
	} else {
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
		walk->nr_referenced++;
	}
	return 0;
}

static void sample_vma(struct vm_area_struct *vma,
		       struct swaplab_region *region, struct swaplab_walk *walk)
{
	walk_resident(vma, region, vma->vm_pgoff, last_index(vma), sample_pte,
		      walk);
}

/**
 * swaplab_mapping_sample() - copy accessed bits into frames and clear them
 * @pool: the pool
 * @any: set to whether there was one that was set, be it since its page came in
 * @seen: told of each page found accessed, once for each address space, in the
 *	order of addresses in it; NULL: nobody. Called under the page table lock
 *
 * Return: pages found accessed since they were sampled last; a page that is new
 * does not count.
 */
unsigned long swaplab_mapping_sample(struct swaplab_pool *pool, bool *any,
				     void (*seen)(struct swaplab_region *region,
						  pgoff_t index))
{
	struct swaplab_walk walk = {
		.pool = pool,
		.vma = sample_vma,
		.seen = seen,
	};

	walk_spaces(&walk);
	*any = walk.nr_young;
	return walk.nr_referenced;
}

static int look_pte(pte_t *ptep, unsigned long address, void *data)
{
	struct swaplab_walk *walk = data;
	struct swaplab_frame *frame;

	if (!pte_present(*ptep) || !swaplab_pte_test_clear_young(ptep))
		return 0;
	frame = frame_of(*ptep);
	walk->cleared = true;
	count_hit(walk->pool, frame);
	atomic_andnot(SWAPLAB_FRAME_FRESH, &frame->flags);
	atomic_or(SWAPLAB_FRAME_YOUNG, &frame->flags);
	return 0;
}

static void look_vma(struct vm_area_struct *vma, struct swaplab_region *region,
		     struct swaplab_walk *walk)
{
	unsigned int i, run;

	for (i = 0; i < walk->nr; i += run) {
		pgoff_t index = walk->frames[i]->folio->index;

		run = 1;
		if (walk->frames[i]->region != region ||
		    index < vma->vm_pgoff || index > last_index(vma))
			continue;
		while (i + run < walk->nr &&
		       walk->frames[i + run]->region == region &&
		       walk->frames[i + run]->folio->index == index + run &&
		       index + run <= last_index(vma))
			run++;
		apply_to_existing_page_range(vma->vm_mm,
					     address_of(vma, index),
					     run << PAGE_SHIFT, look_pte, walk);
	}
}

/**
 * swaplab_mapping_look() - look at candidates once more before they go
 * @pool: the pool
 * @frames: sorted by region and index; in transit by the caller
 * @nr: of them
 *
 * Sets SWAPLAB_FRAME_YOUNG on those found accessed, and clears the bit.
 */
void swaplab_mapping_look(struct swaplab_pool *pool,
			  struct swaplab_frame **frames, unsigned int nr)
{
	struct swaplab_walk walk = {
		.pool = pool,
		.vma = look_vma,
		.frames = frames,
		.nr = nr,
	};

	if (nr)
		walk_spaces(&walk);
}

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
	if (region == walk->region && walk->first <= last_index(vma) &&
	    walk->last >= vma->vm_pgoff)
		walk_resident(vma, region, walk->first, walk->last,
			      collect_dirty_pte, NULL);
}

/**
 * swaplab_mapping_collect_dirty() - make dirty bits of PTEs visible in folios
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 *
 * A snapshot for those who look on: address spaces that are busy are left out.
 */
void swaplab_mapping_collect_dirty(struct swaplab_region *region, pgoff_t first,
				   pgoff_t last)
{
	struct swaplab_walk walk = {
		.pool = region->pool,
		.vma = collect_dirty_vma,
		.region = region,
		.first = first,
		.last = last,
	};

	walk_spaces(&walk);
}

static int clear_young_pte(pte_t *ptep, unsigned long address, void *data)
{
	swaplab_pte_test_clear_young(ptep);
	return 0;
}

/**
 * swaplab_mapping_insert() - map a page that nobody has touched
 * @vma: of the page's region, as a fault has it
 * @frame: its folio locked and referenced by the caller
 *
 * The PTE is born accessed. That is undone before anybody can have used it, but
 * perhaps by another thread in this moment, so that the bit tells of real use.
 *
 * Return: false if it was not possible, or the page is mapped there already.
 */
bool swaplab_mapping_insert(struct vm_area_struct *vma,
			    struct swaplab_frame *frame)
{
	pgoff_t index = frame->folio->index;
	unsigned long address;

	if (index < vma->vm_pgoff || index > last_index(vma))
		return false;
	address = address_of(vma, index);
	if (vm_insert_page(vma, address, folio_page(frame->folio, 0)))
		return false;
	apply_to_existing_page_range(vma->vm_mm, address, PAGE_SIZE,
				     clear_young_pte, NULL);
	atomic_andnot(SWAPLAB_FRAME_FRESH | SWAPLAB_FRAME_UNUSED,
		      &frame->flags);
	return true;
}

/**
 * swaplab_mapping_set() - map a page for the fault that asks for it
 * @vma: of the page's region, as the fault has it
 * @frame: its folio locked and referenced by the caller
 *
 * Return: 0, also if it is mapped there already; -ENOMEM.
 */
int swaplab_mapping_set(struct vm_area_struct *vma, struct swaplab_frame *frame)
{
	int err;

	err = vm_insert_page(vma, address_of(vma, frame->folio->index),
			     folio_page(frame->folio, 0));
	return err == -EBUSY ? 0 : err;
}

/* From now on, who unmaps pages of the region flushes TLBs that are due whole. */
static bool begin_flush(struct swaplab_region *region)
{
	struct swaplab_space *space;
	bool any = false;

	lockdep_assert_held(&region->pool->spaces_lock);
	list_for_each_entry(space, &region->pool->spaces, link) {
		if (!(READ_ONCE(space->unflushed) & filter_of(region)))
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
	struct swaplab_space *space;

	lockdep_assert_held(&pool->spaces_lock);
	list_for_each_entry(space, &pool->spaces, link) {
		if (space->flushing)
			dec_tlb_flush_pending(space->mm);
		space->flushing = false;
	}
}

/**
 * swaplab_mapping_unmap() - take pages out of all page tables
 * @region: the region
 * @first: index of the first page
 * @nr: how many neighbours
 *
 * Moves accessed and dirty bits into the folios and flushes TLBs. To keep a page
 * unmapped, hold its lock.
 */
void swaplab_mapping_unmap(struct swaplab_region *region, pgoff_t first,
			   unsigned long nr)
{
	struct swaplab_pool *pool = region->pool;
	bool flushing;

	/* Kept, if a flush is due: the spaces must stay until it is done. */
	mutex_lock(&pool->spaces_lock);
	flushing = begin_flush(region);
	if (!flushing)
		mutex_unlock(&pool->spaces_lock);
	unmap_mapping_pages(region->inode->i_mapping, first, nr, false);
	if (flushing) {
		end_flush(pool);
		mutex_unlock(&pool->spaces_lock);
	}
	swaplab_stat_inc(&pool->stats, unmaps);
}

static void unmap_vma(struct vm_area_struct *vma, struct swaplab_region *region,
		      struct swaplab_walk *walk)
{
	swaplab_mapping_unmap(region, vma->vm_pgoff, vma_pages(vma));
}

/**
 * swaplab_mapping_unmap_all() - take all pages of a pool out of all page tables
 * @pool: the pool; the caller holds no lock
 *
 * Faults hold mmap_lock until their PTE is set. So each of them has either ended
 * before its pages are unmapped here, or sees what the caller did before the call.
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_mapping_unmap_all(struct swaplab_pool *pool)
{
	struct swaplab_walk walk = { .pool = pool, .vma = unmap_vma };
	struct swaplab_space *space = NULL;
	int err = 0;

	/* To the end even after an error: the walk lets go of its last space. */
	while ((space = space_next(pool, space))) {
		struct mm_struct *mm = space->mm;

		if (!mmget_not_zero(mm))
			continue;
		if (!err)
			err = mmap_write_lock_killable(mm);
		if (!err) {
			walk_mm(space, &walk);
			mmap_write_unlock(mm);
		}
		mmput_async(mm);
	}
	return err;
}
