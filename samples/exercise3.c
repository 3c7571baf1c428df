// SPDX-License-Identifier: GPL-2.0
/*
 * Answer to exercise 3: most pages that come in are the next to go, so that a loop
 * that does not fit leaves a part of itself alone, which then hits in each round.
 *
 * M. K. Qureshi and others, "Adaptive insertion policies for high performance
 * caching", ISCA 2007, as bimodal insertion, there with LRU. Every so many pages one
 * goes to the end of the queue all the same: without that, pages of a loop that is
 * over would stay for ever.
 */
#include <swaplab/policy.h>

/* One page of so many is kept: fewer hit more, and take longer to follow. */
#define KEEP_EVERY	16

struct exercise3 {
	struct list_head queue;		/* next victim first */
	unsigned long nr_admitted;
};

static void exercise3_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct exercise3 *loop = policy->data;

	if (++loop->nr_admitted % KEEP_EVERY)
		list_add(&frame->link, &loop->queue);
	else
		list_add_tail(&frame->link, &loop->queue);
}

/* The page is in use: at the head it would be in the way. */
static void exercise3_putback(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct exercise3 *loop = policy->data;

	list_add_tail(&frame->link, &loop->queue);
}

static void exercise3_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static struct swaplab_frame *exercise3_victim(struct swaplab_policy *policy)
{
	struct exercise3 *loop = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&loop->queue, struct swaplab_frame, link);
	if (frame)
		list_del(&frame->link);
	return frame;
}

static int exercise3_init(struct swaplab_policy *policy)
{
	struct exercise3 *loop = policy->data;

	INIT_LIST_HEAD(&loop->queue);
	return 0;
}

static struct swaplab_policy_ops exercise3_ops = {
	.admit = exercise3_admit,
	.victim = exercise3_victim,
	.remove = exercise3_remove,
	.putback = exercise3_putback,
	.init = exercise3_init,
	.data_size = sizeof(struct exercise3),
	.name = "exercise3",
	.owner = THIS_MODULE,
};
module_swaplab_policy(exercise3_ops, "exercise3");

MODULE_DESCRIPTION("swaplab policy: bimodal insertion");
MODULE_LICENSE("GPL");
