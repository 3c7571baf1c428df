// SPDX-License-Identifier: GPL-2.0
/* Advice: madvise() and SWAPLAB_ADVISE, but for evictions, which pageout.c tests. */
#include "module_load.h"
#include "named.h"

#define PAGES	512
#define FEW	8
#define FEWER	4

static int advise(int fd, uint32_t advice, size_t first, size_t nr, uint64_t *pages)
{
	struct swaplab_advise request = {
		.offset = first * PAGE,
		.length = nr * PAGE,
		.advice = advice,
		.pages = -1,
	};
	int err = request_send(fd, SWAPLAB_ADVISE, &request);

	*pages = request.pages;
	return err;
}

/* All pages are in the store. */
FIXTURE(advice)
{
	char *map;
	int fd;
};

/* Pages written and evicted, and all frames free again. */
static bool swap_out(int fd)
{
	return !pool_set("reclaim", fdinfo_get(fd, "resident")) &&
	       SOON(fdinfo_get(fd, "resident") == 0) && !pool_set("stats/reset", 1);
}

FIXTURE_SETUP(advice)
{
	ASSERT_EQ(pool_prepare(2 * PAGES), 0);
	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	ASSERT_TRUE(swap_out(self->fd));
}

FIXTURE_TEARDOWN(advice)
{
	region_unmap(self->fd, self->map, PAGES);
	pool_restore();
}

TEST_F(advice, random_reads_nothing_ahead_or_around)
{
	ASSERT_EQ(pool_set("readaround_pages", 64), 0);
	ASSERT_EQ(madvise(self->map, PAGES * PAGE, MADV_RANDOM), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_EQ(stat_get("readahead") + stat_get("readaround"), 0);
	ASSERT_TRUE(swap_out(self->fd));
	ASSERT_EQ(madvise(self->map, PAGES * PAGE, MADV_NORMAL), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_GT(stat_get("readahead"), PAGES / 2);
}

TEST_F(advice, random_is_of_a_mapping)
{
	char *map = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(map, MAP_FAILED);
	ASSERT_EQ(madvise(self->map, PAGES / 2 * PAGE, MADV_RANDOM), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES / 2, 1), 0);
	EXPECT_EQ(stat_get("readahead"), 0);
	EXPECT_EQ(pages_wrong(self->map, PAGES / 2, PAGES / 2, 1), 0);
	EXPECT_GT(stat_get("readahead"), PAGES / 4);
	ASSERT_TRUE(swap_out(self->fd));
	EXPECT_EQ(pages_wrong(map, 0, PAGES / 2, 1), 0);
	EXPECT_GT(stat_get("readahead"), PAGES / 4);
	munmap(map, PAGES * PAGE);
}

TEST_F(advice, random_maps_no_page_that_was_read_ahead)
{
	char *map = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	unsigned long faults;

	ASSERT_NE(map, MAP_FAILED);
	ASSERT_EQ(madvise(map, PAGES * PAGE, MADV_RANDOM), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 2, 1), 0);
	EXPECT_TRUE(SOON(stat_get("swap_ins") == 2 + stat_get("readahead")));
	ASSERT_GT(stat_get("readahead"), 3);
	faults = fdinfo_get(self->fd, "faults");
	EXPECT_EQ(pages_wrong(map, 2, 3, 1), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "faults"), faults + 3);
	munmap(map, PAGES * PAGE);
}

TEST_F(advice, random_makes_no_page_before_its_touch)
{
	char *map;
	int fd;

	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(madvise(map, PAGES * PAGE, MADV_RANDOM), 0);
	pages_fill(map, 0, PAGES / 2, 1);
	EXPECT_EQ(stat_get("zero_ahead"), 0);
	ASSERT_EQ(madvise(map, PAGES * PAGE, MADV_NORMAL), 0);
	pages_fill(map, PAGES / 2, PAGES / 2, 1);
	EXPECT_GT(stat_get("zero_ahead"), 0);
	region_unmap(fd, map, PAGES);
}

TEST_F(advice, sequential_reads_ahead_at_the_first_page)
{
	EXPECT_EQ(pages_wrong(self->map, 10, 1, 1), 0);
	EXPECT_EQ(stat_get("readahead"), 0);
	ASSERT_EQ(madvise(self->map, PAGES * PAGE, MADV_SEQUENTIAL), 0);
	EXPECT_EQ(pages_wrong(self->map, 100, 1, 1), 0);
	EXPECT_EQ(stat_get("readahead"), pool_get("readahead_pages"));
	EXPECT_TRUE(SOON(pages_that_are(self->fd, 100, 1 + pool_get("readahead_pages"),
					SWAPLAB_PAGE_RESIDENT) ==
			 1 + pool_get("readahead_pages")));
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

static void expect_read(struct __test_metadata *_metadata, int fd, char *map)
{
	EXPECT_TRUE(SOON(fdinfo_get(fd, "resident") == FEW));
	EXPECT_EQ(pages_that_are(fd, 0, FEW, SWAPLAB_PAGE_RESIDENT), FEW);
	EXPECT_EQ(stat_get("readahead"), FEW);
	EXPECT_EQ(pages_wrong(map, 0, FEW, 1), 0);
	EXPECT_EQ(stat_get("refaults"), 0);
	EXPECT_EQ(stat_get("readahead_hits"), FEW);
}

TEST_F(advice, willneed_reads_pages_in)
{
	uint64_t pages;

	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, 0, FEW, &pages), 0);
	EXPECT_EQ(pages, FEW);
	expect_read(_metadata, self->fd, self->map);
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, 0, FEW, &pages), 0);
	EXPECT_EQ(pages, 0);
}

TEST_F(advice, willneed_reads_pages_in_by_madvise)
{
	ASSERT_EQ(madvise(self->map, FEW * PAGE, MADV_WILLNEED), 0);
	expect_read(_metadata, self->fd, self->map);
}

TEST_F(advice, willneed_reads_pages_in_by_posix_fadvise)
{
	ASSERT_EQ(posix_fadvise(self->fd, 0, FEW * PAGE, POSIX_FADV_WILLNEED), 0);
	expect_read(_metadata, self->fd, self->map);
	EXPECT_EQ(posix_fadvise(self->fd, -1, PAGE, POSIX_FADV_WILLNEED), EINVAL);
	EXPECT_EQ(posix_fadvise(self->fd, 0, -1, POSIX_FADV_WILLNEED), EINVAL);
	EXPECT_EQ(posix_fadvise(self->fd, 0, 0, POSIX_FADV_SEQUENTIAL), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), FEW);
	ASSERT_EQ(posix_fadvise(self->fd, 0, 0, POSIX_FADV_WILLNEED), 0);
	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") == PAGES));
}

TEST_F(advice, willneed_waits_for_frames_and_takes_no_more_than_can_be_locked)
{
	const size_t frames = 64, most = frames - frames / 4;
	char *other;
	uint64_t pages;
	int fd;

	ASSERT_EQ(pool_set("nr_frames", frames), 0);
	other = region_map(&fd, frames);
	ASSERT_NE(other, NULL);
	pages_fill(other, 0, frames, 2);
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, 0, PAGES, &pages), 0);
	EXPECT_EQ(pages, most);
	EXPECT_TRUE(SOON(stat_get("swap_ins") == most));
	EXPECT_LE(stat_get("resident"), frames);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_EQ(pages_wrong(other, 0, frames, 2), 0);
	region_unmap(fd, other, frames);
}

TEST_F(advice, willneed_makes_no_page)
{
	uint64_t pages;

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, PAGES / 2), 0);
	/* Far beyond all that there is. */
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, 0, 1UL << 40, &pages), 0);
	EXPECT_EQ(pages, PAGES / 2);
	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") == PAGES / 2));
	EXPECT_EQ(pages_that_are(self->fd, 0, 256, SWAPLAB_PAGE_RESIDENT), 0);
	EXPECT_EQ(stat_get("zero_fills"), 0);
}

/* Their accessed bits are set: a TLB that still has a translation would not set one again. */
static void use_few(char *map)
{
	mprotect(map, PAGES * PAGE, PROT_READ);
	mprotect(map, PAGES * PAGE, PROT_READ | PROT_WRITE);
	pages_fill(map, 0, FEW, 1);
}

/*
 * A page counts as used once it was used after its first sample. Another one comes in, or there
 * are no more samples after one that finds no page in use.
 */
static bool is_used(int fd, char *map)
{
	request_pages(fd, SWAPLAB_DISCARD, PAGES - 1, 1);
	use_few(map);
	pages_fill(map, PAGES - 1, 1, 1);
	return pages_that_are(fd, 0, FEW, SWAPLAB_PAGE_REFERENCED) == FEW;
}

static unsigned long nr_samples(void)
{
	return stat_get("samples");
}

/* Clock leaves flags alone as long as it looks for no victim. */
TEST_F(advice, cold_pages_count_as_unused)
{
	unsigned long samples;
	uint64_t pages;

	ASSERT_EQ(pool_write("policy", "clock"), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	EXPECT_TRUE(SOON(is_used(self->fd, self->map)));
	/* No sample for a while; an accessed bit that is set stays. */
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	msleep(50);
	use_few(self->map);
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_COLD, 0, FEW / 2, &pages), 0);
	EXPECT_EQ(pages, FEW / 2);
	EXPECT_EQ(pages_that_are(self->fd, 0, FEW / 2, SWAPLAB_PAGE_REFERENCED), 0);
	EXPECT_EQ(pages_that_are(self->fd, FEW / 2, FEW / 2, SWAPLAB_PAGE_REFERENCED),
		  FEW / 2);
	samples = nr_samples();
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	/* A page that comes in wakes the thread that samples. */
	EXPECT_TRUE(SOON((pages_wrong(self->map, FEW, 1, 1),
			  pool_write("policy", "none"), pool_write("policy", "clock"),
			  nr_samples() > samples)));
	EXPECT_EQ(pages_that_are(self->fd, 0, FEW / 2, SWAPLAB_PAGE_REFERENCED), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
}

TEST_F(advice, willneed_counts_as_a_use)
{
	uint64_t pages;

	ASSERT_EQ(pool_write("policy", "clock"), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	EXPECT_EQ(pages_that_are(self->fd, 0, FEW, SWAPLAB_PAGE_REFERENCED), 0);
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, 0, FEW, &pages), 0);
	EXPECT_EQ(pages, 0);
	EXPECT_EQ(pages_that_are(self->fd, 0, FEW, SWAPLAB_PAGE_REFERENCED), FEW);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
}

TEST_F(advice, cold_pages_go_first_if_the_policy_knows_how)
{
	int err = load_module("swaplab_observer.ko", "");
	uint64_t pages;

	if (err == -ENOENT)
		SKIP(return, "no swaplab_observer.ko beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	/* Pages that are read ahead come in when their reads end, in any order. */
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_COLD, FEWER, 1, &pages), 0);
	EXPECT_EQ(pages, 1);
	EXPECT_EQ(pool_get("policy_stats/cold"), 1);
	ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, 0, 1, &pages), 0);
	EXPECT_EQ(pool_get("policy_stats/will_need"), 1);
	/* The cold one, and then the oldest but for the first. */
	ASSERT_EQ(pool_set("reclaim", 2), 0);
	EXPECT_EQ(pages_that_are(self->fd, FEWER, 1, SWAPLAB_PAGE_SWAPPED), 1);
	EXPECT_EQ(pages_that_are(self->fd, 1, 1, SWAPLAB_PAGE_SWAPPED), 1);
	EXPECT_EQ(pages_that_are(self->fd, 0, FEW, SWAPLAB_PAGE_RESIDENT), FEW - 2);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	EXPECT_EQ(delete_module("swaplab_observer"), 0);
}

/* Those that take advice. */
static const char *const policies[] = {
	"aging", "clock", "generations", "lfu", "lru", "s3fifo", "second_chance",
};

TEST_F(advice, cold_pages_go_first_by_these_policies)
{
	uint64_t pages;
	size_t i;

	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	/* Or more pages come in while they are counted. */
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	for (i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		TH_LOG("%s", policies[i]);
		ASSERT_EQ(pool_write("policy", policies[i]), 0);
		pages_fill(self->map, 0, FEW, 1);
		ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_COLD, FEWER, 1, &pages), 0);
		EXPECT_EQ(pages, 1);
		ASSERT_EQ(pool_set("reclaim", 1), 0);
		EXPECT_EQ(pages_that_are(self->fd, FEWER, 1, SWAPLAB_PAGE_SWAPPED), 1);
		EXPECT_EQ(pages_that_are(self->fd, 0, FEW, SWAPLAB_PAGE_RESIDENT), FEW - 1);
		ASSERT_TRUE(swap_out(self->fd));
	}
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
}

/* Some of them do not look at the referenced flag of a victim. */
TEST_F(advice, pages_that_will_be_needed_do_not_go_first_by_these_policies)
{
	uint64_t pages;
	size_t i;

	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	for (i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		TH_LOG("%s", policies[i]);
		ASSERT_EQ(pool_write("policy", policies[i]), 0);
		pages_fill(self->map, 0, FEW, 1);
		/* The last of them is the next victim. */
		ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_COLD, 0, FEW, &pages), 0);
		ASSERT_EQ(advise(self->fd, SWAPLAB_ADVISE_WILLNEED, FEW - 1, 1, &pages), 0);
		ASSERT_EQ(pool_set("reclaim", 1), 0);
		EXPECT_EQ(pages_that_are(self->fd, FEW - 1, 1, SWAPLAB_PAGE_RESIDENT), 1);
		EXPECT_EQ(pages_that_are(self->fd, 0, FEW, SWAPLAB_PAGE_RESIDENT), FEW - 1);
		ASSERT_TRUE(swap_out(self->fd));
	}
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
}

TEST_F(advice, is_refused_if_it_means_nothing)
{
	struct swaplab_advise good = { .length = PAGE, .advice = SWAPLAB_ADVISE_COLD }, bad;
	uint64_t pages;

	EXPECT_EQ(advise(self->fd, 0, 0, 1, &pages), -EINVAL);
	EXPECT_EQ(pages, 0);
	EXPECT_EQ(advise(self->fd, SWAPLAB_ADVISE_PAGEOUT + 1, 0, 1, &pages), -EINVAL);
	EXPECT_EQ(advise(self->fd, SWAPLAB_ADVISE_COLD, 0, 0, &pages), -EINVAL);
	EXPECT_EQ(advise(self->fd, SWAPLAB_ADVISE_COLD, -1, 2, &pages), -EINVAL);
	bad = good;
	bad.flags = 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_ADVISE, &bad), -EINVAL);
	bad = good;
	bad.reserved = 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_ADVISE, &bad), -EINVAL);
	bad = good;
	bad.offset = 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_ADVISE, &bad), -EINVAL);
	bad = good;
	bad.length = PAGE + 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_ADVISE, &bad), -EINVAL);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_ADVISE, NULL), -EFAULT);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_ADVISE, &good), 0);
}

TEST_F(named, advice_against_pages_takes_the_right_to_write)
{
	uint64_t pages;
	int fd, reader;
	char *map;

	map = map_new("advice", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	reader = name_open("advice", O_RDONLY);
	ASSERT_GE(reader, 0);
	EXPECT_EQ(advise(reader, SWAPLAB_ADVISE_COLD, 0, FEW, &pages), -EBADF);
	EXPECT_EQ(advise(reader, SWAPLAB_ADVISE_PAGEOUT, 0, FEW, &pages), -EBADF);
	ASSERT_EQ(advise(reader, SWAPLAB_ADVISE_WILLNEED, 0, FEW, &pages), 0);
	EXPECT_EQ(pages, FEW);
	close(reader);
	region_unmap(fd, map, NR);
}

TEST_HARNESS_MAIN
