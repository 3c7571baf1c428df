/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that are out of memory: of which class and age they were when they went. */
#ifndef _ADAPTIVE_GONE_H
#define _ADAPTIVE_GONE_H

#include <swaplab/policy.h>

/**
 * struct adaptive_gone - the pages remembered
 * @pages: a word each, by hash: tag, class and age
 * @mask: number of them, a power of 2, less 1
 */
struct adaptive_gone {
	u32 *pages;
	unsigned long mask;
};

int adaptive_gone_create(struct adaptive_gone *gone, unsigned long nr_frames);
void adaptive_gone_destroy(struct adaptive_gone *gone);
void adaptive_gone_put(struct adaptive_gone *gone, struct swaplab_frame *frame,
		       unsigned long class, unsigned long age);
bool adaptive_gone_take(struct adaptive_gone *gone, struct swaplab_frame *frame,
			unsigned long *class, unsigned long *age);

#endif /* _ADAPTIVE_GONE_H */
