/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that are out of memory: of which class and age they were when they went. */
#ifndef _ADAPTIVE_GONE_H
#define _ADAPTIVE_GONE_H

#include <swaplab/policy_pages.h>

/**
 * struct adaptive_gone - the pages remembered
 * @memory: for the table
 * @table: a word for each page, by hash: tag, class and age
 * @mask: number of words in use, a power of 2, less 1
 */
struct adaptive_gone {
	struct swaplab_pages memory;
	struct swaplab_table table;
	unsigned long mask;
};

int adaptive_gone_create(struct adaptive_gone *gone, unsigned long nr_frames);
int adaptive_gone_reserve(struct adaptive_gone *gone, unsigned long nr_frames);
void adaptive_gone_follow(struct adaptive_gone *gone, unsigned long nr_frames);
void adaptive_gone_destroy(struct adaptive_gone *gone);
void adaptive_gone_put(struct adaptive_gone *gone, struct swaplab_frame *frame,
		       unsigned long class, unsigned long age);
bool adaptive_gone_take(struct adaptive_gone *gone, struct swaplab_frame *frame,
			unsigned long *class, unsigned long *age);

#endif /* _ADAPTIVE_GONE_H */
