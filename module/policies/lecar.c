// SPDX-License-Identifier: GPL-2.0
/*
 * LeCaR: learns from its mistakes whether to follow LRU or LFU.
 *
 * G. Vietri et al., "Driving cache replacement with ML-based LeCaR", HotStorage 2018.
 * Each victim is that of one of two experts, LRU and LFU, drawn by their weights. A page
 * that comes back was a mistake of the expert that chose it, and its weight becomes smaller
 * against the other one's: by exp(-learning_percent / 100 * regret), with a regret of 1 for a
 * page that is back at once, and 0.005 for one that is back after as much time as there are
 * frames. Where both experts choose the same page there is nothing to learn. A page that
 * comes back goes on with the uses that it had.
 *
 * Frames are on a list for each number of uses, in the order of their last uses. The
 * victim of LFU is the first one on the first list. The victim of LRU is the first one on
 * some list: stamps of the last uses of these are kept at hand.
 *
 * Deviations: uses are counted up to 31. Each expert has as many pages that it chose
 * remembered as half the frames, and weights stay between 1 and 99 %. The regret and what
 * comes of it are worked out to 0.3 %, by default. Time is counted in pages that came in;
 * where every use is told, in uses. Where accessed bits are sampled, a page is used when its
 * bit is found, as it is about to go.
 *
 * Memory: the frame's link and words; a ghost for each frame.
 */
#include <swaplab/policy.h>
#include <swaplab/policy_ghost.h>
#include <swaplab/policy_random.h>

#define LECAR_COUNTERS	32
/* Of fractions, and 1. */
#define LECAR_BITS	24
#define LECAR_ONE	BIT(LECAR_BITS)
#define LECAR_LEAST	(LECAR_ONE / 100)
/* -log2(0.005), as a fraction: halvings of the regret in as much time as there are frames. */
#define LECAR_DISCOUNT	128242626UL
/* 4 * (3 / 4 - 1 / sqrt(2)), as a fraction. */
#define LECAR_BEND	2878515
/* Victims are remembered before room is made for their pages. */
#define LECAR_SPARE	64

enum { LRU, LFU, NR_EXPERTS };

struct lecar {
	unsigned int learning_percent;
	unsigned int seed;
	u64 nr_drawn;
	struct list_head used[LECAR_COUNTERS];	/* longest ago first; the first for one use */
	DECLARE_BITMAP(filled, LECAR_COUNTERS);
	u32 first[LECAR_COUNTERS];		/* stamps of the first ones, if filled */
	u32 now;
	bool is_drawn;				/* the expert of a search under way */
	unsigned int expert;
	unsigned long weight;			/* of LRU; that of LFU is the rest of 1 */
	unsigned long lru_percent;
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost[NR_EXPERTS];
};

/* In a frame's words: its list, and the stamp of its last use. */
enum { USES, LAST };

/* In a ghost's word: the uses of its page, and when it went. */
#define LECAR_STAMP	BIT(8)

/* After the list of that many uses has changed. */
static void lecar_note_first(struct lecar *lecar, unsigned int uses)
{
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&lecar->used[uses], struct swaplab_frame, link);
	if (frame) {
		lecar->first[uses] = frame->word[LAST];
		__set_bit(uses, lecar->filled);
	} else {
		__clear_bit(uses, lecar->filled);
	}
}

static void lecar_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
	lecar_note_first(policy->data, frame->word[USES]);
}

static void lecar_forget(struct swaplab_policy *policy,
			 const struct swaplab_region *region, pgoff_t index)
{
	struct lecar *lecar = policy->data;

	swaplab_ghost_forget(&lecar->ghosts, region, index);
}

/* Its page is used, and was used so often before. */
static void lecar_use(struct lecar *lecar, struct swaplab_frame *frame, unsigned int before)
{
	unsigned int uses = min(before, LECAR_COUNTERS - 1u);

	frame->word[USES] = uses;
	frame->word[LAST] = lecar->now;
	list_add_tail(&frame->link, &lecar->used[uses]);
	lecar_note_first(lecar, uses);
}

/* 0.005 to the power of @time / @nr_frames. */
static unsigned long lecar_regret(unsigned long time, unsigned long nr_frames)
{
	unsigned long log = time * LECAR_DISCOUNT / max(nr_frames, 1UL);
	unsigned long part = log % LECAR_ONE, bend;

	if (log / LECAR_ONE >= LECAR_BITS)
		return 0;
	/* A parabola through the powers of 2, and through that of the middle. */
	bend = part * (LECAR_ONE - part) / LECAR_ONE * LECAR_BEND / LECAR_ONE;
	return (LECAR_ONE - part / 2 - bend) >> log / LECAR_ONE;
}

/* exp(-@x), for a fraction. */
static unsigned long lecar_exp(unsigned long x)
{
	unsigned long square = x * x / LECAR_ONE;

	return LECAR_ONE - x + square / 2 - square * x / LECAR_ONE / 6;
}

/* An expert has given up a page that came back. */
static void lecar_learn(struct swaplab_policy *policy, unsigned int expert, u32 went)
{
	struct lecar *lecar = policy->data;
	unsigned long regret = lecar_regret((u32)(lecar->now - went), READ_ONCE(policy->nr_frames));
	unsigned long rate = READ_ONCE(lecar->learning_percent) * LECAR_ONE / 100;
	unsigned long share = expert == LRU ? lecar->weight : LECAR_ONE - lecar->weight;
	unsigned long less = share * lecar_exp(rate * regret / LECAR_ONE) / LECAR_ONE;

	share = less * LECAR_ONE / (less + LECAR_ONE - share);
	share = min(max(share, LECAR_LEAST), LECAR_ONE - LECAR_LEAST);
	lecar->weight = expert == LRU ? share : LECAR_ONE - share;
	lecar->lru_percent = lecar->weight * 100 / LECAR_ONE;
}

/* After the look-up: the page that comes in may have the oldest ghost. */
static void lecar_trim(struct swaplab_policy *policy)
{
	struct lecar *lecar = policy->data;
	unsigned long limit = max(READ_ONCE(policy->nr_frames) / 2, 1UL);

	swaplab_ghosts_trim(&lecar->ghosts, &lecar->lost[LRU], 0, limit);
	swaplab_ghosts_trim(&lecar->ghosts, &lecar->lost[LFU], 0, limit);
}

static void lecar_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct lecar *lecar = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&lecar->ghosts, frame);
	unsigned int before = 0;

	lecar->now++;
	if (ghost) {
		lecar_learn(policy, ghost->list == &lecar->lost[LRU] ? LRU : LFU,
			    ghost->word / LECAR_STAMP);
		before = ghost->word % LECAR_STAMP + 1;
		swaplab_ghost_drop(&lecar->ghosts, ghost);
	}
	lecar_use(lecar, frame, before);
	lecar_trim(policy);
}

static void lecar_access(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct lecar *lecar = policy->data;

	lecar->now++;
	lecar_remove(policy, frame);
	lecar_use(lecar, frame, frame->word[USES] + 1);
}

static void lecar_putback(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct lecar *lecar = policy->data;
	struct swaplab_ghost *ghost = swaplab_ghost_find(&lecar->ghosts, frame);

	if (ghost)
		swaplab_ghost_drop(&lecar->ghosts, ghost);
	lecar_use(lecar, frame, frame->word[USES] + swaplab_frame_test_clear_referenced(frame));
}

/* The list whose first page was used longest ago; one is filled. */
static unsigned int lecar_oldest(struct lecar *lecar)
{
	unsigned int oldest = find_first_bit(lecar->filled, LECAR_COUNTERS), uses = oldest;

	while ((uses = find_next_bit(lecar->filled, LECAR_COUNTERS, uses + 1)) < LECAR_COUNTERS)
		if ((s32)(lecar->first[uses] - lecar->first[oldest]) < 0)
			oldest = uses;
	return oldest;
}

static unsigned int lecar_draw(struct lecar *lecar)
{
	u32 draw = swaplab_random_draw(READ_ONCE(lecar->seed), ++lecar->nr_drawn);

	return draw >> (32 - LECAR_BITS) < lecar->weight ? LRU : LFU;
}

static void lecar_remember(struct lecar *lecar, struct swaplab_frame *frame,
			   unsigned int expert)
{
	struct swaplab_ghost *ghost;

	ghost = swaplab_ghost_add(&lecar->ghosts, &lecar->lost[expert], frame);
	if (ghost)
		ghost->word = lecar->now * LECAR_STAMP + frame->word[USES];
}

/* The expert's choice goes, unless it is used: NULL. There is a frame. */
static struct swaplab_frame *lecar_try(struct swaplab_policy *policy, unsigned int expert)
{
	struct lecar *lecar = policy->data;
	unsigned int oldest = lecar_oldest(lecar);
	unsigned int rarest = find_first_bit(lecar->filled, LECAR_COUNTERS);
	struct swaplab_frame *frame;

	frame = list_first_entry(&lecar->used[expert == LRU ? oldest : rarest],
				 struct swaplab_frame, link);
	lecar_remove(policy, frame);
	if (swaplab_frame_test_clear_referenced(frame)) {
		lecar_use(lecar, frame, frame->word[USES] + 1);
		return NULL;
	}
	if (oldest != rarest)
		lecar_remember(lecar, frame, expert);
	return frame;
}

static struct swaplab_frame *lecar_victim(struct swaplab_policy *policy)
{
	struct lecar *lecar = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	if (!lecar->is_drawn)
		lecar->expert = lecar_draw(lecar);
	lecar->is_drawn = true;
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		if (find_first_bit(lecar->filled, LECAR_COUNTERS) == LECAR_COUNTERS)
			return NULL;
		frame = lecar_try(policy, lecar->expert);
		if (frame) {
			lecar->is_drawn = false;
			return frame;
		}
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static int lecar_init(struct swaplab_policy *policy)
{
	struct lecar *lecar = policy->data;
	unsigned int i;

	for (i = 0; i < LECAR_COUNTERS; i++)
		INIT_LIST_HEAD(&lecar->used[i]);
	lecar->weight = LECAR_ONE / 2;
	lecar->lru_percent = 50;
	swaplab_ghost_list_init(&lecar->lost[LRU]);
	swaplab_ghost_list_init(&lecar->lost[LFU]);
	return swaplab_ghosts_create(&lecar->ghosts, policy->nr_frames + LECAR_SPARE);
}

static int lecar_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct lecar *lecar = policy->data;

	return swaplab_ghosts_reserve(&lecar->ghosts, nr_frames + LECAR_SPARE);
}

static void lecar_exit(struct swaplab_policy *policy)
{
	struct lecar *lecar = policy->data;

	swaplab_ghosts_destroy(&lecar->ghosts);
}

static const struct swaplab_policy_param lecar_params[] = {
	{
		.name = "learning_percent",
		.offset = offsetof(struct lecar, learning_percent),
		.max = 100,
		.initial = 45,
	},
	{
		.name = "seed",
		.offset = offsetof(struct lecar, seed),
		.max = UINT_MAX,
		.initial = 1,
	},
	{ }
};

static const struct swaplab_policy_stat lecar_stats[] = {
	{ "lru_percent", offsetof(struct lecar, lru_percent) },
	{ "lru_lost", offsetof(struct lecar, lost[LRU].nr) },
	{ "lfu_lost", offsetof(struct lecar, lost[LFU].nr) },
	{ }
};

static struct swaplab_policy_ops lecar_ops = {
	.admit = lecar_admit,
	.victim = lecar_victim,
	.remove = lecar_remove,
	.putback = lecar_putback,
	.forget = lecar_forget,
	.access = lecar_access,
	.resize = lecar_resize,
	.init = lecar_init,
	.exit = lecar_exit,
	.needs_references = true,
	.data_size = sizeof(struct lecar),
	.params = lecar_params,
	.stats = lecar_stats,
	.name = "lecar",
	.owner = THIS_MODULE,
};
module_swaplab_policy(lecar_ops, "lecar");

MODULE_DESCRIPTION("swaplab policy: learning cache replacement");
MODULE_LICENSE("GPL");
