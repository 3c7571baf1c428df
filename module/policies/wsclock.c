// SPDX-License-Identifier: GPL-2.0
/*
 * WSClock: a clock whose hand passes the working set, the pages used of late.
 *
 * R. W. Carr, J. L. Hennessy, "WSClock: a simple and effective algorithm for virtual
 * memory management", SOSP 1981. Each page has the time of its last use. The hand sets
 * it to now for pages that it finds used, and takes the first page unused for longer than
 * the window.
 *
 * Deviations: time is in ticks, the same for all pages, not the time that their process
 * ran; and a tick sets it, too. Where the paper's hand goes around without finding an old
 * enough page, a process is swapped out; this hand looks at 64 unused pages and takes the
 * oldest of them. Dirty pages are evicted like others, and are not written ahead of the
 * hand.
 *
 * Memory: the frame's link, and its words: the time of its last use.
 */
#include <swaplab/policy.h>

/* Unused pages that the hand looks at for one that is old enough. */
#define WSCLOCK_UNUSED	64

struct wsclock {
	unsigned int window;		/* ticks */
	unsigned long now;		/* ticks so far */
	struct list_head circle;	/* under the hand first */
	unsigned long nr;
	/* A tick under way: a place in the circle, and frames to come from there. */
	struct list_head cursor;
	unsigned long nr_left;
	/* A search under way: behind the unused pages that the hand has passed. */
	struct list_head hand;
	unsigned long nr_to_pass;	/* frames to come from there */
	unsigned int nr_unused;
	struct swaplab_frame *oldest;	/* of those; NULL: there are none */
};

static void wsclock_insert(struct wsclock *wsclock, struct swaplab_frame *frame)
{
	list_add_tail(&frame->link, &wsclock->circle);
	wsclock->nr++;
}

static void wsclock_end_search(struct wsclock *wsclock)
{
	list_del_init(&wsclock->hand);
	wsclock->oldest = NULL;
}

/* Without the oldest that it has found, a search begins again. */
static void wsclock_remove(struct swaplab_policy *policy,
			   struct swaplab_frame *frame)
{
	struct wsclock *wsclock = policy->data;

	if (frame == wsclock->oldest)
		wsclock_end_search(wsclock);
	list_del(&frame->link);
	wsclock->nr--;
}

static void wsclock_admit(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct wsclock *wsclock = policy->data;

	frame->long_word = wsclock->now;
	wsclock_insert(wsclock, frame);
}

/* True if it was used since it was looked at last. */
static bool wsclock_look(struct wsclock *wsclock, struct swaplab_frame *frame)
{
	if (!swaplab_frame_test_clear_referenced(frame))
		return false;
	frame->long_word = wsclock->now;
	return true;
}

static void wsclock_putback(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	wsclock_look(policy->data, frame);
	wsclock_insert(policy->data, frame);
}

/* The next frame in the circle, past cursor and hand; NULL at its end. */
static struct swaplab_frame *wsclock_next(struct wsclock *wsclock,
					  struct list_head *place)
{
	do {
		place = place->next;
	} while (place == &wsclock->cursor || place == &wsclock->hand);
	if (place == &wsclock->circle)
		return NULL;
	return list_entry(place, struct swaplab_frame, link);
}

static void wsclock_begin_search(struct wsclock *wsclock)
{
	list_add(&wsclock->hand, &wsclock->circle);
	wsclock->nr_to_pass = wsclock->nr;
	wsclock->nr_unused = 0;
}

/* Looks at one frame, and moves used ones to the end; false if the search is over. */
static bool wsclock_search(struct wsclock *wsclock)
{
	struct swaplab_frame *frame = wsclock_next(wsclock, &wsclock->hand);

	if (!frame || !wsclock->nr_to_pass || wsclock->nr_unused == WSCLOCK_UNUSED)
		return false;
	wsclock->nr_to_pass--;
	if (wsclock_look(wsclock, frame)) {
		list_move_tail(&frame->link, &wsclock->circle);
		return true;
	}
	if (!wsclock->oldest || frame->long_word < wsclock->oldest->long_word)
		wsclock->oldest = frame;
	list_move(&wsclock->hand, &frame->link);
	wsclock->nr_unused++;
	return wsclock->now - frame->long_word <= READ_ONCE(wsclock->window);
}

/* The first page that is old enough, else the oldest; the hand stops behind it. */
static struct swaplab_frame *wsclock_take(struct swaplab_policy *policy)
{
	struct wsclock *wsclock = policy->data;
	struct swaplab_frame *frame = wsclock->oldest;

	wsclock_end_search(wsclock);
	if (!frame)
		frame = wsclock_next(wsclock, &wsclock->circle);
	list_rotate_to_front(&frame->link, &wsclock->circle);
	wsclock_remove(policy, frame);
	return frame;
}

static struct swaplab_frame *wsclock_victim(struct swaplab_policy *policy)
{
	struct wsclock *wsclock = policy->data;
	unsigned int i;

	if (!wsclock->nr)
		return NULL;
	if (list_empty(&wsclock->hand))
		wsclock_begin_search(wsclock);
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++)
		if (!wsclock_search(wsclock))
			return wsclock_take(policy);
	return SWAPLAB_VICTIM_AGAIN;
}

/* Looks at one frame; false if there is none. As the list turns, its end may come before. */
static bool wsclock_pass(struct wsclock *wsclock)
{
	struct swaplab_frame *frame = wsclock_next(wsclock, &wsclock->cursor);

	if (!frame)
		frame = wsclock_next(wsclock, &wsclock->circle);
	if (!frame || !wsclock->nr_left)
		return false;
	wsclock->nr_left--;
	wsclock_look(wsclock, frame);
	list_move(&wsclock->cursor, &frame->link);
	return true;
}

static bool wsclock_tick(struct swaplab_policy *policy)
{
	struct wsclock *wsclock = policy->data;
	unsigned int i;

	if (list_empty(&wsclock->cursor)) {
		wsclock->now++;
		list_add(&wsclock->cursor, &wsclock->circle);
		wsclock->nr_left = wsclock->nr;
	}
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		if (!wsclock_pass(wsclock)) {
			list_del_init(&wsclock->cursor);
			return false;
		}
	}
	return true;
}

static int wsclock_init(struct swaplab_policy *policy)
{
	struct wsclock *wsclock = policy->data;

	INIT_LIST_HEAD(&wsclock->circle);
	INIT_LIST_HEAD(&wsclock->cursor);
	INIT_LIST_HEAD(&wsclock->hand);
	return 0;
}

static const struct swaplab_policy_param wsclock_params[] = {
	{
		.name = "window",
		.offset = offsetof(struct wsclock, window),
		.min = 1,
		.max = 1000000,
		.initial = 16,
	},
	{ }
};

static struct swaplab_policy_ops wsclock_ops = {
	.admit = wsclock_admit,
	.victim = wsclock_victim,
	.remove = wsclock_remove,
	.putback = wsclock_putback,
	.tick = wsclock_tick,
	.init = wsclock_init,
	.needs_references = true,
	.data_size = sizeof(struct wsclock),
	.params = wsclock_params,
	.name = "wsclock",
	.owner = THIS_MODULE,
};
module_swaplab_policy(wsclock_ops, "wsclock");

MODULE_DESCRIPTION("swaplab policy: WSClock");
MODULE_LICENSE("GPL");
