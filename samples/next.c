// SPDX-License-Identifier: GPL-2.0
/* next: first in, first out; where a page was asked for behind the last one, it reads on. */
#include <swaplab/policy.h>

struct next {
	struct list_head queue;	/* next victim first */
	u32 region;		/* of the page that was asked for last */
	pgoff_t index;		/* which one that was */
};

static void next_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct next *next = policy->data;

	list_add_tail(&frame->link, &next->queue);
}

static void next_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static struct swaplab_frame *next_victim(struct swaplab_policy *policy)
{
	struct next *next = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&next->queue, struct swaplab_frame, link);
	if (frame)
		list_del(&frame->link);
	return frame;
}

/* Reads the 8 pages behind it, as far as they are not there. */
static bool next_readahead(struct swaplab_policy *policy, struct swaplab_readahead *ahead)
{
	struct next *next = policy->data;

	if (ahead->region == next->region && ahead->index == next->index + 1) {
		ahead->start = ahead->index + 1;
		ahead->nr = 8;
	}
	next->region = ahead->region;
	next->index = ahead->index;
	return true;
}

static int next_init(struct swaplab_policy *policy)
{
	struct next *next = policy->data;

	INIT_LIST_HEAD(&next->queue);
	return 0;
}

static struct swaplab_policy_ops next_ops = {
	.admit = next_admit,
	.victim = next_victim,
	.remove = next_remove,
	.readahead = next_readahead,
	.init = next_init,
	.data_size = sizeof(struct next),
	.name = "next",
	.owner = THIS_MODULE,
};
module_swaplab_policy(next_ops, "next");

MODULE_DESCRIPTION("swaplab sample policy: first in, first out, with readahead of its own");
MODULE_LICENSE("GPL");
