// SPDX-License-Identifier: GPL-2.0
/*
 * 2Q: uses soon after a page came in do not count.
 *
 * T. Johnson, D. Shasha, "2Q: a low overhead high performance buffer management
 * replacement algorithm", VLDB 1994, the full version. Pages enter a FIFO queue (A1in
 * of the paper), and uses there change nothing. A page that leaves this queue is evicted
 * and leaves a ghost (A1out). A page that comes back while it has a ghost enters the main
 * queue (Am), an LRU list. While the FIFO queue exceeds its share, the victim is its oldest
 * page; else it is the least recently used page of the main queue, and leaves no ghost.
 *
 * Deviations where accessed bits are sampled: the main queue is a clock, which gives
 * pages found used another round. The oldest page of the FIFO queue, when found used, is
 * still the next victim, since the use may have been long ago; if it is used once more
 * before that, it enters the main queue instead.
 *
 * Memory: the frame's link and two words; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

/*
 * Ghosts more than frames: victims are remembered before room is made. If several daemons
 * have more in hand, the oldest ghost of the list goes.
 */
#define TWOQ_SPARE	64

struct twoq_queue {
	struct list_head list;		/* next victim first */
	unsigned long nr;
};

enum { IN, MAIN };

struct twoq {
	struct twoq_queue queues[2];
	unsigned int in_percent;
	unsigned int out_percent;
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list out;
};

/* In a frame's words: its queue, and whether it was found used in the first. */
enum { QUEUE, USED };

static void twoq_insert(struct twoq *twoq, struct swaplab_frame *frame,
			unsigned long queue)
{
	frame->word[QUEUE] = queue;
	list_add_tail(&frame->link, &twoq->queues[queue].list);
	twoq->queues[queue].nr++;
}

static void twoq_remove(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct twoq *twoq = policy->data;

	list_del(&frame->link);
	twoq->queues[frame->word[QUEUE]].nr--;
}

static void twoq_forget(struct swaplab_policy *policy,
			const struct swaplab_region *region, pgoff_t index)
{
	struct twoq *twoq = policy->data;

	swaplab_ghost_forget(&twoq->ghosts, region, index);
}

/* Drops the ghost of the page; false if it has none. */
static bool twoq_take_back(struct twoq *twoq, struct swaplab_frame *frame)
{
	struct swaplab_ghost *ghost = swaplab_ghost_find(&twoq->ghosts, frame);

	if (ghost)
		swaplab_ghost_drop(&twoq->ghosts, ghost);
	return ghost;
}

/* After the look-up: the page that comes in may have the oldest ghost. */
static void twoq_trim(struct swaplab_policy *policy)
{
	struct twoq *twoq = policy->data;
	unsigned long limit = READ_ONCE(policy->nr_frames) *
			      READ_ONCE(twoq->out_percent) / 100;

	swaplab_ghosts_trim(&twoq->ghosts, &twoq->out, 0, limit);
}

static void twoq_admit(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	struct twoq *twoq = policy->data;

	frame->word[USED] = false;
	twoq_insert(twoq, frame, twoq_take_back(twoq, frame) ? MAIN : IN);
	twoq_trim(policy);
}

static void twoq_access(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct twoq *twoq = policy->data;

	if (frame->word[QUEUE] == MAIN)
		list_move_tail(&frame->link, &twoq->queues[MAIN].list);
}

static void twoq_putback(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	struct twoq *twoq = policy->data;

	twoq_take_back(twoq, frame);
	if (!swaplab_frame_test_clear_referenced(frame)) {
		twoq_insert(twoq, frame, frame->word[QUEUE]);
	} else if (frame->word[QUEUE] == MAIN || frame->word[USED]) {
		twoq_insert(twoq, frame, MAIN);
	} else {
		frame->word[USED] = true;
		twoq_insert(twoq, frame, IN);
		list_move(&frame->link, &twoq->queues[IN].list);
	}
}

/* The first unused page of the main queue, which is not empty. Used ones get another round. */
static struct swaplab_frame *twoq_main_victim(struct swaplab_policy *policy)
{
	struct twoq *twoq = policy->data;
	struct list_head *main = &twoq->queues[MAIN].list;
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = list_first_entry(main, struct swaplab_frame, link);
		if (!swaplab_frame_test_clear_referenced(frame)) {
			twoq_remove(policy, frame);
			return frame;
		}
		list_move_tail(&frame->link, main);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/* The oldest page of the first queue, which is not empty. */
static struct swaplab_frame *twoq_in_victim(struct swaplab_policy *policy)
{
	struct twoq *twoq = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry(&twoq->queues[IN].list, struct swaplab_frame, link);
	swaplab_frame_test_clear_referenced(frame);
	swaplab_ghost_add(&twoq->ghosts, &twoq->out, frame);
	twoq_remove(policy, frame);
	return frame;
}

static struct swaplab_frame *twoq_victim(struct swaplab_policy *policy)
{
	struct twoq *twoq = policy->data;
	unsigned long nr_in = twoq->queues[IN].nr, nr_main = twoq->queues[MAIN].nr;
	unsigned long share = READ_ONCE(policy->nr_frames) *
			      READ_ONCE(twoq->in_percent) / 100;

	if (nr_in && (nr_in > share || !nr_main))
		return twoq_in_victim(policy);
	return nr_main ? twoq_main_victim(policy) : NULL;
}

static int twoq_init(struct swaplab_policy *policy)
{
	struct twoq *twoq = policy->data;

	INIT_LIST_HEAD(&twoq->queues[IN].list);
	INIT_LIST_HEAD(&twoq->queues[MAIN].list);
	swaplab_ghost_list_init(&twoq->out);
	return swaplab_ghosts_create(&twoq->ghosts,
				     policy->nr_frames + TWOQ_SPARE);
}

static int twoq_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct twoq *twoq = policy->data;

	return swaplab_ghosts_reserve(&twoq->ghosts, nr_frames + TWOQ_SPARE);
}

static void twoq_exit(struct swaplab_policy *policy)
{
	struct twoq *twoq = policy->data;

	swaplab_ghosts_destroy(&twoq->ghosts);
}

static const struct swaplab_policy_param twoq_params[] = {
	{
		.name = "in_percent",
		.offset = offsetof(struct twoq, in_percent),
		.min = 1,
		.max = 99,
		.initial = 25,
	},
	{
		.name = "out_percent",
		.offset = offsetof(struct twoq, out_percent),
		.min = 1,
		.max = 100,
		.initial = 50,
	},
	{ }
};

static struct swaplab_policy_ops twoq_ops = {
	.admit = twoq_admit,
	.victim = twoq_victim,
	.remove = twoq_remove,
	.putback = twoq_putback,
	.forget = twoq_forget,
	.access = twoq_access,
	.resize = twoq_resize,
	.init = twoq_init,
	.exit = twoq_exit,
	.needs_references = true,
	.data_size = sizeof(struct twoq),
	.params = twoq_params,
	.name = "2q",
	.owner = THIS_MODULE,
};
module_swaplab_policy(twoq_ops, "2q");

MODULE_DESCRIPTION("swaplab policy: 2Q");
MODULE_LICENSE("GPL");
