// SPDX-License-Identifier: GPL-2.0
/*
 * LFU: the page used least often is evicted first, and old uses count less.
 *
 * A. S. Tanenbaum, "Modern Operating Systems", section 3.4.6 ("Not frequently used"),
 * with the decay of A. V. Aho, P. J. Denning, J. D. Ullman, "Principles of optimal
 * page replacement", Journal of the ACM 18(1), 1971: without it, a page that was once used
 * much is never evicted. A tick adds 1 to the counter of each page used since the last
 * tick, and every "decay_ticks" ticks counters are halved. Of pages with equal counters,
 * the one that has had that value longest is evicted first. Frames are on one list for
 * each value of the counter, in that order.
 *
 * Where every use is told, each adds 1. Deviations: counters end at 255. A victim found
 * used when it is looked at again gets its 1 at once. As many victims as there are frames
 * count as a tick, too: else, with long ticks, a page that was once used often would stay
 * until the next tick. While a tick counts, pages that come in or are used join the current
 * lists ahead of those still to be counted, so of pages with equal counters one that has
 * had the value for less long may go first. Where many counters are equal, misses differ
 * a little from those of exact LFU.
 *
 * Memory: the frame's link and two words, and 8 KiB for the lists.
 */
#include <swaplab/policy.h>

#define LFU_COUNTERS	256
/* Frames counted with each victim: done long before the next turn is due. */
#define LFU_PACE	4

/* Frames by counter, and which counters there are. */
struct lfu_lists {
	struct list_head with[LFU_COUNTERS];
	DECLARE_BITMAP(used, LFU_COUNTERS);
};

/*
 * A tick turns the lists over: the former current lists hold the frames still to be
 * counted, lowest counter first, which join the other lists in that order.
 */
struct lfu {
	unsigned int decay_ticks;	/* 0: no decay */
	unsigned int nr_ticks;		/* since counters were halved */
	unsigned int shift;		/* of the tick: 1 halves, 0 does not */
	unsigned int current_lists;	/* 0 or 1 */
	bool ticking;			/* the other lists are not empty yet */
	unsigned long nr;		/* frames */
	unsigned long nr_chosen;	/* victims since the lists turned over */
	struct lfu_lists lists[2];
};

/* In a frame's words: its counter, and the lists that it is on. */
enum { COUNTER, LISTS };

static void lfu_insert(struct lfu *lfu, struct swaplab_frame *frame,
		       unsigned long counter)
{
	struct lfu_lists *lists = &lfu->lists[lfu->current_lists];

	counter = min_t(unsigned long, counter, LFU_COUNTERS - 1);
	frame->word[COUNTER] = counter;
	frame->word[LISTS] = lfu->current_lists;
	list_add_tail(&frame->link, &lists->with[counter]);
	__set_bit(counter, lists->used);
	lfu->nr++;
}

static void lfu_remove(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct lfu *lfu = policy->data;
	struct lfu_lists *lists = &lfu->lists[frame->word[LISTS]];
	unsigned long counter = frame->word[COUNTER];

	list_del(&frame->link);
	if (list_empty(&lists->with[counter]))
		__clear_bit(counter, lists->used);
	lfu->nr--;
}

/* The counter that a frame has after the tick under way. */
static unsigned long lfu_worth(struct lfu *lfu, struct swaplab_frame *frame)
{
	if (frame->word[LISTS] == lfu->current_lists)
		return frame->word[COUNTER];
	return frame->word[COUNTER] >> lfu->shift;
}

static void lfu_admit(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	lfu_insert(policy->data, frame, 1);
}

static void lfu_putback(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	unsigned long uses = swaplab_frame_test_clear_referenced(frame);

	lfu_insert(policy->data, frame, frame->word[COUNTER] + uses);
}

static void lfu_access(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct lfu *lfu = policy->data;
	unsigned long counter = lfu_worth(lfu, frame) + 1;

	lfu_remove(policy, frame);
	lfu_insert(lfu, frame, counter);
}

static struct swaplab_frame *lfu_lowest(struct lfu_lists *lists)
{
	unsigned long counter = find_first_bit(lists->used, LFU_COUNTERS);

	if (counter == LFU_COUNTERS)
		return NULL;
	return list_first_entry(&lists->with[counter], struct swaplab_frame,
				link);
}

static void lfu_count(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct lfu *lfu = policy->data;
	unsigned long counter = lfu_worth(lfu, frame);

	if (swaplab_frame_test_clear_referenced(frame))
		counter++;
	lfu_remove(policy, frame);
	lfu_insert(lfu, frame, counter);
}

/* Used now, or the next victim: as if it never had been. */
static void lfu_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
		       enum swaplab_advice advice)
{
	struct lfu *lfu = policy->data;

	if (advice == SWAPLAB_ADVICE_WILLNEED) {
		lfu_count(policy, frame);
		return;
	}
	lfu_remove(policy, frame);
	lfu_insert(lfu, frame, 0);
	list_move(&frame->link, &lfu->lists[lfu->current_lists].with[0]);
}

/* Counts for at most @max frames; some may be left for the next time. */
static void lfu_step(struct swaplab_policy *policy, unsigned int max)
{
	struct lfu *lfu = policy->data;
	struct swaplab_frame *frame = NULL;
	unsigned int nr;

	for (nr = 0; nr < max; nr++) {
		frame = lfu_lowest(&lfu->lists[!lfu->current_lists]);
		if (!frame)
			break;
		lfu_count(policy, frame);
	}
	lfu->ticking = frame;
}

static void lfu_turn(struct lfu *lfu)
{
	unsigned int decay_ticks = READ_ONCE(lfu->decay_ticks);

	lfu->nr_ticks++;
	lfu->shift = decay_ticks && lfu->nr_ticks >= decay_ticks;
	if (lfu->shift)
		lfu->nr_ticks = 0;
	lfu->current_lists = !lfu->current_lists;
	lfu->nr_chosen = 0;
	lfu->ticking = true;
}

static bool lfu_tick(struct swaplab_policy *policy)
{
	struct lfu *lfu = policy->data;

	if (!lfu->ticking)
		lfu_turn(lfu);
	lfu_step(policy, SWAPLAB_POLICY_STEP);
	return lfu->ticking;
}

/* As many victims as there are frames count as a tick. */
static void lfu_count_victim(struct swaplab_policy *policy)
{
	struct lfu *lfu = policy->data;

	if (++lfu->nr_chosen >= lfu->nr && !lfu->ticking)
		lfu_turn(lfu);
	if (lfu->ticking)
		lfu_step(policy, LFU_PACE);
}

static struct swaplab_frame *lfu_victim(struct swaplab_policy *policy)
{
	struct lfu *lfu = policy->data;
	struct swaplab_frame *frame, *old;

	lfu_count_victim(policy);
	frame = lfu_lowest(&lfu->lists[lfu->current_lists]);
	old = lfu_lowest(&lfu->lists[!lfu->current_lists]);
	/* Of equal ones those that are counted already were there first. */
	if (old && (!frame || lfu_worth(lfu, old) < lfu_worth(lfu, frame)))
		frame = old;
	if (frame)
		lfu_remove(policy, frame);
	return frame;
}

static int lfu_init(struct swaplab_policy *policy)
{
	struct lfu *lfu = policy->data;
	unsigned int i;

	for (i = 0; i < LFU_COUNTERS; i++) {
		INIT_LIST_HEAD(&lfu->lists[0].with[i]);
		INIT_LIST_HEAD(&lfu->lists[1].with[i]);
	}
	return 0;
}

static const struct swaplab_policy_param lfu_params[] = {
	{
		.name = "decay_ticks",
		.offset = offsetof(struct lfu, decay_ticks),
		.max = 1000,
		.initial = 2,
	},
	{ }
};

static struct swaplab_policy_ops lfu_ops = {
	.admit = lfu_admit,
	.victim = lfu_victim,
	.remove = lfu_remove,
	.putback = lfu_putback,
	.access = lfu_access,
	.advise = lfu_advise,
	.tick = lfu_tick,
	.init = lfu_init,
	.victim_looks = LFU_PACE + 1,
	.needs_references = true,
	.data_size = sizeof(struct lfu),
	.params = lfu_params,
	.name = "lfu",
	.owner = THIS_MODULE,
};
module_swaplab_policy(lfu_ops, "lfu");

MODULE_DESCRIPTION("swaplab policy: least frequently used");
MODULE_LICENSE("GPL");
