// SPDX-License-Identifier: GPL-2.0
/*
 * Limits of a user whose processes fork with private pages: what a child has counts, like a
 * region that the user has opened.
 */
#include "private.h"
#include "sigbus.h"
#include "user.h"

#define FRAMES	64
#define MAX	128	/* pages a user may have */
#define NR	48

FIXTURE(limited)
{
};

FIXTURE_SETUP(limited)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("max_user_pages", MAX), 0);
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
}

FIXTURE_TEARDOWN(limited)
{
	chmod(DEVICE, 0600);
	EXPECT_TRUE(SOON(pool_get("stats/resident") + pool_get("stats/swapped") == 0));
	pool_restore();
}

/* A child that has all pages, or gets SIGBUS, and then waits. */
struct keeper {
	struct turns turns;
	pid_t pid;
};

static bool has_all(char *map, unsigned int version)
{
	size_t page;

	catch_sigbus();
	for (page = 0; page < NR; page++)
		if (try_read(map, page, version))
			return false;
	return true;
}

static bool has_none(char *map, unsigned int version)
{
	size_t page;

	catch_sigbus();
	for (page = 0; page < NR; page++)
		if (try_read(map, page, version) != SIGBUS)
			return false;
	return true;
}

/* Without the descriptor, with which the region of the parent would stay and count. */
static int keeper_main(struct keeper *keeper, int fd, char *map, unsigned int version,
		       bool (*sees)(char *map, unsigned int version))
{
	close(fd);
	/* It ends with its parent, too. */
	close(keeper->turns.to_child[1]);
	turn_over(keeper->turns.to_parent);
	turn_await(keeper->turns.to_child);
	return !sees(map, version);
}

static void keeper_start(struct keeper *keeper, int fd, char *map, unsigned int version,
			 bool (*sees)(char *map, unsigned int version))
{
	MUST(!turns_begin(&keeper->turns));
	keeper->pid = fork();
	MUST(keeper->pid >= 0);
	if (!keeper->pid)
		_exit(keeper_main(keeper, fd, map, version, sees));
	turn_await(keeper->turns.to_parent);
}

static void keeper_end(struct keeper *keeper)
{
	turn_over(keeper->turns.to_child);
	MUST(!child_result(keeper->pid));
	turns_end(&keeper->turns);
}

static unsigned long nr_pages(void)
{
	return pool_get("stats/resident") + pool_get("stats/swapped");
}

/* Two copies fit, beside each other; a third one does not. */
static void keep_copies(void *unused)
{
	struct keeper first, second, third;
	char *map;
	int fd;

	map = private_map(&fd, NR);
	MUST(map);
	pages_fill(map, 0, NR, 1);
	keeper_start(&first, fd, map, 1, has_all);
	pages_fill(map, 0, NR, 2);
	keeper_start(&second, fd, map, 2, has_none);
	pages_fill(map, 0, NR, 3);
	MUST(nr_pages() <= MAX);
	keeper_end(&second);
	keeper_end(&first);
	keeper_start(&third, fd, map, 3, has_all);
	pages_fill(map, 0, NR, 4);
	MUST(!pages_wrong(map, 0, NR, 4));
	keeper_end(&third);
}

TEST_F(limited, what_children_keep_counts_for_their_user)
{
	EXPECT_EQ(as_user(ALICE, keep_copies, NULL), 0);
}

/* Leaves its pages to a child, and has as many in another region; twice that is too much. */
static void hand_on(void *unused)
{
	struct keeper keepers[2];
	char *map;
	int fd, i;

	for (i = 0; i < 2; i++) {
		map = private_map(&fd, NR);
		MUST(map);
		pages_fill(map, 0, NR, 1);
		keeper_start(&keepers[i], fd, map, 1, i ? has_none : has_all);
		region_unmap(fd, map, NR);
	}
	MUST(nr_pages() <= MAX);
	for (i = 0; i < 2; i++)
		keeper_end(&keepers[i]);
}

TEST_F(limited, pages_that_a_process_leaves_to_a_child_count_on)
{
	EXPECT_EQ(as_user(ALICE, hand_on, NULL), 0);
}

/* A page that exists may be written to, in the process that made it and in a child. */
static int write_all(char *map, unsigned int version)
{
	size_t page, wrong = 0;

	catch_sigbus();
	for (page = 0; page < NR; page++)
		wrong += !try_fill(map, page, version);
	return wrong;
}

TEST_F(limited, shared_pages_beyond_a_new_limit_can_be_written_to)
{
	char *map;
	pid_t pid;
	int fd;

	map = private_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	ASSERT_EQ(pool_set("max_region_pages", NR / 2), 0);
	pid = fork();
	if (!pid)
		_exit(write_all(map, 2) || pages_wrong(map, 0, NR, 2));
	EXPECT_EQ(write_all(map, 3), 0);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(pages_wrong(map, 0, NR, 3), 0);
	region_unmap(fd, map, NR);
}

TEST_HARNESS_MAIN
