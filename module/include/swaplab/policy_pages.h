/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for policies whose needs grow with the pool. Callbacks must not allocate, so
 * init() and resize() put pages aside, and callbacks take them. Nothing is larger than
 * a page: neither the number of frames nor fragmentation matters.
 */
#ifndef _SWAPLAB_POLICY_PAGES_H
#define _SWAPLAB_POLICY_PAGES_H

#include <linux/gfp.h>
#include <linux/llist.h>
#include <linux/sched/signal.h>
#include <swaplab/policy.h>

/**
 * struct swaplab_pages - pages put aside
 * @stock: those that no callback has taken yet; resize() adds to it meanwhile
 * @nr: put aside so far, taken or not; for init() and resize()
 */
struct swaplab_pages {
	struct llist_head stock;
	unsigned long nr;
};

/**
 * swaplab_pages_reserve() - put pages aside; for init() and resize()
 * @pages: of the policy
 * @nr: in all, with those put aside before
 *
 * Fails rather than have the kernel kill a process for them.
 *
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal; then there are fewer.
 */
static inline int swaplab_pages_reserve(struct swaplab_pages *pages,
					unsigned long nr)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	unsigned long page;

	while (pages->nr < nr) {
		if (fatal_signal_pending(current))
			return -EINTR;
		page = get_zeroed_page(gfp);
		if (!page)
			return -ENOMEM;
		llist_add((struct llist_node *)page, &pages->stock);
		pages->nr++;
		cond_resched();
	}
	return 0;
}

/**
 * swaplab_pages_take() - take a page that was put aside
 * @pages: of the policy
 *
 * Return: a page of zeros, to be freed with free_page(); NULL if there is none.
 */
static inline void *swaplab_pages_take(struct swaplab_pages *pages)
{
	struct llist_node *page = llist_del_first(&pages->stock);

	if (page)
		page->next = NULL;
	return page;
}

/**
 * swaplab_pages_destroy() - free the pages that were not taken; for exit()
 * @pages: of the policy
 */
static inline void swaplab_pages_destroy(struct swaplab_pages *pages)
{
	void *page;

	while ((page = swaplab_pages_take(pages))) {
		free_page((unsigned long)page);
		cond_resched();
	}
}

/* Pointers in a page, and pages that a table may have. */
#define SWAPLAB_TABLE_FANOUT	(PAGE_SIZE / sizeof(void *))
#define SWAPLAB_TABLE_MAX	(SWAPLAB_TABLE_FANOUT * SWAPLAB_TABLE_FANOUT)

/**
 * struct swaplab_table - an array of pages, which grows at its end and never moves
 * @top: a page of pointers to pages of pointers to the pages
 * @nr: pages in the array
 */
struct swaplab_table {
	void **top;
	unsigned long nr;
};

/**
 * swaplab_table_cost() - pages to be put aside for a table
 * @nr: of the pages in it
 */
static inline unsigned long swaplab_table_cost(unsigned long nr)
{
	nr = min(nr, SWAPLAB_TABLE_MAX);
	return 1 + DIV_ROUND_UP(nr, SWAPLAB_TABLE_FANOUT) + nr;
}

/**
 * swaplab_table_page() - a page of a table
 * @table: the table
 * @number: of the page, which is there
 */
static inline void *swaplab_table_page(struct swaplab_table *table,
				       unsigned long number)
{
	void **pointers = table->top[number / SWAPLAB_TABLE_FANOUT];

	return pointers[number % SWAPLAB_TABLE_FANOUT];
}

/* The page that a pointer points to, taken if there is none so far. */
static inline void *swaplab_table_fill(void **pointer,
				       struct swaplab_pages *pages)
{
	if (!*pointer)
		*pointer = swaplab_pages_take(pages);
	return *pointer;
}

/**
 * swaplab_table_grow() - add a page of zeros at the end of a table
 * @table: the table
 * @pages: to take it from, and pages of pointers
 *
 * Return: false if there is none, or the table is as large as can be.
 */
static inline bool swaplab_table_grow(struct swaplab_table *table,
				      struct swaplab_pages *pages)
{
	void **pointers;

	if (table->nr == SWAPLAB_TABLE_MAX)
		return false;
	if (!table->top)
		table->top = swaplab_pages_take(pages);
	if (!table->top)
		return false;
	pointers = swaplab_table_fill(table->top + table->nr / SWAPLAB_TABLE_FANOUT,
				      pages);
	if (!pointers ||
	    !swaplab_table_fill(pointers + table->nr % SWAPLAB_TABLE_FANOUT, pages))
		return false;
	table->nr++;
	return true;
}

/**
 * swaplab_table_destroy() - free a table; for exit()
 * @table: the table
 */
static inline void swaplab_table_destroy(struct swaplab_table *table)
{
	unsigned long i;

	for (i = 0; i < table->nr; i++) {
		free_page((unsigned long)swaplab_table_page(table, i));
		cond_resched();
	}
	for (i = 0; table->top && i < SWAPLAB_TABLE_FANOUT; i++)
		free_page((unsigned long)table->top[i]);
	free_page((unsigned long)table->top);
}

/**
 * swaplab_page_hash() - a number that depends on which page of a region it is
 * @region: of the page; not followed
 * @index: of the page
 */
static inline u64 swaplab_page_hash(const struct swaplab_region *region,
				    pgoff_t index)
{
	u64 key = (unsigned long)region / sizeof(void *) + index;

	/* The fraction of the golden ratio, in 64 bits: see linux/hash.h. */
	return key * 0x61c8864680b583ebULL;
}

#endif /* _SWAPLAB_POLICY_PAGES_H */
