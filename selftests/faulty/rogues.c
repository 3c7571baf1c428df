// SPDX-License-Identifier: GPL-2.0
/*
 * Policies that misbehave, each in its own way, and that the core must survive.
 *
 * All of them are FIFO otherwise. None of them follows a pointer that it should
 * not have, or loops without end: that the core could not survive.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <swaplab/policy.h>

struct rogue {
	struct list_head queue;		/* next victim first */
	struct swaplab_frame *stale;	/* had once, and not now */
	unsigned long nr_calls;
	unsigned long nr_steps;		/* of a slow tick, still to do */
	struct swaplab_frame *made_up;	/* never came from the core */
};

/*
 * A frame that a stranger leaves for others to steal: those of other pools, and of other
 * regions that have an instance of the policy. Protects: lent, lender.
 */
static DEFINE_SPINLOCK(lent_lock);
static struct swaplab_frame *lent;
static struct rogue *lender;

static void rogue_admit(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct rogue *rogue = policy->data;

	if (frame == rogue->stale)
		rogue->stale = NULL;
	/* It may be the thief's own now, and on its queue. */
	spin_lock(&lent_lock);
	if (frame == lent)
		lent = NULL;
	spin_unlock(&lent_lock);
	list_add_tail(&frame->link, &rogue->queue);
}

static void rogue_remove(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static struct swaplab_frame *rogue_first(struct rogue *rogue)
{
	return list_first_entry_or_null(&rogue->queue, struct swaplab_frame,
					link);
}

static struct swaplab_frame *rogue_victim(struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = rogue_first(policy->data);

	if (frame)
		list_del(&frame->link);
	return frame;
}

static int rogue_init(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;

	INIT_LIST_HEAD(&rogue->queue);
	return 0;
}

/* Has frames, and gives none. */
static struct swaplab_frame *idle_victim(struct swaplab_policy *policy)
{
	return NULL;
}

/* Gives each victim once more. */
static struct swaplab_frame *twice_victim(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;
	struct swaplab_frame *frame = rogue->stale;

	rogue->stale = NULL;
	if (frame)
		return frame;
	rogue->stale = rogue_victim(policy);
	return rogue->stale;
}

/* Gives frames that were removed from it: free ones, or locked ones. */
static void graverobber_remove(struct swaplab_policy *policy,
			       struct swaplab_frame *frame)
{
	struct rogue *rogue = policy->data;

	rogue_remove(policy, frame);
	rogue->stale = frame;
}

static struct swaplab_frame *graverobber_victim(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;

	if (rogue->stale && rogue->nr_calls++ % 2)
		return rogue->stale;
	return rogue_victim(policy);
}

static struct swaplab_frame *frame_borrow(struct rogue *rogue)
{
	struct swaplab_frame *frame = NULL;

	spin_lock(&lent_lock);
	if (lender != rogue) {
		frame = lent;
		lent = rogue_first(rogue);
		lender = rogue;
	}
	spin_unlock(&lent_lock);
	return frame;
}

/* No frame, or none of this pool: pointers of all kinds. */
static struct swaplab_frame *stranger_victim(struct swaplab_policy *policy)
{
	static struct swaplab_frame in_module;
	struct rogue *rogue = policy->data;
	struct swaplab_frame *first = rogue_first(rogue);

	switch (rogue->nr_calls++ % 10) {
	case 0:
		return rogue->made_up;
	case 1:
		return &in_module;
	case 2:
		return ERR_PTR(-ENOMEM);
	case 3:
		return (void *)8;
	case 4:
		return (void *)0x6b6b6b6b6b6b6b6bUL;
	case 5:
		return (void *)first + sizeof(*first) / 2;
	case 6:
		return (void *)policy;
	case 7:
		return frame_borrow(rogue);
	case 8:
		/* In the head of a page of frames. */
		return PTR_ALIGN_DOWN((void *)first, PAGE_SIZE) + 64 - sizeof(*first);
	default:
		return rogue_victim(policy);
	}
}

static int stranger_init(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;

	rogue->made_up = kzalloc(sizeof(*rogue->made_up), GFP_KERNEL);
	return rogue->made_up ? rogue_init(policy) : -ENOMEM;
}

/* A pool that goes takes back its frame: the pointer is never followed. */
static void stranger_exit(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;

	spin_lock(&lent_lock);
	if (lender == rogue) {
		lent = NULL;
		lender = NULL;
	}
	spin_unlock(&lent_lock);
	kfree(rogue->made_up);
}

/* Gives frames that were put back again and again, used or pinned. */
static void stubborn_putback(struct swaplab_policy *policy,
			     struct swaplab_frame *frame)
{
	struct rogue *rogue = policy->data;

	list_add(&frame->link, &rogue->queue);
}

/* Walks over all its frames for each victim, and ages them one a call. */
static unsigned long slow_count(struct rogue *rogue)
{
	struct swaplab_frame *frame;
	unsigned long nr = 0;

	list_for_each_entry(frame, &rogue->queue, link)
		nr++;
	return nr;
}

static struct swaplab_frame *slow_victim(struct swaplab_policy *policy)
{
	slow_count(policy->data);
	return rogue_victim(policy);
}

static bool slow_tick(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;

	if (!rogue->nr_steps)
		rogue->nr_steps = slow_count(rogue) + 1;
	return --rogue->nr_steps;
}

/* Has frames, and looks for the best one for ever. */
static struct swaplab_frame *undecided_victim(struct swaplab_policy *policy)
{
	return SWAPLAB_VICTIM_AGAIN;
}

/* Asks for several calls for each victim, though it looks at nothing. */
static struct swaplab_frame *hesitant_victim(struct swaplab_policy *policy)
{
	struct rogue *rogue = policy->data;

	return rogue->nr_calls++ % 8 ? SWAPLAB_VICTIM_AGAIN : rogue_victim(policy);
}

/* Its aging is never complete. */
static bool restless_tick(struct swaplab_policy *policy)
{
	return true;
}

/* Holds the lock for seconds, a few times. */
static struct swaplab_frame *overlong_victim(struct swaplab_policy *policy)
{
	unsigned long end = jiffies + 3 * HZ / 2;
	struct rogue *rogue = policy->data;

	/* By the clock of the core; loops of mdelay() may be shorter on an emulated CPU. */
	while (rogue->nr_calls < 3 && time_before(jiffies, end))
		cpu_relax();
	rogue->nr_calls++;
	return rogue_victim(policy);
}

/* Wants all pages there are and more, in all directions. */
static bool greedy_readahead(struct swaplab_policy *policy,
			     struct swaplab_readahead *readahead)
{
	static const int steps[] = { 1, -1, 0, 2, INT_MAX, INT_MIN, 64, -64 };
	struct rogue *rogue = policy->data;
	unsigned long call = rogue->nr_calls++;

	readahead->nr = call % 7 ? UINT_MAX : 65;
	readahead->step = steps[call % ARRAY_SIZE(steps)];
	switch (call % 5) {
	case 0:
		readahead->start = readahead->index + 1;
		break;
	case 1:
		readahead->start = 0;
		break;
	case 2:
		readahead->start = ULONG_MAX - 7;
		break;
	case 3:
		readahead->start = readahead->last;
		break;
	default:
		readahead->start = (unsigned long)rogue;
	}
	/* What it is told is its own to write to, too. */
	readahead->max = UINT_MAX;
	readahead->region = 0;
	return true;
}

static int refuse_init(struct swaplab_policy *policy)
{
	return -ENOSPC;
}

#define ROGUE(policy_name, victim_fn, ...)		\
	{						\
		.admit = rogue_admit,			\
		.victim = victim_fn,			\
		.data_size = sizeof(struct rogue),	\
		.name = policy_name,			\
		.owner = THIS_MODULE,			\
		__VA_ARGS__				\
	}

static struct swaplab_policy_ops rogues[] = {
	ROGUE("rogue_idle", idle_victim,
	      .remove = rogue_remove, .init = rogue_init),
	ROGUE("rogue_twice", twice_victim,
	      .remove = rogue_remove, .init = rogue_init),
	ROGUE("rogue_graverobber", graverobber_victim,
	      .remove = graverobber_remove, .init = rogue_init),
	ROGUE("rogue_stranger", stranger_victim,
	      .remove = rogue_remove, .init = stranger_init, .exit = stranger_exit),
	ROGUE("rogue_stubborn", rogue_victim,
	      .remove = rogue_remove, .init = rogue_init,
	      .putback = stubborn_putback, .needs_references = true),
	ROGUE("rogue_slow", slow_victim,
	      .remove = rogue_remove, .init = rogue_init,
	      .tick = slow_tick, .needs_references = true),
	ROGUE("rogue_undecided", undecided_victim,
	      .remove = rogue_remove, .init = rogue_init),
	ROGUE("rogue_hesitant", hesitant_victim,
	      .remove = rogue_remove, .init = rogue_init),
	ROGUE("rogue_restless", rogue_victim,
	      .remove = rogue_remove, .init = rogue_init,
	      .tick = restless_tick, .needs_references = true),
	ROGUE("rogue_overlong", overlong_victim,
	      .remove = rogue_remove, .init = rogue_init),
	ROGUE("rogue_greedy", rogue_victim,
	      .remove = rogue_remove, .init = rogue_init,
	      .readahead = greedy_readahead),
	ROGUE("rogue_refuse", rogue_victim,
	      .remove = rogue_remove, .init = refuse_init),
};

/* Policies that the core must refuse: -EINVAL but for a name that is taken. */
static struct swaplab_policy_ops impossible[] = {
	ROGUE("rogue_without_remove", rogue_victim, .init = rogue_init),
	ROGUE("rogue_without_victim", NULL, .remove = rogue_remove),
	ROGUE(NULL, rogue_victim, .remove = rogue_remove),
	ROGUE("none", rogue_victim, .remove = rogue_remove),
	ROGUE("rogue_with_a_name_that_is_too_long", rogue_victim,
	      .remove = rogue_remove),
};

static int __init register_impossible(void)
{
	struct swaplab_policy_ops again = rogues[0];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(impossible); i++)
		if (swaplab_policy_register(&impossible[i]) != -EINVAL)
			return -EPROTO;
	return swaplab_policy_register(&again) == -EEXIST ? 0 : -EPROTO;
}

static void rogues_unregister(unsigned int nr)
{
	while (nr--)
		swaplab_policy_unregister(&rogues[nr]);
}

static int __init rogues_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(rogues); i++) {
		err = swaplab_policy_register(&rogues[i]);
		if (err)
			goto unregister;
	}
	err = register_impossible();
	if (!err)
		return 0;
unregister:
	rogues_unregister(i);
	return err;
}
module_init(rogues_init);

static void __exit rogues_exit(void)
{
	rogues_unregister(ARRAY_SIZE(rogues));
}
module_exit(rogues_exit);

MODULE_DESCRIPTION("swaplab policies that misbehave, for tests");
MODULE_LICENSE("GPL");
