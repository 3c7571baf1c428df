// SPDX-License-Identifier: GPL-2.0
/*
 * The last mapping of a region with private pages goes while pages are being written. They
 * go, too, though the descriptor stays. The disk holds the writes back until it is told to
 * go on.
 */
#include <pthread.h>
#include "disk.h"
#include "dm_disk.h"
#include "private.h"

#define FRAMES	64
#define FEWER	16
#define NR	48	/* some have to be written when there are fewer frames */

FIXTURE(unmapped)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(unmapped)
{
	const char *lower = dm_disk_prepare();

	if (!lower || dm_disk_create(lower, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = private_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
	/* Writes begin, and do not end. */
	ASSERT_EQ(dm_disk_stall(), 0);
	ASSERT_EQ(pool_set("nr_frames", FEWER), 0);
	ASSERT_TRUE(SOON(stat_get("swap_outs") > 0));
}

FIXTURE_TEARDOWN(unmapped)
{
	dm_disk_resume();
	if (self->map != MAP_FAILED)
		munmap(self->map, NR * PAGE);
	close(self->fd);
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

static char *map_again(int fd)
{
	return mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static size_t nr_not_zero(const char *map)
{
	size_t page, nr = 0;

	for (page = 0; page < NR; page++)
		nr += !page_is_zero(map + page * PAGE);
	return nr;
}

static void *resume_later(void *unused)
{
	msleep(100);
	dm_disk_resume();
	return NULL;
}

TEST_F(unmapped, pages_that_are_being_written_go_with_the_mapping)
{
	pthread_t thread;

	ASSERT_EQ(pthread_create(&thread, NULL, resume_later, NULL), 0);
	munmap(self->map, NR * PAGE);
	pthread_join(thread, NULL);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	self->map = map_again(self->fd);
	ASSERT_NE(self->map, MAP_FAILED);
	EXPECT_EQ(nr_not_zero(self->map), 0);
}

TEST_F(unmapped, pages_that_stay_too_long_are_in_no_new_mapping)
{
	munmap(self->map, NR * PAGE);
	self->map = map_again(self->fd);
	EXPECT_EQ(self->map, MAP_FAILED);
	EXPECT_EQ(errno, EBUSY);
	dm_disk_resume();
	self->map = map_again(self->fd);
	ASSERT_NE(self->map, MAP_FAILED);
	EXPECT_EQ(nr_not_zero(self->map), 0);
}

TEST_HARNESS_MAIN
