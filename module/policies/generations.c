// SPDX-License-Identifier: GPL-2.0
/*
 * Generations: a few classes of age, which begin as memory turns over.
 *
 * The essence of the kernel's multi-gen LRU, Documentation/mm/multigen_lru.rst, by Yu
 * Zhao, 2022. Pages enter the youngest generation and are evicted from the oldest. There
 * are at most 4, and the youngest 2 give no victims. When a new one begins, pages that
 * were used join it. That needs room, so where few pages are evicted, a long time without
 * use does not make pages old.
 *
 * Deviations: the kernel looks for used pages when only 2 generations are left. Here a
 * generation begins with a tick, which has looked, if there is room; and one without used
 * pages begins when a victim is wanted and only 2 are left. A victim found used when it is
 * looked at again joins the youngest. There are no tiers, which are for files that are read
 * and written, and neighbours of a used page are not looked at.
 *
 * Memory: the frame's link.
 */
#include <swaplab/policy.h>

#define GENERATIONS_MIN		2
#define GENERATIONS_MAX		4

struct generations {
	struct list_head lists[GENERATIONS_MAX];
	unsigned long oldest, youngest;	/* generations are numbered */
	unsigned long nr;		/* frames */
	unsigned long nr_to_pass;	/* in a search under way; 0: there is none */
	/* A tick under way: a place in one that it has come to. */
	struct list_head cursor;
	unsigned long current_one;
};

static struct list_head *generations_list(struct generations *generations,
					  unsigned long number)
{
	return &generations->lists[number % GENERATIONS_MAX];
}

static void generations_admit(struct swaplab_policy *policy,
			      struct swaplab_frame *frame)
{
	struct generations *generations = policy->data;

	list_add_tail(&frame->link, generations_list(generations,
						     generations->youngest));
	generations->nr++;
}

static void generations_remove(struct swaplab_policy *policy,
			       struct swaplab_frame *frame)
{
	struct generations *generations = policy->data;

	list_del(&frame->link);
	generations->nr--;
}

static void generations_putback(struct swaplab_policy *policy,
				struct swaplab_frame *frame)
{
	swaplab_frame_test_clear_referenced(frame);
	generations_admit(policy, frame);
}

/* The next victim: the first one of the oldest generation. */
static void generations_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
			       enum swaplab_advice advice)
{
	struct generations *generations = policy->data;

	if (advice == SWAPLAB_ADVICE_COLD)
		list_move(&frame->link, generations_list(generations, generations->oldest));
}

/* Of the oldest generation, NULL if that is empty. */
static struct swaplab_frame *generations_first(struct generations *generations)
{
	struct list_head *list, *first;

	list = generations_list(generations, generations->oldest);
	first = list->next;
	if (first == &generations->cursor)
		first = first->next;
	if (first == list)
		return NULL;
	return list_entry(first, struct swaplab_frame, link);
}

/* Ends empty generations; returns how many are left. */
static unsigned long generations_end(struct generations *generations)
{
	unsigned long nr = generations->youngest - generations->oldest + 1;

	while (nr > GENERATIONS_MIN && !generations_first(generations)) {
		generations->oldest++;
		nr--;
	}
	return nr;
}

/* Off its list, the next to be looked at. There is one. */
static struct swaplab_frame *generations_next(struct swaplab_policy *policy)
{
	struct generations *generations = policy->data;
	struct swaplab_frame *frame;

	/* Until the oldest has frames: those 2 may have been empty. */
	while (generations_end(generations) == GENERATIONS_MIN)
		generations->youngest++;
	frame = generations_first(generations);
	generations_remove(policy, frame);
	return frame;
}

/* If all are used, the last one of a round. */
static struct swaplab_frame *generations_victim(struct swaplab_policy *policy)
{
	struct generations *generations = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	if (!generations->nr)
		return NULL;
	if (!generations->nr_to_pass)
		generations->nr_to_pass = generations->nr;
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = generations_next(policy);
		if (!--generations->nr_to_pass ||
		    !swaplab_frame_test_clear_referenced(frame)) {
			generations->nr_to_pass = 0;
			return frame;
		}
		generations_admit(policy, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/* Looks at one frame, or goes on to the next generation; false at the youngest. */
static bool generations_pass(struct generations *generations)
{
	struct list_head *list, *next = generations->cursor.next;
	struct swaplab_frame *frame;

	list = generations_list(generations, generations->current_one);
	if (next == list) {
		generations->current_one++;
		list = generations_list(generations, generations->current_one);
		list_move(&generations->cursor, list);
		return generations->current_one != generations->youngest;
	}
	frame = list_entry(next, struct swaplab_frame, link);
	list_move(&generations->cursor, next);
	if (swaplab_frame_test_clear_referenced(frame))
		list_move_tail(next, generations_list(generations,
						      generations->youngest));
	return true;
}

/* True if there is something to look at. */
static bool generations_begin(struct generations *generations)
{
	bool under_way = !list_empty(&generations->cursor);

	if (under_way && generations->current_one >= generations->oldest)
		return true;
	if (!under_way && generations_end(generations) == GENERATIONS_MAX)
		return false;
	/* If under way, it had come to a generation that has ended. */
	if (under_way)
		list_del(&generations->cursor);
	else
		generations->youngest++;
	generations->current_one = generations->oldest;
	list_add(&generations->cursor,
		 generations_list(generations, generations->oldest));
	return true;
}

static bool generations_tick(struct swaplab_policy *policy)
{
	struct generations *generations = policy->data;
	unsigned int i;

	if (!generations_begin(generations))
		return false;
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		if (!generations_pass(generations)) {
			list_del_init(&generations->cursor);
			return false;
		}
	}
	return true;
}

static int generations_init(struct swaplab_policy *policy)
{
	struct generations *generations = policy->data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(generations->lists); i++)
		INIT_LIST_HEAD(&generations->lists[i]);
	INIT_LIST_HEAD(&generations->cursor);
	generations->youngest = GENERATIONS_MIN - 1;
	return 0;
}

static struct swaplab_policy_ops generations_ops = {
	.admit = generations_admit,
	.victim = generations_victim,
	.remove = generations_remove,
	.putback = generations_putback,
	.advise = generations_advise,
	.tick = generations_tick,
	.init = generations_init,
	.needs_references = true,
	.data_size = sizeof(struct generations),
	.name = "generations",
	.owner = THIS_MODULE,
};
module_swaplab_policy(generations_ops, "generations");

MODULE_DESCRIPTION("swaplab policy: generations");
MODULE_LICENSE("GPL");
