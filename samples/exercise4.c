// SPDX-License-Identifier: GPL-2.0
/*
 * Answer to exercise 4: LFU by sampling, with counters that fade.
 *
 * J. T. Robinson, M. V. Devarakonda, "Data cache management using frequency-based
 * replacement", SIGMETRICS 1990, for the fading. A page's counter is the number of
 * ticks in which it was used, and is halved after every so many ticks: a page that was
 * popular once can be forgotten. Frames are on one list for each counter; of those
 * with the lowest the one goes that has had it for longest.
 *
 * A tick turns two sets of lists over: the frames of the old one are sorted into the
 * other some at a time.
 */
#include <swaplab/policy.h>

#define MAX_COUNT	63
#define STEP		64	/* frames sorted in one call */

struct exercise4 {
	unsigned int fade_ticks;	/* from one halving to the next; 0: never */
	unsigned int nr_ticks;
	unsigned int current_set;	/* 0 or 1 */
	bool ticking;			/* the other set is not empty yet */
	struct list_head with[2][MAX_COUNT + 1];
};

/* In a frame's words. */
enum { COUNT };

static void exercise4_insert(struct exercise4 *lfu, struct swaplab_frame *frame)
{
	list_add_tail(&frame->link, &lfu->with[lfu->current_set][frame->word[COUNT]]);
}

static void exercise4_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	frame->word[COUNT] = 1;
	exercise4_insert(policy->data, frame);
}

static void exercise4_count_use(struct swaplab_frame *frame)
{
	if (swaplab_frame_test_clear_referenced(frame) && frame->word[COUNT] < MAX_COUNT)
		frame->word[COUNT]++;
}

static void exercise4_putback(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	exercise4_count_use(frame);
	exercise4_insert(policy->data, frame);
}

static void exercise4_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static struct swaplab_frame *exercise4_lowest(struct exercise4 *lfu, unsigned int set)
{
	struct list_head *lists = lfu->with[set];
	unsigned int count;

	for (count = 0; count <= MAX_COUNT; count++)
		if (!list_empty(&lists[count]))
			return list_first_entry(&lists[count], struct swaplab_frame, link);
	return NULL;
}

static struct swaplab_frame *exercise4_victim(struct swaplab_policy *policy)
{
	struct exercise4 *lfu = policy->data;
	struct swaplab_frame *frame, *old;

	frame = exercise4_lowest(lfu, lfu->current_set);
	old = exercise4_lowest(lfu, !lfu->current_set);
	if (old && (!frame || old->word[COUNT] < frame->word[COUNT]))
		frame = old;
	if (frame)
		list_del(&frame->link);
	return frame;
}

static bool exercise4_tick(struct swaplab_policy *policy)
{
	struct exercise4 *lfu = policy->data;
	unsigned int fade_ticks = READ_ONCE(lfu->fade_ticks), nr;
	struct swaplab_frame *frame = NULL;

	if (!lfu->ticking) {
		lfu->current_set = !lfu->current_set;
		lfu->nr_ticks++;
	}
	for (nr = 0; nr < STEP; nr++) {
		frame = exercise4_lowest(lfu, !lfu->current_set);
		if (!frame)
			break;
		list_del(&frame->link);
		exercise4_count_use(frame);
		if (fade_ticks && lfu->nr_ticks % fade_ticks == 0)
			frame->word[COUNT] /= 2;
		exercise4_insert(lfu, frame);
	}
	lfu->ticking = frame;
	return lfu->ticking;
}

static int exercise4_init(struct swaplab_policy *policy)
{
	struct exercise4 *lfu = policy->data;
	unsigned int count;

	for (count = 0; count <= MAX_COUNT; count++) {
		INIT_LIST_HEAD(&lfu->with[0][count]);
		INIT_LIST_HEAD(&lfu->with[1][count]);
	}
	return 0;
}

static const struct swaplab_policy_param exercise4_params[] = {
	{
		.name = "fade_ticks",
		.offset = offsetof(struct exercise4, fade_ticks),
		.max = 1000,
		.initial = 4,
	},
	{ }
};

static struct swaplab_policy_ops exercise4_ops = {
	.admit = exercise4_admit,
	.victim = exercise4_victim,
	.remove = exercise4_remove,
	.putback = exercise4_putback,
	.tick = exercise4_tick,
	.init = exercise4_init,
	.needs_references = true,
	.data_size = sizeof(struct exercise4),
	.params = exercise4_params,
	.name = "exercise4",
	.owner = THIS_MODULE,
};
module_swaplab_policy(exercise4_ops, "exercise4");

MODULE_DESCRIPTION("swaplab policy: LFU with fading counters");
MODULE_LICENSE("GPL");
