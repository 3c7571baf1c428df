// SPDX-License-Identifier: GPL-2.0
/* First touches in order, and the pages that are mapped before theirs. */
#include "swaplab_test.h"

#define FRAMES	1024
#define PAGES	512

FIXTURE(first_touch)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(first_touch)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(first_touch)
{
	region_unmap(self->fd, self->map, PAGES);
	pool_restore();
}

static size_t pages_not_zero(const char *map, size_t first, size_t nr)
{
	size_t i, wrong = 0;

	for (i = first; i < first + nr; i++)
		wrong += !page_is_zero(map + i * PAGE);
	return wrong;
}

TEST_F(first_touch, in_order_needs_few_faults)
{
	pages_fill(self->map, 0, PAGES, 1);
	EXPECT_LT(stat_get("faults"), PAGES / 4);
	EXPECT_EQ(stat_get("zero_fills"), PAGES);
	EXPECT_EQ(stat_get("zero_ahead"), PAGES - stat_get("faults"));
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), PAGES);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

/* Also not behind a page that happens to follow: 17 and 512 have no common factor. */
TEST_F(first_touch, in_another_order_brings_nothing_along)
{
	size_t i;

	for (i = 0; i < PAGES / 2; i++)
		page_fill(self->map + i * 17 % PAGES * PAGE, i, 1);
	EXPECT_EQ(stat_get("faults"), PAGES / 2);
	EXPECT_EQ(stat_get("zero_fills"), PAGES / 2);
	EXPECT_EQ(stat_get("zero_ahead"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), PAGES / 2);
}

TEST_F(first_touch, brings_nothing_along_without_readahead)
{
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	pages_fill(self->map, 0, PAGES / 2, 1);
	EXPECT_EQ(stat_get("zero_ahead"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), PAGES / 2);
}

TEST_F(first_touch, brings_nothing_along_where_each_use_has_to_be_seen)
{
	size_t i, more = 0;

	ASSERT_EQ(pool_set("soft_sampling", 1), 0);
	for (i = 0; i < PAGES / 2; i++) {
		page_fill(self->map + i * PAGE, i, 1);
		more += fdinfo_get(self->fd, "resident") != i + 1;
	}
	EXPECT_EQ(more, 0);
	EXPECT_EQ(stat_get("zero_ahead"), 0);
}

/* Pages that were mapped in vain become absent again, without a write. */
TEST_F(first_touch, that_ends_has_taken_an_eighth_more_at_most)
{
	size_t nr = 0, resident, most = 0;
	char *other;
	int fd;

	do {
		page_fill(self->map + nr * PAGE, nr, 1);
		nr++;
		resident = fdinfo_get(self->fd, "resident");
		EXPECT_LE(resident, nr * 9 / 8);
		if (resident - nr > most)
			most = resident - nr;
	} while (nr < PAGES / 2 || (resident == nr && nr < PAGES));
	EXPECT_GT(most, 1);
	EXPECT_LE(most, 16);
	ASSERT_GT(resident, nr);

	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	other = region_map(&fd, PAGES);
	ASSERT_NE(other, NULL);
	EXPECT_TRUE(SOON((pages_fill(other, 0, PAGES, 1),
			  !fdinfo_get(self->fd, "resident"))));
	EXPECT_EQ(fdinfo_get(self->fd, "swapped"), nr);
	region_unmap(fd, other, PAGES);
	EXPECT_EQ(pages_wrong(self->map, 0, nr, 1), 0);
	EXPECT_EQ(pages_not_zero(self->map, nr, PAGES - nr), 0);
}

TEST_F(first_touch, by_reading_makes_pages_that_can_be_written)
{
	ASSERT_EQ(mprotect(self->map, PAGES * PAGE, PROT_READ), 0);
	EXPECT_EQ(pages_not_zero(self->map, 0, PAGES), 0);
	EXPECT_GT(stat_get("zero_ahead"), PAGES / 2);
	ASSERT_EQ(mprotect(self->map, PAGES * PAGE, PROT_READ | PROT_WRITE), 0);
	pages_fill(self->map, 0, PAGES, 1);
	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") <= 16));
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(first_touch, brings_nothing_along_from_behind_the_mapping)
{
	char *half;

	half = mmap(NULL, PAGES / 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    self->fd, 0);
	ASSERT_NE(half, MAP_FAILED);
	pages_fill(half, 0, PAGES / 2, 1);
	EXPECT_GT(stat_get("zero_ahead"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), PAGES / 2);
	munmap(half, PAGES / 2 * PAGE);
}

/* One in 128 pages is there already. */
static unsigned int version_of(size_t page)
{
	return page % 128 == 127 ? 7 : 1;
}

TEST_F(first_touch, leaves_what_is_there)
{
	size_t i, wrong = 0;

	for (i = 127; i < PAGES; i += 128)
		page_fill(self->map + i * PAGE, i, 7);
	for (i = 0; i < PAGES; i++)
		if (version_of(i) == 1)
			page_fill(self->map + i * PAGE, i, 1);
	EXPECT_GT(stat_get("zero_ahead"), PAGES / 4);
	for (i = 0; i < PAGES; i++)
		wrong += !page_holds(self->map + i * PAGE, i, version_of(i));
	EXPECT_EQ(wrong, 0);
}

/* A limit is no reason for SIGBUS before it is reached, nor broken by a guess. */
TEST_F(first_touch, brings_nothing_along_from_behind_the_limit)
{
	ASSERT_EQ(pool_set("max_region_pages", PAGES / 2), 0);
	pages_fill(self->map, 0, PAGES / 2, 1);
	EXPECT_GT(stat_get("zero_ahead"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), PAGES / 2);
}

#define TOUCHERS	4
#define TOUCHED		4096

struct toucher {
	pthread_t thread;
	char *map;
	unsigned int number;
	size_t nr_words;
};

/* Each has its share of each page's words. */
static void *toucher_main(void *data)
{
	struct toucher *toucher = data;
	size_t page, word, share = WORDS / TOUCHERS;
	volatile uint64_t *words;

	for (page = 0; page < TOUCHED; page++) {
		words = (volatile uint64_t *)(toucher->map + page * PAGE);
		for (word = toucher->number * share;
		     word < (toucher->number + 1) * share; word++)
			words[word] = word_of(page, word, 1);
	}
	return NULL;
}

/* All threads go through the same pages, so each page mapped ahead is touched. */
TEST_F_TIMEOUT(first_touch, by_many_at_once_loses_nothing_when_frames_are_few, 300)
{
	struct toucher touchers[TOUCHERS];
	unsigned int i;
	char *map;
	int fd;

	ASSERT_EQ(pool_set("nr_frames", 512), 0);
	map = region_map(&fd, TOUCHED);
	ASSERT_NE(map, NULL);
	for (i = 0; i < TOUCHERS; i++) {
		touchers[i] = (struct toucher){ .map = map, .number = i };
		ASSERT_EQ(pthread_create(&touchers[i].thread, NULL, toucher_main,
					 &touchers[i]), 0);
	}
	for (i = 0; i < TOUCHERS; i++)
		pthread_join(touchers[i].thread, NULL);
	EXPECT_GT(stat_get("zero_ahead"), 0);
	EXPECT_EQ(pages_wrong(map, 0, TOUCHED, 1), 0);
	region_unmap(fd, map, TOUCHED);
}

TEST_HARNESS_MAIN
