/* SPDX-License-Identifier: GPL-2.0 */
/* Removal of pages from frames. */
#ifndef _SWAPLAB_REMOVAL_H
#define _SWAPLAB_REMOVAL_H

#include "run.h"

/* The result of an attempt to evict a page. */
enum swaplab_evict {
	SWAPLAB_EVICT_DONE,
	SWAPLAB_EVICT_BUSY,	/* others have references to it */
	SWAPLAB_EVICT_DIRTY,	/* it has to be written first */
};

enum swaplab_evict swaplab_removal_evict(struct swaplab_frame *frame);
int swaplab_removal_revoke(struct swaplab_frame *frame, const struct swaplab_origin *origin,
			   void __user *to, bool *written, bool keeps);
void swaplab_removal_release(struct swaplab_frame *frame);

void swaplab_removal_discard(struct swaplab_run *run, pgoff_t last);
bool swaplab_removal_discard_all(struct swaplab_region *region, long patience);
int swaplab_removal_check_mlocked(struct swaplab_region *region, pgoff_t first,
				  pgoff_t last);
int swaplab_removal_discard_range(struct swaplab_region *region, pgoff_t first,
				  pgoff_t last);

#endif /* _SWAPLAB_REMOVAL_H */
