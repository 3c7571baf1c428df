// SPDX-License-Identifier: GPL-2.0
/*
 * What a policy is told: samples/observer.c counts why pages come and go, and its statistics
 * are in policy_stats/.
 */
#include <pthread.h>
#include "dm_disk.h"
#include "module_load.h"
#include "private.h"
#include "requests.h"

#define MODULE	"swaplab_observer.ko"
#define FRAMES	64
#define NR	(2 * FRAMES)	/* pages of a region: some are always in the store */
#define FEW	8

FIXTURE(observer)
{
	int fd;
	char *map;
};

FIXTURE_SETUP(observer)
{
	int err = load_module(MODULE, "");

	if (err == -ENOENT)
		SKIP_SETUP("no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	self->map = private_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(observer)
{
	region_unmap(self->fd, self->map, NR);
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	EXPECT_EQ(stat_get("policy_errors"), 0);
	pool_write("policy", "aging");
	pool_restore();
	EXPECT_EQ(delete_module("swaplab_observer"), 0);
}

static unsigned long told(const char *name)
{
	char file[64];

	snprintf(file, sizeof(file), "policy_stats/%s", name);
	return pool_get(file);
}

TEST_F(observer, why_a_page_comes_in)
{
	pages_fill(self->map, 0, NR, 1);
	EXPECT_EQ(told("zero"), NR);
	EXPECT_EQ(told("read"), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(told("zero"), NR);
	EXPECT_GE(told("read"), NR - FRAMES);
	EXPECT_EQ(told("read_ahead"), 0);
	EXPECT_EQ(told("copy"), 0);
	EXPECT_EQ(told("putback") + told("zero") + told("read") - told("victims"),
		  told("pages"));
}

TEST_F(observer, that_a_page_was_read_ahead)
{
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_set("readahead_pages", 16), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_GT(told("read_ahead"), 0);
	/* When the last read has come to its end. */
	EXPECT_TRUE(SOON(told("read_ahead") == stat_get("readahead")));
}

TEST_F(observer, that_a_page_was_copied)
{
	pid_t pid;

	pages_fill(self->map, 0, FEW, 1);
	pid = fork();
	if (!pid) {
		pages_fill(self->map, 0, FEW, 2);
		_exit(pages_wrong(self->map, 0, FEW, 2) != 0);
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(told("zero"), FEW);
	EXPECT_EQ(told("copy"), FEW);
	EXPECT_TRUE(SOON(told("discard") == FEW));
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
}

TEST_F(observer, why_a_page_goes)
{
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, FEW / 2), 0);
	EXPECT_EQ(told("discard"), FEW / 2);
	EXPECT_EQ(told("victims"), 0);
	ASSERT_EQ(pool_set("reclaim", FEW / 2), 0);
	EXPECT_EQ(told("victims") - told("putback"), FEW / 2);
	/* Each of them has been written to. */
	EXPECT_EQ(told("dirty_victims"), told("victims"));
	EXPECT_EQ(told("pages"), 0);
}

TEST_F(observer, that_a_victim_is_clean)
{
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	EXPECT_EQ(told("bound"), FEW);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_GE(told("victims"), FEW);
	EXPECT_EQ(told("dirty_victims"), 0);
}

TEST_F(observer, of_mlock_and_munlock)
{
	char *map;
	int fd;

	map = region_map(&fd, FEW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FEW, 1);
	ASSERT_EQ(request_pages(fd, SWAPLAB_LOCK, 0, FEW), 0);
	EXPECT_EQ(told("mlock"), FEW);
	EXPECT_EQ(told("pages"), 0);
	ASSERT_EQ(request_pages(fd, SWAPLAB_UNLOCK, 0, FEW), 0);
	EXPECT_EQ(told("munlock"), FEW);
	EXPECT_EQ(told("pages"), FEW);
	region_unmap(fd, map, FEW);
}

TEST_F(observer, of_moves)
{
	struct swaplab_move request = { .length = FEW * PAGE };
	char *from, *to;
	int fd, from_fd;

	from = region_map(&from_fd, FEW);
	to = region_map(&fd, FEW);
	ASSERT_NE(from, NULL);
	ASSERT_NE(to, NULL);
	pages_fill(from, 0, FEW, 1);
	EXPECT_EQ(told("last_region"), fdinfo_get(from_fd, "id"));
	request.from_fd = from_fd;
	ASSERT_EQ(ioctl(fd, SWAPLAB_MOVE, &request), 0);
	EXPECT_EQ(told("moved_out"), FEW);
	EXPECT_EQ(told("moved_in"), FEW);
	EXPECT_EQ(told("discard"), 0);
	EXPECT_EQ(told("last_region"), fdinfo_get(fd, "id"));
	EXPECT_EQ(pages_wrong(to, 0, FEW, 1), 0);
	region_unmap(from_fd, from, FEW);
	region_unmap(fd, to, FEW);
}

TEST_F(observer, that_pages_in_the_store_do_not_come_back)
{
	pages_fill(self->map, 0, FRAMES, 1);
	ASSERT_EQ(pool_set("reclaim", FRAMES / 2), 0);
	EXPECT_EQ(told("forgotten"), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(told("forgotten"), told("victims") - told("putback"));
	EXPECT_EQ(told("forgotten") + told("discard"), FRAMES);
	EXPECT_GE(told("forgotten"), FRAMES / 2);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(told("forgotten") + told("discard"), FRAMES);
}

TEST_F(observer, that_the_region_of_pages_in_the_store_is_gone)
{
	char *map;
	int fd;

	map = region_map(&fd, FEW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	region_unmap(fd, map, FEW);
	EXPECT_TRUE(SOON(told("forgotten") == FEW));
}

TEST_F(observer, of_pages_in_the_store_when_the_last_process_has_left_them)
{
	pid_t pid;

	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	pid = fork();
	if (!pid)
		_exit(0);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(told("forgotten"), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, FEW), 0);
	EXPECT_EQ(told("forgotten"), FEW);
}

TEST_F(observer, of_pages_in_the_store_that_move)
{
	struct swaplab_move request = { .length = FEW * PAGE };
	char *from, *to;
	int fd, from_fd;

	from = region_map(&from_fd, FEW);
	to = region_map(&fd, FEW);
	ASSERT_NE(from, NULL);
	ASSERT_NE(to, NULL);
	pages_fill(from, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	request.from_fd = from_fd;
	ASSERT_EQ(ioctl(fd, SWAPLAB_MOVE, &request), 0);
	EXPECT_EQ(told("forgotten"), FEW);
	EXPECT_EQ(told("moved_out"), 0);
	EXPECT_EQ(pages_wrong(to, 0, FEW, 1), 0);
	region_unmap(from_fd, from, FEW);
	region_unmap(fd, to, FEW);
}

TEST_F(observer, which_pages_are_asked_for)
{
	ASSERT_EQ(pool_set("nr_frames", 4 * NR), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_set("reclaim", NR), 0);
	EXPECT_EQ(told("misses") + told("hits"), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(told("misses"), NR);
	EXPECT_EQ(told("hits"), 0);
	EXPECT_EQ(stat_get("refaults"), NR);
}

TEST_F(observer, that_pages_read_ahead_are_used)
{
	ASSERT_EQ(pool_set("nr_frames", 4 * NR), 0);
	ASSERT_EQ(pool_set("readahead_pages", 16), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_set("reclaim", NR), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR - 1, 1), 0);
	EXPECT_GT(stat_get("readahead"), NR / 2);
	EXPECT_EQ(told("misses"), stat_get("refaults"));
	EXPECT_GE(told("hits"), 1);
	EXPECT_GT(told("ahead_used"), 0);
	EXPECT_EQ(told("ahead_wasted"), 0);
}

TEST_F(observer, that_pages_read_ahead_are_wasted)
{
	ASSERT_EQ(pool_set("nr_frames", 4 * NR), 0);
	ASSERT_EQ(pool_set("readahead_pages", 16), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_set("reclaim", NR), 0);
	/* Two neighbours are a stream, and then it ends. */
	EXPECT_EQ(pages_wrong(self->map, 0, 2, 1), 0);
	EXPECT_GT(stat_get("readahead"), 0);
	EXPECT_TRUE(SOON(stat_get("swap_ins") == 2 + stat_get("readahead")));
	ASSERT_EQ(pool_set("reclaim", 2 + stat_get("readahead")), 0);
	EXPECT_EQ(told("ahead_wasted"), 0);
	/* Told with the next page that is asked for. */
	EXPECT_EQ(pages_wrong(self->map, NR / 2, 1, 1), 0);
	EXPECT_EQ(told("ahead_wasted"), stat_get("readahead"));
	EXPECT_EQ(told("ahead_used"), 0);
}

TEST_F(observer, ghosts_go_with_their_pages)
{
	ASSERT_EQ(pool_write("policy", "s3fifo"), 0);
	pages_fill(self->map, 0, NR, 1);
	EXPECT_GT(told("lost"), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(told("lost"), 0);
}

TEST_F(observer, statistics_are_read_only_and_go_with_the_policy)
{
	char text[64];

	EXPECT_EQ(pool_write("policy_stats/zero", "1"), -EACCES);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_EQ(pool_text("policy_stats/zero", text, sizeof(text)), -ENOENT);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	EXPECT_EQ(told("zero"), 0);
}

/* samples/next.c, which reads 8 pages ahead where a page comes behind the last one. */
TEST(a_policy_says_what_is_read_ahead)
{
	int fd, err = load_module("swaplab_next.ko", "");
	char *map;

	if (err == -ENOENT)
		SKIP(return, "no swaplab_next.ko beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_prepare(4 * NR), 0);
	ASSERT_EQ(pool_write("policy", "next"), 0);
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	ASSERT_EQ(pool_set("reclaim", NR), 0);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	/* The core would have read around the first and ahead of the third. */
	EXPECT_EQ(pages_wrong(map, 40, 1, 1), 0);
	EXPECT_EQ(pages_wrong(map, 50, 1, 1), 0);
	EXPECT_EQ(pages_wrong(map, 49, 1, 1), 0);
	EXPECT_EQ(stat_get("readahead") + stat_get("readaround"), 0);
	EXPECT_EQ(pages_wrong(map, 100, 2, 1), 0);
	EXPECT_EQ(stat_get("readahead"), 8);
	EXPECT_TRUE(SOON(pages_that_are(fd, 102, 8, SWAPLAB_PAGE_RESIDENT) == 8));
	/* A use of each brings one more, if it is told of each. */
	EXPECT_EQ(pages_wrong(map, 102, 8, 1), 0);
	EXPECT_EQ(stat_get("readahead"), 16);
	EXPECT_EQ(stat_get("refaults"), 5);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	region_unmap(fd, map, NR);
	EXPECT_EQ(pool_write("policy", "aging"), 0);
	pool_restore();
	EXPECT_EQ(delete_module("swaplab_next"), 0);
}

/* A store that can be stalled. */
FIXTURE(cost)
{
	int fd;
	char *map;
};

FIXTURE_SETUP(cost)
{
	int err = load_module(MODULE, "");
	const char *disk;

	if (err == -ENOENT)
		SKIP_SETUP("no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	disk = dm_disk_prepare();
	if (!disk || dm_disk_create(disk, "linear", "")) {
		delete_module("swaplab_observer");
		SKIP_SETUP("null_blk or device mapper make no disk");
	}
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_set("readaround_pages", 0), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(cost)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
	EXPECT_EQ(delete_module("swaplab_observer"), 0);
}

static void *touch_page(void *page)
{
	return (void *)(unsigned long)*(volatile char *)page;
}

TEST_F(cost, of_a_read_is_as_measured)
{
	const unsigned int ms = 50;
	pthread_t reader;

	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_EQ(told("victims") - told("putback"), FEW);
	EXPECT_EQ(told("read_cost"), 0);
	ASSERT_EQ(dm_disk_stall(), 0);
	ASSERT_EQ(pthread_create(&reader, NULL, touch_page, self->map), 0);
	EXPECT_TRUE(SOON(pages_that_are(self->fd, 0, 1, SWAPLAB_PAGE_TRANSIT) == 1));
	msleep(ms);
	ASSERT_EQ(dm_disk_resume(), 0);
	ASSERT_EQ(pthread_join(reader, NULL), 0);
	ASSERT_EQ(pool_set("reclaim", 1), 0);
	EXPECT_GE(told("read_cost"), ms * 1000000UL);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
}

TEST_F(cost, is_another_one_for_another_store)
{
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_GT(told("read_cost"), 0);
	region_unmap(self->fd, self->map, NR);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_EQ(told("read_cost"), 0);
}

TEST_HARNESS_MAIN
