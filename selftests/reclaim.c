// SPDX-License-Identifier: GPL-2.0
/* The file reclaim: so many pages are evicted now, or the writer is told that they are not. */
#include <sys/uio.h>
#include "dm_disk.h"
#include "fault_threads.h"
#include "task.h"

#define FRAMES	256
#define NR	128	/* pages: fewer than the watermarks would have evicted */
#define MANY	32768	/* the kernel keeps thousands of free pages for each CPU */

FIXTURE(reclaim)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(reclaim)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(stat_get("resident"), NR);
}

FIXTURE_TEARDOWN(reclaim)
{
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

TEST_F(reclaim, evicts_as_many_pages_as_it_is_told)
{
	EXPECT_EQ(pool_write("reclaim", "50\n"), 0);
	EXPECT_EQ(stat_get("evictions"), 50);
	EXPECT_EQ(stat_get("resident"), NR - 50);
	EXPECT_EQ(stat_get("swapped"), 50);
	EXPECT_EQ(pool_write("reclaim", "0x10"), 0);
	EXPECT_EQ(stat_get("resident"), NR - 66);
	/* And no more later. */
	settled_free_frames();
	EXPECT_EQ(stat_get("evictions"), 66);
}

TEST_F(reclaim, of_none_evicts_none)
{
	EXPECT_EQ(pool_write("reclaim", "0"), 0);
	settled_free_frames();
	EXPECT_EQ(stat_get("evictions"), 0);
}

TEST_F(reclaim, of_more_than_there_are_evicts_all_and_fails)
{
	EXPECT_EQ(pool_set("reclaim", NR + 1), -EAGAIN);
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(stat_get("evictions"), NR);
	EXPECT_EQ(pool_set("reclaim", -1UL), -EAGAIN);
	/* Nothing of it is left. */
	pages_fill(self->map, 0, NR, 1);
	settled_free_frames();
	EXPECT_EQ(stat_get("resident"), NR);
	EXPECT_EQ(pool_set("reclaim", NR), 0);
	EXPECT_EQ(stat_get("resident"), 0);
}

TEST_F(reclaim, refuses_what_is_no_number)
{
	static const char * const wrong[] = {
		"\n", "-1", "many", "1 2", "4k", "1e3", "0x",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(pool_write("reclaim", wrong[i]), -EINVAL);
	EXPECT_EQ(pool_write("reclaim", "18446744073709551616"), -ERANGE);
	settled_free_frames();
	EXPECT_EQ(stat_get("evictions"), 0);
}

TEST_F(reclaim, spares_locked_pages)
{
	struct swaplab_range range = { .length = NR / 2 * PAGE };

	ASSERT_EQ(ioctl(self->fd, SWAPLAB_LOCK, &range), 0);
	EXPECT_EQ(pool_set("reclaim", NR), -EAGAIN);
	EXPECT_EQ(stat_get("resident"), NR / 2);
}

/* There is hope that the pins end, and so the request ends by the number of its passes. */
TEST_F(reclaim, does_not_wait_for_pinned_pages)
{
	struct iovec iov = { self->map, 16 * PAGE };
	int pipes[2];

	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), 16 * PAGE);
	EXPECT_EQ(pool_set("reclaim", NR), -EAGAIN);
	EXPECT_EQ(stat_get("resident"), 16);
	close(pipes[0]);
	close(pipes[1]);
	EXPECT_EQ(pool_set("reclaim", 16), 0);
	EXPECT_EQ(stat_get("resident"), 0);
}

TEST_F(reclaim, serves_each_of_several_writers)
{
	pid_t pids[4];
	int i, status;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(!!pool_set("reclaim", 20 + i));
	}
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
	EXPECT_GE(stat_get("evictions"), 20 + 21 + 22 + 23);
}

TEST_F(reclaim, evicts_pages_in_use)
{
	struct fault_threads load;
	int i;

	ASSERT_EQ(fault_threads_start(&load, NR / 2), 0);
	for (i = 0; i < 20; i++) {
		EXPECT_TRUE(SOON(stat_get("resident") >= NR / 4));
		EXPECT_EQ(pool_set("reclaim", NR / 8), 0);
	}
	EXPECT_GE(stat_get("evictions"), 20 * NR / 8);
	EXPECT_EQ(fault_threads_stop(&load), 0);
}

static unsigned long free_kib(void)
{
	char text[4096], *line;

	if (file_read("/proc/meminfo", text, sizeof(text)))
		return 0;
	line = strstr(text, "MemFree:");
	return line ? strtoul(line + strlen("MemFree:"), NULL, 10) : 0;
}

/* Pages that were never written to need no memory of the disk in memory. */
TEST_F(reclaim, gives_the_memory_back_to_the_machine)
{
	unsigned long before;
	char *map;
	size_t i;
	int fd;

	ASSERT_EQ(pool_set("nr_frames", 2 * MANY), 0);
	map = region_map(&fd, MANY);
	ASSERT_NE(map, NULL);
	for (i = 0; i < MANY; i++)
		(void)*(volatile char *)(map + i * PAGE);
	before = free_kib();
	EXPECT_EQ(pool_set("reclaim", MANY), 0);
	EXPECT_GE(free_kib(), before + MANY * PAGE / 1024 / 2);
	EXPECT_TRUE(page_is_zero(map));
	region_unmap(fd, map, MANY);
}

TEST(reclaim_without_a_swap_file_fails)
{
	char *map;
	int fd;

	pool_restore();
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	EXPECT_EQ(pool_set("reclaim", 1), -EAGAIN);
	EXPECT_EQ(stat_get("resident"), NR);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	region_unmap(fd, map, NR);
}

TEST(reclaim_can_be_killed)
{
	const char *disk = dm_disk_prepare();
	char *map;
	pid_t pid;
	int fd;

	if (!disk || dm_disk_create(disk, "linear", ""))
		SKIP(return, "null_blk or device mapper make no disk");
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	EXPECT_EQ(dm_disk_stall(), 0);
	pid = fork();
	if (!pid)
		_exit(!!pool_set("reclaim", NR / 2));
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(dm_disk_resume(), 0);
	/* Not even the lock of requests is left. */
	settled_free_frames();
	EXPECT_EQ(pool_set("reclaim", stat_get("resident")), 0);
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	region_unmap(fd, map, NR);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

TEST_HARNESS_MAIN
