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
 * is taken to be the number of frames that the policy has when a victim is asked for. A call
 * looks at a bounded number of pages and ghosts, so where many hot pages were used, one may
 * become cold only after some more pages came in. The search for a victim waits for it.
 *
 * Memory: the frame's link and words; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

/*
 * Ghosts more than frames: victims are remembered before room is made. If several daemons
 * have more in hand, the oldest ghost of the list goes.
 */
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
	unsigned int task;		/* of the hot pages' hand */
	unsigned int nr_to_trim;	/* ghosts that it passes at most, where it goes */
	unsigned int nr_to_weigh;	/* times to see whether hot pages are too many */
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost;	/* oldest stamp first */
};

/* In a frame's words, a state and a stamp. IS_HOT: in that queue; else the page is cold. */
enum clockpro_state { OFF_TEST, ON_TEST, WAS_HOT, IS_HOT, NR_STATES };

/* What the hot pages' hand is about: to make one cold, or to go on to the next. */
enum { REST, DEMOTE, ADVANCE };

static enum clockpro_state clockpro_state(struct swaplab_frame *frame)
{
	return frame->long_word % NR_STATES;
}

static unsigned long clockpro_stamp(struct swaplab_frame *frame)
{
	return frame->long_word / NR_STATES;
}

/* Gives the frame a state and a new stamp. */
static void clockpro_set(struct clockpro *clockpro, struct swaplab_frame *frame,
			 enum clockpro_state state)
{
	frame->long_word = ++clockpro->now * NR_STATES + state;
}

static struct clockpro_queue *clockpro_queue(struct clockpro *clockpro,
					     struct swaplab_frame *frame)
{
	return &clockpro->queues[clockpro_state(frame) == IS_HOT ? HOT : COLD];
}

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
			    struct swaplab_frame *frame, enum clockpro_state state)
{
	clockpro_set(clockpro, frame, state);
	list_add_tail(&frame->link, state == IS_HOT ?
		      &clockpro->queues[HOT].list : &clockpro->place);
	clockpro_queue(clockpro, frame)->nr++;
}

static void clockpro_remove(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;

	list_del(&frame->link);
	clockpro_queue(clockpro, frame)->nr--;
}

static void clockpro_forget(struct swaplab_policy *policy,
			    const struct swaplab_region *region, pgoff_t index)
{
	struct clockpro *clockpro = policy->data;

	swaplab_ghost_forget(&clockpro->ghosts, region, index);
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

/* Drops the oldest ghost if there are too many, or it is not on test any more; else false. */
static bool clockpro_trim_one(struct clockpro *clockpro)
{
	struct swaplab_ghost *ghost = swaplab_ghost_oldest(&clockpro->lost);

	if (!ghost || (clockpro->lost.nr <= clockpro->capacity &&
		       ghost->word >= clockpro->hand))
		return false;
	swaplab_ghost_drop(&clockpro->ghosts, ghost);
	clockpro_failed(clockpro);
	return true;
}

static void clockpro_trim(struct clockpro *clockpro)
{
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++)
		if (!clockpro_trim_one(clockpro))
			break;
}

/* The hand of the hot pages passes a cold one, and ends its test; false if none is there. */
static bool clockpro_pass(struct clockpro *clockpro)
{
	struct list_head *cold = &clockpro->queues[COLD].list;
	struct list_head *next = clockpro->place.next;
	enum clockpro_state state;
	struct swaplab_frame *frame;

	if (next == cold)
		next = cold->next;
	if (next == &clockpro->place)
		return false;
	frame = list_entry(next, struct swaplab_frame, link);
	if (clockpro_stamp(frame) >= clockpro->hand)
		return false;
	list_move(&clockpro->place, &frame->link);
	state = clockpro_state(frame);
	if (state == ON_TEST) {
		state = OFF_TEST;
		clockpro_failed(clockpro);
	}
	clockpro_set(clockpro, frame, state);
	return true;
}

/*
 * The hand of the hot pages goes on to the next: past a cold one, or a ghost. False if it
 * is there.
 */
static bool clockpro_advance(struct clockpro *clockpro)
{
	struct swaplab_frame *frame = clockpro_first_hot(clockpro);

	if (!frame)
		return false;
	clockpro->hand = clockpro_stamp(frame);
	if (clockpro_pass(clockpro))
		return true;
	if (!clockpro->nr_to_trim || !clockpro_trim_one(clockpro))
		return false;
	clockpro->nr_to_trim--;
	return true;
}

static void clockpro_set_task(struct clockpro *clockpro, unsigned int task)
{
	clockpro->task = task;
	clockpro->nr_to_trim = SWAPLAB_POLICY_STEP;
}

/*
 * The first hot page that was not used becomes cold, and the hand goes on to the next. Looks
 * at one page.
 */
static void clockpro_demote(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;
	struct swaplab_frame *frame;

	if (clockpro_advance(clockpro))
		return;
	frame = clockpro_first_hot(clockpro);
	if (!frame || clockpro->task == ADVANCE) {
		clockpro->task = REST;
		return;
	}
	clockpro_remove(policy, frame);
	if (swaplab_frame_test_clear_referenced(frame)) {
		clockpro_insert(clockpro, frame, IS_HOT);
		clockpro_set_task(clockpro, DEMOTE);
	} else {
		clockpro_insert(clockpro, frame, WAS_HOT);
		clockpro_set_task(clockpro, ADVANCE);
	}
}

/*
 * Does the steps that are left, looking at @max pages at most. The next call goes on with the
 * rest. Return: how many it might still have looked at.
 */
static unsigned int clockpro_settle(struct swaplab_policy *policy,
				    unsigned int max)
{
	struct clockpro *clockpro = policy->data;
	struct clockpro_queue *hot = &clockpro->queues[HOT];

	for (; max; max--) {
		if (clockpro->task != REST) {
			clockpro_demote(policy);
		} else if (clockpro->nr_to_weigh) {
			clockpro->nr_to_weigh--;
			if (hot->nr + clockpro->cold_target > clockpro->capacity)
				clockpro_set_task(clockpro, DEMOTE);
		} else {
			break;
		}
	}
	return max;
}

/* clockpro_settle() has to follow. */
static void clockpro_heat(struct clockpro *clockpro, struct swaplab_frame *frame)
{
	clockpro_insert(clockpro, frame, IS_HOT);
	/* One in general, two to approach a limit that has become lower. */
	clockpro->nr_to_weigh += 2;
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
		clockpro_heat(clockpro, frame);
	} else {
		clockpro_insert(clockpro, frame, ON_TEST);
	}
	clockpro_settle(policy, SWAPLAB_POLICY_STEP);
	clockpro_trim(clockpro);
}

/* The hand of the cold pages has found it used, and it is on no list. */
static void clockpro_keep(struct clockpro *clockpro, struct swaplab_frame *frame)
{
	if (clockpro_state(frame) == ON_TEST) {
		clockpro_passed(clockpro);
		clockpro_heat(clockpro, frame);
	} else {
		clockpro_insert(clockpro, frame, ON_TEST);
	}
}

static void clockpro_putback(struct swaplab_policy *policy,
			     struct swaplab_frame *frame)
{
	struct clockpro *clockpro = policy->data;
	enum clockpro_state state = clockpro_state(frame);
	struct swaplab_ghost *ghost;

	ghost = swaplab_ghost_find(&clockpro->ghosts, frame);
	if (ghost)
		swaplab_ghost_drop(&clockpro->ghosts, ghost);
	/* A hot one was not chosen here, but by the core's scan. */
	if (!swaplab_frame_test_clear_referenced(frame))
		clockpro_insert(clockpro, frame, state == IS_HOT ? OFF_TEST : state);
	else if (state == WAS_HOT)
		clockpro_heat(clockpro, frame);
	else
		clockpro_keep(clockpro, frame);
	clockpro_settle(policy, SWAPLAB_POLICY_STEP);
}

/* Leaves a ghost if the page is on test. */
static void clockpro_remember(struct clockpro *clockpro,
			      struct swaplab_frame *frame)
{
	struct swaplab_ghost *ghost;

	if (clockpro_state(frame) != ON_TEST)
		return;
	ghost = swaplab_ghost_add(&clockpro->ghosts, &clockpro->lost, frame);
	if (ghost)
		ghost->word = clockpro_stamp(frame);
}

/* The hand of the cold pages looks at one: off its list, a victim; else NULL. */
static struct swaplab_frame *clockpro_look(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;
	struct swaplab_frame *frame;

	if (!clockpro->queues[COLD].nr) {
		clockpro_set_task(clockpro, DEMOTE);
		return NULL;
	}
	frame = clockpro_first_cold(clockpro);
	clockpro_remove(policy, frame);
	if (swaplab_frame_test_clear_referenced(frame)) {
		clockpro_keep(clockpro, frame);
		return NULL;
	}
	clockpro_remember(clockpro, frame);
	return frame;
}

static struct swaplab_frame *clockpro_victim(struct swaplab_policy *policy)
{
	struct clockpro *clockpro = policy->data;
	unsigned int left = SWAPLAB_POLICY_STEP;
	struct swaplab_frame *frame;
	unsigned long nr;

	nr = clockpro->queues[COLD].nr + clockpro->queues[HOT].nr;
	if (!nr)
		return NULL;
	clockpro->capacity = nr;
	clockpro->cold_target = min(clockpro->cold_target, nr);
	while ((left = clockpro_settle(policy, left))) {
		frame = clockpro_look(policy);
		if (frame)
			return frame;
		left--;
	}
	return SWAPLAB_VICTIM_AGAIN;
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

static const struct swaplab_policy_stat clockpro_stats[] = {
	{ "cold", offsetof(struct clockpro, queues[COLD].nr) },
	{ "hot", offsetof(struct clockpro, queues[HOT].nr) },
	{ "cold_target", offsetof(struct clockpro, cold_target) },
	{ "lost", offsetof(struct clockpro, lost.nr) },
	{ }
};

static struct swaplab_policy_ops clockpro_ops = {
	.admit = clockpro_admit,
	.victim = clockpro_victim,
	.remove = clockpro_remove,
	.putback = clockpro_putback,
	.forget = clockpro_forget,
	.resize = clockpro_resize,
	.init = clockpro_init,
	.exit = clockpro_exit,
	.needs_references = true,
	.data_size = sizeof(struct clockpro),
	.stats = clockpro_stats,
	.name = "clockpro",
	.owner = THIS_MODULE,
};
module_swaplab_policy(clockpro_ops, "clockpro");

MODULE_DESCRIPTION("swaplab policy: CLOCK-Pro");
MODULE_LICENSE("GPL");
