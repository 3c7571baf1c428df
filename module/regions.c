// SPDX-License-Identifier: GPL-2.0
/*
 * The regions of a pool, by number, and walks over their resident pages.
 *
 * A walk goes through one block of pages after the other, and holds regions_lock for each
 * block. A region is taken out under that lock before it is destroyed. So a region that
 * is found under the lock stays until the lock is released, and the end of a region waits
 * for one block of a walk at most. Between two blocks, a walk remembers numbers alone.
 */
#include "regions.h"

/**
 * swaplab_regions_add() - give a region its number
 * @region: complete: a walk may find it at once
 *
 * Does not take regions_lock: the daemon takes it to free memory, and this allocates.
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_regions_add(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	int err;

	err = xa_alloc_cyclic(&pool->regions, &region->id, region,
			      XA_LIMIT(1, U32_MAX), &pool->next_region,
			      GFP_KERNEL_ACCOUNT);
	/* 1: the numbers have begun again. */
	return min(err, 0);
}

/**
 * swaplab_regions_remove() - take a region away from walks
 * @region: about to be destroyed
 */
void swaplab_regions_remove(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;

	mutex_lock(&pool->regions_lock);
	xa_erase(&pool->regions, region->id);
	mutex_unlock(&pool->regions_lock);
}

/**
 * struct cursor - how far a walk has come
 * @id: of the region
 * @index: of the next page
 */
struct cursor {
	unsigned long id;
	pgoff_t index;
};

/* The region that is next, if any; the walk may begin with it. */
static struct swaplab_region *find_region(struct swaplab_pool *pool,
					  struct cursor *cursor)
{
	unsigned long id = cursor->id;
	struct swaplab_region *region;

	lockdep_assert_held(&pool->regions_lock);
	region = xa_find(&pool->regions, &cursor->id, U32_MAX, XA_PRESENT);
	if (cursor->id != id)
		cursor->index = 0;
	return region;
}

/**
 * swaplab_regions_walk() - visit the resident pages of a pool
 * @pool: the pool; the caller holds no lock that faults take
 * @visit: called for blocks of pages, in the order of regions and pages, with
 *	regions_lock held; some pages of a block may be absent or swapped
 * @data: passed to @visit
 *
 * Return: 0, or what @visit returned, if that was not 0: then the walk has ended there.
 */
int swaplab_regions_walk(struct swaplab_pool *pool,
			 int (*visit)(struct swaplab_region *region,
				      pgoff_t first, pgoff_t last, void *data),
			 void *data)
{
	struct cursor cursor = {};
	struct swaplab_region *region;
	pgoff_t last;
	int err = 0;

	do {
		mutex_lock(&pool->regions_lock);
		region = find_region(pool, &cursor);
		if (region && swaplab_regions_find_block(region, &cursor.index,
							 &last, ULONG_MAX)) {
			err = visit(region, cursor.index, last, data);
			cursor.index = last + 1;
		} else {
			cursor.id++;
			cursor.index = 0;
		}
		mutex_unlock(&pool->regions_lock);
		cond_resched();
	} while (region && !err);
	return err;
}
