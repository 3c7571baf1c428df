// SPDX-License-Identifier: GPL-2.0
/* Fault-around: resident pages around a page that others use are mapped with it. */
#include "swaplab_test.h"

#define FRAMES	1024
#define PAGES	512

FIXTURE(around)
{
	char *map;
	char *other;
	int fd;
};

FIXTURE_SETUP(around)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	self->other = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
	ASSERT_NE(self->other, MAP_FAILED);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
}

FIXTURE_TEARDOWN(around)
{
	munmap(self->other, PAGES * PAGE);
	region_unmap(self->fd, self->map, PAGES);
	pool_restore();
}

TEST_F(around, a_second_mapping_takes_one_fault_for_sixteen_pages)
{
	EXPECT_EQ(pages_wrong(self->other, 0, PAGES, 1), 0);
	/* Pages that the daemon is evicting are left alone. */
	EXPECT_GE(stat_get("faults"), PAGES / 16);
	EXPECT_LT(stat_get("faults"), PAGES / 8);
	pages_fill(self->other, 0, PAGES, 2);
	EXPECT_LT(stat_get("faults"), PAGES / 8);
	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") <= 16));
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 2), 0);
}

/* Its own mapping: fork() copies page tables. */
static int map_and_compare(int fd)
{
	char *map = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	return map == MAP_FAILED || pages_wrong(map, 0, PAGES, 1) ||
	       stat_get("faults") < PAGES / 16 || stat_get("faults") >= PAGES / 8;
}

TEST_F(around, another_process_takes_one_fault_for_sixteen_pages)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(map_and_compare(self->fd));
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

/* A mapping that begins and ends in the middle of the window. */
TEST_F(around, nothing_is_mapped_outside_of_a_mapping)
{
	size_t i, first = 8, nr = 16;
	char *middle = self->other + first * PAGE;

	munmap(self->other, PAGES * PAGE);
	ASSERT_EQ(mmap(middle, nr * PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_FIXED, self->fd, first * PAGE), middle);
	for (i = 0; i < nr; i++)
		EXPECT_TRUE(page_holds(middle + i * PAGE, first + i, 1));
	EXPECT_EQ(stat_get("faults"), 2);
	munmap(middle, nr * PAGE);
	self->other = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(self->other, MAP_FAILED);
}

/* Pages that have to be read bring no others along, without a stream. */
TEST_F(around, nothing_is_read_for_it)
{
	size_t i;

	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	ASSERT_TRUE(SOON(fdinfo_get(self->fd, "resident") <= 16));
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	for (i = 0; i < PAGES; i += 16)
		EXPECT_TRUE(page_holds(self->map + i * PAGE, i, 1));
	for (i = 0; i < PAGES; i += 16)
		EXPECT_TRUE(page_holds(self->other + i * PAGE, i, 1));
	EXPECT_LE(stat_get("swap_ins"), PAGES / 16);
}

TEST_F(around, each_use_is_seen_where_it_has_to_be)
{
	ASSERT_EQ(pool_set("soft_sampling", 1), 0);
	EXPECT_EQ(pages_wrong(self->other, 0, PAGES, 1), 0);
	EXPECT_GE(stat_get("faults"), PAGES);
}

TEST_HARNESS_MAIN
