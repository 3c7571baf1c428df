// SPDX-License-Identifier: GPL-2.0
/*
 * LIRS: pages are judged by the time between their last two uses, not since the last one.
 *
 * S. Jiang, X. Zhang, "LIRS: an efficient low inter-reference recency set replacement
 * policy to improve buffer cache performance", SIGMETRICS 2002. Nearly all frames are
 * for pages of low recency between uses (LIR); the others pass through a short queue
 * (Q of the paper), next victim first. A page in the queue becomes LIR if it is used
 * again before the LIR page unused for longest is; that LIR page joins the queue. The same
 * holds for a page that was evicted from the queue and comes back in that time.
 *
 * The paper's stack S tells that time. Here each frame and ghost has a stamp of its last
 * use: pages with a younger stamp than the oldest LIR page are on the stack, the others
 * have been pruned.
 *
 * Deviations: there are as many ghosts as frames, and the oldest gives way, where the stack
 * may grow without end. Where accessed bits are sampled, a page is used when its bit
 * is found: in the queue when it is about to go, and for LIR pages when the oldest is
 * about to join the queue, so these are a clock. A page that joined the queue and is found
 * used there for the first time becomes LIR again, as it might have been used all the time.
 *
 * A call looks at a bounded number of frames, so where many LIR pages were used, one may
 * join the queue only after some more pages came in. The search for a victim waits for it.
 *
 * The daemon keeps some of the pool free, so the size of the pool is taken to be the number
 * of frames that the policy has when a victim is asked for: a fixed share for LIR pages
 * would leave nothing for the queue.
 *
 * Memory: the frame's link and words; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

struct lirs {
	unsigned int queue_percent;
	struct list_head lir;		/* unused for longest first */
	struct list_head queue;		/* next victim first */
	unsigned long nr_lir;
	unsigned long nr;		/* frames, on either */
	unsigned long capacity;		/* frames when there is no room for more */
	unsigned long nr_frames;	/* of the pool, when last looked at */
	unsigned long now;		/* uses so far */
	unsigned long nr_due;		/* LIR pages that are to join the queue */
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost;
};

/* In a frame's words: is it LIR, was it LIR before, and the stamp of its last use. */
#define LIRS_IS_LIR	BIT(0)
#define LIRS_WAS_LIR	BIT(1)
#define LIRS_STAMP	BIT(2)

static bool lirs_is_lir(struct swaplab_frame *frame)
{
	return frame->long_word & LIRS_IS_LIR;
}

static unsigned long lirs_used(struct swaplab_frame *frame)
{
	return frame->long_word / LIRS_STAMP;
}

static struct swaplab_frame *lirs_first(struct list_head *list)
{
	return list_first_entry_or_null(list, struct swaplab_frame, link);
}

static void lirs_insert(struct lirs *lirs, struct swaplab_frame *frame,
			bool is_lir)
{
	frame->long_word &= ~LIRS_IS_LIR;
	if (is_lir)
		frame->long_word |= LIRS_IS_LIR;
	list_add_tail(&frame->link, is_lir ? &lirs->lir : &lirs->queue);
	lirs->nr_lir += is_lir;
	lirs->nr++;
}

static void lirs_remove(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct lirs *lirs = policy->data;

	list_del(&frame->link);
	lirs->nr_lir -= lirs_is_lir(frame);
	lirs->nr--;
}

static void lirs_forget(struct swaplab_policy *policy,
			const struct swaplab_region *region, pgoff_t index)
{
	struct lirs *lirs = policy->data;

	swaplab_ghost_forget(&lirs->ghosts, region, index);
}

static unsigned long lirs_limit(struct lirs *lirs)
{
	unsigned long queue;

	queue = lirs->capacity * READ_ONCE(lirs->queue_percent) / 100;
	return lirs->capacity - min(lirs->capacity, max(queue, 1UL));
}

/* Is a page with this stamp still on the stack? */
static bool lirs_on_stack(struct lirs *lirs, unsigned long used)
{
	struct swaplab_frame *oldest = lirs_first(&lirs->lir);

	return oldest && used > lirs_used(oldest);
}

/* Looks at the oldest LIR page, which joins the queue if it was not used. */
static void lirs_demote(struct swaplab_policy *policy)
{
	struct lirs *lirs = policy->data;
	struct swaplab_frame *frame = lirs_first(&lirs->lir);

	if (swaplab_frame_test_clear_referenced(frame)) {
		frame->long_word = ++lirs->now * LIRS_STAMP + LIRS_IS_LIR;
		list_move_tail(&frame->link, &lirs->lir);
		return;
	}
	lirs_remove(policy, frame);
	lirs_insert(lirs, frame, false);
	frame->long_word |= LIRS_WAS_LIR;
	lirs->nr_due--;
}

/*
 * Looks at LIR pages, @max at most, until those that are due have joined the queue. The
 * next call goes on with the rest. Return: how many it might still have looked at.
 */
static unsigned int lirs_settle(struct swaplab_policy *policy, unsigned int max)
{
	struct lirs *lirs = policy->data;

	/* Some may have been removed since. */
	lirs->nr_due = min(lirs->nr_due, lirs->nr_lir);
	for (; max && lirs->nr_due; max--)
		lirs_demote(policy);
	return max;
}

/* Its page is used, and the frame on no list. lirs_settle() has to follow. */
static void lirs_use(struct swaplab_policy *policy, struct swaplab_frame *frame,
		     bool is_lir)
{
	struct lirs *lirs = policy->data;
	unsigned long limit = lirs_limit(lirs);

	frame->long_word = ++lirs->now * LIRS_STAMP;
	lirs_insert(lirs, frame, is_lir || lirs->nr_lir < limit);
	limit += lirs->nr_due;
	/* One in general, two to approach a limit that has become lower. */
	if (lirs->nr_lir > limit)
		lirs->nr_due += min(lirs->nr_lir - limit, 2UL);
}

static void lirs_access(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct lirs *lirs = policy->data;
	bool is_lir = lirs_is_lir(frame) || lirs_on_stack(lirs, lirs_used(frame));

	lirs_remove(policy, frame);
	lirs_use(policy, frame, is_lir);
	lirs_settle(policy, SWAPLAB_POLICY_STEP);
}

/* The same for a use at an unknown time, and a frame on no list. */
static void lirs_found_used(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	lirs_use(policy, frame,
		 frame->long_word & (LIRS_IS_LIR | LIRS_WAS_LIR) ||
		 lirs_on_stack(policy->data, lirs_used(frame)));
}

static void lirs_admit(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct lirs *lirs = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&lirs->ghosts, frame);
	bool is_lir = ghost && lirs_on_stack(lirs, ghost->word);

	if (ghost)
		swaplab_ghost_drop(&lirs->ghosts, ghost);
	if (lirs->nr_frames != READ_ONCE(policy->nr_frames)) {
		lirs->nr_frames = READ_ONCE(policy->nr_frames);
		lirs->capacity = lirs->nr_frames;
	}
	lirs_use(policy, frame, is_lir);
	lirs_settle(policy, SWAPLAB_POLICY_STEP);
}

static void lirs_putback(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	struct lirs *lirs = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&lirs->ghosts, frame);

	if (ghost)
		swaplab_ghost_drop(&lirs->ghosts, ghost);
	if (swaplab_frame_test_clear_referenced(frame))
		lirs_found_used(policy, frame);
	else
		lirs_insert(lirs, frame, lirs_is_lir(frame));
	lirs_settle(policy, SWAPLAB_POLICY_STEP);
}

/* Takes the next to go off its list. */
static struct swaplab_frame *lirs_next(struct swaplab_policy *policy)
{
	struct lirs *lirs = policy->data;
	struct swaplab_frame *frame = lirs_first(&lirs->queue);

	if (!frame)
		frame = lirs_first(&lirs->lir);
	lirs_remove(policy, frame);
	return frame;
}

/* Leaves a ghost if the page is on the stack. */
static void lirs_remember(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct lirs *lirs = policy->data;
	struct swaplab_ghost *ghost;

	if (!lirs_on_stack(lirs, lirs_used(frame)))
		return;
	ghost = swaplab_ghost_add(&lirs->ghosts, &lirs->lost, frame);
	if (ghost)
		ghost->word = lirs_used(frame);
	swaplab_ghosts_trim(&lirs->ghosts, &lirs->lost, 0,
			    max(READ_ONCE(policy->nr_frames), 1UL));
}

static struct swaplab_frame *lirs_victim(struct swaplab_policy *policy)
{
	struct lirs *lirs = policy->data;
	unsigned int left = SWAPLAB_POLICY_STEP;
	struct swaplab_frame *frame;

	if (!lirs->nr)
		return NULL;
	lirs->capacity = lirs->nr;
	while ((left = lirs_settle(policy, left))) {
		frame = lirs_next(policy);
		if (!swaplab_frame_test_clear_referenced(frame)) {
			lirs_remember(policy, frame);
			return frame;
		}
		lirs_found_used(policy, frame);
		left--;
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int lirs_init(struct swaplab_policy *policy)
{
	struct lirs *lirs = policy->data;

	INIT_LIST_HEAD(&lirs->lir);
	INIT_LIST_HEAD(&lirs->queue);
	swaplab_ghost_list_init(&lirs->lost);
	return swaplab_ghosts_create(&lirs->ghosts,
				     policy->nr_frames + 1);
}

static int lirs_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct lirs *lirs = policy->data;

	return swaplab_ghosts_reserve(&lirs->ghosts, nr_frames + 1);
}

static void lirs_exit(struct swaplab_policy *policy)
{
	struct lirs *lirs = policy->data;

	swaplab_ghosts_destroy(&lirs->ghosts);
}

static const struct swaplab_policy_param lirs_params[] = {
	{
		.name = "queue_percent",
		.offset = offsetof(struct lirs, queue_percent),
		.min = 1,
		.max = 99,
		.initial = 1,
	},
	{ }
};

static const struct swaplab_policy_stat lirs_stats[] = {
	{ "lir", offsetof(struct lirs, nr_lir) },
	{ "pages", offsetof(struct lirs, nr) },
	{ "lost", offsetof(struct lirs, lost.nr) },
	{ }
};

static struct swaplab_policy_ops lirs_ops = {
	.admit = lirs_admit,
	.victim = lirs_victim,
	.remove = lirs_remove,
	.putback = lirs_putback,
	.forget = lirs_forget,
	.access = lirs_access,
	.resize = lirs_resize,
	.init = lirs_init,
	.exit = lirs_exit,
	.needs_references = true,
	.data_size = sizeof(struct lirs),
	.params = lirs_params,
	.stats = lirs_stats,
	.name = "lirs",
	.owner = THIS_MODULE,
};
module_swaplab_policy(lirs_ops, "lirs");

MODULE_DESCRIPTION("swaplab policy: low inter-reference recency set");
MODULE_LICENSE("GPL");
