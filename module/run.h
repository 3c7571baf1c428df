/* SPDX-License-Identifier: GPL-2.0 */
/* Runs: some pages of a region, in order, whose state one task changes together. */
#ifndef _SWAPLAB_RUN_H
#define _SWAPLAB_RUN_H

#include "region.h"

/* Pages at most: no spinlock is held for more at a time. */
#define SWAPLAB_RUN_PAGES	64U

/**
 * struct swaplab_run - some pages of a region, and where the next ones begin
 * @region: the region
 * @next: index of the next page to look at
 * @more: there may be pages from @next on
 * @busy: page @next is in this frame, and in transit by another task; NULL: it is not
 * @nr: of @frames
 * @nr_slots: of @slots
 * @nr_shared: swapped pages that have been made absent, and whose slots stay with others
 * @frames: in transit by the owner of the run, in the order of their indexes
 * @slots: of swapped pages that have been made absent
 * @gone: the indexes of these pages; of frames that are made absent, @slots gets the slots
 *	later on, and this does not get the indexes
 */
struct swaplab_run {
	struct swaplab_region *region;
	pgoff_t next;
	bool more;
	struct swaplab_frame *busy;
	unsigned int nr;
	unsigned int nr_slots;
	unsigned int nr_shared;
	struct swaplab_frame *frames[SWAPLAB_RUN_PAGES];
	u32 slots[SWAPLAB_RUN_PAGES];
	pgoff_t gone[SWAPLAB_RUN_PAGES];
};

void swaplab_run_init(struct swaplab_run *run, struct swaplab_region *region,
		      pgoff_t first);
void swaplab_run_take(struct swaplab_run *run, pgoff_t last);
void swaplab_run_erase(struct swaplab_run *run);
void swaplab_run_claim_resident(struct swaplab_run *run, pgoff_t last);
void swaplab_run_claim(struct swaplab_run *run, pgoff_t last);
void swaplab_run_claim_mlocked(struct swaplab_run *run, pgoff_t last,
			       xa_mark_t mark);
void swaplab_run_unmark(struct swaplab_run *run);
void swaplab_run_settle(struct swaplab_run *run);

int swaplab_run_wait(struct swaplab_run *run);
bool swaplab_run_wait_until(struct swaplab_run *run, unsigned long deadline);

#endif /* _SWAPLAB_RUN_H */
