// SPDX-License-Identifier: GPL-2.0
/*
 * CLOCK-Pro: LIRS by accessed bits alone, with a share for new pages that adapts.
 *
 * S. Jiang, F. Chen, X. Zhang, "CLOCK-Pro: an effective improvement of the CLOCK
 * replacement", USENIX ATC 2005. A page comes in cold and on test; the test lasts until
 * the hand of the hot pages passes the page, or its ghost if it is out of memory. A use
 * in that time makes the page hot, and makes the first hot page that this hand finds
 * unused cold. Victims are cold. Each passed test gives cold pages a frame more, each
 * failed one a frame less.
 *
 * The paper has one clock. Pages join it just behind the hand of the hot pages, so that
 * hand finds them in the order of the stamps that they got when they joined, or were
 * passed. Here hot pages, cold pages and ghosts are three queues in that order; the hand
 * may overtake cold pages, so its place among them is marked. The third hand, which limits
 * ghosts to the number of frames, takes the oldest.
 *
 * Deviations: a victim is chosen before it is known which page comes in, so shares
 * change after the choice. Where accessed bits are sampled, a page that has become
 * cold, and is found used then for the first time, becomes hot again, as it might have
 * been used all the time. The daemon keeps some of the pool free, so the size of the pool
 * is taken to be the number of frames that the policy has when a victim is asked for.
 *
 * Memory: the frame's link and words; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

/* Ghosts more than frames: victims are remembered before room is made. */
#define CLOCKPRO_SPARE	64

struct clockpro_queue {
	struct list_head list;		/* under its hand first */
	unsigned long nr;
};

enum { COLD, HOT };

struct clockpro {
	struct clockpro_queue queues[2];
	struct list_head place;		/* of the hot pages' hand among the cold */
	unsigned long hand;		/* stamps below it have been passed */
	unsigned long cold_target;	/* frames for cold pages, 1 or more */
	unsigned long capacity;		/* frames when there is no room for more */
	unsigned long nr_frames;	/* of the pool, when last looked at */
	unsigned long now;		/* stamps given so far */
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost;	/* oldest stamp first */
};

/* In a frame's words: its queue, its stamp, and the state of a cold page. */
enum { QUEUE, STAMP, STATE };

enum { OFF_TEST, ON_TEST, WAS_HOT };

static struct swaplab_frame *clockpro_first_hot(struct clockpro *clockpro)
{
	return list_first_entry_or_null(&clockpro->queues[HOT].list,
					struct swaplab_frame, link);
}

/* There is one. */
static struct swaplab_frame *clockpro_first_cold(struct clockpro *clockpro)
{
	struct list_head *cold = &clockpro->queues[COLD].list;

	/* This hand passes the other: frames behind that one come last. */
	if (cold->next == &clockpro->place)
		list_move_tail(&clockpro->place, cold);
	return list_first_entry(cold, struct swaplab_frame, link);
}

static void clockpro_insert(struct clockpro *clockpro,
			    struct swaplab_frame *frame, unsigned long queue,
			    unsigned long state)
{
	frame->word[QUEUE] = queue;
	frame->word[STAMP] = ++clockpro->now;
	frame->word[STATE] = state;
	list_add_tail(&frame->link, queue == HOT ?
		      &clockpro->queues[HOT].list : &clockpro->place);
	clockpro->queues[queue].nr++;
}

static void clockpro_remove(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;

	list_del(&frame->link);
	clockpro->queues[frame->word[QUEUE]].nr--;
}

static void clockpro_passed(struct clockpro *clockpro)
{
	clockpro->cold_target = min(clockpro->cold_target + 1,
				    clockpro->capacity);
}

static void clockpro_failed(struct clockpro *clockpro)
{
	clockpro->cold_target = max(clockpro->cold_target, 2UL) - 1;
}

/* Drops ghosts while there are too many, and those that are not on test any more. */
static void clockpro_trim(struct clockpro *clockpro)
{
	struct swaplab_ghost *ghost;
	unsigned int i, nr;

	nr = swaplab_ghosts_trim(&clockpro->ghosts, &clockpro->lost, 0,
				 clockpro->capacity);
	for (i = 0; i < nr; i++)
		clockpro_failed(clockpro);
	for (; i < SWAPLAB_GHOST_STEP; i++) {
		ghost = swaplab_ghost_oldest(&clockpro->lost);
		if (!ghost || ghost->word >= clockpro->hand)
			break;
		swaplab_ghost_drop(&clockpro->ghosts, ghost);
		clockpro_failed(clockpro);
	}
}

/* The hand of the hot pages passes a cold one, and ends its test; false if none is there. */
static bool clockpro_pass(struct clockpro *clockpro)
{
	struct list_head *cold = &clockpro->queues[COLD].list;
	struct list_head *next = clockpro->place.next;
	struct swaplab_frame *frame;

	if (next == cold)
		next = cold->next;
	if (next == &clockpro->place)
		return false;
	frame = list_entry(next, struct swaplab_frame, link);
	if (frame->word[STAMP] >= clockpro->hand)
		return false;
	list_move(&clockpro->place, &frame->link);
	frame->word[STAMP] = ++clockpro->now;
	if (frame->word[STATE] == ON_TEST) {
		frame->word[STATE] = OFF_TEST;
		clockpro_failed(clockpro);
	}
	return true;
}

/* The hand of the hot pages goes on to the next. */
static void clockpro_advance(struct clockpro *clockpro)
{
	struct swaplab_frame *frame = clockpro_first_hot(clockpro);

	if (!frame)
		return;
	clockpro->hand = frame->word[STAMP];
	while (clockpro_pass(clockpro))
		;
	clockpro_trim(clockpro);
}

/* The first hot page that was not used becomes cold. */
static void clockpro_demote(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;
	unsigned long left = clockpro->queues[HOT].nr;
	struct swaplab_frame *frame;

	clockpro_advance(clockpro);
	frame = clockpro_first_hot(clockpro);
	while (left-- && swaplab_frame_test_clear_referenced(frame)) {
		clockpro_remove(policy, frame);
		clockpro_insert(clockpro, frame, HOT, OFF_TEST);
		clockpro_advance(clockpro);
		frame = clockpro_first_hot(clockpro);
	}
	clockpro_remove(policy, frame);
	clockpro_insert(clockpro, frame, COLD, WAS_HOT);
	clockpro_advance(clockpro);
}

static void clockpro_heat(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;
	struct clockpro_queue *hot = &clockpro->queues[HOT];
	unsigned int i;

	clockpro_insert(clockpro, frame, HOT, OFF_TEST);
	/* One in general, two to approach a limit that has become lower. */
	for (i = 0; i < 2; i++)
		if (hot->nr + clockpro->cold_target > clockpro->capacity)
			clockpro_demote(policy);
}

static void clockpro_admit(struct swaplab_policy *policy,
			   struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;
	struct swaplab_ghost *ghost;
	bool on_test = false;

	if (clockpro->nr_frames != READ_ONCE(policy->nr_frames)) {
		clockpro->nr_frames = READ_ONCE(policy->nr_frames);
		clockpro->capacity = clockpro->nr_frames;
	}
	ghost = swaplab_ghost_find(&clockpro->ghosts, frame);
	if (ghost) {
		on_test = ghost->word >= clockpro->hand;
		swaplab_ghost_drop(&clockpro->ghosts, ghost);
	}
	if (on_test) {
		clockpro_passed(clockpro);
		clockpro_heat(policy, frame);
	} else {
		clockpro_insert(clockpro, frame, COLD, ON_TEST);
	}
	clockpro_trim(clockpro);
}

/* The hand of the cold pages has found it used, and it is on no list. */
static void clockpro_keep(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;

	if (frame->word[STATE] == ON_TEST) {
		clockpro_passed(clockpro);
		clockpro_heat(policy, frame);
	} else {
		clockpro_insert(clockpro, frame, COLD, ON_TEST);
	}
}

static void clockpro_putback(struct swaplab_policy *policy,
			     struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;
	struct swaplab_ghost *ghost;

	ghost = swaplab_ghost_find(&clockpro->ghosts, frame);
	if (ghost)
		swaplab_ghost_drop(&clockpro->ghosts, ghost);
	if (!swaplab_frame_test_clear_referenced(frame))
		clockpro_insert(clockpro, frame, COLD, frame->word[STATE]);
	else if (frame->word[STATE] == WAS_HOT)
		clockpro_heat(policy, frame);
	else
		clockpro_keep(policy, frame);
}

static struct swaplab_frame *clockpro_next(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;
	struct swaplab_frame *frame;

	if (!clockpro->queues[COLD].nr)
		clockpro_demote(policy);
	frame = clockpro_first_cold(clockpro);
	clockpro_remove(policy, frame);
	return frame;
}

static struct swaplab_frame *clockpro_victim(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;
	unsigned long left, nr;
	struct swaplab_frame *frame;
	struct swaplab_ghost *ghost;

	nr = clockpro->queues[COLD].nr + clockpro->queues[HOT].nr;
	if (!nr)
		return NULL;
	clockpro->capacity = nr;
	clockpro->cold_target = min(clockpro->cold_target, nr);
	frame = clockpro_next(policy);
	for (left = nr; left && swaplab_frame_test_clear_referenced(frame);
	     left--) {
		clockpro_keep(policy, frame);
		frame = clockpro_next(policy);
	}
	if (frame->word[STATE] == ON_TEST) {
		ghost = swaplab_ghost_add(&clockpro->ghosts, &clockpro->lost,
					  frame);
		if (ghost)
			ghost->word = frame->word[STAMP];
	}
	return frame;
}

static int clockpro_init(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;

	INIT_LIST_HEAD(&clockpro->queues[COLD].list);
	INIT_LIST_HEAD(&clockpro->queues[HOT].list);
	list_add(&clockpro->place, &clockpro->queues[COLD].list);
	swaplab_ghost_list_init(&clockpro->lost);
	clockpro->cold_target = max(policy->nr_frames, 1UL);
	return swaplab_ghosts_create(&clockpro->ghosts,
				     policy->nr_frames + CLOCKPRO_SPARE);
}

static int clockpro_resize(struct swaplab_policy *policy,
			   unsigned long nr_frames)
{
	struct clockpro *clockpro = policy->data;

	return swaplab_ghosts_reserve(&clockpro->ghosts,
				      nr_frames + CLOCKPRO_SPARE);
}

static void clockpro_exit(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;

	swaplab_ghosts_destroy(&clockpro->ghosts);
}

static struct swaplab_policy_ops clockpro_ops = {
	.admit = clockpro_admit,
	.victim = clockpro_victim,
	.remove = clockpro_remove,
	.putback = clockpro_putback,
	.resize = clockpro_resize,
	.init = clockpro_init,
	.exit = clockpro_exit,
	.needs_references = true,
	.data_size = sizeof(struct clockpro),
	.name = "clockpro",
	.owner = THIS_MODULE,
};
module_swaplab_policy(clockpro_ops, "clockpro");

MODULE_DESCRIPTION("swaplab policy: CLOCK-Pro");
MODULE_LICENSE("GPL");
