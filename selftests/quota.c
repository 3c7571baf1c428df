// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_QUOTA: how many frames a region should have at least, and at most. */
#include <sys/mman.h>
#include <sys/stat.h>
#include "fault_threads.h"
#include "private.h"
#include "quota.h"
#include "user.h"

#define FRAMES		256
#define HOT		96	/* pages: more than a quarter of the frames */
#define LOOP		320	/* more than all frames */
#define LOOPS		3
#define ROUNDS		5
#define MAX		64

FIXTURE(quota)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(quota)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare("lru", FRAMES), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	self->map = region_map(&self->fd, LOOP);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(quota)
{
	EXPECT_EQ(stat_get("policy_errors"), 0);
	region_unmap(self->fd, self->map, LOOP);
	chmod(DEVICE, 0600);
	pool_write("policy", "aging");
	pool_restore();
}

static int has_bounds(int fd, unsigned long min, unsigned long max)
{
	return fdinfo_get(fd, "quota_min") == min && fdinfo_get(fd, "quota_max") == max;
}

TEST_F(quota, that_is_none_is_refused)
{
	static const struct swaplab_quota bad[] = {
		{ .max = 1 },
		{ .max = SWAPLAB_QUOTA_LEAST_MAX - 1 },
		{ .min = 33, .max = 32 },
		{ .min = -1, .max = 32 },
		{ .min = 8, .flags = 1 },
		{ .min = 8, .flags = 1U << 31 },
		{ .min = 8, .reserved = 1 },
	};
	struct swaplab_quota request;
	int fd;
	size_t i;

	EXPECT_TRUE(has_bounds(self->fd, 0, 0));
	ASSERT_EQ(quota_set(self->fd, 20, 40), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		request = bad[i];
		EXPECT_EQ(request_send(self->fd, SWAPLAB_QUOTA, &request), -EINVAL) {
			TH_LOG("number %zu", i);
		}
	}
	EXPECT_EQ(request_send(self->fd, SWAPLAB_QUOTA, NULL), -EFAULT);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_QUOTA, (void *)-8UL), -EFAULT);
	EXPECT_TRUE(has_bounds(self->fd, 20, 40));
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(quota_set(fd, 0, 0), -EBADF);
	close(fd);
	EXPECT_EQ(quota_set(self->fd, 40, 40), 0);
	EXPECT_EQ(quota_set(self->fd, 0, SWAPLAB_QUOTA_LEAST_MAX), 0);
	EXPECT_EQ(quota_set(self->fd, 0, -1), 0);
	EXPECT_TRUE(has_bounds(self->fd, 0, -1));
}

TEST_F(quota, mins_of_all_regions_are_limited)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(quota_set(fd, FRAMES / 2 + 1, 0), -ENOSPC);
	EXPECT_EQ(quota_set(fd, -1, 0), -ENOSPC);
	EXPECT_EQ(quota_set(fd, FRAMES / 2, 0), 0);
	EXPECT_EQ(quota_set(self->fd, 1, 32), -ENOSPC);
	EXPECT_TRUE(has_bounds(self->fd, 0, 0));
	ASSERT_EQ(pool_set("max_reserved_percent", 75), 0);
	EXPECT_EQ(quota_set(self->fd, FRAMES / 4, 0), 0);
	EXPECT_EQ(quota_set(self->fd, FRAMES / 4 + 1, 0), -ENOSPC);
	EXPECT_TRUE(has_bounds(self->fd, FRAMES / 4, 0));
	/* A lower limit takes nothing away, and lets a min become smaller. */
	ASSERT_EQ(pool_set("max_reserved_percent", 0), 0);
	EXPECT_TRUE(has_bounds(fd, FRAMES / 2, 0));
	EXPECT_EQ(quota_set(fd, FRAMES / 2 + 1, 0), -ENOSPC);
	EXPECT_EQ(quota_set(fd, FRAMES / 2, 200), 0);
	EXPECT_EQ(quota_set(fd, FRAMES / 4, 0), 0);
	EXPECT_EQ(quota_set(fd, 0, 0), 0);
	EXPECT_EQ(quota_set(fd, 1, 0), -ENOSPC);
	close(fd);
}

TEST_F(quota, is_gone_with_its_region)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(quota_set(fd, FRAMES / 2, FRAMES / 2), 0);
	EXPECT_EQ(quota_set(self->fd, FRAMES / 2, 0), -ENOSPC);
	close(fd);
	EXPECT_TRUE(SOON(quota_set(self->fd, FRAMES / 2, 0) == 0));
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(has_bounds(fd, 0, 0));
	close(fd);
}

static void reserve_too_much(void *data)
{
	int fd, fds[2];

	for (fd = 0; fd < 2; fd++) {
		fds[fd] = open(DEVICE, O_RDWR | O_CLOEXEC);
		MUST(fds[fd] >= 0);
	}
	MUST(quota_set(fds[0], FRAMES, 0) == -ENOSPC);
	MUST(quota_set(fds[0], FRAMES / 4, MAX) == 0);
	MUST(quota_set(fds[1], FRAMES / 4 + 1, 0) == -ENOSPC);
	MUST(quota_set(fds[1], FRAMES / 4, 0) == 0);
	MUST(pool_set("max_reserved_percent", 90) == -EACCES);
}

/* The descriptor's opener counts, whichever process uses it. */
static void reserve_as_user(void *data)
{
	int *roots = data, fds[2], i;

	for (i = 0; i < 2; i++) {
		fds[i] = open(DEVICE, O_RDWR | O_CLOEXEC);
		MUST(fds[i] >= 0);
	}
	MUST(quota_set(fds[0], FRAMES / 8, 0) == 0);
	MUST(quota_set(fds[1], FRAMES / 8 + 1, 0) == -ENOSPC);
	MUST(quota_set(fds[1], FRAMES / 8, 0) == 0);
	MUST(quota_set(fds[0], FRAMES / 8 + 1, 0) == -ENOSPC);
	MUST(quota_set(*roots, FRAMES / 4 + 1, 0) == 0);
}

static void reserve_a_frame(void *data)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	MUST(fd >= 0);
	MUST(quota_set(fd, 1, 0) == -ENOSPC);
	MUST(quota_set(fd, 0, 32) == 0);
}

TEST_F(quota, a_user_does_not_take_what_others_may_reserve)
{
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
	ASSERT_EQ(pool_set("max_reserved_percent", 90), 0);
	ASSERT_EQ(pool_set("max_user_reserved_percent", 25), 0);
	EXPECT_EQ(as_user(ALICE, reserve_as_user, &self->fd), 0);
	/* What ALICE has reserved goes with its regions. */
	EXPECT_TRUE(SOON(as_user(ALICE, reserve_as_user, &self->fd) == 0));
	EXPECT_EQ(as_user(BOB, reserve_as_user, &self->fd), 0);
	ASSERT_EQ(pool_set("max_user_reserved_percent", 0), 0);
	EXPECT_EQ(as_user(ALICE, reserve_a_frame, NULL), 0);
}

TEST_F(quota, a_user_sets_it_within_limits)
{
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
	EXPECT_EQ(as_user(ALICE, reserve_too_much, NULL), 0);
	EXPECT_EQ(pool_get("max_reserved_percent"), 50);
	/* Root keeps to the setting, too. */
	EXPECT_TRUE(SOON(quota_set(self->fd, FRAMES / 2, 0) == 0));
	EXPECT_EQ(quota_set(self->fd, FRAMES / 2 + 1, 0), -ENOSPC);
}

TEST_F(quota, bounds_change_the_quotas_of_all)
{
	char *maps[2];
	int fds[2], i;

	pages_fill(self->map, 0, 8, 1);
	for (i = 0; i < 2; i++) {
		maps[i] = region_map(&fds[i], 8);
		ASSERT_NE(maps[i], NULL);
		pages_fill(maps[i], 0, 8, 1);
	}
	EXPECT_EQ(fdinfo_get(fds[0], "quota"), FRAMES / 3);
	ASSERT_EQ(quota_set(self->fd, 120, 0), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), 120);
	EXPECT_EQ(fdinfo_get(fds[0], "quota"), (FRAMES - 120) / 2);
	ASSERT_EQ(quota_set(fds[0], 0, 32), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), 120);
	EXPECT_EQ(fdinfo_get(fds[0], "quota"), 32);
	EXPECT_EQ(fdinfo_get(fds[1], "quota"), FRAMES - 120 - 32);
	ASSERT_EQ(quota_set(fds[1], 0, 32), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), FRAMES - 2 * 32);
	/* All are at their max: nobody's are the rest. */
	ASSERT_EQ(quota_set(self->fd, 0, 40), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), 40);
	EXPECT_EQ(fdinfo_get(fds[0], "quota"), 32);
	EXPECT_EQ(fdinfo_get(fds[1], "quota"), 32);
	for (i = 0; i < 2; i++)
		region_unmap(fds[i], maps[i], 8);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), 40);
	ASSERT_EQ(quota_set(self->fd, 0, 0), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), FRAMES);
}

TEST_F(quota, mins_shrink_with_the_frames)
{
	char *map;
	int fd;

	map = region_map(&fd, LOOP);
	ASSERT_NE(map, NULL);
	pages_fill(self->map, 0, 64, 1);
	pages_fill(map, 0, 64, 1);
	ASSERT_EQ(quota_set(self->fd, 96, 0), 0);
	ASSERT_EQ(quota_set(fd, 32, 0), 0);
	ASSERT_EQ(pool_set("nr_frames", 64), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), 48);
	EXPECT_EQ(fdinfo_get(fd, "quota"), 16);
	EXPECT_TRUE(has_bounds(self->fd, 96, 0));
	EXPECT_EQ(pages_wrong(self->map, 0, 64, 1) + pages_wrong(map, 0, 64, 1), 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), FRAMES / 2);
	region_unmap(fd, map, LOOP);
}

/*
 * A program uses a small set again and again, and three others go round more pages than
 * there are frames. Returns how often the first one had to read a page.
 */
static unsigned long hot_misses(int hot_fd, char *hot)
{
	char *loops[LOOPS];
	int fds[LOOPS], i, round;
	unsigned long misses;

	for (i = 0; i < LOOPS; i++) {
		loops[i] = region_map(&fds[i], LOOP);
		if (!loops[i])
			return -1UL;
	}
	pages_fill(hot, 0, HOT, 1);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < LOOPS; i++)
			pages_fill(loops[i], 0, LOOP, round);
		pages_touch(hot, HOT);
	}
	misses = fdinfo_get(hot_fd, "refaults");
	for (i = 0; i < LOOPS; i++) {
		if (pages_wrong(loops[i], 0, LOOP, ROUNDS - 1))
			misses = -1UL;
		region_unmap(fds[i], loops[i], LOOP);
	}
	return pages_wrong(hot, 0, HOT, 1) ? -1UL : misses;
}

TEST_F(quota, a_min_holds_a_set_that_equal_parts_do_not)
{
	unsigned long before = hot_misses(self->fd, self->map);

	EXPECT_GE(before, ROUNDS * HOT / 2);
	EXPECT_LE(before, ROUNDS * HOT);
	ASSERT_EQ(quota_set(self->fd, HOT, 0), 0);
	pages_touch(self->map, HOT);
	before = fdinfo_get(self->fd, "refaults");
	EXPECT_EQ(hot_misses(self->fd, self->map), before);
}

/* It is lent frames while they are free. */
TEST_F(quota, a_max_is_what_a_region_has_when_others_need_frames)
{
	char *map;
	int fd;

	ASSERT_EQ(quota_set(self->fd, 0, MAX), 0);
	pages_fill(self->map, 0, 200, 1);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), 200);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), MAX);
	map = region_map(&fd, 180);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 180, 1);
	settled_free_frames();
	EXPECT_LE(fdinfo_get(self->fd, "resident"), FRAMES - 180);
	EXPECT_GE(fdinfo_get(self->fd, "resident"), MAX);
	EXPECT_EQ(pages_wrong(map, 0, 180, 1), 0);
	EXPECT_EQ(fdinfo_get(fd, "refaults"), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 200, 1), 0);
	region_unmap(fd, map, 180);
}

TEST_F(quota, is_kept_for_later_while_allocation_is_global)
{
	ASSERT_EQ(pool_write("allocation", "global"), 0);
	ASSERT_EQ(quota_set(self->fd, 16, MAX), 0);
	pages_fill(self->map, 0, 8, 1);
	EXPECT_TRUE(has_bounds(self->fd, 16, MAX));
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "quota"), MAX);
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
}

TEST_F(quota, is_the_regions_whichever_process_sets_it)
{
	pid_t pid = fork();

	if (!pid)
		_exit(quota_set(self->fd, 10, 32) ? 1 : 0);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_TRUE(has_bounds(self->fd, 10, 32));
}

/* A child's own pages have no bounds, and those of the parent go with its region. */
TEST_F(quota, is_not_inherited_by_private_pages)
{
	struct turns turns;
	char *map;
	pid_t pid;
	int fd;

	ASSERT_EQ(turns_begin(&turns), 0);
	map = private_map(&fd, 100);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(quota_set(fd, FRAMES / 2, FRAMES / 2), 0);
	pages_fill(map, 0, 100, 1);
	pid = fork();
	if (!pid) {
		close(fd);
		turn_over(turns.to_parent);
		turn_await(turns.to_child);
		pages_fill(map, 0, 50, 2);
		_exit(pages_wrong(map, 0, 50, 2) || pages_wrong(map, 50, 50, 1));
	}
	turn_await(turns.to_parent);
	EXPECT_EQ(quota_set(self->fd, 1, 0), -ENOSPC);
	EXPECT_EQ(pages_wrong(map, 0, 100, 1), 0);
	region_unmap(fd, map, 100);
	turn_over(turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_TRUE(SOON(quota_set(self->fd, FRAMES / 2, 0) == 0));
	turns_end(&turns);
}

TEST_F(quota, changes_under_load)
{
	struct fault_threads loads[2];
	int i, j;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(fault_threads_start(&loads[i], LOOP), 0);
	for (i = 0; i < 100; i++) {
		for (j = 0; j < 2; j++)
			EXPECT_EQ(quota_set(loads[j].fd, i * 7 % (FRAMES / 8),
					    i % 3 ? FRAMES / 4 + i : 0), 0);
		if (i % 10 == 0)
			EXPECT_EQ(pool_write("allocation", i % 20 ? "equal" : "global"), 0);
		if (i % 16 == 0)
			EXPECT_EQ(pool_set("nr_frames", FRAMES / (1 + i / 16 % 2)), 0);
		pages_fill(self->map, 0, 16, i);
		EXPECT_EQ(pages_wrong(self->map, 0, 16, i), 0);
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(fault_threads_stop(&loads[i]), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_HARNESS_MAIN
