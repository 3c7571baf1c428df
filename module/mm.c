// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces (mms) that map a pool, and walks over its VMAs in them.
 *
 * The kernel's list of a mapping's VMAs is out of a module's reach, so a pool
 * keeps the address spaces that map it, counted by VMA, and finds the VMAs
 * in them when it needs them: remembered ranges would go stale with every split
 * and mremap(). Walks only try mmap_lock: a process that holds it may be waiting for
 * the daemon, and one sample more or less is a question of quality, never of data.
 */
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "mm.h"
#include "super.h"

static struct swaplab_mm *space_of(struct swaplab_pool *pool,
				   struct mm_struct *mm)
{
	struct swaplab_mm *space;

	lockdep_assert_held(&pool->mms_lock);
	list_for_each_entry(space, &pool->mms, link)
		if (space->mm == mm && space->nr_vmas)
			return space;
	return NULL;
}

static void space_put(struct swaplab_pool *pool, struct swaplab_mm *space)
{
	lockdep_assert_held(&pool->mms_lock);
	if (--space->nr_users)
		return;
	list_del(&space->link);
	mmdrop(space->mm);
	kfree(space);
}

/**
 * swaplab_mm_add() - an address space has one more VMA of the pool
 * @pool: the pool
 * @mm: the address space, with its mmap_lock held for writing
 * @gfp: for the note of a new address space
 *
 * Return: 0, or -ENOMEM, and then the VMA is not counted.
 */
int swaplab_mm_add(struct swaplab_pool *pool, struct mm_struct *mm, gfp_t gfp)
{
	struct swaplab_mm *space, *spare;

	/* Not under the lock: the daemon takes it to free memory. */
	spare = kzalloc(sizeof(*spare), gfp);
	mutex_lock(&pool->mms_lock);
	space = space_of(pool, mm);
	if (!space && spare) {
		swap(space, spare);
		mmgrab(mm);
		space->mm = mm;
		space->nr_users = 1;
		list_add_tail(&space->link, &pool->mms);
	}
	if (space)
		space->nr_vmas++;
	mutex_unlock(&pool->mms_lock);
	kfree(spare);
	return space ? 0 : -ENOMEM;
}

/**
 * swaplab_mm_del() - an address space has one VMA of the pool less
 * @pool: the pool
 * @mm: the address space
 */
void swaplab_mm_del(struct swaplab_pool *pool, struct mm_struct *mm)
{
	struct swaplab_mm *space;

	mutex_lock(&pool->mms_lock);
	space = space_of(pool, mm);
	if (space && !--space->nr_vmas)
		space_put(pool, space);
	mutex_unlock(&pool->mms_lock);
}

/**
 * swaplab_mm_next() - go through the spaces of a pool
 * @pool: the pool
 * @prev: the result of the last call, used until now; NULL: begin
 *
 * The walker's use keeps a space on the list, so the walk can go on from it without
 * the lock in between. It has to go to the end.
 *
 * Return: the next space, in use by the caller; NULL: that was the last.
 */
struct swaplab_mm *swaplab_mm_next(struct swaplab_pool *pool,
				   struct swaplab_mm *prev)
{
	struct swaplab_mm *space = NULL;

	mutex_lock(&pool->mms_lock);
	if (!list_empty(&pool->mms)) {
		space = prev ? list_next_entry(prev, link) :
			       list_first_entry(&pool->mms, struct swaplab_mm,
						link);
		while (!list_entry_is_head(space, &pool->mms, link) &&
		       !space->nr_vmas)
			space = list_next_entry(space, link);
		if (list_entry_is_head(space, &pool->mms, link))
			space = NULL;
		else
			space->nr_users++;
	}
	if (prev)
		space_put(pool, prev);
	mutex_unlock(&pool->mms_lock);
	return space;
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
static unsigned int visit_vmas(struct swaplab_mm *space,
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
		walk->regions |= swaplab_mm_filter(region);
		walk->vma(vma, region, walk);
		left--;
	}
	return left;
}

/**
 * swaplab_mm_walk() - visit all of the pool's VMAs in a space
 * @space: in use by the caller, which holds its mmap_lock
 * @walk: the walk
 *
 * They are few among many as a rule: begin where they began the last time, and end
 * when all are found.
 */
void swaplab_mm_walk(struct swaplab_mm *space, struct swaplab_walk *walk)
{
	unsigned long hint = READ_ONCE(space->hint);
	unsigned int left = READ_ONCE(space->nr_vmas);

	walk->regions = 0;
	walk->cleared = false;
	walk->first_start = ULONG_MAX;
	/* An mm that the OOM reaper works on may lose pages during the walk. */
	if (check_stable_address_space(space->mm))
		return;
	left = visit_vmas(space, walk, hint, ULONG_MAX, left);
	visit_vmas(space, walk, 0, hint, left);
	WRITE_ONCE(space->hint, walk->first_start);
}

/**
 * swaplab_mm_walk_all() - visit the pool's VMAs in all spaces
 * @walk: the walk; the caller holds no lock that faults take
 *
 * Leaves out a space if its mmap_lock is taken.
 */
void swaplab_mm_walk_all(struct swaplab_walk *walk)
{
	struct swaplab_mm *space = NULL;

	while ((space = swaplab_mm_next(walk->pool, space))) {
		struct mm_struct *mm = space->mm;

		if (!mmget_not_zero(mm))
			continue;
		if (mmap_read_trylock(mm)) {
			swaplab_mm_walk(space, walk);
			mmap_read_unlock(mm);
			if (walk->cleared)
				WRITE_ONCE(space->unflushed, walk->regions);
		}
		/* The last put tears the mm down, and may wait for the daemon. */
		mmput_async(mm);
	}
}
