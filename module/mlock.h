/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that SWAPLAB_LOCK keeps resident. */
#ifndef _SWAPLAB_MLOCK_H
#define _SWAPLAB_MLOCK_H

#include "region.h"

int swaplab_mlock_set(struct swaplab_frame *frame, unsigned long limit);
void swaplab_mlock_clear(struct swaplab_frame *frame);

#endif /* _SWAPLAB_MLOCK_H */
