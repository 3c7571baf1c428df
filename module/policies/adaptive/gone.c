// SPDX-License-Identifier: GPL-2.0
/*
 * Some 4 to 8 times as many pages are remembered as there are frames. Two may share a
 * place, of which the later one is kept; and one may be taken for another, of the same
 * place and tag, which is a wrong guess and no more.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "gone.h"

/* In a page's word. */
#define GONE_TAG	0x000fffffU
#define GONE_CLASS	20
#define GONE_AGE	24

/**
 * adaptive_gone_create() - remember no page so far; for init()
 * @gone: to be set up
 * @nr_frames: of the pool
 *
 * Return: 0 or -ENOMEM.
 */
int adaptive_gone_create(struct adaptive_gone *gone, unsigned long nr_frames)
{
	unsigned long nr;

	for (nr = 4; nr < 4 * nr_frames; )
		nr *= 2;
	gone->pages = kvcalloc(nr, sizeof(*gone->pages), GFP_KERNEL);
	gone->mask = nr - 1;
	return gone->pages ? 0 : -ENOMEM;
}

/**
 * adaptive_gone_destroy() - undo adaptive_gone_create()
 * @gone: the pages
 */
void adaptive_gone_destroy(struct adaptive_gone *gone)
{
	kvfree(gone->pages);
}

static u32 *place_of(struct adaptive_gone *gone, struct swaplab_frame *frame,
		     u32 *tag)
{
	u64 key = (unsigned long)frame->region / sizeof(void *) +
		  swaplab_frame_index(frame);

	/* The fraction of the golden ratio, in 64 bits: see linux/hash.h. */
	key *= 0x61c8864680b583ebULL;
	*tag = (key >> 8) & GONE_TAG;
	return &gone->pages[(key >> 32) & gone->mask];
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
	u32 tag, *page = place_of(gone, frame, &tag);

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
	u32 tag, *page = place_of(gone, frame, &tag);

	if (!*page || (*page & GONE_TAG) != tag)
		return false;
	*class = *page >> GONE_CLASS & 15;
	*age = *page >> GONE_AGE;
	*page = 0;
	return true;
}
