/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ghosts: what a policy remembers of pages that it has given up. For policies that
 * learn from a page that comes back; include it after policy.h.
 *
 * Callbacks must not allocate, so all ghosts are allocated by init(), for the frames
 * that the pool may hold then; when none is free the oldest of the same list gives
 * way. A page is known by its region and index. The region is compared, never
 * followed, so it may be gone: should another one get its address, a page of that
 * looks like one that was here before, which is a wrong guess and no more.
 *
 * Memory: 64 bytes a ghost, and up to 32 for its hash bucket.
 */
#ifndef _SWAPLAB_POLICY_GHOST_H
#define _SWAPLAB_POLICY_GHOST_H

#include <linux/mm.h>
#include <linux/slab.h>

/**
 * struct swaplab_ghost_list - some of a policy's ghosts, oldest first
 * @list: of ghosts
 * @nr: of them
 */
struct swaplab_ghost_list {
	struct list_head list;
	unsigned long nr;
};

/**
 * struct swaplab_ghost - a page that was given up
 * @link: in @list, or among those that are free
 * @chain: in a hash bucket
 * @region: of the page
 * @index: of the page
 * @list: that it is on; the policy compares it with its own
 * @word: the policy's, undefined when the ghost is added
 */
struct swaplab_ghost {
	struct list_head link;
	struct list_head chain;
	const struct swaplab_region *region;
	pgoff_t index;
	struct swaplab_ghost_list *list;
	unsigned long word;
};

/**
 * struct swaplab_ghosts - all ghosts of a policy
 * @all: of them
 * @free: those on no list
 * @buckets: of a hash table by region and index
 * @mask: number of buckets, a power of 2, less 1
 */
struct swaplab_ghosts {
	struct swaplab_ghost *all;
	struct list_head free;
	struct list_head *buckets;
	unsigned long mask;
};

static inline void swaplab_ghosts_destroy(struct swaplab_ghosts *ghosts)
{
	kvfree(ghosts->buckets);
	kvfree(ghosts->all);
}

/**
 * swaplab_ghosts_create() - allocate a policy's ghosts; for init()
 * @ghosts: to be set up
 * @nr: how many
 *
 * Return: 0 or -ENOMEM.
 */
static inline int swaplab_ghosts_create(struct swaplab_ghosts *ghosts,
					unsigned long nr)
{
	unsigned long i;

	INIT_LIST_HEAD(&ghosts->free);
	for (ghosts->mask = 1; ghosts->mask < nr; ghosts->mask *= 2)
		;
	ghosts->all = kvcalloc(nr, sizeof(*ghosts->all), GFP_KERNEL);
	ghosts->buckets = kvcalloc(ghosts->mask, sizeof(*ghosts->buckets),
				   GFP_KERNEL);
	if (!ghosts->all || !ghosts->buckets) {
		swaplab_ghosts_destroy(ghosts);
		return -ENOMEM;
	}
	for (i = 0; i < ghosts->mask; i++)
		INIT_LIST_HEAD(&ghosts->buckets[i]);
	for (i = 0; i < nr; i++)
		list_add(&ghosts->all[i].link, &ghosts->free);
	ghosts->mask--;
	return 0;
}

static inline void swaplab_ghost_list_init(struct swaplab_ghost_list *list)
{
	INIT_LIST_HEAD(&list->list);
	list->nr = 0;
}

static inline struct list_head *
swaplab_ghost_bucket(struct swaplab_ghosts *ghosts, struct swaplab_frame *frame)
{
	u64 key = (unsigned long)frame->region / sizeof(void *) +
		  swaplab_frame_index(frame);

	/* The fraction of the golden ratio, in 64 bits: see linux/hash.h. */
	key *= 0x61c8864680b583ebULL;
	return &ghosts->buckets[(key >> 32) & ghosts->mask];
}

/**
 * swaplab_ghost_find() - was this page given up before?
 * @ghosts: of the policy
 * @frame: with the page
 *
 * Return: its ghost, NULL if there is none.
 */
static inline struct swaplab_ghost *
swaplab_ghost_find(struct swaplab_ghosts *ghosts, struct swaplab_frame *frame)
{
	struct list_head *bucket = swaplab_ghost_bucket(ghosts, frame);
	struct swaplab_ghost *ghost;

	list_for_each_entry(ghost, bucket, chain)
		if (ghost->region == frame->region &&
		    ghost->index == swaplab_frame_index(frame))
			return ghost;
	return NULL;
}

/**
 * swaplab_ghost_drop() - forget a page
 * @ghosts: of the policy
 * @ghost: of the page, on a list
 */
static inline void swaplab_ghost_drop(struct swaplab_ghosts *ghosts,
				      struct swaplab_ghost *ghost)
{
	ghost->list->nr--;
	list_del(&ghost->chain);
	list_move(&ghost->link, &ghosts->free);
}

/**
 * swaplab_ghost_drop_oldest() - forget the page longest on a list
 * @ghosts: of the policy
 * @list: of its, may be empty
 */
static inline void swaplab_ghost_drop_oldest(struct swaplab_ghosts *ghosts,
					     struct swaplab_ghost_list *list)
{
	if (list->nr)
		swaplab_ghost_drop(ghosts,
				   list_first_entry(&list->list,
						    struct swaplab_ghost, link));
}

/**
 * swaplab_ghost_add() - remember a page that is given up
 * @ghosts: of the policy
 * @list: that it joins, as the youngest; nothing is remembered if no ghost is free
 *	and this list is empty
 * @frame: with the page, which has no ghost yet
 *
 * Return: its ghost, NULL if there is none.
 */
static inline struct swaplab_ghost *
swaplab_ghost_add(struct swaplab_ghosts *ghosts,
		  struct swaplab_ghost_list *list, struct swaplab_frame *frame)
{
	struct swaplab_ghost *ghost;

	if (list_empty(&ghosts->free))
		swaplab_ghost_drop_oldest(ghosts, list);
	ghost = list_first_entry_or_null(&ghosts->free, struct swaplab_ghost,
					 link);
	if (!ghost)
		return NULL;
	ghost->region = frame->region;
	ghost->index = swaplab_frame_index(frame);
	ghost->list = list;
	list_add(&ghost->chain, swaplab_ghost_bucket(ghosts, frame));
	list_move_tail(&ghost->link, &list->list);
	list->nr++;
	return ghost;
}

#endif /* _SWAPLAB_POLICY_GHOST_H */
