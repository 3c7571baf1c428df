// SPDX-License-Identifier: GPL-2.0
/*
 * A disk that goes and comes back, or is late. A task that touches a page on it meanwhile
 * gets SIGBUS, or waits and can be killed. Afterwards every page is there.
 */
#include "disk.h"
#include "dm_disk.h"
#include "retry_threads.h"
#include "task.h"

#define FRAMES	32
#define PAGES	128
#define CROWD	4

FIXTURE(outage)
{
	const char *disk;
	char *map;
	int fd;
};

FIXTURE_SETUP(outage)
{
	self->disk = dm_disk_prepare();
	if (!self->disk || dm_disk_create(self->disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	settled_free_frames();
	pool_set("stats/reset", 1);
	catch_sigbus();
}

FIXTURE_TEARDOWN(outage)
{
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

static int switch_off(void)
{
	return dm_disk_change("error");
}

static int switch_on(const char *disk)
{
	char target[64];

	snprintf(target, sizeof(target), "linear %s 0", disk);
	return dm_disk_change(target);
}

/* A child that fills a region of its own, which takes all frames. */
static pid_t fill_in_a_child(void)
{
	pid_t pid = fork();
	char *map;
	int fd;

	if (pid)
		return pid;
	signal(SIGBUS, SIG_DFL);
	map = region_map(&fd, 2 * FRAMES);
	if (!map)
		_exit(1);
	pages_fill(map, 0, 2 * FRAMES, 3);
	_exit(pages_wrong(map, 0, 2 * FRAMES, 3) != 0);
}

TEST_F(outage, gives_sigbus_for_what_only_the_disk_has)
{
	int page, nr = 0;

	ASSERT_EQ(switch_off(), 0);
	for (page = 0; page < PAGES; page++)
		nr += try_read(self->map, page, 1) == SIGBUS;
	EXPECT_GE(nr, PAGES - FRAMES);
	EXPECT_LT(nr, PAGES);
	EXPECT_GE(stat_get("io_errors"), nr);
	ASSERT_EQ(switch_on(self->disk), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(outage, stops_tasks_that_need_a_frame_until_its_end)
{
	int status = -1;
	pid_t pid;

	/* All frames hold pages that must be written first. */
	pages_fill(self->map, 0, PAGES, 2);
	ASSERT_EQ(switch_off(), 0);
	pid = fill_in_a_child();
	EXPECT_TRUE(SOON(is_blocked(pid)));
	msleep(500);
	EXPECT_FALSE(has_ended(pid));
	ASSERT_EQ(switch_on(self->disk), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 2), 0);
	/* All slots failed, and none of them is bad. */
	EXPECT_EQ(stat_get("bad_slots"), 0);
}

TEST_F(outage, lets_waiting_tasks_be_killed)
{
	pid_t pid;

	pages_fill(self->map, 0, PAGES, 2);
	ASSERT_EQ(switch_off(), 0);
	pid = fill_in_a_child();
	EXPECT_TRUE(dies_by_sigkill(pid));
	ASSERT_EQ(switch_on(self->disk), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 2), 0);
}

TEST_F(outage, lets_a_region_be_closed_and_the_swap_file_go)
{
	pages_fill(self->map, 0, PAGES, 2);
	ASSERT_EQ(switch_off(), 0);
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(stat_get("swapped"), 0);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);

	/* The next region has a disk again. */
	ASSERT_EQ(switch_on(self->disk), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(outage, that_comes_again_and_again_loses_nothing)
{
	struct retry_thread crowd[CROWD];
	unsigned long failed, wrong;
	int i;

	ASSERT_EQ(retry_threads_start(crowd, CROWD, self->map, PAGES), 0);
	for (i = 0; i < 12; i++) {
		msleep(150);
		EXPECT_EQ(switch_off(), 0);
		msleep(150);
		EXPECT_EQ(switch_on(self->disk), 0);
	}
	retry_threads_stop(crowd, CROWD, &failed, &wrong);
	EXPECT_GT(failed, 0);
	EXPECT_GT(stat_get("io_errors"), 0);
	EXPECT_EQ(wrong, 0);
}

TEST(a_disk_that_is_gone_for_good_takes_along_what_only_it_had)
{
	const char *disk;
	int page, fd, nr = 0;
	char *map;

	pool_restore();
	disk = disk_create("size=1");
	if (!disk)
		SKIP(return, "null_blk makes no disk");
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", disk), 0);
	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, PAGES, 1);
	settled_free_frames();
	catch_sigbus();

	ASSERT_EQ(disk_set("power", "0"), 0);
	for (page = 0; page < PAGES; page++)
		nr += try_read(map, page, 1) == SIGBUS;
	EXPECT_GE(nr, PAGES - FRAMES);
	EXPECT_LT(nr, PAGES);
	region_unmap(fd, map, PAGES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	disk_destroy();

	/* With another one the pool works as before. */
	ASSERT_EQ(pool_write("swap_file", store_path()), 0);
	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, PAGES, 2);
	EXPECT_EQ(pages_wrong(map, 0, PAGES, 2), 0);
	region_unmap(fd, map, PAGES);
	pool_restore();
}

TEST_HARNESS_MAIN
