/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that a fault maps beside its own. */
#ifndef _SWAPLAB_AROUND_H
#define _SWAPLAB_AROUND_H

#include <linux/mm_types.h>

bool swaplab_around_read(struct vm_fault *vmf, pgoff_t index);
void swaplab_around_resident(struct vm_fault *vmf);
void swaplab_around_zero(struct vm_fault *vmf);

#endif /* _SWAPLAB_AROUND_H */
