// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages are in the samples, how many frames these have, and which one does better. A page
 * counts for its sample when it comes back, wherever it was listed.
 */
#include "duel.h"

/* A sample is one page, or block, in so many: a prime, so that no stride of a program hits it. */
#define ADAPTIVE_SAMPLE		17
/*
 * Large samples have pages in blocks. The sample's pages are evicted at other times than their
 * neighbours, so each block cuts a write of neighbours, and later the read of a stream, in two.
 */
#define ADAPTIVE_BLOCK		16
#define ADAPTIVE_LEAST_BLOCKS	8
/* Frames without which a sample says nothing. */
#define ADAPTIVE_LEAST		8
/* Generations that a duel looks back on, about. */
#define ADAPTIVE_MEMORY		64

/**
 * adaptive_duel_init() - LRU does better until something else is known
 * @duel: to be set up
 */
void adaptive_duel_init(struct adaptive_duel *duel)
{
	duel->lru = true;
	duel->debtor = REST;
}

/**
 * adaptive_duel_follow() - the samples follow the number of frames
 * @duel: of the policy
 * @nr_frames: that there may be
 */
void adaptive_duel_follow(struct adaptive_duel *duel, unsigned long nr_frames)
{
	unsigned long share = nr_frames / ADAPTIVE_SAMPLE;

	if (nr_frames == duel->nr_frames)
		return;
	duel->nr_frames = nr_frames;
	duel->is_on = share >= ADAPTIVE_LEAST;
	duel->block = share < ADAPTIVE_LEAST_BLOCKS * ADAPTIVE_BLOCK ? 1 : ADAPTIVE_BLOCK;
}

/**
 * adaptive_duel_takes_oldest() - is the oldest page of a group to go, or the one worth least?
 * @duel: of the policy
 * @id: the group
 */
bool adaptive_duel_takes_oldest(struct adaptive_duel *duel, enum adaptive_group_id id)
{
	if (id == REST)
		return duel->lru && duel->is_on;
	return id == OLDEST;
}

/**
 * adaptive_duel_judge() - does the other sample do better now?
 * @duel: of the policy
 *
 * Changes sides only for a difference of twice the deviation of the counts.
 */
void adaptive_duel_judge(struct adaptive_duel *duel)
{
	unsigned long *oldest = &duel->returns[OLDEST];
	unsigned long *cheapest = &duel->returns[CHEAPEST];
	unsigned long more;

	*oldest -= *oldest / ADAPTIVE_MEMORY;
	*cheapest -= *cheapest / ADAPTIVE_MEMORY;
	more = max(*oldest, *cheapest) - min(*oldest, *cheapest);
	if (more / ADAPTIVE_PAGE * more > 4 * (*oldest + *cheapest))
		duel->lru = *oldest < *cheapest;
}

/* The sample that a page is of, or REST. */
static enum adaptive_group_id duel_sample(struct adaptive_duel *duel,
					  struct swaplab_frame *frame)
{
	unsigned long rest;

	if (!duel->is_on)
		return REST;
	rest = swaplab_frame_index(frame) / duel->block % ADAPTIVE_SAMPLE;
	return rest == 0 ? OLDEST : rest == ADAPTIVE_SAMPLE / 2 ? CHEAPEST : REST;
}

/**
 * adaptive_duel_return() - a page came back
 * @duel: of the policy
 * @frame: has the page
 */
void adaptive_duel_return(struct adaptive_duel *duel, struct swaplab_frame *frame)
{
	duel->returns[duel_sample(duel, frame)] += ADAPTIVE_PAGE;
}

/**
 * adaptive_duel_group() - the group whose lists a page is put on
 * @duel: of the policy
 * @frame: has the page
 *
 * Pages of the sample that does better go as their neighbours do, so they do not cut transfers.
 */
enum adaptive_group_id adaptive_duel_group(struct adaptive_duel *duel,
					   struct swaplab_frame *frame)
{
	enum adaptive_group_id id = duel_sample(duel, frame);

	return id == (duel->lru ? OLDEST : CHEAPEST) ? REST : id;
}

/*
 * The share of a sample is one of all frames with pages, as that of the other sample among the
 * rest is. It varies by a block.
 */
static unsigned long duel_share(struct adaptive_duel *duel, struct adaptive_groups *groups)
{
	unsigned long nr = adaptive_groups_nr(groups, OLDEST) +
			   adaptive_groups_nr(groups, CHEAPEST) +
			   adaptive_groups_nr(groups, REST);
	unsigned long share = nr / ADAPTIVE_SAMPLE;

	return duel->is_on ? share - min(share, duel->block / 2) : 0;
}

static bool duel_owes(struct adaptive_duel *duel, struct adaptive_groups *groups,
		      enum adaptive_group_id id, unsigned long more)
{
	return adaptive_groups_nr(groups, id) >= duel_share(duel, groups) + more;
}

/**
 * adaptive_duel_debtor() - the group that is to give a victim
 * @duel: of the policy
 * @groups: its frames
 *
 * A sample that has a block more than its share gives up a block: victims that follow each other
 * are neighbours then, and are unmapped and written together. Else the rest gives victims.
 */
enum adaptive_group_id adaptive_duel_debtor(struct adaptive_duel *duel,
					    struct adaptive_groups *groups)
{
	if (duel->debtor == REST || !duel_owes(duel, groups, duel->debtor, 1)) {
		duel->debtor = REST;
		if (duel_owes(duel, groups, OLDEST, duel->block))
			duel->debtor = OLDEST;
		else if (duel_owes(duel, groups, CHEAPEST, duel->block))
			duel->debtor = CHEAPEST;
	}
	if (duel->debtor != REST || adaptive_groups_nr(groups, REST))
		return duel->debtor;
	/* Others can only be had of a sample. */
	return adaptive_groups_nr(groups, OLDEST) ? OLDEST : CHEAPEST;
}
