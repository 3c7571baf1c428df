// SPDX-License-Identifier: GPL-2.0
/*
 * Reading around a miss: where it begins, where it ends, and what it leaves alone.
 *
 * Each touch waits until no read is under way, so the counters are exact. There are free
 * frames for all pages, so none is evicted unless a test does so.
 */
#include "disk.h"
#include "requests.h"

#define FRAMES	4096
#define PAGES	2048
#define BLOCK	8
#define OTHERS	1024

/*
 * Evicts all pages of a region, long ago by the pool's clock: other pages come and go in a
 * small pool until none is resident. Then all frames are free but a few.
 */
static bool evict_all(int fd)
{
	unsigned int tries;
	char *others;
	int other;

	others = region_map(&other, OTHERS);
	if (!others || pool_set("nr_frames", 16))
		return false;
	for (tries = 0; tries < 10; tries++) {
		pages_fill(others, 0, OTHERS, tries);
		if (!fdinfo_get(fd, "resident"))
			break;
	}
	munmap(others, OTHERS * PAGE);
	close(other);
	return tries < 10 && !pool_set("nr_frames", FRAMES) &&
	       !pool_set("stats/reset", 1);
}

static bool reads_have_ended(void)
{
	return SOON(stat_get("swap_ins") == stat_get("refaults") +
		    stat_get("readahead") + stat_get("readaround"));
}

/* Touches a page, alone. Returns how many pages were read around it. */
static long touch(char *map, size_t page)
{
	long before = stat_get("readaround");

	*(volatile char *)(map + page * PAGE);
	return reads_have_ended() ? (long)stat_get("readaround") - before : -1;
}

/* Page number n of @nr, a power of 2: each once, neighbours far apart in time. */
static size_t page_at(size_t n, size_t nr)
{
	size_t page = 0;

	for (; nr > 1; nr /= 2, n /= 2)
		page = 2 * page + n % 2;
	return page;
}

FIXTURE(readaround)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(readaround)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	ASSERT_TRUE(evict_all(self->fd));
}

FIXTURE_TEARDOWN(readaround)
{
	munmap(self->map, PAGES * PAGE);
	close(self->fd);
	pool_restore();
}

TEST_F(readaround, reads_an_aligned_block_and_counts_what_is_used)
{
	EXPECT_EQ(touch(self->map, 803), BLOCK - 1);
	EXPECT_EQ(stat_get("refaults"), 1);
	EXPECT_EQ(stat_get("readaround_hits"), 0);

	/* The first page of the block, its last, and the first behind it. */
	EXPECT_EQ(touch(self->map, 800), 0);
	EXPECT_EQ(touch(self->map, 807), 0);
	EXPECT_EQ(stat_get("refaults"), 1);
	EXPECT_EQ(stat_get("readaround_hits"), 2);
	EXPECT_EQ(touch(self->map, 807), 0);
	EXPECT_EQ(stat_get("readaround_hits"), 2);
	EXPECT_EQ(touch(self->map, 903), BLOCK - 1);
	EXPECT_EQ(stat_get("refaults"), 2);
	EXPECT_EQ(pages_wrong(self->map, 800, BLOCK, 1), 0);
}

TEST_F(readaround, grows_its_blocks_in_a_dense_part)
{
	size_t n, i, wrong = 0;
	long most = 0, nr;

	for (n = 0; n < 1024; n++) {
		i = page_at(n, 1024);
		nr = touch(self->map, i);
		most = nr > most ? nr : most;
		wrong += !page_holds(self->map + i * PAGE, i, 1);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_GT(most, BLOCK);
	EXPECT_LE(most, 63);
	/* The first 128 touches are in as many blocks of the smallest size. */
	EXPECT_LT(stat_get("refaults"), 1024 / 4);
	EXPECT_GT(stat_get("readaround_hits"), 1024 * 3 / 4);
}

TEST_F(readaround, wins_where_half_of_a_block_is_resident)
{
	size_t i;

	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	for (i = 0; i < 512; i += 2)
		EXPECT_EQ(touch(self->map, i), 0);
	ASSERT_EQ(pool_set("readaround_pages", 64), 0);
	ASSERT_EQ(pool_set("readahead_pages", 32), 0);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	for (i = 0; i < 256; i++)
		touch(self->map, page_at(i, 256) * 2 + 1);
	EXPECT_LT(stat_get("refaults"), 256 / 2);
	EXPECT_EQ(pages_wrong(self->map, 0, 512, 1), 0);
}

TEST_F(readaround, is_off_with_blocks_of_0)
{
	size_t n;

	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	for (n = 0; n < 64; n++)
		EXPECT_EQ(touch(self->map, page_at(n, 1024)), 0);
	EXPECT_EQ(stat_get("readaround"), 0);
	EXPECT_EQ(stat_get("refaults"), 64);
}

TEST_F(readaround, has_a_largest_block)
{
	size_t n;
	long most = 0, nr;

	EXPECT_EQ(pool_set("readaround_pages", 65), -EINVAL);
	EXPECT_EQ(pool_write("readaround_pages", "-1"), -EINVAL);
	EXPECT_EQ(pool_write("readaround_pages", "many"), -EINVAL);
	ASSERT_EQ(pool_set("readaround_pages", 16), 0);
	for (n = 0; n < 1024; n++) {
		nr = touch(self->map, page_at(n, 1024));
		most = nr > most ? nr : most;
	}
	EXPECT_GT(most, BLOCK);
	EXPECT_LE(most, 15);
}

TEST_F(readaround, leaves_streams_to_readahead)
{
	size_t i;

	for (i = 0; i < 512; i++)
		touch(self->map, i);
	/* The first miss is none of a stream yet. */
	EXPECT_LE(stat_get("readaround"), BLOCK - 1);
	EXPECT_GT(stat_get("readahead"), 512 - 64);
}

TEST_F(readaround, stays_within_the_mapping)
{
	char *part;

	part = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, self->fd, 802 * PAGE);
	ASSERT_NE(part, MAP_FAILED);
	EXPECT_EQ(touch(part, 1), 2);
	EXPECT_EQ(stat_get("swap_ins"), 3);
	/* The rest of the block was not read. */
	EXPECT_EQ(touch(self->map, 806), 4);
	munmap(part, 3 * PAGE);
}

TEST_F(readaround, leaves_discarded_and_mlocked_pages_alone)
{
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 801, 2), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 805, 2), 0);
	ASSERT_EQ(pool_set("readahead_pages", 32), 0);
	/* Of the eight there are 803, 800, 804 and 807. */
	EXPECT_EQ(touch(self->map, 803), 3);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 2);
	EXPECT_EQ(pages_wrong(self->map, 801, 2, 1), 0);
	EXPECT_EQ(self->map[805 * PAGE], 0);
}

TEST_F(readaround, takes_no_frames_that_faults_may_need)
{
	/* A sixteenth is less than the smallest block. */
	ASSERT_EQ(pool_set("nr_frames", 64), 0);
	EXPECT_EQ(touch(self->map, 803), 0);
	/* As many as half of the low watermark. */
	ASSERT_EQ(pool_set("nr_frames", 1024), 0);
	ASSERT_EQ(pool_set("watermark_high", 1023), 0);
	ASSERT_EQ(pool_set("watermark_low", 1000), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, 600), 0);
	EXPECT_EQ(touch(self->map, 1203), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, 600), 0);
	ASSERT_EQ(pool_set("watermark_low", 0), 0);
	ASSERT_EQ(pool_set("watermark_high", 0), 0);
	EXPECT_EQ(touch(self->map, 1303), BLOCK - 1);
}

/* Pages far apart, each used once: each block is read in vain. */
TEST_F(readaround, is_turned_off_by_random_access_and_on_by_a_dense_phase)
{
	size_t nr = 512 * 1024, n, i;
	unsigned long ahead, missed;
	char *map;
	int fd;

	map = region_map(&fd, nr);
	ASSERT_NE(map, NULL);
	/* A block in each piece of 1,024 pages, and a dense piece. */
	for (n = 0; n < 400; n++)
		pages_fill(map, n * 1024 + 512, BLOCK, 1);
	pages_fill(map, 500 * 1024, 1024, 1);
	ASSERT_TRUE(evict_all(fd));
	for (n = 0; n < 100; n++)
		touch(map, n * 147 % 400 * 1024 + 515);
	ahead = stat_get("readaround");
	EXPECT_GT(ahead, 0);
	EXPECT_LE(ahead, 100 * (BLOCK - 1));
	for (n = 100; n < 400; n++)
		touch(map, n * 147 % 400 * 1024 + 515);
	/* Two probes, at most. */
	EXPECT_LE(stat_get("readaround") - ahead, 3 * (BLOCK - 1));

	ahead = stat_get("readaround");
	missed = stat_get("refaults");
	for (n = 0; n < 1024; n++)
		touch(map, 500 * 1024 + page_at(n, 1024));
	EXPECT_GT(stat_get("readaround"), ahead + 256);
	EXPECT_LT(stat_get("refaults") - missed, 768);
	for (i = 0, n = 0; n < 400; n++)
		i += pages_wrong(map, n * 1024 + 512, BLOCK, 1);
	EXPECT_EQ(i, 0);
	munmap(map, nr * PAGE);
	close(fd);
}

TEST_HARNESS_MAIN
