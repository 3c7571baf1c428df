// SPDX-License-Identifier: GPL-2.0
/*
 * CAR: two clocks whose sizes adapt to the hits that larger ones would have had.
 *
 * S. Bansal, D. S. Modha, "CAR: clock with adaptive replacement", FAST 2004. Pages
 * come in on the clock "once"; those found used there move to the clock "often".
 * Each clock has ghosts of the pages that it gave up, and a page that comes back while
 * it has a ghost moves the target size of "once" towards the clock that lost it.
 *
 * Deviations: accessed bits are seen when they are sampled and when a victim is looked
 * at again, not as the hand passes; a victim found used then is handled as if the hand
 * had found it used, and its ghost is taken back. The target moves by whole frames,
 * where the paper divides real numbers.
 *
 * Memory: the frame's link and one word; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

/*
 * Ghosts more than frames: victims are remembered before room is made. If several daemons
 * have more in hand, the oldest ghost of the list goes.
 */
#define CAR_SPARE	64

/* A clock, and its ghosts: T1 and B1 of the paper, or T2 and B2. */
struct car_clock {
	struct list_head circle;	/* under the hand first */
	unsigned long nr;
	struct swaplab_ghost_list lost;
};

enum { ONCE, OFTEN };

struct car {
	struct car_clock clocks[2];
	unsigned long target;		/* frames for ONCE: p of the paper */
	struct swaplab_ghosts ghosts;
};

/* In a frame's words: its clock. */
enum { CLOCK };

static void car_insert(struct car *car, struct swaplab_frame *frame,
		       unsigned long clock)
{
	frame->word[CLOCK] = clock;
	list_add_tail(&frame->link, &car->clocks[clock].circle);
	car->clocks[clock].nr++;
}

static void car_remove(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct car *car = policy->data;

	list_del(&frame->link);
	car->clocks[frame->word[CLOCK]].nr--;
}

static void car_forget(struct swaplab_policy *policy,
		       const struct swaplab_region *region, pgoff_t index)
{
	struct car *car = policy->data;

	swaplab_ghost_forget(&car->ghosts, region, index);
}

/* Moves the target towards the clock that should not have lost the page. */
static void car_learn(struct car *car, unsigned long nr_frames, bool lost_once)
{
	unsigned long once = car->clocks[ONCE].lost.nr;
	unsigned long often = car->clocks[OFTEN].lost.nr;

	/* There may be fewer frames now. */
	car->target = min(car->target, nr_frames);
	if (lost_once)
		car->target = min(car->target + max(1UL, often / once),
				  nr_frames);
	else
		car->target -= min(car->target, max(1UL, once / often));
}

/*
 * The first clock and its ghosts are at most as many pages as the pool has frames, and
 * both clocks together twice as many. @nr_new pages are about to join the first clock.
 */
static void car_trim(struct car *car, unsigned long nr_frames,
		     unsigned long nr_new)
{
	struct car_clock *once = &car->clocks[ONCE];
	struct car_clock *often = &car->clocks[OFTEN];

	swaplab_ghosts_trim(&car->ghosts, &once->lost, once->nr + nr_new,
			    nr_frames);
	swaplab_ghosts_trim(&car->ghosts, &often->lost,
			    once->nr + once->lost.nr + often->nr + nr_new,
			    2 * nr_frames);
}

static void car_admit(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct car *car = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&car->ghosts, frame);
	unsigned long nr_frames = READ_ONCE(policy->nr_frames);

	if (ghost) {
		car_learn(car, nr_frames,
			  ghost->list == &car->clocks[ONCE].lost);
		swaplab_ghost_drop(&car->ghosts, ghost);
		car_insert(car, frame, OFTEN);
		car_trim(car, nr_frames, 0);
	} else {
		car_trim(car, nr_frames, 1);
		car_insert(car, frame, ONCE);
	}
}

static void car_putback(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct car *car = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&car->ghosts, frame);

	if (ghost)
		swaplab_ghost_drop(&car->ghosts, ghost);
	if (swaplab_frame_test_clear_referenced(frame))
		car_insert(car, frame, OFTEN);
	else
		car_insert(car, frame, frame->word[CLOCK]);
}

static struct car_clock *car_choose(struct car *car)
{
	struct car_clock *once = &car->clocks[ONCE];
	struct car_clock *often = &car->clocks[OFTEN];

	if (!often->nr || (once->nr && once->nr >= max(1UL, car->target)))
		return once;
	return often;
}

static struct swaplab_frame *car_victim(struct swaplab_policy *policy)
{
	struct car *car = policy->data;
	struct swaplab_frame *frame;
	struct car_clock *clock;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		clock = car_choose(car);
		if (!clock->nr)
			return NULL;
		frame = list_first_entry(&clock->circle, struct swaplab_frame,
					 link);
		car_remove(policy, frame);
		if (!swaplab_frame_test_clear_referenced(frame)) {
			swaplab_ghost_add(&car->ghosts, &clock->lost, frame);
			return frame;
		}
		car_insert(car, frame, OFTEN);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int car_init(struct swaplab_policy *policy)
{
	struct car *car = policy->data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(car->clocks); i++) {
		INIT_LIST_HEAD(&car->clocks[i].circle);
		swaplab_ghost_list_init(&car->clocks[i].lost);
	}
	return swaplab_ghosts_create(&car->ghosts,
				     policy->nr_frames + CAR_SPARE);
}

static int car_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct car *car = policy->data;

	return swaplab_ghosts_reserve(&car->ghosts, nr_frames + CAR_SPARE);
}

static void car_exit(struct swaplab_policy *policy)
{
	struct car *car = policy->data;

	swaplab_ghosts_destroy(&car->ghosts);
}

static const struct swaplab_policy_stat car_stats[] = {
	{ "once", offsetof(struct car, clocks[ONCE].nr) },
	{ "often", offsetof(struct car, clocks[OFTEN].nr) },
	{ "target", offsetof(struct car, target) },
	{ "once_lost", offsetof(struct car, clocks[ONCE].lost.nr) },
	{ "often_lost", offsetof(struct car, clocks[OFTEN].lost.nr) },
	{ }
};

static struct swaplab_policy_ops car_ops = {
	.admit = car_admit,
	.victim = car_victim,
	.remove = car_remove,
	.putback = car_putback,
	.forget = car_forget,
	.resize = car_resize,
	.init = car_init,
	.exit = car_exit,
	.needs_references = true,
	.data_size = sizeof(struct car),
	.stats = car_stats,
	.name = "car",
	.owner = THIS_MODULE,
};
module_swaplab_policy(car_ops, "car");

MODULE_DESCRIPTION("swaplab policy: clock with adaptive replacement");
MODULE_LICENSE("GPL");
