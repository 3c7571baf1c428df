// SPDX-License-Identifier: GPL-2.0
/*
 * ARC: two LRU lists whose sizes adapt to the hits that larger ones would have had.
 *
 * N. Megiddo, D. S. Modha, "ARC: a self-tuning, low overhead replacement cache", FAST
 * 2003. Pages come in on the list "once"; a use there moves them to the list "often".
 * Each list has ghosts of the pages that it gave up, and a page that comes back while it
 * has a ghost moves the target size of "once" towards the list that lost it.
 *
 * Deviations: a victim is chosen before it is known which page comes in, so the
 * target moves after the choice, not before. It moves by whole frames, where the
 * paper divides real numbers. Where accessed bits are sampled, the lists are clocks:
 * a page found used when it is about to go joins "often" then, and the use that
 * brought it in counts for that, unless a tick has told it from others.
 *
 * Memory: the frame's link and one word; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

/*
 * Ghosts more than frames: victims are remembered before room is made. If several daemons
 * have more in hand, the oldest ghost of the list goes.
 */
#define ARC_SPARE	64

/* An LRU list, and its ghosts: T1 and B1 of the paper, or T2 and B2. */
struct arc_half {
	struct list_head list;		/* least recently used first */
	unsigned long nr;
	struct swaplab_ghost_list lost;
};

enum { ONCE, OFTEN };

struct arc {
	struct arc_half halves[2];
	unsigned long target;		/* frames for ONCE: p of the paper */
	struct swaplab_ghosts ghosts;
};

/* In a frame's words: its half. */
enum { HALF };

static void arc_insert(struct arc *arc, struct swaplab_frame *frame,
		       unsigned long half)
{
	frame->word[HALF] = half;
	list_add_tail(&frame->link, &arc->halves[half].list);
	arc->halves[half].nr++;
}

static void arc_remove(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct arc *arc = policy->data;

	list_del(&frame->link);
	arc->halves[frame->word[HALF]].nr--;
}

static void arc_forget(struct swaplab_policy *policy,
		       const struct swaplab_region *region, pgoff_t index)
{
	struct arc *arc = policy->data;

	swaplab_ghost_forget(&arc->ghosts, region, index);
}

static void arc_access(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	arc_remove(policy, frame);
	arc_insert(policy->data, frame, OFTEN);
}

/* Moves the target towards the half that should not have lost the page. */
static void arc_learn(struct arc *arc, unsigned long nr_frames, bool lost_once)
{
	unsigned long once = arc->halves[ONCE].lost.nr;
	unsigned long often = arc->halves[OFTEN].lost.nr;

	/* There may be fewer frames now. */
	arc->target = min(arc->target, nr_frames);
	if (lost_once)
		arc->target = min(arc->target + max(1UL, often / once),
				  nr_frames);
	else
		arc->target -= min(arc->target, max(1UL, once / often));
}

/*
 * The first half and its ghosts are at most as many pages as the pool has frames, and
 * both halves together twice as many. @nr_new pages are about to join the first half.
 */
static void arc_trim(struct arc *arc, unsigned long nr_frames,
		     unsigned long nr_new)
{
	struct arc_half *once = &arc->halves[ONCE];
	struct arc_half *often = &arc->halves[OFTEN];

	swaplab_ghosts_trim(&arc->ghosts, &once->lost, once->nr + nr_new,
			    nr_frames);
	swaplab_ghosts_trim(&arc->ghosts, &often->lost,
			    once->nr + once->lost.nr + often->nr + nr_new,
			    2 * nr_frames);
}

static void arc_admit(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct arc *arc = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&arc->ghosts, frame);
	unsigned long nr_frames = READ_ONCE(policy->nr_frames);

	if (ghost) {
		arc_learn(arc, nr_frames,
			  ghost->list == &arc->halves[ONCE].lost);
		swaplab_ghost_drop(&arc->ghosts, ghost);
		arc_insert(arc, frame, OFTEN);
		arc_trim(arc, nr_frames, 0);
	} else {
		arc_trim(arc, nr_frames, 1);
		arc_insert(arc, frame, ONCE);
	}
}

static void arc_putback(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct arc *arc = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&arc->ghosts, frame);

	if (ghost)
		swaplab_ghost_drop(&arc->ghosts, ghost);
	if (swaplab_frame_test_clear_referenced(frame))
		arc_insert(arc, frame, OFTEN);
	else
		arc_insert(arc, frame, frame->word[HALF]);
}

static struct arc_half *arc_choose(struct arc *arc)
{
	struct arc_half *once = &arc->halves[ONCE];
	struct arc_half *often = &arc->halves[OFTEN];

	if (!often->nr || (once->nr && once->nr > arc->target))
		return once;
	return often;
}

static struct swaplab_frame *arc_victim(struct swaplab_policy *policy)
{
	struct arc *arc = policy->data;
	struct swaplab_frame *frame;
	struct arc_half *half;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		half = arc_choose(arc);
		if (!half->nr)
			return NULL;
		frame = list_first_entry(&half->list, struct swaplab_frame,
					 link);
		arc_remove(policy, frame);
		if (!swaplab_frame_test_clear_referenced(frame)) {
			swaplab_ghost_add(&arc->ghosts, &half->lost, frame);
			return frame;
		}
		arc_insert(arc, frame, OFTEN);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int arc_init(struct swaplab_policy *policy)
{
	struct arc *arc = policy->data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(arc->halves); i++) {
		INIT_LIST_HEAD(&arc->halves[i].list);
		swaplab_ghost_list_init(&arc->halves[i].lost);
	}
	return swaplab_ghosts_create(&arc->ghosts,
				     policy->nr_frames + ARC_SPARE);
}

static int arc_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct arc *arc = policy->data;

	return swaplab_ghosts_reserve(&arc->ghosts, nr_frames + ARC_SPARE);
}

static void arc_exit(struct swaplab_policy *policy)
{
	struct arc *arc = policy->data;

	swaplab_ghosts_destroy(&arc->ghosts);
}

static const struct swaplab_policy_stat arc_stats[] = {
	{ "once", offsetof(struct arc, halves[ONCE].nr) },
	{ "often", offsetof(struct arc, halves[OFTEN].nr) },
	{ "target", offsetof(struct arc, target) },
	{ "once_lost", offsetof(struct arc, halves[ONCE].lost.nr) },
	{ "often_lost", offsetof(struct arc, halves[OFTEN].lost.nr) },
	{ }
};

static struct swaplab_policy_ops arc_ops = {
	.admit = arc_admit,
	.victim = arc_victim,
	.remove = arc_remove,
	.putback = arc_putback,
	.forget = arc_forget,
	.access = arc_access,
	.resize = arc_resize,
	.init = arc_init,
	.exit = arc_exit,
	.needs_references = true,
	.data_size = sizeof(struct arc),
	.stats = arc_stats,
	.name = "arc",
	.owner = THIS_MODULE,
};
module_swaplab_policy(arc_ops, "arc");

MODULE_DESCRIPTION("swaplab policy: adaptive replacement cache");
MODULE_LICENSE("GPL");
