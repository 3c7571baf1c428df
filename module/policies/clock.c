// SPDX-License-Identifier: GPL-2.0
/*
 * Clock: frames in a circle, and a hand that gives each used one another round.
 *
 * F. J. Corbato, "A paging experiment with the Multics system", 1969. The list is
 * the circle and its head the hand: passing a frame moves it to the end. A page
 * comes in behind the hand with its bit clear. Deviations: accessed bits are seen
 * when they are sampled and when a victim is looked at again, not as the hand
 * passes; a victim found used then is put back behind the hand.
 */
#include <swaplab/policy.h>

struct clock {
	struct list_head circle;	/* under the hand first */
};

static void clock_admit(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct clock *clock = policy->data;

	list_add_tail(&frame->link, &clock->circle);
}

static void clock_remove(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

/* Putting it back grants another round, which uses up the flag. */
static void clock_putback(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	swaplab_frame_test_clear_referenced(frame);
	clock_admit(policy, frame);
}

/* The next victim. */
static void clock_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
			 enum swaplab_advice advice)
{
	struct clock *clock = policy->data;

	if (advice == SWAPLAB_ADVICE_COLD)
		list_move(&frame->link, &clock->circle);
}

static struct swaplab_frame *clock_victim(struct swaplab_policy *policy)
{
	struct clock *clock = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = list_first_entry_or_null(&clock->circle,
						 struct swaplab_frame, link);
		if (!frame)
			return NULL;
		if (!swaplab_frame_test_clear_referenced(frame)) {
			list_del(&frame->link);
			return frame;
		}
		list_move_tail(&frame->link, &clock->circle);
	}
	/* All of them may be used; then it is the first one after a round. */
	return SWAPLAB_VICTIM_AGAIN;
}

static int clock_init(struct swaplab_policy *policy)
{
	struct clock *clock = policy->data;

	INIT_LIST_HEAD(&clock->circle);
	return 0;
}

static struct swaplab_policy_ops clock_ops = {
	.admit = clock_admit,
	.victim = clock_victim,
	.remove = clock_remove,
	.putback = clock_putback,
	.advise = clock_advise,
	.init = clock_init,
	.needs_references = true,
	.data_size = sizeof(struct clock),
	.name = "clock",
	.owner = THIS_MODULE,
};
module_swaplab_policy(clock_ops, "clock");

MODULE_DESCRIPTION("swaplab policy: clock (second chance)");
MODULE_LICENSE("GPL");
