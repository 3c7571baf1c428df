/* SPDX-License-Identifier: GPL-2.0 */
/* The states of pages, as processes ask for them. */
#ifndef _SWAPLAB_PAGE_STATES_H
#define _SWAPLAB_PAGE_STATES_H

#include "region.h"

int swaplab_page_states_tell(struct swaplab_region *region, pgoff_t first,
			     pgoff_t last, u8 __user *states);
struct file *swaplab_page_states_file(struct file *file, pid_t nr);

#endif /* _SWAPLAB_PAGE_STATES_H */
