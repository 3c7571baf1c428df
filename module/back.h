/* SPDX-License-Identifier: GPL-2.0 */
/* SWAPLAB_BACK. */
#ifndef _SWAPLAB_BACK_H
#define _SWAPLAB_BACK_H

#include "region.h"

int swaplab_back(struct swaplab_region *region, pgoff_t first, pgoff_t last, int fd,
		 pgoff_t index);

#endif /* _SWAPLAB_BACK_H */
