// SPDX-License-Identifier: GPL-2.0
/* Tests that samples remember all pages, and when each was found used. Ends with 1 if not. */

#include <linux/swaplab.h>
#include <stdio.h>
#include <stdlib.h>
#include "samples.h"

#define NR_PAGES	10000

static uint64_t record_of(uint64_t region, uint64_t index)
{
	return (region << SWAPLAB_RECORD_INDEX_BITS | index) << 1;
}

static int has_failed;

static void expect(const char *what, unsigned long expected, unsigned long got)
{
	if (expected == got)
		return;
	printf("%s: %lu, not %lu\n", what, got, expected);
	has_failed = 1;
}

int main(void)
{
	unsigned long of_first = 0, of_last = 0, of_two = 0, wrong = 0, i;
	struct samples samples = {};

	/* The first sample has all pages of two regions, the second one those of region 2. */
	for (i = 0; i < NR_PAGES; i++) {
		samples_add(&samples, record_of(1, i));
		samples_add(&samples, record_of(2, i));
	}
	samples_add(&samples, SWAPLAB_RECORD_END);
	for (i = 0; i < NR_PAGES; i++)
		samples_add(&samples, record_of(2, i));
	samples_add(&samples, SWAPLAB_RECORD_END);
	for (i = 0; i < samples.room; i++) {
		if (!samples.pages[i].page)
			continue;
		of_first += samples.pages[i].last == 0;
		of_last += samples.pages[i].last == 1;
		/* A record has 23 bits of the region's number. */
		of_two += samples_page_is_of(&samples.pages[i], 2 | 1 << 23);
		wrong += samples_page_is_of(&samples.pages[i], 1) == samples.pages[i].last;
	}
	expect("samples", 2, samples.nr);
	expect("pages", 2 * NR_PAGES, samples.nr_pages);
	expect("pages of the first sample alone", NR_PAGES, of_first);
	expect("pages of the last sample", NR_PAGES, of_last);
	expect("pages of region 2", NR_PAGES, of_two);
	expect("pages in the wrong sample", 0, wrong);
	free(samples.pages);
	return has_failed;
}
