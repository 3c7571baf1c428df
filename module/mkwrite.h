/* SPDX-License-Identifier: GPL-2.0 */
/* Writes to pages that are mapped read-only. */
#ifndef _SWAPLAB_MKWRITE_H
#define _SWAPLAB_MKWRITE_H

#include <linux/mm_types.h>

vm_fault_t swaplab_mkwrite(struct vm_fault *vmf);

#endif /* _SWAPLAB_MKWRITE_H */
