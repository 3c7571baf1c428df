/* SPDX-License-Identifier: GPL-2.0 */
/* Advice of programs on pages. */
#ifndef _SWAPLAB_ADVISE_H
#define _SWAPLAB_ADVISE_H

#include "region.h"

int swaplab_advise_will_need(struct swaplab_region *region, pgoff_t first,
			     pgoff_t last, unsigned long *nr);
int swaplab_advise_cold(struct swaplab_region *region, pgoff_t first,
			pgoff_t last, unsigned long *nr);
int swaplab_fadvise(struct file *file, loff_t offset, loff_t length, int advice);

#endif /* _SWAPLAB_ADVISE_H */
