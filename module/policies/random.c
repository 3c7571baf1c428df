// SPDX-License-Identifier: GPL-2.0
/*
 * Random: each page is as likely as any other to be evicted.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage computer",
 * IBM Systems Journal 5(2), 1966. The mark that a policy that looks at uses has to beat;
 * on a loop that does not fit, random is better than most. No deviations.
 *
 * Frames are numbered from 1 without gaps, as places of a complete binary tree: the
 * bits of a number, without the highest, are the way to it from the root. So any
 * frame is found in a few steps, and there may be as many as come.
 *
 * A seed always gives the same victims.
 *
 * Memory: the frame's link and words.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_random.h>

struct random {
	unsigned int seed;
	u64 nr_drawn;
	unsigned long nr;		/* frames */
	struct list_head *root;		/* the link of the first; NULL: none */
};

/*
 * A frame's link is no list's: its two pointers point to the links of the frames below it in
 * the tree, or are NULL. Its words are its number.
 */
static struct swaplab_frame *random_frame(struct list_head *link)
{
	return list_entry(link, struct swaplab_frame, link);
}

/* The pointer to the frame of a number. */
static struct list_head **random_place(struct random *random, unsigned long number)
{
	struct list_head **place = &random->root;
	unsigned long bit;

	for (bit = BIT(fls_long(number) - 1) / 2; bit; bit /= 2)
		place = number & bit ? &(*place)->prev : &(*place)->next;
	return place;
}

static void random_admit(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	struct random *random = policy->data;

	frame->link.next = NULL;
	frame->link.prev = NULL;
	frame->long_word = ++random->nr;
	*random_place(random, random->nr) = &frame->link;
}

/* The last frame takes over the number, and the place in the tree. */
static void random_remove(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct random *random = policy->data;
	struct list_head **place = random_place(random, random->nr--);
	struct swaplab_frame *last = random_frame(*place);

	*place = NULL;
	if (last == frame)
		return;
	last->link = frame->link;
	last->long_word = frame->long_word;
	*random_place(random, last->long_word) = &last->link;
}

static struct swaplab_frame *random_victim(struct swaplab_policy *policy)
{
	struct random *random = policy->data;
	struct swaplab_frame *frame;
	u64 draw;

	if (!random->nr)
		return NULL;
	draw = swaplab_random_draw(READ_ONCE(random->seed), ++random->nr_drawn);
	frame = random_frame(*random_place(random,
					   1 + (draw * random->nr >> 32)));
	random_remove(policy, frame);
	return frame;
}

static const struct swaplab_policy_param random_params[] = {
	{
		.name = "seed",
		.offset = offsetof(struct random, seed),
		.max = UINT_MAX,
		.initial = 1,
	},
	{ }
};

static struct swaplab_policy_ops random_ops = {
	.admit = random_admit,
	.victim = random_victim,
	.remove = random_remove,
	.victim_looks = 1,
	.data_size = sizeof(struct random),
	.params = random_params,
	.name = "random",
	.owner = THIS_MODULE,
};
module_swaplab_policy(random_ops, "random");

MODULE_DESCRIPTION("swaplab policy: random");
MODULE_LICENSE("GPL");
