/* SPDX-License-Identifier: GPL-2.0 */
/* The VMAs that map pages of a region. */
#ifndef _SWAPLAB_RMAP_H
#define _SWAPLAB_RMAP_H

#include "region.h"

/**
 * typedef swaplab_rmap_visit_t - called for each VMA of a walk, under i_mmap_rwsem
 * @vma: the VMA, which stays where it is meanwhile, and so do its page tables
 * @first: index of the first page that the walk wants and @vma maps
 * @last: index of the last one
 * @data: the caller's
 */
typedef void (*swaplab_rmap_visit_t)(struct vm_area_struct *vma, pgoff_t first,
				     pgoff_t last, void *data);

static inline unsigned long swaplab_rmap_address(struct vm_area_struct *vma,
						 pgoff_t index)
{
	return vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
}

static inline pgoff_t swaplab_rmap_last(struct vm_area_struct *vma)
{
	return vma->vm_pgoff + vma_pages(vma) - 1;
}

pgoff_t swaplab_rmap_walk_some(struct swaplab_region *region, pgoff_t first,
			       pgoff_t last, struct swaplab_region *only,
			       swaplab_rmap_visit_t visit, void *data);
void swaplab_rmap_walk(struct swaplab_region *region, pgoff_t first,
		       pgoff_t last, struct swaplab_region *only,
		       swaplab_rmap_visit_t visit, void *data);

bool swaplab_rmap_has(struct swaplab_region *region, struct vm_area_struct *vma);

#endif /* _SWAPLAB_RMAP_H */
