// SPDX-License-Identifier: GPL-2.0
/* Page numbers of a trace: a hash table with open addressing, at most half full. */

#include "memory.h"
#include "pages.h"

#define FIRST_BUCKETS	1024

static uint32_t bucket_of(const struct pages *pages, uint64_t number)
{
	return (number * 0x9e3779b97f4a7c15) >> 32 & pages->mask;
}

static uint32_t *find_bucket(const struct pages *pages, uint64_t number)
{
	uint32_t i = bucket_of(pages, number);

	while (pages->buckets[i] &&
	       pages->numbers[pages->buckets[i] - 1] != number)
		i = (i + 1) & pages->mask;
	return &pages->buckets[i];
}

static void grow_buckets(struct pages *pages, uint32_t nr_buckets)
{
	uint32_t id;

	free(pages->buckets);
	pages->buckets = memory_array(nr_buckets, sizeof(*pages->buckets));
	pages->mask = nr_buckets - 1;
	pages->numbers = memory_resize(pages->numbers, nr_buckets / 2,
				       sizeof(*pages->numbers));
	for (id = 0; id < pages->nr; id++)
		*find_bucket(pages, pages->numbers[id]) = id + 1;
}

/**
 * pages_create() - no pages yet
 * @pages: to be set up
 */
void pages_create(struct pages *pages)
{
	*pages = (struct pages){ };
	grow_buckets(pages, FIRST_BUCKETS);
}

/**
 * pages_destroy() - undo pages_create()
 * @pages: the pages
 */
void pages_destroy(struct pages *pages)
{
	free(pages->buckets);
	free(pages->numbers);
}

/**
 * pages_add() - the id of a page, a new one if it was not used before
 * @pages: the pages
 * @number: of the page
 *
 * Return: the id; ids are consecutive.
 */
uint32_t pages_add(struct pages *pages, uint64_t number)
{
	uint32_t *bucket = find_bucket(pages, number);

	if (*bucket)
		return *bucket - 1;
	if (pages->nr == (pages->mask + 1) / 2) {
		grow_buckets(pages, 2 * (pages->mask + 1));
		bucket = find_bucket(pages, number);
	}
	pages->numbers[pages->nr++] = number;
	*bucket = pages->nr;
	return pages->nr - 1;
}
