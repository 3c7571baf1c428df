/* SPDX-License-Identifier: GPL-2.0 */
/* Page tables: samples of accessed bits, dirty bits, mapping pages. */
#ifndef _SWAPLAB_PTE_H
#define _SWAPLAB_PTE_H

#include "region.h"

unsigned long swaplab_pte_sample(struct swaplab_pool *pool, bool *any,
				 void (*seen)(struct swaplab_region *region,
					      pgoff_t index));
void swaplab_pte_look(struct swaplab_pool *pool, struct swaplab_frame **frames,
		      unsigned int nr);
void swaplab_pte_forget_uses(struct swaplab_region *region, pgoff_t first,
			     pgoff_t last);
void swaplab_pte_collect_dirty(struct swaplab_region *region, pgoff_t first,
			       pgoff_t last);
bool swaplab_pte_insert(struct vm_area_struct *vma,
			struct swaplab_frame *frame);
void swaplab_pte_protect(struct vm_area_struct *vma);
int swaplab_pte_set(struct vm_area_struct *vma,
		    struct swaplab_frame *frame);

#endif /* _SWAPLAB_PTE_H */
