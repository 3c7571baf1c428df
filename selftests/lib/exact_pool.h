/* SPDX-License-Identifier: GPL-2.0 */
/* A pool in which nothing is guessed, for tests that count each page. */
#ifndef SWAPLAB_EXACT_POOL_H
#define SWAPLAB_EXACT_POOL_H

#include "swaplab_test.h"

/* Small reserve and no readahead: the resident pages are those that were touched. */
static inline int exact_pool_prepare(const char *policy, unsigned long nr_frames)
{
	int err;

	err = pool_write("policy", policy);
	if (!err)
		err = pool_set("nr_frames", nr_frames);
	if (!err)
		err = pool_set("watermark_high", 2);
	if (!err)
		err = pool_set("watermark_low", 1);
	if (!err)
		err = pool_set("readahead_pages", 0);
	return err;
}

static inline void page_touch(const char *map, size_t page)
{
	(void)*(const volatile char *)(map + page * PAGE);
}

#endif /* SWAPLAB_EXACT_POOL_H */
