// SPDX-License-Identifier: GPL-2.0
/*
 * FIFO: the page that came in first is evicted first, used or not.
 *
 * The baseline, and the home of Belady's anomaly: L. A. Belady, R. A. Nelson,
 * G. S. Shedler, "An anomaly in space-time characteristics of certain programs
 * running in a paging machine", CACM 12(6), 1969. Deviation: a victim that could
 * not be evicted, because it was busy, joins the end of the queue.
 */
#include <swaplab/policy.h>

struct fifo {
	struct list_head queue;	/* next victim first */
};

static void fifo_admit(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct fifo *fifo = policy->data;

	list_add_tail(&frame->link, &fifo->queue);
}

static struct swaplab_frame *fifo_victim(struct swaplab_policy *policy)
{
	struct fifo *fifo = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&fifo->queue, struct swaplab_frame,
					 link);
	if (frame)
		list_del(&frame->link);
	return frame;
}

static void fifo_remove(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static int fifo_init(struct swaplab_policy *policy)
{
	struct fifo *fifo = policy->data;

	INIT_LIST_HEAD(&fifo->queue);
	return 0;
}

static struct swaplab_policy_ops fifo_ops = {
	.admit = fifo_admit,
	.victim = fifo_victim,
	.remove = fifo_remove,
	.init = fifo_init,
	.victim_looks = 1,
	.data_size = sizeof(struct fifo),
	.name = "fifo",
	.owner = THIS_MODULE,
};
module_swaplab_policy(fifo_ops, "fifo");

MODULE_DESCRIPTION("swaplab policy: first in, first out");
MODULE_LICENSE("GPL");
