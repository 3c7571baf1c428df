/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ghosts: pages that a policy has given up and still remembers, for policies that learn
 * from a page that comes back. Include it after policy.h.
 *
 * Callbacks must not allocate, so init() and resize() put memory aside for as many
 * ghosts as there may be; when none is free the oldest of the same list gives way. A
 * policy says by swaplab_ghosts_trim() how many a list may have, which depends on the
 * size of the pool as of now.
 *
 * A page is known by its region and index. The region is compared, never followed, so it
 * may be gone. forget() tells of pages that do not come back; a policy drops their ghosts by
 * swaplab_ghost_forget(). Those that were never written to are absent instead, and it is not
 * told if they go: if another region gets the address of theirs, a page of that one looks
 * like one that was here before, which is a wrong guess and no more.
 *
 * Ghosts are found by linear hashing (W. Litwin, "Linear hashing: a new tool for file
 * and table addressing", VLDB 1980): the table grows with them, by a bucket at a time.
 *
 * Memory: 65 bytes a ghost, and 8 for its hash bucket.
 */
#ifndef _SWAPLAB_POLICY_GHOST_H
#define _SWAPLAB_POLICY_GHOST_H

#include <swaplab/policy_pages.h>

/*
 * Ghosts of a bucket that are looked at. There is one in general; more can only be had by
 * choosing pages for it. Those beyond are not found, which is a wrong guess and no more.
 */
#define SWAPLAB_GHOST_CHAIN	32

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
	struct hlist_node chain;
	const struct swaplab_region *region;
	pgoff_t index;
	struct swaplab_ghost_list *list;
	unsigned long word;
};

/* Ghosts that share a page. */
#define SWAPLAB_GHOSTS_A_PAGE						\
	((PAGE_SIZE - sizeof(void *)) / sizeof(struct swaplab_ghost))

/**
 * struct swaplab_ghost_page - where ghosts are
 * @next: the page taken before, NULL for the first
 * @ghosts: free or on a list, and in the newest page, some that never were
 */
struct swaplab_ghost_page {
	struct swaplab_ghost_page *next;
	struct swaplab_ghost ghosts[SWAPLAB_GHOSTS_A_PAGE];
};

/* Buckets that share a page. */
#define SWAPLAB_GHOST_BUCKETS	(PAGE_SIZE / sizeof(struct hlist_head))

/**
 * struct swaplab_ghosts - all ghosts of a policy
 * @pages: memory for them
 * @limit: how many there is memory for; resize() raises it
 * @newest: page of ghosts
 * @nr: ghosts, free ones too
 * @free: those on no list
 * @table: of hash buckets by region and index
 * @nr_buckets: in it
 * @mask: the smallest power of 2 that is not below @nr_buckets, less 1
 */
struct swaplab_ghosts {
	struct swaplab_pages pages;
	unsigned long limit;
	struct swaplab_ghost_page *newest;
	unsigned long nr;
	struct list_head free;
	struct swaplab_table table;
	unsigned long nr_buckets;
	unsigned long mask;
};

static inline void swaplab_ghost_list_init(struct swaplab_ghost_list *list)
{
	INIT_LIST_HEAD(&list->list);
	list->nr = 0;
}

static inline unsigned long
swaplab_ghost_hash(const struct swaplab_region *region, pgoff_t index)
{
	return swaplab_page_hash(region, index) >> 32;
}

static inline struct hlist_head *
swaplab_ghost_bucket(struct swaplab_ghosts *ghosts, unsigned long number)
{
	struct hlist_head *page;

	page = swaplab_table_page(&ghosts->table,
				  number / SWAPLAB_GHOST_BUCKETS);
	return page + number % SWAPLAB_GHOST_BUCKETS;
}

/* The bucket for a page. */
static inline struct hlist_head *
swaplab_ghost_bucket_of(struct swaplab_ghosts *ghosts,
			const struct swaplab_region *region, pgoff_t index)
{
	unsigned long number = swaplab_ghost_hash(region, index) & ghosts->mask;

	if (number >= ghosts->nr_buckets)
		number &= ghosts->mask / 2;
	return swaplab_ghost_bucket(ghosts, number);
}

/* Adds a bucket, and moves to it its part of the bucket that it splits. */
static inline bool swaplab_ghosts_split(struct swaplab_ghosts *ghosts)
{
	unsigned long number = ghosts->nr_buckets;
	struct hlist_head *old, *new;
	struct swaplab_ghost *ghost;
	struct hlist_node *next;
	unsigned int left = SWAPLAB_GHOST_CHAIN;

	if (number % SWAPLAB_GHOST_BUCKETS == 0 &&
	    !swaplab_table_grow(&ghosts->table, &ghosts->pages))
		return false;
	if (number > ghosts->mask)
		ghosts->mask = 2 * ghosts->mask + 1;
	ghosts->nr_buckets++;
	old = swaplab_ghost_bucket(ghosts, number & ghosts->mask / 2);
	new = swaplab_ghost_bucket(ghosts, number);
	hlist_for_each_entry_safe(ghost, next, old, chain) {
		if (!left--)
			break;
		if (swaplab_ghost_bucket_of(ghosts, ghost->region,
					    ghost->index) == old)
			continue;
		hlist_del(&ghost->chain);
		hlist_add_head(&ghost->chain, new);
	}
	return true;
}

/**
 * swaplab_ghosts_reserve() - put memory aside for more ghosts; for resize()
 * @ghosts: of the policy
 * @nr: how many, with those there are
 *
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal.
 */
static inline int swaplab_ghosts_reserve(struct swaplab_ghosts *ghosts,
					 unsigned long nr)
{
	unsigned long nr_pages = DIV_ROUND_UP(nr, SWAPLAB_GHOSTS_A_PAGE);
	int err;

	/* There is a bucket before there is a ghost. */
	nr_pages += swaplab_table_cost(nr / SWAPLAB_GHOST_BUCKETS + 1);
	err = swaplab_pages_reserve(&ghosts->pages, nr_pages);
	if (!err && nr > ghosts->limit)
		WRITE_ONCE(ghosts->limit, nr);
	return err;
}

/**
 * swaplab_ghosts_destroy() - free all ghosts; for exit()
 * @ghosts: of the policy
 */
static inline void swaplab_ghosts_destroy(struct swaplab_ghosts *ghosts)
{
	struct swaplab_ghost_page *page;

	while ((page = ghosts->newest)) {
		ghosts->newest = page->next;
		free_page((unsigned long)page);
		cond_resched();
	}
	swaplab_table_destroy(&ghosts->table);
	swaplab_pages_destroy(&ghosts->pages);
}

/**
 * swaplab_ghosts_create() - put memory aside for a policy's ghosts; for init()
 * @ghosts: to be set up, zeroed
 * @nr: how many
 *
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal.
 */
static inline int swaplab_ghosts_create(struct swaplab_ghosts *ghosts,
					unsigned long nr)
{
	int err = swaplab_ghosts_reserve(ghosts, max(nr, 1UL));

	INIT_LIST_HEAD(&ghosts->free);
	if (!err && !swaplab_ghosts_split(ghosts))
		err = -ENOMEM;
	if (err)
		swaplab_ghosts_destroy(ghosts);
	return err;
}

/* The ghost of a page, NULL if it has none. */
static inline struct swaplab_ghost *
swaplab_ghost_find_page(struct swaplab_ghosts *ghosts,
			const struct swaplab_region *region, pgoff_t index)
{
	unsigned int left = SWAPLAB_GHOST_CHAIN;
	struct swaplab_ghost *ghost;
	struct hlist_head *bucket;

	bucket = swaplab_ghost_bucket_of(ghosts, region, index);
	hlist_for_each_entry(ghost, bucket, chain) {
		if (ghost->region == region && ghost->index == index)
			return ghost;
		if (!--left)
			break;
	}
	return NULL;
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
	return swaplab_ghost_find_page(ghosts, frame->region,
				       swaplab_frame_index(frame));
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
	hlist_del(&ghost->chain);
	list_move(&ghost->link, &ghosts->free);
}

/**
 * swaplab_ghost_forget() - drop the ghost of a page, if it has one; for forget()
 * @ghosts: of the policy
 * @region: of the page
 * @index: of the page
 */
static inline void swaplab_ghost_forget(struct swaplab_ghosts *ghosts,
					const struct swaplab_region *region,
					pgoff_t index)
{
	struct swaplab_ghost *ghost = swaplab_ghost_find_page(ghosts, region, index);

	if (ghost)
		swaplab_ghost_drop(ghosts, ghost);
}

/**
 * swaplab_ghost_oldest() - the page longest on a list
 * @list: of the policy
 *
 * Return: its ghost, NULL if there is none.
 */
static inline struct swaplab_ghost *
swaplab_ghost_oldest(struct swaplab_ghost_list *list)
{
	return list_first_entry_or_null(&list->list, struct swaplab_ghost, link);
}

/**
 * swaplab_ghosts_trim() - forget the pages longest on a list, while there are too many
 * @ghosts: of the policy
 * @list: of the policy
 * @nr_others: counted with the ghosts on the list
 * @limit: how many there may be
 *
 * A limit that follows nr_frames may become much lower: some are left for the next
 * call then.
 *
 * Return: how many were forgotten, SWAPLAB_POLICY_STEP at most.
 */
static inline unsigned int swaplab_ghosts_trim(struct swaplab_ghosts *ghosts,
					       struct swaplab_ghost_list *list,
					       unsigned long nr_others,
					       unsigned long limit)
{
	unsigned int nr;

	for (nr = 0; nr < SWAPLAB_POLICY_STEP && list->nr; nr++) {
		if (list->nr + nr_others <= limit)
			break;
		swaplab_ghost_drop(ghosts, swaplab_ghost_oldest(list));
	}
	return nr;
}

/* One that was not used so far, NULL if there is no memory for it. */
static inline struct swaplab_ghost *
swaplab_ghost_make(struct swaplab_ghosts *ghosts)
{
	unsigned int used = ghosts->nr % SWAPLAB_GHOSTS_A_PAGE;
	struct swaplab_ghost_page *page = ghosts->newest;

	if (ghosts->nr >= READ_ONCE(ghosts->limit))
		return NULL;
	if (!used) {
		page = swaplab_pages_take(&ghosts->pages);
		if (!page)
			return NULL;
		page->next = ghosts->newest;
		ghosts->newest = page;
	}
	ghosts->nr++;
	/* Without another bucket it takes longer to find it. */
	swaplab_ghosts_split(ghosts);
	list_add(&page->ghosts[used].link, &ghosts->free);
	return &page->ghosts[used];
}

/* On the list of those that are free. */
static inline struct swaplab_ghost *
swaplab_ghost_get_free(struct swaplab_ghosts *ghosts,
		       struct swaplab_ghost_list *list)
{
	struct swaplab_ghost *ghost;

	ghost = list_first_entry_or_null(&ghosts->free, struct swaplab_ghost,
					 link);
	if (!ghost)
		ghost = swaplab_ghost_make(ghosts);
	if (!ghost && list->nr) {
		ghost = swaplab_ghost_oldest(list);
		swaplab_ghost_drop(ghosts, ghost);
	}
	return ghost;
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
	struct swaplab_ghost *ghost = swaplab_ghost_get_free(ghosts, list);

	if (!ghost)
		return NULL;
	ghost->region = frame->region;
	ghost->index = swaplab_frame_index(frame);
	ghost->list = list;
	hlist_add_head(&ghost->chain,
		       swaplab_ghost_bucket_of(ghosts, ghost->region,
					       ghost->index));
	list_move_tail(&ghost->link, &list->list);
	list->nr++;
	return ghost;
}

#endif /* _SWAPLAB_POLICY_GHOST_H */
