/* SPDX-License-Identifier: GPL-2.0 */
/* Bringing pages in before they are asked for. */
#ifndef _SWAPLAB_READAHEAD_H
#define _SWAPLAB_READAHEAD_H

#include <linux/mm.h>
#include "region.h"

/**
 * struct swaplab_asked - a page that a fault asks for
 * @index: of the page
 * @first: index of the first page of the VMA of the fault
 * @last: of its last
 * @advice: VM_RAND_READ or VM_SEQ_READ, if the VMA has it
 */
struct swaplab_asked {
	pgoff_t index;
	pgoff_t first;
	pgoff_t last;
	vm_flags_t advice;
};

/* MADV_RANDOM: what a fault touches in this VMA tells nothing about other pages. */
static inline bool swaplab_readahead_is_off(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_RAND_READ;
}

unsigned int swaplab_readahead_nr_affordable(struct swaplab_pool *pool);
unsigned int swaplab_readahead_touch(struct swaplab_region *region,
				     pgoff_t index);
void swaplab_readahead_touched(struct swaplab_region *region, unsigned int nr);
void swaplab_readahead_asked_init(struct swaplab_asked *asked,
				  struct vm_fault *vmf);
void swaplab_readahead_miss(struct swaplab_region *region,
			    const struct swaplab_asked *asked, u32 evicted);
void swaplab_readahead_hit(struct swaplab_region *region,
			   const struct swaplab_asked *asked, unsigned int flags,
			   struct swaplab_window *rest, struct swaplab_window *next);
int swaplab_readahead_will_need(struct swaplab_region *region, pgoff_t first,
				pgoff_t last, unsigned long *nr);
void swaplab_readahead_prepage(struct swaplab_region *region, u32 evicted);
void swaplab_readahead_read(struct swaplab_region *region,
			    const struct swaplab_window *window);

#endif /* _SWAPLAB_READAHEAD_H */
