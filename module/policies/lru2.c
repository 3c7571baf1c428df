// SPDX-License-Identifier: GPL-2.0
/*
 * LRU-2: the page whose last use but one is longest ago is evicted first.
 *
 * E. J. O'Neil, P. E. O'Neil, G. Weikum, "The LRU-K page replacement algorithm for
 * database disk buffering", SIGMOD 1993, with K = 2. The last use of a page says little:
 * a scan uses each of its pages once. Two uses say how often a page is used. A page that
 * was used once only goes before all others, and of several the one used longest ago.
 *
 * Uses that follow each other closely count as one: those within the correlated reference
 * period after the last use, "correlated_percent" of the frames. Time is counted in pages
 * that came in; where every use is told, in uses. For that period after its last use a page
 * stays, if another can go: young pages have a list of their own. The last use of a page is
 * remembered after it went (the retained information), for as many pages as there are frames.
 *
 * The other pages used twice are in a radix heap (R. K. Ahuja et al., "Faster algorithms for
 * the shortest path problem", Journal of the ACM 37(2), 1990), by the stamp of their last
 * use but one. None of the stamps is before the floor of the heap. The highest digit in
 * which a stamp differs from the floor says on which list the frame is, by which digit it is
 * and its value. When all lists of lower digits are empty, the floor rises to the smallest
 * stamp that the next list may have, and its frames move to lists of lower digits. So a
 * frame moves once for each digit, at most, and no call has to move more than some.
 *
 * Deviations: a page that comes back may have been used before the floor. It is then on a
 * list of such pages, sorted as far as a look at some of them tells, and goes before those in
 * the heap. Stamps have 32 bits, and wrap. Where accessed bits are sampled, a page is used
 * when its bit is found, as it is about to go.
 *
 * Memory: the frame's link and words; a ghost for each frame; 6 KiB for the lists.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>

/* Bits of a digit, its values, and the first list of the highest digit. */
#define LRU2_BITS	6
#define LRU2_VALUES	BIT(LRU2_BITS)
#define LRU2_TOP	(32 / LRU2_BITS * LRU2_VALUES)
#define LRU2_LISTS	(LRU2_TOP + LRU2_VALUES)
/* Stamps wrap soon, so that it is known to work. */
#define LRU2_BEGIN	((u32)-5000)
/* Young pages that are looked at when one is used: more than become so. */
#define LRU2_PACE	2
/* Pages that are looked at to keep those below the floor sorted. */
#define LRU2_SORTED	16

struct lru2 {
	unsigned int correlated_percent;
	struct list_head young;		/* used of late, longest ago first */
	struct list_head once;		/* used once, longest ago first */
	struct list_head below;		/* before the floor, longest ago first */
	struct list_head heap[LRU2_LISTS];
	DECLARE_BITMAP(filled, LRU2_LISTS);	/* since they were last found empty */
	u32 floor;
	unsigned int splitting;		/* the list whose frames are moved; 0: none */
	u32 now;
	u32 period;			/* correlated */
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost;
};

/* In a frame's words: stamps of its last use, and of the one before; the same if once. */
enum { LAST, BEFORE };

static bool lru2_is_once(struct swaplab_frame *frame)
{
	return frame->word[LAST] == frame->word[BEFORE];
}

static bool lru2_is_earlier(u32 stamp, u32 than)
{
	return (s32)(stamp - than) < 0;
}

static struct swaplab_frame *lru2_first(struct list_head *list)
{
	return list_first_entry_or_null(list, struct swaplab_frame, link);
}

/* Adds a frame to the heap, at its place above the floor. */
static void lru2_insert_heap(struct lru2 *lru2, struct swaplab_frame *frame)
{
	u32 stamp = frame->word[BEFORE], differing = stamp ^ lru2->floor;
	unsigned int digit = differing ? (fls_long(differing) - 1) / LRU2_BITS : 0;
	unsigned int list = digit * LRU2_VALUES +
			    (stamp >> digit * LRU2_BITS) % LRU2_VALUES;

	list_add_tail(&frame->link, &lru2->heap[list]);
	__set_bit(list, lru2->filled);
}

/* Adds a frame to those below the floor, behind the last of which it is not earlier. */
static void lru2_insert_below(struct lru2 *lru2, struct swaplab_frame *frame)
{
	struct list_head *place = lru2->below.prev;
	unsigned int left = LRU2_SORTED;
	struct swaplab_frame *other;

	for (; left && place != &lru2->below; left--, place = place->prev) {
		other = list_entry(place, struct swaplab_frame, link);
		if (!lru2_is_earlier(frame->word[BEFORE], other->word[BEFORE]))
			break;
	}
	list_add(&frame->link, place);
}

/* Adds a frame to the list where it waits for its turn, by its stamps. */
static void lru2_insert(struct lru2 *lru2, struct swaplab_frame *frame)
{
	if (lru2_is_once(frame))
		list_add_tail(&frame->link, &lru2->once);
	else if (lru2_is_earlier(frame->word[BEFORE], lru2->floor))
		lru2_insert_below(lru2, frame);
	else
		lru2_insert_heap(lru2, frame);
}

/* Looks at young pages, @max at most. Return: how many it might still have looked at. */
static unsigned int lru2_settle(struct lru2 *lru2, unsigned int max)
{
	struct swaplab_frame *frame;

	for (; max; max--) {
		frame = lru2_first(&lru2->young);
		if (!frame || lru2->now - frame->word[LAST] < lru2->period)
			break;
		list_del(&frame->link);
		lru2_insert(lru2, frame);
	}
	return max;
}

static void lru2_advance(struct swaplab_policy *policy)
{
	struct lru2 *lru2 = policy->data;
	unsigned long nr_frames = READ_ONCE(policy->nr_frames);

	/* Far from the end of a stamp, even if there are more frames. */
	nr_frames = min(nr_frames, BIT(30));
	lru2->period = nr_frames * READ_ONCE(lru2->correlated_percent) / 100;
	lru2->now++;
}

/* Its page is used, and the frame on no list. */
static void lru2_use(struct lru2 *lru2, struct swaplab_frame *frame)
{
	u32 last = frame->word[LAST];

	if (lru2->now - last > lru2->period)
		frame->word[BEFORE] = last;
	else if (lru2_is_once(frame))
		frame->word[BEFORE] = lru2->now;
	frame->word[LAST] = lru2->now;
	list_add_tail(&frame->link, &lru2->young);
	lru2_settle(lru2, LRU2_PACE);
}

/* Forgets that the page went. Return: the stamp of its last use then, or of now. */
static u32 lru2_recall(struct lru2 *lru2, struct swaplab_frame *frame)
{
	struct swaplab_ghost *ghost = swaplab_ghost_find(&lru2->ghosts, frame);

	if (!ghost)
		return lru2->now;
	swaplab_ghost_drop(&lru2->ghosts, ghost);
	return ghost->word;
}

static void lru2_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct lru2 *lru2 = policy->data;

	lru2_advance(policy);
	frame->word[BEFORE] = lru2_recall(lru2, frame);
	frame->word[LAST] = lru2->now;
	list_add_tail(&frame->link, &lru2->young);
	lru2_settle(lru2, LRU2_PACE);
}

static void lru2_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static void lru2_forget(struct swaplab_policy *policy,
			const struct swaplab_region *region, pgoff_t index)
{
	struct lru2 *lru2 = policy->data;

	swaplab_ghost_forget(&lru2->ghosts, region, index);
}

static void lru2_access(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	lru2_advance(policy);
	list_del(&frame->link);
	lru2_use(policy->data, frame);
}

static void lru2_putback(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct lru2 *lru2 = policy->data;

	lru2_recall(lru2, frame);
	if (swaplab_frame_test_clear_referenced(frame))
		lru2_use(lru2, frame);
	else
		lru2_insert(lru2, frame);
}

/* The first list that is not empty, of those from @list on. */
static unsigned int lru2_find(struct lru2 *lru2, unsigned int list)
{
	for (;;) {
		list = find_next_bit(lru2->filled, LRU2_LISTS, list);
		if (list >= LRU2_LISTS || !list_empty(&lru2->heap[list]))
			return list;
		__clear_bit(list, lru2->filled);
	}
}

/* The list with the earliest frames; as stamps wrap, the highest digit begins at the floor's. */
static unsigned int lru2_lowest(struct lru2 *lru2)
{
	unsigned int list = lru2_find(lru2, 0);

	if (list < LRU2_TOP)
		return list;
	list = lru2_find(lru2, LRU2_TOP + (lru2->floor >> LRU2_TOP / LRU2_VALUES * LRU2_BITS));
	return list < LRU2_LISTS ? list : lru2_find(lru2, LRU2_TOP);
}

/* To the smallest stamp of that list; no digit below its own has a list with frames. */
static void lru2_raise_floor(struct lru2 *lru2, unsigned int list)
{
	unsigned int shift = list / LRU2_VALUES * LRU2_BITS;
	u64 above = (u64)lru2->floor >> shift >> LRU2_BITS << LRU2_BITS;

	lru2->floor = (above + list % LRU2_VALUES) << shift;
	lru2->splitting = list;
}

/* Moves a frame of the list that is split, which no other joins; false if there is none. */
static bool lru2_move_one(struct lru2 *lru2)
{
	struct swaplab_frame *frame = NULL;

	if (lru2->splitting)
		frame = lru2_first(&lru2->heap[lru2->splitting]);
	if (!frame) {
		lru2->splitting = 0;
		return false;
	}
	list_del(&frame->link);
	lru2_insert_heap(lru2, frame);
	return true;
}

/* The earliest of the heap, unless some of the heap has to be moved before that is known. */
static struct swaplab_frame *lru2_heap_first(struct lru2 *lru2)
{
	unsigned int list;

	if (lru2_move_one(lru2))
		return SWAPLAB_VICTIM_AGAIN;
	list = lru2_lowest(lru2);
	if (list >= LRU2_LISTS)
		return NULL;
	/* Frames that differ in the lowest digit alone have the same stamp, on a list. */
	if (list < LRU2_VALUES)
		return lru2_first(&lru2->heap[list]);
	lru2_raise_floor(lru2, list);
	return SWAPLAB_VICTIM_AGAIN;
}

/* The next to go, if it is not used. */
static struct swaplab_frame *lru2_next(struct lru2 *lru2)
{
	struct swaplab_frame *frame = lru2_first(&lru2->once);

	if (!frame)
		frame = lru2_first(&lru2->below);
	if (!frame)
		frame = lru2_heap_first(lru2);
	return frame ?: lru2_first(&lru2->young);
}

static void lru2_remember(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct lru2 *lru2 = policy->data;
	struct swaplab_ghost *ghost;

	ghost = swaplab_ghost_add(&lru2->ghosts, &lru2->lost, frame);
	if (ghost)
		ghost->word = frame->word[LAST];
	swaplab_ghosts_trim(&lru2->ghosts, &lru2->lost, 0,
			    max(READ_ONCE(policy->nr_frames), 1UL));
}

static struct swaplab_frame *lru2_victim(struct swaplab_policy *policy)
{
	struct lru2 *lru2 = policy->data;
	unsigned int left = SWAPLAB_POLICY_STEP;
	struct swaplab_frame *frame;

	for (left = lru2_settle(lru2, left); left; left--) {
		frame = lru2_next(lru2);
		if (!frame)
			return NULL;
		if (frame == SWAPLAB_VICTIM_AGAIN)
			continue;
		list_del(&frame->link);
		if (!swaplab_frame_test_clear_referenced(frame)) {
			lru2_remember(policy, frame);
			return frame;
		}
		lru2_use(lru2, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int lru2_init(struct swaplab_policy *policy)
{
	struct lru2 *lru2 = policy->data;
	unsigned int i;

	INIT_LIST_HEAD(&lru2->young);
	INIT_LIST_HEAD(&lru2->once);
	INIT_LIST_HEAD(&lru2->below);
	for (i = 0; i < LRU2_LISTS; i++)
		INIT_LIST_HEAD(&lru2->heap[i]);
	lru2->now = LRU2_BEGIN;
	lru2->floor = LRU2_BEGIN;
	swaplab_ghost_list_init(&lru2->lost);
	return swaplab_ghosts_create(&lru2->ghosts, policy->nr_frames + 1);
}

static int lru2_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct lru2 *lru2 = policy->data;

	return swaplab_ghosts_reserve(&lru2->ghosts, nr_frames + 1);
}

static void lru2_exit(struct swaplab_policy *policy)
{
	struct lru2 *lru2 = policy->data;

	swaplab_ghosts_destroy(&lru2->ghosts);
}

static const struct swaplab_policy_param lru2_params[] = {
	{
		.name = "correlated_percent",
		.offset = offsetof(struct lru2, correlated_percent),
		.max = 100,
		.initial = 10,
	},
	{ }
};

static const struct swaplab_policy_stat lru2_stats[] = {
	{ "lost", offsetof(struct lru2, lost.nr) },
	{ }
};

static struct swaplab_policy_ops lru2_ops = {
	.admit = lru2_admit,
	.victim = lru2_victim,
	.remove = lru2_remove,
	.putback = lru2_putback,
	.forget = lru2_forget,
	.access = lru2_access,
	.resize = lru2_resize,
	.init = lru2_init,
	.exit = lru2_exit,
	.needs_references = true,
	.data_size = sizeof(struct lru2),
	.params = lru2_params,
	.stats = lru2_stats,
	.name = "lru2",
	.owner = THIS_MODULE,
};
module_swaplab_policy(lru2_ops, "lru2");

MODULE_DESCRIPTION("swaplab policy: LRU-2");
MODULE_LICENSE("GPL");
