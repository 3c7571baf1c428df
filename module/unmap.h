/* SPDX-License-Identifier: GPL-2.0 */
/* Takes pages out of page tables. */
#ifndef _SWAPLAB_UNMAP_H
#define _SWAPLAB_UNMAP_H

#include <linux/mm.h>
#include "region.h"

/*
 * Have accessed bits been cleared in this VMA since its mm's TLB was flushed? fork() and
 * a split copy the note, so a flush may be one too many.
 */
static inline bool swaplab_vma_is_unflushed(struct vm_area_struct *vma)
{
	return READ_ONCE(vma->vm_private_data);
}

/* Under i_mmap_rwsem: the VMA stays. Nothing else uses the field. */
static inline void swaplab_vma_note_unflushed(struct vm_area_struct *vma, bool unflushed)
{
	WRITE_ONCE(vma->vm_private_data, (void *)(unsigned long)unflushed);
}

void swaplab_unmap_pages(struct swaplab_region *region, pgoff_t first,
			 unsigned long nr);
void swaplab_unmap_in_family(struct swaplab_region *region, pgoff_t first,
			     unsigned long nr);
void swaplab_unmap_victims(struct swaplab_region *region, pgoff_t first,
			   unsigned int nr);

#endif /* _SWAPLAB_UNMAP_H */
