/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that a fault maps beside its own. */
#ifndef _SWAPLAB_AROUND_H
#define _SWAPLAB_AROUND_H

#include <linux/mm_types.h>

struct swaplab_region;

bool swaplab_around_read(struct vm_fault *vmf, struct swaplab_region *region,
			 pgoff_t index);
void swaplab_around_resident(struct vm_fault *vmf,
			     struct swaplab_region *region);
void swaplab_around_zero(struct vm_fault *vmf, struct swaplab_region *region);

#endif /* _SWAPLAB_AROUND_H */
