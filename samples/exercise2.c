// SPDX-License-Identifier: GPL-2.0
/*
 * Answer to exercise 2: clock with counters, so that a page that was used in many
 * rounds stays for some rounds without use.
 *
 * A. J. Smith, "Sequentiality and prefetching in database systems", ACM TODS 3(3), 1978,
 * as generalized clock. The hand adds one for a page that was used, takes one from a page
 * that was not, and takes the page that has none. The counter is bounded, and so is the
 * search: after so many rounds some page has none.
 */
#include <swaplab/policy.h>

#define MAX_COUNT	3

struct exercise2 {
	struct list_head circle;	/* under the hand first */
};

/* In a frame's words. */
enum { COUNT };

static void exercise2_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct exercise2 *clock = policy->data;

	frame->word[COUNT] = 0;
	list_add_tail(&frame->link, &clock->circle);
}

static void exercise2_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

/* Does the page stay for another round? */
static bool exercise2_keep(struct swaplab_frame *frame)
{
	if (swaplab_frame_test_clear_referenced(frame)) {
		if (frame->word[COUNT] < MAX_COUNT)
			frame->word[COUNT]++;
		return true;
	}
	if (!frame->word[COUNT])
		return false;
	frame->word[COUNT]--;
	return true;
}

static void exercise2_putback(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct exercise2 *clock = policy->data;

	exercise2_keep(frame);
	list_add_tail(&frame->link, &clock->circle);
}

static struct swaplab_frame *exercise2_victim(struct swaplab_policy *policy)
{
	struct exercise2 *clock = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = list_first_entry_or_null(&clock->circle, struct swaplab_frame, link);
		if (!frame)
			return NULL;
		if (!exercise2_keep(frame)) {
			list_del(&frame->link);
			return frame;
		}
		list_move_tail(&frame->link, &clock->circle);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int exercise2_init(struct swaplab_policy *policy)
{
	struct exercise2 *clock = policy->data;

	INIT_LIST_HEAD(&clock->circle);
	return 0;
}

static struct swaplab_policy_ops exercise2_ops = {
	.admit = exercise2_admit,
	.victim = exercise2_victim,
	.remove = exercise2_remove,
	.putback = exercise2_putback,
	.init = exercise2_init,
	.needs_references = true,
	.data_size = sizeof(struct exercise2),
	.name = "exercise2",
	.owner = THIS_MODULE,
};
module_swaplab_policy(exercise2_ops, "exercise2");

MODULE_DESCRIPTION("swaplab policy: clock with counters");
MODULE_LICENSE("GPL");
