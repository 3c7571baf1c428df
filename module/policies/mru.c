// SPDX-License-Identifier: GPL-2.0
/*
 * MRU: the page used last is evicted first, for loops that do not fit.
 *
 * H.-T. Chou, D. J. DeWitt, "An evaluation of buffer management strategies for
 * relational database systems", VLDB 1985. Exact where every use is told. Deviation
 * where accessed bits are sampled: MRU is last in, first out, as the page that came in
 * last is the one most likely used last. Accessed bits would tell no more: the core puts
 * back a victim found used, which is the one that MRU wants to evict. So the policy does
 * without them.
 *
 * Memory: the frame's link.
 */
#include <swaplab/policy.h>

struct mru {
	struct list_head stack;		/* next victim first */
};

static void mru_admit(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct mru *mru = policy->data;

	list_add(&frame->link, &mru->stack);
}

/* At the head, a victim in use would block all others. */
static void mru_putback(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct mru *mru = policy->data;

	list_add_tail(&frame->link, &mru->stack);
}

static void mru_access(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct mru *mru = policy->data;

	list_move(&frame->link, &mru->stack);
}

static void mru_remove(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static struct swaplab_frame *mru_victim(struct swaplab_policy *policy)
{
	struct mru *mru = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&mru->stack, struct swaplab_frame,
					 link);
	if (frame)
		list_del(&frame->link);
	return frame;
}

static int mru_init(struct swaplab_policy *policy)
{
	struct mru *mru = policy->data;

	INIT_LIST_HEAD(&mru->stack);
	return 0;
}

static struct swaplab_policy_ops mru_ops = {
	.admit = mru_admit,
	.victim = mru_victim,
	.remove = mru_remove,
	.putback = mru_putback,
	.access = mru_access,
	.init = mru_init,
	.victim_looks = 1,
	.data_size = sizeof(struct mru),
	.name = "mru",
	.owner = THIS_MODULE,
};
module_swaplab_policy(mru_ops, "mru");

MODULE_DESCRIPTION("swaplab policy: most recently used, for loops");
MODULE_LICENSE("GPL");
