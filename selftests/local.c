// SPDX-License-Identifier: GPL-2.0
/*
 * Frames divided among regions, by "allocation": each region has an instance of the policy,
 * and loses pages to others only while it has more than its quota.
 */
#include <sys/uio.h>
#include "fault_threads.h"
#include "module_load.h"
#include "private.h"
#include "quota.h"

#define FRAMES		256
#define HOT		64	/* pages: fewer than half of the frames */
#define LOOP		320	/* more than all frames */
#define ROUNDS		5
#define INSTANCES	16	/* regions that can have one of their own */

static bool is_mode(const char *list)
{
	char text[64];

	return !pool_text("allocation", text, sizeof(text)) && !strcmp(text, list);
}

/*
 * A program with a small set that it uses again and again, and another one that goes round
 * more pages than there are frames. Returns how often the first one had to read a page.
 */
static unsigned long hot_misses(void)
{
	char *hot, *loop;
	int hot_fd, loop_fd, round;
	unsigned long misses;

	hot = region_map(&hot_fd, HOT);
	loop = region_map(&loop_fd, LOOP);
	if (!hot || !loop)
		return -1UL;
	pages_fill(hot, 0, HOT, 1);
	for (round = 0; round < ROUNDS; round++) {
		pages_fill(loop, 0, LOOP, round);
		pages_touch(hot, HOT);
	}
	misses = fdinfo_get(hot_fd, "refaults");
	if (pages_wrong(hot, 0, HOT, 1) || pages_wrong(loop, 0, LOOP, ROUNDS - 1))
		misses = -1UL;
	region_unmap(hot_fd, hot, HOT);
	region_unmap(loop_fd, loop, LOOP);
	return misses;
}

FIXTURE(local)
{
};

FIXTURE_VARIANT(local)
{
	const char *policy;
};

#define POLICY(variant_name, policy_name)				\
	FIXTURE_VARIANT_ADD(local, variant_name)			\
	{								\
		.policy = policy_name,					\
	}

POLICY(adaptive, "adaptive");
POLICY(aging, "aging");
POLICY(arc, "arc");
POLICY(car, "car");
POLICY(clock, "clock");
POLICY(clockpro, "clockpro");
POLICY(fifo, "fifo");
POLICY(generations, "generations");
POLICY(lecar, "lecar");
POLICY(lfu, "lfu");
POLICY(lirs, "lirs");
POLICY(lru, "lru");
POLICY(lru2, "lru2");
POLICY(mru, "mru");
POLICY(none, "none");
POLICY(nru, "nru");
POLICY(random, "random");
POLICY(s3fifo, "s3fifo");
POLICY(second_chance, "second_chance");
POLICY(sieve, "sieve");
POLICY(two_queue, "2q");
POLICY(wsclock, "wsclock");

FIXTURE_SETUP(local)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare(variant->policy, FRAMES), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
}

FIXTURE_TEARDOWN(local)
{
	pool_write("policy", "aging");
	pool_restore();
}

TEST_F(local, a_loop_takes_no_page_of_a_region_below_its_quota)
{
	EXPECT_EQ(hot_misses(), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
}

FIXTURE(allocation)
{
};

FIXTURE_SETUP(allocation)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare("lru", FRAMES), 0);
}

FIXTURE_TEARDOWN(allocation)
{
	EXPECT_EQ(stat_get("policy_errors"), 0);
	pool_write("policy", "aging");
	pool_restore();
}

TEST_F(allocation, is_global_unless_it_is_told)
{
	static const char * const wrong[] = {
		"\n", "local", "0", "[equal]", "equal global", "pff_low", "working_set",
	};
	size_t i;

	EXPECT_TRUE(is_mode("[global] equal pff working-set"));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(pool_write("allocation", wrong[i]), -EINVAL);
	EXPECT_TRUE(is_mode("[global] equal pff working-set"));
	EXPECT_EQ(pool_write("allocation", "equal\n"), 0);
	EXPECT_TRUE(is_mode("global [equal] pff working-set"));
	EXPECT_EQ(pool_write("allocation", "equal"), 0);
	EXPECT_EQ(pool_write("allocation", "global"), 0);
	EXPECT_TRUE(is_mode("[global] equal pff working-set"));
}

/* The other side of the test above: what local replacement is for. */
TEST_F(allocation, a_loop_ruins_other_regions_if_it_is_global)
{
	unsigned long misses = hot_misses();

	TH_LOG("%lu misses in %d rounds over %d pages", misses, ROUNDS, HOT);
	EXPECT_GE(misses, ROUNDS * HOT * 3 / 4);
	EXPECT_LE(misses, ROUNDS * HOT);
}

TEST_F(allocation, regions_that_want_more_get_equal_parts)
{
	char *maps[2];
	int fds[2], i;

	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	for (i = 0; i < 2; i++) {
		maps[i] = region_map(&fds[i], LOOP);
		ASSERT_NE(maps[i], NULL);
		pages_fill(maps[i], 0, LOOP, 1);
	}
	settled_free_frames();
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(fdinfo_get(fds[i], "quota"), FRAMES / 2);
		EXPECT_GE(fdinfo_get(fds[i], "resident"), FRAMES / 2 - 32);
		EXPECT_LE(fdinfo_get(fds[i], "resident"), FRAMES / 2 + 32);
	}
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(pages_wrong(maps[i], 0, LOOP, 1), 0);
		region_unmap(fds[i], maps[i], LOOP);
	}
}

TEST_F(allocation, frames_that_no_other_region_uses_are_lent)
{
	char *map, *small;
	int fd, small_fd;

	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	small = region_map(&small_fd, 8);
	ASSERT_NE(small, NULL);
	pages_fill(small, 0, 8, 1);
	map = region_map(&fd, FRAMES - 16);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FRAMES - 16, 1);
	settled_free_frames();
	EXPECT_EQ(fdinfo_get(fd, "quota"), FRAMES / 2);
	EXPECT_EQ(fdinfo_get(fd, "resident"), FRAMES - 16);
	EXPECT_EQ(stat_get("evictions"), 0);
	/* They are given back. */
	region_unmap(small_fd, small, 8);
	small = region_map(&small_fd, FRAMES / 2);
	ASSERT_NE(small, NULL);
	pages_fill(small, 0, FRAMES / 2, 1);
	EXPECT_GE(fdinfo_get(small_fd, "resident"), FRAMES / 2 - 16);
	EXPECT_EQ(fdinfo_get(small_fd, "refaults"), 0);
	EXPECT_EQ(pages_wrong(map, 0, FRAMES - 16, 1), 0);
	region_unmap(small_fd, small, FRAMES / 2);
	region_unmap(fd, map, FRAMES - 16);
}

TEST_F(allocation, a_change_leaves_pages_where_they_are)
{
	char *maps[3];
	int fds[3], i, round;

	for (i = 0; i < 3; i++) {
		maps[i] = region_map(&fds[i], 60);
		ASSERT_NE(maps[i], NULL);
		pages_fill(maps[i], 0, 60, i);
	}
	for (round = 0; round < 4; round++) {
		ASSERT_EQ(pool_write("allocation", round % 2 ? "global" : "equal"), 0);
		EXPECT_EQ(stat_get("resident"), 180);
		for (i = 0; i < 3; i++) {
			EXPECT_EQ(fdinfo_get(fds[i], "quota"), round % 2 ? 0 : FRAMES / 3);
			EXPECT_EQ(pages_wrong(maps[i], 0, 60, i), 0);
		}
	}
	EXPECT_EQ(stat_get("evictions"), 0);
	/* The instances know them: all can go. */
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	EXPECT_EQ(pool_set("reclaim", 180), 0);
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(pages_wrong(maps[i], 0, 60, i), 0);
		region_unmap(fds[i], maps[i], 60);
	}
}

TEST_F(allocation, changes_under_load)
{
	static const char * const policies[] = { "arc", "none", "lirs", "aging", "s3fifo" };
	struct fault_threads loads[2];
	char *map;
	int i, fd, err = 0;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(fault_threads_start(&loads[i], LOOP), 0);
	for (i = 0; i < 60 && !err; i++) {
		err = pool_write("allocation", i % 2 ? "global" : "equal");
		if (!err && i % 3 == 0)
			err = pool_write("policy", policies[i / 3 % ARRAY_SIZE(policies)]);
		if (!err)
			err = pool_set("nr_frames", FRAMES / (1 + i % 3));
		map = region_map(&fd, 16);
		ASSERT_NE(map, NULL);
		pages_fill(map, 0, 16, i);
		EXPECT_EQ(pages_wrong(map, 0, 16, i), 0);
		region_unmap(fd, map, 16);
	}
	EXPECT_EQ(err, 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(fault_threads_stop(&loads[i]), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_F(allocation, parameters_outlive_a_change)
{
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	ASSERT_EQ(pool_set("policy_params/width", 12), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	EXPECT_EQ(pool_get("policy_params/width"), 12);
	ASSERT_EQ(pool_set("policy_params/width", 5), 0);
	ASSERT_EQ(pool_write("allocation", "global"), 0);
	EXPECT_EQ(pool_get("policy_params/width"), 5);
}

TEST_F(allocation, more_regions_than_instances_share_one)
{
	char *maps[INSTANCES + 4];
	int fds[INSTANCES + 4], i, fd;

	/* Pages that regions shared count for none of them any more. */
	EXPECT_TRUE(private_child_keeps_pages(1));
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	for (i = 0; i < INSTANCES + 4; i++) {
		maps[i] = region_map(&fds[i], 32);
		ASSERT_NE(maps[i], NULL);
		pages_fill(maps[i], 0, 8, i);
	}
	/* All have frames. The four others have four parts of twenty. */
	for (i = 0; i < INSTANCES + 4; i++)
		EXPECT_EQ(fdinfo_get(fds[i], "quota"),
			  i < INSTANCES ? FRAMES / (INSTANCES + 4) : 0);
	/* More than there are frames. */
	for (i = 0; i < INSTANCES + 4; i++)
		pages_fill(maps[i], 8, 24, i);
	/* An instance is free again when its region is gone. */
	region_unmap(fds[3], maps[3], 32);
	maps[3] = region_map(&fds[3], 32);
	ASSERT_NE(maps[3], NULL);
	pages_fill(maps[3], 0, 32, 3);
	/* Regions without a frame have no part. */
	EXPECT_GE(fdinfo_get(fds[3], "quota"), FRAMES / (INSTANCES + 4));
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(fdinfo_get(fd, "quota"), 0);
	close(fd);
	for (i = 0; i < INSTANCES + 4; i++) {
		EXPECT_EQ(pages_wrong(maps[i], 0, 32, i), 0);
		region_unmap(fds[i], maps[i], 32);
	}
}

/* Locked pages are no policy's, and count all the same. */
TEST_F(allocation, locked_pages_count_for_their_region)
{
	char *maps[2];
	int fds[2], i;

	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	for (i = 0; i < 2; i++) {
		maps[i] = region_map(&fds[i], LOOP);
		ASSERT_NE(maps[i], NULL);
	}
	pages_fill(maps[0], 0, LOOP, 1);
	ASSERT_EQ(request_pages(fds[0], SWAPLAB_LOCK, 0, FRAMES / 2 - 16), 0);
	pages_fill(maps[1], 0, LOOP, 1);
	pages_touch(maps[0], LOOP);
	pages_touch(maps[1], LOOP);
	settled_free_frames();
	EXPECT_LE(fdinfo_get(fds[0], "resident"), FRAMES / 2 + 32);
	EXPECT_GE(fdinfo_get(fds[1], "resident"), FRAMES / 2 - 32);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(pages_wrong(maps[i], 0, LOOP, 1), 0);
		region_unmap(fds[i], maps[i], LOOP);
	}
}

/* A region is above its quota, and none of its pages can go: those of another one do. */
TEST_F(allocation, pinned_pages_do_not_stop_eviction)
{
	struct iovec iov;
	char *maps[2];
	int fds[2], i, pipes[2];

	ASSERT_EQ(pool_set("nr_frames", 64), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	for (i = 0; i < 2; i++) {
		maps[i] = region_map(&fds[i], 128);
		ASSERT_NE(maps[i], NULL);
	}
	pages_fill(maps[0], 0, 48, 1);
	iov = (struct iovec){ maps[0], 48 * PAGE };
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_GE(fcntl(pipes[1], F_SETPIPE_SZ, 64 * PAGE), 0);
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), 48 * PAGE);
	pages_fill(maps[1], 0, 128, 1);
	EXPECT_EQ(pages_wrong(maps[1], 0, 128, 1), 0);
	EXPECT_EQ(fdinfo_get(fds[0], "resident"), 48);
	EXPECT_GE(fdinfo_get(fds[1], "refaults"), 128 - 16);
	close(pipes[0]);
	close(pipes[1]);
	EXPECT_EQ(pages_wrong(maps[0], 0, 48, 1), 0);
	for (i = 0; i < 2; i++)
		region_unmap(fds[i], maps[i], 128);
}

TEST_F(allocation, statistics_are_sums)
{
	char *maps[2];
	int fds[2], i, err;

	err = load_module("swaplab_observer.ko", "");
	if (err == -ENOENT)
		SKIP(return, "no swaplab_observer.ko beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	for (i = 0; i < 2; i++) {
		maps[i] = region_map(&fds[i], 50);
		ASSERT_NE(maps[i], NULL);
		pages_fill(maps[i], 0, 50, 1);
	}
	EXPECT_EQ(pool_get("policy_stats/zero"), 100);
	EXPECT_EQ(pool_get("policy_stats/pages"), 100);
	/* One instance gets all that two had. */
	ASSERT_EQ(pool_write("allocation", "global"), 0);
	EXPECT_EQ(pool_get("policy_stats/zero"), 0);
	EXPECT_EQ(pool_get("policy_stats/bound"), 100);
	EXPECT_EQ(pool_get("policy_stats/pages"), 100);
	for (i = 0; i < 2; i++)
		region_unmap(fds[i], maps[i], 50);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	EXPECT_EQ(delete_module("swaplab_observer"), 0);
}

/* The pages of a region that is gone are its child's, and the instance is another's. */
TEST_F(allocation, pages_of_a_child_outlive_the_instance_of_its_parent)
{
	struct turns turns;
	char *map, *next;
	int fd, next_fd, i;
	pid_t pid;

	ASSERT_EQ(turns_begin(&turns), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	map = private_map(&fd, 100);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 100, 1);
	pid = fork();
	if (!pid) {
		turn_over(turns.to_parent);
		turn_await(turns.to_child);
		i = pages_wrong(map, 0, 100, 1);
		pages_fill(map, 0, 50, 2);
		i += pages_wrong(map, 0, 50, 2) + pages_wrong(map, 50, 50, 1);
		_exit(!!i);
	}
	turn_await(turns.to_parent);
	region_unmap(fd, map, 100);
	for (i = 0; i < INSTANCES; i++) {
		next = region_map(&next_fd, LOOP);
		ASSERT_NE(next, NULL);
		pages_fill(next, 0, LOOP, i);
		EXPECT_EQ(pages_wrong(next, 0, LOOP, i), 0);
		EXPECT_NE(fdinfo_get(next_fd, "quota"), 0);
		region_unmap(next_fd, next, LOOP);
	}
	turn_over(turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	turns_end(&turns);
}

TEST_F(allocation, a_page_that_moves_counts_for_its_new_region)
{
	struct swaplab_move move = { .length = 60 * PAGE };
	char *maps[2];
	int fds[2], i;

	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	for (i = 0; i < 2; i++) {
		maps[i] = region_map(&fds[i], 128);
		ASSERT_NE(maps[i], NULL);
	}
	pages_fill(maps[0], 0, 60, 1);
	move.from_fd = fds[0];
	ASSERT_EQ(ioctl(fds[1], SWAPLAB_MOVE, &move), 0);
	EXPECT_EQ(fdinfo_get(fds[0], "resident"), 0);
	EXPECT_EQ(fdinfo_get(fds[1], "resident"), 60);
	/* The first one has no page, so the other one has all frames for its quota. */
	EXPECT_EQ(fdinfo_get(fds[0], "quota"), 0);
	EXPECT_EQ(fdinfo_get(fds[1], "quota"), FRAMES);
	EXPECT_EQ(pages_wrong(maps[1], 0, 60, 1), 0);
	EXPECT_EQ(pool_set("reclaim", 60), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	EXPECT_EQ(pages_wrong(maps[1], 0, 60, 1), 0);
	for (i = 0; i < 2; i++)
		region_unmap(fds[i], maps[i], 128);
}

/* Two devices: one of them goes while it has instances, and the other one does not care. */
TEST_F(allocation, goes_with_its_device)
{
	char text[16], path[64];
	int fd, i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(file_read(CLASS "../swaplab-control/hot_add", text, sizeof(text)), 0);
		snprintf(path, sizeof(path), CLASS "swaplab%s/allocation", text);
		ASSERT_EQ(file_write(path, "equal"), 0);
		snprintf(path, sizeof(path), "/dev/swaplab%s", text);
		fd = open(path, O_RDWR | O_CLOEXEC);
		EXPECT_GE(fd, 0);
		close(fd);
		EXPECT_EQ(file_write(CLASS "../swaplab-control/hot_remove", text), 0);
	}
	EXPECT_TRUE(is_mode("[global] equal pff working-set"));
}

TEST_HARNESS_MAIN
