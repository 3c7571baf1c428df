/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings: which pages of a pool are used, in order, for a file to read. */
#ifndef _SWAPLAB_RECORD_H
#define _SWAPLAB_RECORD_H

#include <linux/swaplab.h>
#include "region.h"

/*
 * Must each page be mapped by swaplab_record_map()? To be asked with the folio locked,
 * which then stays so until the PTE is set: swaplab_record_start() waits for that.
 */
static inline bool swaplab_record_is_exact(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->recording.mode) == SWAPLAB_RECORD_EXACT;
}

/* Do samples have to go on, even if the policy does not need them? */
static inline bool swaplab_record_is_sampled(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->recording.mode) == SWAPLAB_RECORD_SAMPLED;
}

int swaplab_record_start(struct swaplab_pool *pool,
			 const struct swaplab_record *request);
vm_fault_t swaplab_record_map(struct vm_area_struct *vma,
			      struct swaplab_frame *frame, bool is_write);
unsigned long swaplab_record_sample(struct swaplab_pool *pool, bool *any);
void swaplab_record_forget(struct swaplab_region *region);

#endif /* _SWAPLAB_RECORD_H */
