// SPDX-License-Identifier: GPL-2.0
/*
 * Frames divided by the page fault frequency: regions that read pages back too often get more
 * frames, from those that do not need them.
 */
#include "fault_threads.h"
#include "private.h"
#include "quota.h"

#define FRAMES		256
#define LARGE		160	/* pages: more than half of the frames */
#define COLD		120	/* about half of them, used once */
#define HOT		64
#define LOOP		320	/* more than all frames */
#define ROUNDS		40

FIXTURE(pff)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(pff)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare("lru", FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	/* On a slow machine a program that misses all the time reads few pages in a second. */
	ASSERT_EQ(pool_set("pff_low", 1), 0);
	ASSERT_EQ(pool_set("pff_high", 5), 0);
	ASSERT_EQ(pool_write("allocation", "pff"), 0);
	self->map = region_map(&self->fd, LOOP);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(pff)
{
	EXPECT_EQ(stat_get("policy_errors"), 0);
	region_unmap(self->fd, self->map, LOOP);
	pool_write("policy", "aging");
	pool_restore();
}

/* Uses pages once; returns how many had to be read. */
static unsigned long round_misses(int fd, const char *map, size_t nr)
{
	unsigned long before = fdinfo_get(fd, "refaults");

	pages_touch(map, nr);
	return fdinfo_get(fd, "refaults") - before;
}

/* Until no page is missing any more. */
static bool comes_to_fit(int fd, const char *map, size_t nr)
{
	int tries;

	for (tries = 0; tries < 1000; tries++)
		if (!round_misses(fd, map, nr))
			return true;
	return false;
}

static char *cold_map(int *fd)
{
	char *map = region_map(fd, COLD);

	if (map)
		pages_fill(map, 0, COLD, 1);
	return map;
}

TEST_F(pff, a_region_grows_until_it_misses_no_more)
{
	char *cold;
	int fd;

	cold = cold_map(&fd);
	ASSERT_NE(cold, NULL);
	pages_fill(self->map, 0, LARGE, 1);
	EXPECT_TRUE(comes_to_fit(self->fd, self->map, LARGE));
	TH_LOG("quotas %lu and %lu", fdinfo_get(self->fd, "quota"), fdinfo_get(fd, "quota"));
	EXPECT_GE(fdinfo_get(self->fd, "quota"), LARGE - 16);
	EXPECT_LT(fdinfo_get(fd, "quota"), FRAMES / 2);
	EXPECT_LE(fdinfo_get(self->fd, "quota") + fdinfo_get(fd, "quota"), FRAMES);
	/* It stays so, when the daemon has done what was left to do. */
	settled_free_frames();
	EXPECT_TRUE(comes_to_fit(self->fd, self->map, LARGE));
	EXPECT_EQ(round_misses(self->fd, self->map, LARGE), 0);
	EXPECT_EQ(pages_wrong(cold, 0, COLD, 1) + pages_wrong(self->map, 0, LARGE, 1), 0);
	region_unmap(fd, cold, COLD);
}

/* What the test above is about. */
TEST_F(pff, equal_parts_stay_too_small)
{
	char *cold;
	int fd, i;

	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	cold = cold_map(&fd);
	ASSERT_NE(cold, NULL);
	pages_fill(self->map, 0, LARGE, 1);
	for (i = 0; i < ROUNDS; i++)
		EXPECT_GE(round_misses(self->fd, self->map, LARGE), LARGE / 2);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), FRAMES / 2);
	EXPECT_EQ(stat_get("thrashing"), 0);
	region_unmap(fd, cold, COLD);
}

TEST_F(pff, targets_keep_to_bounds)
{
	char *cold;
	int fd, i;

	cold = cold_map(&fd);
	ASSERT_NE(cold, NULL);
	ASSERT_EQ(quota_set(fd, 108, 0), 0);
	pages_fill(self->map, 0, LARGE, 1);
	for (i = 0; i < ROUNDS; i++)
		pages_touch(self->map, LARGE);
	EXPECT_GE(fdinfo_get(fd, "quota"), 108);
	EXPECT_LE(fdinfo_get(self->fd, "quota"), FRAMES - 108);
	ASSERT_EQ(quota_set(fd, 0, 0), 0);
	ASSERT_EQ(quota_set(self->fd, 0, 140), 0);
	for (i = 0; i < ROUNDS; i++)
		pages_touch(self->map, LARGE);
	EXPECT_LE(fdinfo_get(self->fd, "quota"), 140);
	ASSERT_EQ(quota_set(self->fd, 0, 0), 0);
	EXPECT_TRUE(comes_to_fit(self->fd, self->map, LARGE));
	region_unmap(fd, cold, COLD);
}

/* Intervals are longer than any of the two is idle: then it would seem to need less. */
TEST_F(pff, a_loop_does_not_ruin_a_small_set)
{
	struct fault_threads loop;
	unsigned long misses = 0;
	int i;

	ASSERT_EQ(pool_set("scan_interval_ms", 200 * timeout_factor()), 0);
	pages_fill(self->map, 0, HOT, 1);
	ASSERT_EQ(fault_threads_start(&loop, LOOP), 0);
	for (i = 0; i < ROUNDS; i++) {
		misses += round_misses(self->fd, self->map, HOT);
		msleep(50);
	}
	TH_LOG("%lu misses in %d rounds over %d pages", misses, ROUNDS, HOT);
	EXPECT_LE(misses, ROUNDS * HOT / 2);
	EXPECT_EQ(pages_wrong(self->map, 0, HOT, 1), 0);
	EXPECT_EQ(fault_threads_stop(&loop), 0);
}

TEST_F(pff, thrashing_is_counted)
{
	struct fault_threads loops[2];
	int i;

	ASSERT_EQ(pool_set("scan_interval_ms", 200), 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(fault_threads_start(&loops[i], LOOP), 0);
	for (i = 0; i < 2; i++)
		EXPECT_TRUE(SOON(fdinfo_get(loops[i].fd, "refaults")));
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	EXPECT_TRUE(SOON(stat_get("thrashing") >= 3));
	/* Neither of them gets ahead of the other for long. */
	EXPECT_TRUE(SOON(fdinfo_get(loops[0].fd, "quota") >= FRAMES / 4 &&
			 fdinfo_get(loops[1].fd, "quota") >= FRAMES / 4));
	/* This is not too often. */
	ASSERT_EQ(pool_set("pff_high", 1000000), 0);
	msleep(500);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	msleep(500);
	EXPECT_EQ(stat_get("thrashing"), 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(fault_threads_stop(&loops[i]), 0);
}

TEST_F(pff, changes_under_load)
{
	static const char * const modes[] = { "pff", "equal", "pff", "global", "pff" };
	struct fault_threads loads[2];
	int i;

	ASSERT_EQ(pool_set("scan_interval_ms", 1), 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(fault_threads_start(&loads[i], LOOP), 0);
	for (i = 0; i < 40; i++) {
		if (i % 4 == 0)
			EXPECT_EQ(pool_write("allocation", modes[i / 4 % 5]), 0);
		EXPECT_EQ(pool_set("nr_frames", FRAMES / (1 + i % 3)), 0);
		EXPECT_TRUE(private_child_keeps_pages(i));
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(fault_threads_stop(&loads[i]), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_HARNESS_MAIN
