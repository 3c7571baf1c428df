// SPDX-License-Identifier: GPL-2.0
/*
 * The end of regions: their pages are discarded, and then they are freed.
 *
 * A disk that neither gives pages nor refuses them must not delay the end of a process. A
 * work item waits instead, and holds a reference on the module. It is done with the region
 * and the pool when it puts that reference, and the queue is destroyed before the code that
 * it returns to.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/workqueue.h>
#include "leave.h"
#include "pager.h"
#include "record.h"
#include "removal.h"

/* How long the last user of a region waits for its disk, in jiffies. */
#define PATIENCE	(5 * HZ)

static struct workqueue_struct *leave_queue;

static void leave_end(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;

	swaplab_region_destroy(region);
	swaplab_pool_leave(pool);
}

static void leave_later(struct work_struct *work)
{
	struct swaplab_region *region =
		container_of(work, struct swaplab_region, leave);

	if (!swaplab_removal_discard_all(region, HZ)) {
		queue_work(leave_queue, work);
		return;
	}
	atomic_dec(&region->pool->nr_leaving);
	leave_end(region);
	module_put(THIS_MODULE);
}

/**
 * swaplab_leave() - end a region, now or when its disk has answered
 * @region: nothing can open or map it any more; the caller's file keeps the module
 */
void swaplab_leave(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;

	swaplab_record_forget(region);
	swaplab_pager_detach(region);
	/* With many regions on a disk that hangs, a task waits for one of them. */
	if (swaplab_removal_discard_all(region, atomic_read(&pool->nr_leaving) ?
					0 : PATIENCE)) {
		leave_end(region);
		return;
	}
	pr_warn_ratelimited("%s: a region without users waits for its disk\n",
			    pool->name);
	atomic_inc(&pool->nr_leaving);
	__module_get(THIS_MODULE);
	INIT_WORK(&region->leave, leave_later);
	queue_work(leave_queue, &region->leave);
}

/**
 * swaplab_leave_now() - end a region of a pool that is being removed
 * @region: nothing can open or map it any more
 *
 * The module may be on its way out, too, so that no work item may stay behind.
 */
void swaplab_leave_now(struct swaplab_region *region)
{
	swaplab_pager_detach(region);
	while (!swaplab_removal_discard_all(region, HZ))
		;
	leave_end(region);
}

/**
 * swaplab_leave_init() - prepare for the end of regions
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_leave_init(void)
{
	leave_queue = alloc_workqueue("swaplab-leave",
				      WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return leave_queue ? 0 : -ENOMEM;
}

/** swaplab_leave_exit() - undo swaplab_leave_init(); no device is left */
void swaplab_leave_exit(void)
{
	destroy_workqueue(leave_queue);
}
