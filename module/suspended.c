// SPDX-License-Identifier: GPL-2.0
/*
 * A fault in a region that is suspended: it waits until the region goes on. The first task that
 * does so then reads the pages that the region has lost meanwhile, which is less work than a fault
 * for each of them.
 */
#include <linux/mm.h>
#include <linux/psi.h>
#include "readahead.h"
#include "suspended.h"
#include "wait.h"

/**
 * swaplab_suspended_wait() - wait until a region goes on
 * @region: the region
 * @vmf: swaplab_suspended_delays() has said so
 *
 * For PSI, the wait is a stall on memory.
 *
 * Return: what the fault returns.
 */
vm_fault_t swaplab_suspended_wait(struct swaplab_region *region, struct vm_fault *vmf)
{
	unsigned int state = TASK_FREEZABLE;
	struct swaplab_wait wait;
	unsigned long psi;
	bool goes_on;
	u32 evicted;

	state |= vmf->flags & FAULT_FLAG_INTERRUPTIBLE ? TASK_INTERRUPTIBLE : TASK_KILLABLE;
	swaplab_wait_init(&wait, vmf, region);
	wait.cause = SWAPLAB_LATENCY_frame_wait;
	/* It can be dropped, and that is a condition of this wait. */
	if (!swaplab_wait_begin_unlocked(&wait))
		return VM_FAULT_SIGBUS;
	psi_memstall_enter(&psi);
	goes_on = swaplab_load_wait(region, state);
	psi_memstall_leave(&psi);
	if (goes_on && swaplab_load_prepages(region, &evicted))
		swaplab_readahead_prepage(region, evicted);
	return swaplab_wait_end(&wait, goes_on ? 0 : -EINTR);
}
