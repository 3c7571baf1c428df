/* SPDX-License-Identifier: GPL-2.0 */
/* How a fault waits: without the lock that it holds, if that is allowed. */
#ifndef _SWAPLAB_WAIT_H
#define _SWAPLAB_WAIT_H

#include "region.h"

/**
 * struct swaplab_wait - one wait of a fault
 * @vmf: the fault
 * @region: of the page
 * @index: of the page; @vmf may be out of date after the wait
 * @failed: the error of the fault's last wait, if that was without the lock; or 0
 * @cause: of the wait, to be set by the caller if the wait is measured
 * @start: of swaplab_latency_start()
 * @pin: keeps the region while the fault has no lock; NULL: the fault has kept it
 */
struct swaplab_wait {
	struct vm_fault *vmf;
	struct swaplab_region *region;
	pgoff_t index;
	int failed;
	enum swaplab_latency_cause cause;
	u64 start;
	struct file *pin;
};

void swaplab_wait_init(struct swaplab_wait *wait, struct vm_fault *vmf,
		       struct swaplab_region *region);
bool swaplab_wait_has_failed(struct swaplab_wait *wait, int err);
void swaplab_wait_begin(struct swaplab_wait *wait);
void swaplab_wait_begin_disk(struct swaplab_wait *wait);
bool swaplab_wait_begin_unlocked(struct swaplab_wait *wait);
vm_fault_t swaplab_wait_end(struct swaplab_wait *wait, int err);
void swaplab_wait_count(struct swaplab_wait *wait);
void swaplab_wait_forget(void);
void swaplab_wait_expect_write(struct swaplab_region *region, pgoff_t index);
bool swaplab_wait_expects_write(struct swaplab_region *region, pgoff_t index);
bool swaplab_wait_was_refused(struct swaplab_region *region, struct vm_fault *vmf);

#endif /* _SWAPLAB_WAIT_H */
