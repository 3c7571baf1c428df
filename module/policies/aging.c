// SPDX-License-Identifier: GPL-2.0
/*
 * Aging: a counter for each page remembers in which of the last ticks it was used.
 *
 * A. S. Tanenbaum, "Modern Operating Systems", section 3.4.7 ("Simulating LRU in
 * software"): each tick shifts every counter right by one bit, and the accessed bit
 * enters at the left; the page with the lowest counter is evicted first. Frames are on
 * one list for each value of the counter, in the order in which they got it, so finding
 * a victim takes no search.
 *
 * Deviations: a page comes in as if it had just been used. A victim found used when its
 * bit is read again gets the leftmost bit at once: with long ticks this second look
 * keeps aging close to LRU. Counters are also shifted each time as many victims were
 * chosen as there are frames: else, with long ticks, a page that was once used often
 * would stay until the next tick. Of pages with equal counters, the one that has had
 * that value longest is evicted first.
 *
 * Memory: the frame's link and two words, and 128 KiB for the lists.
 */
#include <swaplab/policy.h>

#define AGING_MAX_WIDTH	12
#define AGING_COUNTERS	BIT(AGING_MAX_WIDTH)
/* Frames shifted with each victim: done long before the next turn is due. */
#define AGING_PACE	4

/* Frames by counter, and which counters there are. */
struct aging_lists {
	struct list_head with[AGING_COUNTERS];
	DECLARE_BITMAP(used, AGING_COUNTERS);
};

/*
 * A tick turns the lists over: the former current lists hold the frames still to be
 * shifted, lowest counter first, which join the other lists in that order.
 */
struct aging {
	unsigned int width;		/* bits of a counter */
	unsigned int current_lists;	/* 0 or 1 */
	bool ticking;			/* the other lists are not empty yet */
	unsigned long nr;		/* frames */
	unsigned long nr_chosen;	/* victims since the lists turned over */
	struct aging_lists lists[2];
};

/* In a frame's words: its counter, and the lists that it is on. */
enum { COUNTER, LISTS };

static void aging_insert(struct aging *aging, struct swaplab_frame *frame,
			 unsigned long counter)
{
	struct aging_lists *lists = &aging->lists[aging->current_lists];

	frame->word[COUNTER] = counter;
	frame->word[LISTS] = aging->current_lists;
	list_add_tail(&frame->link, &lists->with[counter]);
	__set_bit(counter, lists->used);
	aging->nr++;
}

static void aging_remove(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	struct aging *aging = policy->data;
	struct aging_lists *lists = &aging->lists[frame->word[LISTS]];
	unsigned long counter = frame->word[COUNTER];

	list_del(&frame->link);
	if (list_empty(&lists->with[counter]))
		__clear_bit(counter, lists->used);
	aging->nr--;
}

/* The bit for a use in the current tick; the width may change at any time. */
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
	unsigned long counter = frame->word[COUNTER];

	if (swaplab_frame_test_clear_referenced(frame))
		counter |= aging_newest(aging);
	aging_insert(aging, frame, counter);
}

/* Used now, or the next victim: unused for so long that nothing is left of its counter. */
static void aging_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
			 enum swaplab_advice advice)
{
	struct aging *aging = policy->data;

	aging_remove(policy, frame);
	if (advice == SWAPLAB_ADVICE_WILLNEED) {
		aging_insert(aging, frame, frame->word[COUNTER] | aging_newest(aging));
		return;
	}
	aging_insert(aging, frame, 0);
	list_move(&frame->link, &aging->lists[aging->current_lists].with[0]);
}

static struct swaplab_frame *aging_lowest(struct aging_lists *lists)
{
	unsigned long counter = find_first_bit(lists->used, AGING_COUNTERS);

	if (counter == AGING_COUNTERS)
		return NULL;
	return list_first_entry(&lists->with[counter], struct swaplab_frame,
				link);
}

/*
 * Shifts the first frames that have this counter, @max at most. Those that were not used are
 * the most by far, and stay neighbours in their order: they change lists together, since each
 * instruction counts under the lock of the pool. Returns how many frames were shifted.
 */
static unsigned int aging_shift(struct aging *aging, unsigned long counter,
				unsigned int max)
{
	struct aging_lists *from = &aging->lists[!aging->current_lists];
	struct aging_lists *to = &aging->lists[aging->current_lists];
	unsigned long unused = counter >> 1, used = unused | aging_newest(aging);
	struct list_head *list = &from->with[counter], *last = NULL;
	struct swaplab_frame *frame, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(frame, next, list, link) {
		if (nr == max)
			break;
		nr++;
		frame->word[LISTS] = aging->current_lists;
		if (swaplab_frame_test_clear_referenced(frame)) {
			frame->word[COUNTER] = used;
			list_move_tail(&frame->link, &to->with[used]);
			__set_bit(used, to->used);
		} else {
			frame->word[COUNTER] = unused;
			last = &frame->link;
		}
	}
	if (last) {
		list_bulk_move_tail(&to->with[unused], list->next, last);
		__set_bit(unused, to->used);
	}
	if (list_empty(list))
		__clear_bit(counter, from->used);
	return nr;
}

/* Shifts at most @max counters; some may be left for the next time. */
static void aging_step(struct aging *aging, unsigned int max)
{
	struct aging_lists *lists = &aging->lists[!aging->current_lists];
	unsigned long counter;

	while (max && aging->ticking) {
		counter = find_first_bit(lists->used, AGING_COUNTERS);
		if (counter == AGING_COUNTERS)
			aging->ticking = false;
		else
			max -= aging_shift(aging, counter, max);
	}
}

static void aging_turn(struct aging *aging)
{
	aging->current_lists = !aging->current_lists;
	aging->nr_chosen = 0;
	aging->ticking = true;
}

static bool aging_tick(struct swaplab_policy *policy)
{
	struct aging *aging = policy->data;

	if (!aging->ticking)
		aging_turn(aging);
	aging_step(aging, SWAPLAB_POLICY_STEP);
	return aging->ticking;
}

/* As many victims as there are frames count as a tick. */
static void aging_count_victim(struct aging *aging)
{
	if (++aging->nr_chosen >= aging->nr && !aging->ticking)
		aging_turn(aging);
	if (aging->ticking)
		aging_step(aging, AGING_PACE);
}

static struct swaplab_frame *aging_victim(struct swaplab_policy *policy)
{
	struct aging *aging = policy->data;
	struct swaplab_frame *frame, *old = NULL;

	aging_count_victim(aging);
	frame = aging_lowest(&aging->lists[aging->current_lists]);
	if (aging->ticking)
		old = aging_lowest(&aging->lists[!aging->current_lists]);
	/* Of equal ones those that are shifted already were there first. */
	if (old && (!frame || old->word[COUNTER] >> 1 < frame->word[COUNTER]))
		frame = old;
	if (frame)
		aging_remove(policy, frame);
	return frame;
}

static int aging_init(struct swaplab_policy *policy)
{
	struct aging *aging = policy->data;
	unsigned int i;

	for (i = 0; i < AGING_COUNTERS; i++) {
		INIT_LIST_HEAD(&aging->lists[0].with[i]);
		INIT_LIST_HEAD(&aging->lists[1].with[i]);
	}
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
	.advise = aging_advise,
	.tick = aging_tick,
	.init = aging_init,
	.victim_looks = AGING_PACE + 1,
	.needs_references = true,
	.data_size = sizeof(struct aging),
	.params = aging_params,
	.name = "aging",
	.owner = THIS_MODULE,
};
module_swaplab_policy(aging_ops, "aging");

MODULE_DESCRIPTION("swaplab policy: aging");
MODULE_LICENSE("GPL");
