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
 * oldest of them. A policy does not see which pages are dirty, so they are evicted like
 * others, and are not written ahead of the hand.
 *
 * Memory: the frame's link and one word.
 */
#include <swaplab/policy.h>

/* Frames looked at in one call: the pool's lock is not held for long. */
#define WSCLOCK_STEP	64

struct wsclock {
	unsigned int window;		/* ticks */
	unsigned long now;		/* ticks so far */
	struct list_head circle;	/* under the hand first */
	unsigned long nr;
	/* A tick under way: a place in the circle, and frames to come from there. */
	struct list_head cursor;
	unsigned long nr_left;
};

/* In a frame's words: the time of its last use. */
enum { USED };

static void wsclock_insert(struct wsclock *wsclock, struct swaplab_frame *frame)
{
	list_add_tail(&frame->link, &wsclock->circle);
	wsclock->nr++;
}

static void wsclock_remove(struct swaplab_policy *policy,
			   struct swaplab_frame *frame)
{
	struct wsclock *wsclock = policy->data;

	list_del(&frame->link);
	wsclock->nr--;
}

static void wsclock_admit(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct wsclock *wsclock = policy->data;

	frame->word[USED] = wsclock->now;
	wsclock_insert(wsclock, frame);
}

/* True if it was used since it was looked at last. */
static bool wsclock_look(struct wsclock *wsclock, struct swaplab_frame *frame)
{
	if (!swaplab_frame_test_clear_referenced(frame))
		return false;
	frame->word[USED] = wsclock->now;
	return true;
}

static void wsclock_putback(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	wsclock_look(policy->data, frame);
	wsclock_insert(policy->data, frame);
}

/* The next frame in the circle, past the cursor; NULL at its end. */
static struct swaplab_frame *wsclock_next(struct wsclock *wsclock,
					  struct list_head *place)
{
	place = place->next;
	if (place == &wsclock->cursor)
		place = place->next;
	if (place == &wsclock->circle)
		return NULL;
	return list_entry(place, struct swaplab_frame, link);
}

/* The first page that is old enough, else the oldest; the hand passes used ones. */
static struct swaplab_frame *wsclock_find(struct wsclock *wsclock)
{
	unsigned long window = READ_ONCE(wsclock->window), left = wsclock->nr;
	struct list_head *passed = &wsclock->circle;
	struct swaplab_frame *frame, *oldest = NULL;
	unsigned int unused = 0;

	while (left-- && unused < WSCLOCK_STEP) {
		frame = wsclock_next(wsclock, passed);
		if (wsclock_look(wsclock, frame)) {
			list_move_tail(&frame->link, &wsclock->circle);
			continue;
		}
		if (!oldest || frame->word[USED] < oldest->word[USED])
			oldest = frame;
		if (wsclock->now - frame->word[USED] > window)
			break;
		passed = &frame->link;
		unused++;
	}
	return oldest ?: wsclock_next(wsclock, &wsclock->circle);
}

static struct swaplab_frame *wsclock_victim(struct swaplab_policy *policy)
{
	struct wsclock *wsclock = policy->data;
	struct swaplab_frame *frame, *found;

	if (!wsclock->nr)
		return NULL;
	found = wsclock_find(wsclock);
	for (;;) {
		frame = wsclock_next(wsclock, &wsclock->circle);
		if (frame == found)
			break;
		list_move_tail(&frame->link, &wsclock->circle);
	}
	wsclock_remove(policy, found);
	return found;
}

/* Looks at one frame; false if there is none. */
static bool wsclock_pass(struct wsclock *wsclock)
{
	struct list_head *next = wsclock->cursor.next;

	if (next == &wsclock->circle || !wsclock->nr_left)
		return false;
	wsclock->nr_left--;
	wsclock_look(wsclock, list_entry(next, struct swaplab_frame, link));
	list_move(&wsclock->cursor, next);
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
	for (i = 0; i < WSCLOCK_STEP; i++) {
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
