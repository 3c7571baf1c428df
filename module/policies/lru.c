// SPDX-License-Identifier: GPL-2.0
/*
 * LRU: the page unused for longest is evicted first.
 *
 * R. L. Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems
 * Journal 9(2), 1970. Exact where every use is told. Deviations where accessed bits are
 * sampled: a tick moves the pages used since the last tick to the recent end, and keeps
 * their order; a page found used when it is looked at again joins them.
 *
 * Memory: the frame's link.
 */
#include <swaplab/policy.h>

struct lru {
	struct list_head list;		/* least recently used first */
	unsigned long nr;
	/* A tick under way: a place in the list, and frames to come from there. */
	struct list_head cursor;
	unsigned long nr_left;
};

static void lru_admit(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct lru *lru = policy->data;

	list_add_tail(&frame->link, &lru->list);
	lru->nr++;
}

static void lru_remove(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct lru *lru = policy->data;

	list_del(&frame->link);
	lru->nr--;
}

static void lru_putback(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	swaplab_frame_test_clear_referenced(frame);
	lru_admit(policy, frame);
}

static void lru_access(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct lru *lru = policy->data;

	list_move_tail(&frame->link, &lru->list);
}

/* Used now, or the next victim. */
static void lru_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
		       enum swaplab_advice advice)
{
	struct lru *lru = policy->data;

	if (advice == SWAPLAB_ADVICE_COLD)
		list_move(&frame->link, &lru->list);
	else
		list_move_tail(&frame->link, &lru->list);
}

static struct swaplab_frame *lru_victim(struct swaplab_policy *policy)
{
	struct lru *lru = policy->data;
	struct list_head *oldest = lru->list.next;
	struct swaplab_frame *frame;

	if (oldest == &lru->cursor)
		oldest = oldest->next;
	if (oldest == &lru->list)
		return NULL;
	frame = list_entry(oldest, struct swaplab_frame, link);
	lru_remove(policy, frame);
	return frame;
}

/* Passes one frame; false if there is none. */
static bool lru_pass(struct lru *lru)
{
	struct list_head *next = lru->cursor.next;
	struct swaplab_frame *frame;

	if (next == &lru->list || !lru->nr_left)
		return false;
	lru->nr_left--;
	frame = list_entry(next, struct swaplab_frame, link);
	list_move(&lru->cursor, next);
	if (swaplab_frame_test_clear_referenced(frame))
		list_move_tail(next, &lru->list);
	return true;
}

static bool lru_tick(struct swaplab_policy *policy)
{
	struct lru *lru = policy->data;
	unsigned int i;

	if (list_empty(&lru->cursor)) {
		list_add(&lru->cursor, &lru->list);
		lru->nr_left = lru->nr;
	}
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		if (!lru_pass(lru)) {
			list_del_init(&lru->cursor);
			return false;
		}
	}
	return true;
}

static int lru_init(struct swaplab_policy *policy)
{
	struct lru *lru = policy->data;

	INIT_LIST_HEAD(&lru->list);
	INIT_LIST_HEAD(&lru->cursor);
	return 0;
}

static struct swaplab_policy_ops lru_ops = {
	.admit = lru_admit,
	.victim = lru_victim,
	.remove = lru_remove,
	.putback = lru_putback,
	.advise = lru_advise,
	.access = lru_access,
	.tick = lru_tick,
	.init = lru_init,
	.victim_looks = 1,
	.needs_references = true,
	.data_size = sizeof(struct lru),
	.name = "lru",
	.owner = THIS_MODULE,
};
module_swaplab_policy(lru_ops, "lru");

MODULE_DESCRIPTION("swaplab policy: least recently used");
MODULE_LICENSE("GPL");
