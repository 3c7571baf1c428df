/* SPDX-License-Identifier: GPL-2.0 */
/* Faults in regions that load control has suspended. */
#ifndef _SWAPLAB_SUSPENDED_H
#define _SWAPLAB_SUSPENDED_H

#include <linux/mm.h>
#include "load.h"

/*
 * Has a fault on a page that is not resident to wait for its region's turn? Only one that can drop
 * its lock, from user mode: no lock of the kernel is held then. A second attempt goes on, even if
 * the region is suspended again by now.
 */
static inline bool swaplab_suspended_delays(struct swaplab_region *region,
					    struct vm_fault *vmf)
{
	return unlikely(swaplab_load_is_suspended(region)) &&
	       vmf->flags & FAULT_FLAG_USER &&
	       !(vmf->flags & FAULT_FLAG_RETRY_NOWAIT) &&
	       fault_flag_allow_retry_first(vmf->flags);
}

vm_fault_t swaplab_suspended_wait(struct swaplab_region *region, struct vm_fault *vmf);

#endif /* _SWAPLAB_SUSPENDED_H */
