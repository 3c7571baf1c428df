// SPDX-License-Identifier: GPL-2.0
/*
 * There are places for 4 to 8 times as many pages as frames. If two pages share a place,
 * the later one stays. A page may be taken for another one with the same place and tag,
 * which is a wrong guess and no more.
 */
#include "gone.h"

/* In a page's word. */
#define GONE_TAG	0x000fffffU
#define GONE_CLASS	20
#define GONE_AGE	24

/* Words that share a page of memory. */
#define GONE_A_PAGE	(PAGE_SIZE / sizeof(u32))

/* Places for pages, for so many frames: a power of 2. */
static unsigned long nr_places(unsigned long nr_frames)
{
	unsigned long nr = max(4UL, 1UL << fls_long(4 * nr_frames - 1));

	return min(nr, SWAPLAB_TABLE_MAX * GONE_A_PAGE);
}

/**
 * adaptive_gone_reserve() - put memory aside for more frames; for resize()
 * @gone: the pages
 * @nr_frames: of the pool
 *
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal.
 */
int adaptive_gone_reserve(struct adaptive_gone *gone, unsigned long nr_frames)
{
	unsigned long nr = DIV_ROUND_UP(nr_places(nr_frames), GONE_A_PAGE);

	return swaplab_pages_reserve(&gone->memory, swaplab_table_cost(nr));
}

/**
 * adaptive_gone_create() - remember no page so far; for init()
 * @gone: to be set up, zeroed
 * @nr_frames: of the pool
 *
 * Return: 0, -ENOMEM, or -EINTR after a fatal signal.
 */
int adaptive_gone_create(struct adaptive_gone *gone, unsigned long nr_frames)
{
	int err = adaptive_gone_reserve(gone, nr_frames);

	while (!err && !gone->mask) {
		adaptive_gone_follow(gone, nr_frames);
		cond_resched();
	}
	if (err)
		adaptive_gone_destroy(gone);
	return err;
}

/**
 * adaptive_gone_destroy() - undo adaptive_gone_create()
 * @gone: the pages
 */
void adaptive_gone_destroy(struct adaptive_gone *gone)
{
	swaplab_table_destroy(&gone->table);
	swaplab_pages_destroy(&gone->memory);
}

/**
 * adaptive_gone_follow() - adapt the number of places to the size of the pool
 * @gone: the pages
 * @nr_frames: of the pool
 *
 * Takes at most one page of memory, so a pool that grew much needs many calls. A change
 * moves places, so about half of the pages are forgotten.
 */
void adaptive_gone_follow(struct adaptive_gone *gone, unsigned long nr_frames)
{
	unsigned long nr = nr_places(nr_frames);

	if (gone->mask == nr - 1)
		return;
	if (gone->table.nr * GONE_A_PAGE < nr)
		swaplab_table_grow(&gone->table, &gone->memory);
	if (gone->table.nr * GONE_A_PAGE >= nr)
		gone->mask = nr - 1;
}

static u32 *find_place(struct adaptive_gone *gone, struct swaplab_frame *frame,
		       u32 *tag)
{
	u64 hash = swaplab_page_hash(frame->region, swaplab_frame_index(frame));
	unsigned long number = (hash >> 32) & gone->mask;
	u32 *page = swaplab_table_page(&gone->table, number / GONE_A_PAGE);

	*tag = (hash >> 8) & GONE_TAG;
	return &page[number % GONE_A_PAGE];
}

/**
 * adaptive_gone_put() - remember a page that goes
 * @gone: the pages
 * @frame: that it was in
 * @class: of the page
 * @age: of the page
 */
void adaptive_gone_put(struct adaptive_gone *gone, struct swaplab_frame *frame,
		       unsigned long class, unsigned long age)
{
	u32 tag, *page = find_place(gone, frame, &tag);

	*page = tag | class << GONE_CLASS | age << GONE_AGE;
}

/**
 * adaptive_gone_take() - forget a page that is here again
 * @gone: the pages
 * @frame: that it is in
 * @class: becomes that of the page when it went
 * @age: likewise
 *
 * Return: false if it is not remembered.
 */
bool adaptive_gone_take(struct adaptive_gone *gone, struct swaplab_frame *frame,
			unsigned long *class, unsigned long *age)
{
	u32 tag, *page = find_place(gone, frame, &tag);

	if (!*page || (*page & GONE_TAG) != tag)
		return false;
	*class = *page >> GONE_CLASS & 15;
	*age = *page >> GONE_AGE;
	*page = 0;
	return true;
}
