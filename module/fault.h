/* SPDX-License-Identifier: GPL-2.0 */
/* The fault handler. */
#ifndef _SWAPLAB_FAULT_H
#define _SWAPLAB_FAULT_H

#include <linux/mm_types.h>

vm_fault_t swaplab_fault(struct vm_fault *vmf);
vm_fault_t swaplab_fault_mkwrite(struct vm_fault *vmf);

#endif /* _SWAPLAB_FAULT_H */
