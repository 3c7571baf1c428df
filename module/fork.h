/* SPDX-License-Identifier: GPL-2.0 */
/* fork() of an address space that maps a region with private pages. */
#ifndef _SWAPLAB_FORK_H
#define _SWAPLAB_FORK_H

#include "region.h"

int swaplab_fork_mmap(struct swaplab_region *region, struct vm_area_struct *vma);
struct file *swaplab_fork_file(struct file *file, struct mm_struct *mm);

#endif /* _SWAPLAB_FORK_H */
