// SPDX-License-Identifier: GPL-2.0
/* Readahead: the access patterns that it finds, the pages that it reads and maps. */
#include <sys/resource.h>
#include "disk.h"

#define FRAMES	1024
#define PAGES	512

/* Page number n of a pattern, 0 to PAGES - 1: each page once. */
static size_t page_up(size_t n)
{
	return n;
}

static size_t page_down(size_t n)
{
	return PAGES - 1 - n;
}

/* 17 and 512 have no common factor. */
static size_t every_17th(size_t n)
{
	return n * 17 % PAGES;
}

static size_t four_in_turn(size_t n)
{
	return n % 4 * (PAGES / 4) + n / 4;
}

/* Pages written and evicted, and all frames free again. */
static bool evict_all(int fd)
{
	return !pool_set("nr_frames", 16) &&
	       SOON(fdinfo_get(fd, "resident") <= 16) &&
	       !pool_set("nr_frames", FRAMES) && !pool_set("stats/reset", 1);
}

static long nr_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

FIXTURE(readahead)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(readahead)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	ASSERT_TRUE(evict_all(self->fd));
}

FIXTURE_TEARDOWN(readahead)
{
	munmap(self->map, PAGES * PAGE);
	close(self->fd);
	pool_restore();
}

FIXTURE(stream)
{
	char *map;
	int fd;
};

FIXTURE_VARIANT(stream)
{
	size_t (*page)(size_t n);
};

FIXTURE_VARIANT_ADD(stream, up)
{
	.page = page_up,
};

FIXTURE_VARIANT_ADD(stream, down)
{
	.page = page_down,
};

FIXTURE_VARIANT_ADD(stream, every_17th)
{
	.page = every_17th,
};

FIXTURE_VARIANT_ADD(stream, four_in_turn)
{
	.page = four_in_turn,
};

FIXTURE_SETUP(stream)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	ASSERT_TRUE(evict_all(self->fd));
}

FIXTURE_TEARDOWN(stream)
{
	munmap(self->map, PAGES * PAGE);
	close(self->fd);
	pool_restore();
}

TEST_F(stream, is_read_ahead_of_its_use)
{
	size_t n, i, wrong = 0;

	for (n = 0; n < PAGES; n++) {
		i = variant->page(n);
		wrong += !page_holds(self->map + i * PAGE, i, 1);
	}
	EXPECT_EQ(wrong, 0);
	/* A stride of 17 begins anew 17 times; each beginning takes 3 misses. */
	EXPECT_LT(stat_get("refaults"), PAGES / 8);
	EXPECT_GT(stat_get("readahead"), PAGES * 3 / 4);
	EXPECT_LE(stat_get("readahead") + stat_get("refaults"), PAGES);
}

TEST_F(stream, is_mapped_in_one_go)
{
	long before;
	size_t n;

	before = nr_faults();
	for (n = 0; n < PAGES; n++) {
		*(volatile char *)(self->map + variant->page(n) * PAGE);
		/* Reads in flight have ended. */
		SOON(stat_get("swap_ins") >=
		     stat_get("readahead") + stat_get("refaults"));
		msleep(1);
	}
	EXPECT_LT(nr_faults() - before, PAGES / 2);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(stream, keeps_what_is_written_to_pages_mapped_ahead)
{
	size_t n, i;

	for (n = 0; n < PAGES; n++) {
		i = variant->page(n);
		page_fill(self->map + i * PAGE, i, 2);
	}
	ASSERT_TRUE(evict_all(self->fd));
	for (n = 0; n < PAGES; n++) {
		i = variant->page(n);
		EXPECT_TRUE(page_holds(self->map + i * PAGE, i, 2));
	}
}

/* Some of many pages, without an order. */
static size_t page_at_random(size_t n, size_t nr)
{
	return (word_of(n, 0, 0) >> 32) % nr;
}

TEST_F(readahead, leaves_random_access_alone)
{
	size_t nr = 128 * PAGES, n, i, wrong = 0;
	char *map;
	int fd;

	map = region_map(&fd, nr);
	ASSERT_NE(map, NULL);
	for (n = 0; n < PAGES; n++) {
		i = page_at_random(n, nr);
		page_fill(map + i * PAGE, i, 1);
	}
	ASSERT_TRUE(evict_all(fd));
	for (n = 0; n < PAGES; n++) {
		i = page_at_random(n, nr);
		wrong += !page_holds(map + i * PAGE, i, 1);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_LT(stat_get("readahead"), PAGES / 32);
	munmap(map, nr * PAGE);
	close(fd);
}

/* Touches pages in the order of their indices, and returns how many had to be read. */
static unsigned long touch_in_order(const char *map, size_t first, size_t nr)
{
	unsigned long before = stat_get("refaults");
	size_t i;

	for (i = first; i < first + nr; i++)
		*(volatile char *)(map + i * PAGE);
	return stat_get("refaults") - before;
}

/* Places where two pages are used one after the other, and those behind them are not. */
#define PAIRS	512
#define PAIR	32
/* So that pages go soon. */
#define FEW	128

TEST_F(readahead, ends_where_its_pages_are_not_used_and_begins_with_a_stream)
{
	unsigned long ahead;
	char *map;
	size_t n;
	int fd;

	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	map = region_map(&fd, PAIRS * PAIR + PAGES);
	ASSERT_NE(map, NULL);
	for (n = 0; n < PAIRS; n++)
		pages_fill(map, n * PAIR, 6, 1);
	pages_fill(map, PAIRS * PAIR, PAGES, 1);
	ASSERT_TRUE(evict_all(fd));
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	for (n = 0; n < PAIRS; n++)
		touch_in_order(map, n * 147 % PAIRS * PAIR, 2);
	/* A hundred may be evicted unused, and there are others in the frames by then. */
	EXPECT_GT(stat_get("readahead"), 0);
	EXPECT_LE(stat_get("readahead"), 128 + FEW);

	/* Those that are left do not go meanwhile. */
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ahead = stat_get("readahead");
	EXPECT_LT(touch_in_order(map, PAIRS * PAIR, PAGES), PAGES / 4);
	EXPECT_GT(stat_get("readahead") - ahead, PAGES * 3 / 4);
	munmap(map, (PAIRS * PAIR + PAGES) * PAGE);
	close(fd);
}

/* A garbage collector that goes through its arenas leaves pages out, too. */
TEST_F(readahead, ends_where_half_of_its_pages_is_left_out)
{
	size_t nr = 8 * PAGES, used = 0, i;
	char *map;
	int fd;

	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	map = region_map(&fd, nr);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, nr, 1);
	ASSERT_TRUE(evict_all(fd));
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	for (i = 0; i < nr; i++) {
		if (word_of(i, 0, 0) >> 63)
			continue;
		touch_in_order(map, i, 1);
		used++;
	}
	EXPECT_LE(stat_get("readahead"), nr / 8);
	EXPECT_LE(stat_get("swap_ins"), used + nr / 8);
	munmap(map, nr * PAGE);
	close(fd);
}

TEST_F(readahead, goes_on_behind_pages_that_are_there)
{
	const size_t first = PAGES / 4, nr = PAGES / 4;
	unsigned long most = pool_get("readahead_pages"), refaults;
	size_t i;

	/* The pages in the middle, one by one. */
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(pages_wrong(self->map, first + i * 101 % nr, 1, 1), 0);
	ASSERT_EQ(pool_set("readahead_pages", most), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, first, 1), 0);
	refaults = stat_get("refaults");
	EXPECT_EQ(pages_wrong(self->map, first, PAGES - first, 1), 0);
	EXPECT_EQ(stat_get("refaults"), refaults);
}

TEST_F(readahead, is_off_with_a_window_of_0)
{
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_EQ(stat_get("readahead"), 0);
	EXPECT_GE(stat_get("refaults"), PAGES - 16);
}

TEST_F(readahead, reads_no_more_at_once_than_its_window)
{
	size_t i;

	ASSERT_EQ(pool_set("readahead_pages", 4), 0);
	for (i = 100; i < 110; i++)
		*(volatile char *)(self->map + i * PAGE);
	/* The last page asked for is at most a window behind the next one. */
	EXPECT_LE(stat_get("readahead"), 10 + 2 * 4);
	EXPECT_GE(stat_get("readahead"), 4);
}

TEST_F(readahead, counts_as_hits_only_what_was_used)
{
	size_t i;

	for (i = 0; i < PAGES / 2; i++)
		*(volatile char *)(self->map + i * PAGE);
	pool_set("nr_frames", 16);
	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") <= 16));
	EXPECT_LT(stat_get("readahead_hits"), PAGES / 2 + 16);
	EXPECT_GE(stat_get("readahead_hits"),
		  PAGES / 2 - stat_get("refaults") - 16);
	EXPECT_GE(stat_get("readahead"), stat_get("readahead_hits"));
}

/* More readers than frames for all their windows. */
#define READERS		6
#define READER_PAGES	400
#define READER_ROUNDS	3

struct reader {
	pthread_t thread;
	char *map;
	size_t first, wrong;
	int step;
};

static void *reader_main(void *data)
{
	struct reader *reader = data;
	unsigned int round;
	size_t n, i;

	for (round = 1; round <= READER_ROUNDS; round++) {
		for (n = 0; n < READER_PAGES; n++) {
			i = reader->step > 0 ? n : READER_PAGES - 1 - n;
			i += reader->first;
			reader->wrong += !page_holds(reader->map + i * PAGE, i,
						     round);
			page_fill(reader->map + i * PAGE, i, round + 1);
		}
	}
	return NULL;
}

TEST_F_TIMEOUT(readahead, of_many_readers_loses_nothing_when_frames_are_few, 300)
{
	struct reader readers[READERS];
	size_t i;
	char *map;
	int fd;

	ASSERT_EQ(pool_set("nr_frames", 96), 0);
	map = region_map(&fd, READERS * READER_PAGES);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, READERS * READER_PAGES, 1);
	for (i = 0; i < READERS; i++) {
		readers[i] = (struct reader){
			.map = map,
			.first = i * READER_PAGES,
			.step = i % 2 ? -1 : 1,
		};
		ASSERT_EQ(pthread_create(&readers[i].thread, NULL, reader_main,
					 &readers[i]), 0);
	}
	for (i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		EXPECT_EQ(readers[i].wrong, 0);
	}
	EXPECT_GT(stat_get("readahead"), 0);
	EXPECT_EQ(pages_wrong(map, 0, READERS * READER_PAGES, READER_ROUNDS + 1), 0);
	munmap(map, READERS * READER_PAGES * PAGE);
	close(fd);
}

/* Reads that no task waits for must not outlive their region or store. */
TEST_F(readahead, may_be_under_way_when_its_region_goes)
{
	const char *disk;
	int i, fd;
	char *map;

	disk = disk_create("size=16 irqmode=2 completion_nsec=20000000");
	if (!disk)
		SKIP(return, "null_blk makes no disk");
	munmap(self->map, PAGES * PAGE);
	close(self->fd);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", disk), 0);
	for (i = 0; i < 10; i++) {
		map = region_map(&fd, PAGES);
		ASSERT_NE(map, NULL);
		pages_fill(map, 0, PAGES, 1);
		ASSERT_TRUE(evict_all(fd));
		*(volatile char *)(map + 10 * PAGE);
		*(volatile char *)(map + (11 + i) * PAGE);
		*(volatile char *)(map + (12 + 2 * i) * PAGE);
		EXPECT_GT(stat_get("readahead"), 0);
		munmap(map, PAGES * PAGE);
		close(fd);
		EXPECT_EQ(stat_get("resident"), 0);
	}
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	disk_destroy();
	ASSERT_EQ(pool_write("swap_file", store_path()), 0);
	self->map = region_map(&self->fd, PAGES);
}

TEST_HARNESS_MAIN
