/* SPDX-License-Identifier: GPL-2.0 */
/* The address spaces that map a pool, and walks over its VMAs in them. */
#ifndef _SWAPLAB_MM_H
#define _SWAPLAB_MM_H

#include <linux/hash.h>
#include "region.h"

/**
 * struct swaplab_mm - an address space that maps a pool
 * @link: on pool->mms, for as long as @nr_users
 * @mm: grabbed, so that the structure stays; its users may be gone
 * @nr_vmas: VMAs of the pool in it
 * @nr_users: 1 while there are VMAs, and walkers at work
 * @hint: where the first of them began when they were walked last
 * @unflushed: a filter of the regions in it (see swaplab_mm_filter()) if accessed bits
 *	were cleared since the last flush, else 0
 * @flushing: an unmap under way flushes all of it
 */
struct swaplab_mm {
	struct list_head link;
	struct mm_struct *mm;
	unsigned int nr_vmas;
	unsigned int nr_users;
	unsigned long hint;
	u64 unflushed;
	bool flushing;
};

/**
 * struct swaplab_walk - a walk over the VMAs of a pool, as struct mm_walk
 * @pool: the pool
 * @vma: called for each VMA of the pool
 * @data: the caller's
 * @cleared: set by @vma if it has cleared accessed bits in this address space
 * @regions: of this address space, a filter; mm.c
 * @first_start: of the first VMA in this address space; mm.c
 */
struct swaplab_walk {
	struct swaplab_pool *pool;
	void (*vma)(struct vm_area_struct *vma, struct swaplab_region *region,
		    struct swaplab_walk *walk);
	void *data;
	bool cleared;
	u64 regions;
	unsigned long first_start;
};

/*
 * One bit of 64, by which to tell whether an mm maps a region. It errs in one case of
 * 64 for each region, and a flush is then left out.
 */
static inline u64 swaplab_mm_filter(struct swaplab_region *region)
{
	return BIT_ULL(hash_ptr(region, 6));
}

int swaplab_mm_add(struct swaplab_pool *pool, struct mm_struct *mm, gfp_t gfp);
void swaplab_mm_del(struct swaplab_pool *pool, struct mm_struct *mm);
struct swaplab_mm *swaplab_mm_next(struct swaplab_pool *pool,
				   struct swaplab_mm *prev);
void swaplab_mm_walk(struct swaplab_mm *space, struct swaplab_walk *walk);
void swaplab_mm_walk_all(struct swaplab_walk *walk);

#endif /* _SWAPLAB_MM_H */
