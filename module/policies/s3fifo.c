// SPDX-License-Identifier: GPL-2.0
/*
 * S3-FIFO: a small queue on probation keeps pages used once out of the main queue.
 *
 * J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak, "FIFO queues are all you need for
 * cache eviction", SOSP 2023. Pages enter the small queue, a tenth of the pool. At its
 * head, pages used twice or more move to the main queue; the others are evicted and leave
 * a ghost. A page that comes back while it has a ghost enters the main queue at once,
 * which gives a page another round for each use, up to 3.
 *
 * Deviations: where accessed bits are sampled, a set bit may stand for any number of
 * uses and counts as two, and bits are seen when they are sampled and when a victim
 * is looked at again; a victim found used then is handled as if at the head of its queue.
 *
 * Memory: the frame's link and two words; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

#define S3FIFO_MAX_USES		3
/* Uses on probation that earn a place in the main queue. */
#define S3FIFO_PROVEN		2
/* A set bit counts as so many uses. */
#define S3FIFO_BIT_USES		2

struct s3fifo_queue {
	struct list_head list;		/* oldest first */
	unsigned long nr;
};

enum { SMALL, MAIN };

struct s3fifo {
	struct s3fifo_queue queues[2];
	struct s3fifo_queue *searched;	/* by a search under way; NULL: none */
	unsigned int small_percent;
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost;
};

/* In a frame's words: its queue, and uses since it was last at the head. */
enum { QUEUE, USES };

static void s3fifo_insert(struct s3fifo *s3fifo, struct swaplab_frame *frame,
			  unsigned long queue)
{
	frame->word[QUEUE] = queue;
	list_add_tail(&frame->link, &s3fifo->queues[queue].list);
	s3fifo->queues[queue].nr++;
}

static void s3fifo_remove(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct s3fifo *s3fifo = policy->data;

	list_del(&frame->link);
	s3fifo->queues[frame->word[QUEUE]].nr--;
}

static void s3fifo_forget(struct swaplab_policy *policy,
			  const struct swaplab_region *region, pgoff_t index)
{
	struct s3fifo *s3fifo = policy->data;

	swaplab_ghost_forget(&s3fifo->ghosts, region, index);
}

/* Drops the ghost of the page; false if it has none. */
static bool s3fifo_take_back(struct s3fifo *s3fifo, struct swaplab_frame *frame)
{
	struct swaplab_ghost *ghost;

	ghost = swaplab_ghost_find(&s3fifo->ghosts, frame);
	if (ghost)
		swaplab_ghost_drop(&s3fifo->ghosts, ghost);
	return ghost;
}

static void s3fifo_admit(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	struct s3fifo *s3fifo = policy->data;

	frame->word[USES] = 0;
	s3fifo_insert(s3fifo, frame,
		      s3fifo_take_back(s3fifo, frame) ? MAIN : SMALL);
}

static void s3fifo_use(struct swaplab_frame *frame, unsigned long uses)
{
	frame->word[USES] = min_t(unsigned long, frame->word[USES] + uses,
				  S3FIFO_MAX_USES);
}

static void s3fifo_access(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	s3fifo_use(frame, 1);
}

/* The next victim of the small queue. */
static void s3fifo_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
			  enum swaplab_advice advice)
{
	struct s3fifo *s3fifo = policy->data;

	if (advice != SWAPLAB_ADVICE_COLD)
		return;
	s3fifo_remove(policy, frame);
	frame->word[USES] = 0;
	s3fifo_insert(s3fifo, frame, SMALL);
	list_move(&frame->link, &s3fifo->queues[SMALL].list);
}

/* Puts a frame from the head of its queue in its new place; false if it is a victim. */
static bool s3fifo_keep(struct s3fifo *s3fifo, struct swaplab_frame *frame)
{
	if (swaplab_frame_test_clear_referenced(frame))
		s3fifo_use(frame, S3FIFO_BIT_USES);
	if (frame->word[QUEUE] == MAIN && frame->word[USES])
		frame->word[USES]--;
	else if (frame->word[QUEUE] == SMALL &&
		 frame->word[USES] >= S3FIFO_PROVEN)
		frame->word[USES] = 0;
	else
		return false;
	s3fifo_insert(s3fifo, frame, MAIN);
	return true;
}

static void s3fifo_putback(struct swaplab_policy *policy,
			   struct swaplab_frame *frame)
{
	struct s3fifo *s3fifo = policy->data;

	s3fifo_take_back(s3fifo, frame);
	if (!s3fifo_keep(s3fifo, frame))
		s3fifo_insert(s3fifo, frame, frame->word[QUEUE]);
}

/* Frames that the main queue may hold. */
static unsigned long s3fifo_main_size(struct swaplab_policy *policy)
{
	struct s3fifo *s3fifo = policy->data;
	unsigned long nr = READ_ONCE(policy->nr_frames);

	return nr - nr * READ_ONCE(s3fifo->small_percent) / 100;
}

/* As many as the main queue may have frames. */
static unsigned long s3fifo_nr_ghosts(struct swaplab_policy *policy)
{
	return max(s3fifo_main_size(policy), 1UL);
}

static struct s3fifo_queue *s3fifo_choose(struct swaplab_policy *policy)
{
	struct s3fifo *s3fifo = policy->data;
	struct s3fifo_queue *small = &s3fifo->queues[SMALL];
	struct s3fifo_queue *main = &s3fifo->queues[MAIN];

	if (main->nr > s3fifo_main_size(policy) || !small->nr)
		return main;
	return small;
}

/* The next to be looked at, off its list; NULL if there is none. */
static struct swaplab_frame *s3fifo_next(struct swaplab_policy *policy)
{
	struct s3fifo *s3fifo = policy->data;
	struct s3fifo_queue *queue = s3fifo->searched;
	struct swaplab_frame *frame;

	/* All pages of a queue may have moved on. */
	if (!queue || !queue->nr)
		queue = s3fifo_choose(policy);
	s3fifo->searched = queue;
	if (!queue->nr)
		return NULL;
	frame = list_first_entry(&queue->list, struct swaplab_frame, link);
	s3fifo_remove(policy, frame);
	return frame;
}

/* A search goes on in the queue in which it began, until it has a victim. */
static struct swaplab_frame *s3fifo_victim(struct swaplab_policy *policy)
{
	struct s3fifo *s3fifo = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = s3fifo_next(policy);
		if (!frame)
			return NULL;
		if (s3fifo_keep(s3fifo, frame))
			continue;
		s3fifo->searched = NULL;
		if (frame->word[QUEUE] == SMALL) {
			swaplab_ghost_add(&s3fifo->ghosts, &s3fifo->lost, frame);
			swaplab_ghosts_trim(&s3fifo->ghosts, &s3fifo->lost, 0,
					    s3fifo_nr_ghosts(policy));
		}
		return frame;
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int s3fifo_init(struct swaplab_policy *policy)
{
	struct s3fifo *s3fifo = policy->data;

	INIT_LIST_HEAD(&s3fifo->queues[SMALL].list);
	INIT_LIST_HEAD(&s3fifo->queues[MAIN].list);
	swaplab_ghost_list_init(&s3fifo->lost);
	return swaplab_ghosts_create(&s3fifo->ghosts,
				     policy->nr_frames + 1);
}

static int s3fifo_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct s3fifo *s3fifo = policy->data;

	return swaplab_ghosts_reserve(&s3fifo->ghosts, nr_frames + 1);
}

static void s3fifo_exit(struct swaplab_policy *policy)
{
	struct s3fifo *s3fifo = policy->data;

	swaplab_ghosts_destroy(&s3fifo->ghosts);
}

static const struct swaplab_policy_param s3fifo_params[] = {
	{
		.name = "small_percent",
		.offset = offsetof(struct s3fifo, small_percent),
		.min = 1,
		.max = 99,
		.initial = 10,
	},
	{ }
};

static const struct swaplab_policy_stat s3fifo_stats[] = {
	{ "small", offsetof(struct s3fifo, queues[SMALL].nr) },
	{ "main", offsetof(struct s3fifo, queues[MAIN].nr) },
	{ "lost", offsetof(struct s3fifo, lost.nr) },
	{ }
};

static struct swaplab_policy_ops s3fifo_ops = {
	.admit = s3fifo_admit,
	.victim = s3fifo_victim,
	.remove = s3fifo_remove,
	.putback = s3fifo_putback,
	.advise = s3fifo_advise,
	.forget = s3fifo_forget,
	.access = s3fifo_access,
	.resize = s3fifo_resize,
	.init = s3fifo_init,
	.exit = s3fifo_exit,
	.needs_references = true,
	.data_size = sizeof(struct s3fifo),
	.params = s3fifo_params,
	.stats = s3fifo_stats,
	.name = "s3fifo",
	.owner = THIS_MODULE,
};
module_swaplab_policy(s3fifo_ops, "s3fifo");

MODULE_DESCRIPTION("swaplab policy: S3-FIFO");
MODULE_LICENSE("GPL");
