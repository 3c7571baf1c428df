/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that SWAPLAB_LOCK keeps resident. */
#ifndef _SWAPLAB_MLOCK_H
#define _SWAPLAB_MLOCK_H

#include "run.h"

int swaplab_mlock_set(struct swaplab_run *run, unsigned long limit);
void swaplab_mlock_clear(struct swaplab_run *run);

#endif /* _SWAPLAB_MLOCK_H */
