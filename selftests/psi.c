// SPDX-License-Identifier: GPL-2.0
/*
 * Pressure stall information: waits for evicted pages and for frames are stalls on memory,
 * and nothing else is; a stall ends with its wait, however that ends.
 *
 * Children run in a cgroup of their own, whose pressure no other task changes. The store is
 * a device that can be told to hold all transfers back. While it does, nothing may end
 * the test.
 */
#include "dm_disk.h"
#include "task.h"

#define FEW	16
#define NR	(8 * FEW)
#define CGROUP	"/sys/fs/cgroup/swaplab-psi"

FIXTURE(stall)
{
	char *map;
	int fd;
};

/* Microseconds in which some task of the cgroup had to wait; -1: the kernel has no PSI. */
static long stalled(void)
{
	char text[256], *total;

	/* "full" comes second. */
	if (file_read(CGROUP "/memory.pressure", text, sizeof(text)))
		return -1;
	total = strstr(text, "total=");
	return total ? strtol(total + strlen("total="), NULL, 10) : -1;
}

FIXTURE_SETUP(stall)
{
	const char *disk = dm_disk_prepare();

	rmdir(CGROUP);
	if (mkdir(CGROUP, 0755))
		SKIP_SETUP("no cgroup2");
	if (stalled() < 0) {
		rmdir(CGROUP);
		SKIP_SETUP("the kernel has no PSI for cgroups");
	}
	if (!disk || dm_disk_create(disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(stall)
{
	region_unmap(self->fd, self->map, NR);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
	EXPECT_TRUE(SOON(!rmdir(CGROUP)));
}

/*
 * A child in the cgroup that writes to pages, and then sleeps. It would also be blocked while
 * it moved to the cgroup itself, and is moved.
 */
static pid_t touch_pages(char *map, size_t first, size_t nr)
{
	char text[16], byte;
	int go[2];
	pid_t pid;

	if (pipe(go))
		return -1;
	pid = fork();
	if (!pid) {
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		pages_fill(map, first, nr, 1);
		for (;;)
			pause();
	}
	snprintf(text, sizeof(text), "%d", pid);
	if (file_write(CGROUP "/cgroup.procs", text) || write(go[1], "", 1) != 1)
		kill(pid, SIGKILL);
	close(go[0]);
	close(go[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Does no task of the cgroup wait, for PSI? */
static bool is_calm(void)
{
	long before = stalled();

	msleep(200);
	return stalled() == before;
}

TEST_F(stall, does_not_come_from_first_touches)
{
	unsigned long waits = stat_get("frame_waits");
	pid_t pid = touch_pages(self->map, 0, FEW / 2);

	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") >= FEW / 2));
	EXPECT_TRUE(SOON(is_asleep(pid)));
	EXPECT_EQ(stat_get("frame_waits"), waits);
	EXPECT_EQ(stalled(), 0);
	end(pid);
}

TEST_F(stall, lasts_as_long_as_the_read_of_an_evicted_page)
{
	pid_t pid;

	pages_fill(self->map, 0, NR, 1);
	settled_free_frames();
	EXPECT_EQ(dm_disk_stall(), 0);
	pid = touch_pages(self->map, 0, 1);
	EXPECT_TRUE(SOON(is_blocked(pid)));
	EXPECT_FALSE(is_calm());
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_TRUE(SOON(is_asleep(pid)));
	EXPECT_GT(stalled(), 0);
	EXPECT_TRUE(is_calm());
	end(pid);
}

TEST_F(stall, lasts_as_long_as_a_read_that_another_task_has_begun)
{
	pid_t reader, waiter;

	pages_fill(self->map, 0, NR, 1);
	settled_free_frames();
	EXPECT_EQ(dm_disk_stall(), 0);
	/* Not in the cgroup. */
	reader = fork();
	if (!reader)
		_exit(!page_holds(self->map, 0, 1));
	EXPECT_TRUE(SOON(is_blocked(reader)));
	waiter = touch_pages(self->map, 0, 1);
	EXPECT_TRUE(SOON(is_blocked(waiter)));
	EXPECT_FALSE(is_calm());
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(reader, NULL, 0), reader);
	EXPECT_TRUE(SOON(is_asleep(waiter)));
	EXPECT_TRUE(is_calm());
	end(waiter);
}

TEST_F(stall, lasts_as_long_as_a_wait_for_a_frame)
{
	pid_t pid;

	EXPECT_EQ(dm_disk_stall(), 0);
	pid = touch_pages(self->map, 0, 2 * FEW);
	EXPECT_TRUE(SOON(is_blocked(pid)));
	EXPECT_GT(stat_get("frame_waits"), 0);
	EXPECT_FALSE(is_calm());
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_TRUE(SOON(is_asleep(pid)));
	EXPECT_TRUE(is_calm());
	end(pid);
}

/* The kernel would take the task for one that waits, for as long as the cgroup exists. */
TEST_F(stall, ends_with_a_task_that_is_killed)
{
	pid_t pid;

	pages_fill(self->map, 0, NR, 1);
	settled_free_frames();
	EXPECT_EQ(dm_disk_stall(), 0);
	/* In a read. */
	pid = touch_pages(self->map, 0, 1);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_TRUE(is_calm());
	/* For a frame: all that come in have to be written first. */
	pid = touch_pages(self->map, NR / 2, NR / 2);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_TRUE(is_calm());
	EXPECT_EQ(dm_disk_resume(), 0);
}

TEST_HARNESS_MAIN
