/* SPDX-License-Identifier: GPL-2.0 */
/* The end of regions. */
#ifndef _SWAPLAB_LEAVE_H
#define _SWAPLAB_LEAVE_H

#include "region.h"

int swaplab_leave_init(void);
void swaplab_leave_exit(void);
void swaplab_leave(struct swaplab_region *region);
void swaplab_leave_now(struct swaplab_region *region);

#endif /* _SWAPLAB_LEAVE_H */
