// SPDX-License-Identifier: GPL-2.0
/*
 * Aging: a counter a page that remembers in which of the last ticks it was used.
 *
 * A. S. Tanenbaum, "Modern Operating Systems", section 3.4.7 ("Simulating LRU in
 * software"): at each tick every counter is shifted right by one bit, and the
 * accessed bit enters at the left; the page with the lowest counter goes first.
 * Frames are kept in one list for each value of the counter, in the order in
 * which they got it, so a victim is found without a search.
 *
 * Deviations: a page comes in as if it had just been used. A victim that is found
 * used when it is looked at again gets the leftmost bit at once: with long ticks
 * this second look is what keeps aging close to LRU. Of pages with equal
 * counters the one that has had that value longest goes first.
 */
#include <swaplab/policy.h>

#define AGING_MAX_WIDTH	12

struct aging {
	unsigned int width;		/* bits of a counter */
	struct list_head with[1 << AGING_MAX_WIDTH]; /* frames by counter */
	DECLARE_BITMAP(used, 1 << AGING_MAX_WIDTH);  /* lists with frames */
};

/* word[0] of a frame is its counter, the number of the list that it is on. */
static void aging_insert(struct aging *aging, struct swaplab_frame *frame,
			 unsigned long counter)
{
	frame->word[0] = counter;
	list_add_tail(&frame->link, &aging->with[counter]);
	__set_bit(counter, aging->used);
}

static void aging_remove(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	struct aging *aging = policy->data;

	list_del(&frame->link);
	if (list_empty(&aging->with[frame->word[0]]))
		__clear_bit(frame->word[0], aging->used);
}

/* What use in the current tick is worth; the width may change at any time. */
static unsigned long aging_newest(struct aging *aging)
{
	return 1UL << (READ_ONCE(aging->width) - 1);
}

static void aging_admit(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct aging *aging = policy->data;

	aging_insert(aging, frame, aging_newest(aging));
}

static void aging_putback(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct aging *aging = policy->data;
	unsigned long counter = frame->word[0];

	if (swaplab_frame_test_clear_referenced(frame))
		counter |= aging_newest(aging);
	aging_insert(aging, frame, counter);
}

static struct swaplab_frame *aging_victim(struct swaplab_policy *policy)
{
	struct aging *aging = policy->data;
	struct swaplab_frame *frame;
	unsigned long counter;

	counter = find_first_bit(aging->used, 1 << AGING_MAX_WIDTH);
	if (counter == 1 << AGING_MAX_WIDTH)
		return NULL;
	frame = list_first_entry(&aging->with[counter], struct swaplab_frame,
				 link);
	aging_remove(policy, frame);
	return frame;
}

static void aging_age(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct aging *aging = policy->data;
	unsigned long counter = frame->word[0] >> 1;

	if (swaplab_frame_test_clear_referenced(frame))
		counter |= aging_newest(aging);
	if (counter == frame->word[0])
		return;
	aging_remove(policy, frame);
	aging_insert(aging, frame, counter);
}

static int aging_init(struct swaplab_policy *policy)
{
	struct aging *aging = policy->data;
	unsigned int counter;

	for (counter = 0; counter < 1 << AGING_MAX_WIDTH; counter++)
		INIT_LIST_HEAD(&aging->with[counter]);
	return 0;
}

static const struct swaplab_policy_param aging_params[] = {
	{
		.name = "width",
		.offset = offsetof(struct aging, width),
		.min = 1,
		.max = AGING_MAX_WIDTH,
		.initial = 8,
	},
	{ }
};

static struct swaplab_policy_ops aging_ops = {
	.admit = aging_admit,
	.victim = aging_victim,
	.remove = aging_remove,
	.putback = aging_putback,
	.age = aging_age,
	.init = aging_init,
	.needs_references = true,
	.data_size = sizeof(struct aging),
	.params = aging_params,
	.name = "aging",
	.owner = THIS_MODULE,
};
module_swaplab_policy(aging_ops, "aging");

MODULE_DESCRIPTION("swaplab policy: aging");
MODULE_LICENSE("GPL");
