/* SPDX-License-Identifier: GPL-2.0 */
/* The fault handler. */
#ifndef _SWAPLAB_FAULT_H
#define _SWAPLAB_FAULT_H

#include <linux/mm_types.h>

struct swaplab_frame;
struct swaplab_region;

vm_fault_t swaplab_fault(struct vm_fault *vmf);

unsigned int swaplab_fault_busy_flags(struct swaplab_region *region);
struct folio *swaplab_fault_copy(struct swaplab_region *region,
				 struct swaplab_frame *frame,
				 struct swaplab_frame *copy);

#endif /* _SWAPLAB_FAULT_H */
