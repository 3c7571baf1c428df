// SPDX-License-Identifier: GPL-2.0
/*
 * Discards on the device of slots that are free again.
 *
 * The disk is memory behind a loop device: a discarded slot is a hole there.
 */
#include <sys/stat.h>
#include "fault_threads.h"
#include "loop.h"

FIXTURE(discard)
{
	char device[64];
	int fd, disk;
};

#define SLOTS	1024
#define FRAMES	32

FIXTURE_SETUP(discard)
{
	pool_restore();
	self->disk = loop_create(SLOTS * PAGE, false, self->device);
	ASSERT_GE(self->disk, 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", self->device), 0);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
}

FIXTURE_TEARDOWN(discard)
{
	pool_restore();
}

/* Pages that the disk has room for now. */
static long disk_pages(int disk)
{
	struct stat stat;

	return fstat(disk, &stat) ? -1 : stat.st_blocks * 512 / PAGE;
}

/* A region that is closed frees its slots, of which it has written some. */
static size_t use_some(size_t nr, size_t nr_used, unsigned int version)
{
	size_t nr_wrong;
	char *map;
	int fd;

	map = region_map(&fd, nr);
	if (!map)
		return nr;
	pages_fill(map, 0, nr_used, version);
	nr_wrong = pages_wrong(map, 0, nr_used, version);
	region_unmap(fd, map, nr);
	return nr_wrong;
}

static size_t use_slots(size_t nr, unsigned int version)
{
	return use_some(nr, nr, version);
}

TEST_F(discard, is_off_at_first)
{
	EXPECT_EQ(pool_get("discard_slots"), 0);
	EXPECT_EQ(use_slots(SLOTS / 2, 1), 0);
	msleep(2500);
	EXPECT_EQ(stat_get("slot_discards"), 0);
	EXPECT_GE(disk_pages(self->disk), SLOTS / 2 - FRAMES);
}

TEST_F(discard, frees_what_slots_took_on_the_device)
{
	EXPECT_EQ(use_slots(SLOTS / 2, 1), 0);
	EXPECT_GE(disk_pages(self->disk), SLOTS / 2 - FRAMES);
	ASSERT_EQ(pool_set("discard_slots", 1), 0);
	EXPECT_EQ(use_slots(2 * FRAMES, 1), 0);
	EXPECT_TRUE(SOON(!disk_pages(self->disk)));
	/* Also those that were stale from the beginning, which the disk had not. */
	EXPECT_TRUE(SOON(stat_get("slot_discards") >= SLOTS));
	EXPECT_EQ(stat_get("slot_discards"), SLOTS);
}

TEST_F(discard, leaves_what_lies_between_freed_slots)
{
	double end = seconds_now() + 6;
	unsigned int version;
	char *map;

	ASSERT_EQ(pool_set("discard_slots", 1), 0);
	map = region_map(&self->fd, SLOTS / 8);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, SLOTS / 8, 1);
	for (version = 2; seconds_now() < end; version++) {
		ASSERT_EQ(use_slots(SLOTS / 2, version), 0);
		ASSERT_EQ(pages_wrong(map, 0, SLOTS / 8, version - 1), 0);
		pages_fill(map, 0, SLOTS / 8, version);
	}
	EXPECT_TRUE(SOON(stat_get("slot_discards") > 0));
	EXPECT_EQ(pages_wrong(map, 0, SLOTS / 8, version - 1), 0);
	region_unmap(self->fd, map, SLOTS / 8);
}

TEST_F(discard, makes_no_store_look_full)
{
	unsigned int tries;

	ASSERT_EQ(pool_set("discard_slots", 1), 0);
	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	for (tries = 0; tries < 6; tries++) {
		ASSERT_EQ(use_some(SLOTS, 2 * FRAMES, 1), 0);
		/* Some of the next ones want all slots while some are discarded. */
		msleep(950 + 20 * tries);
	}
	EXPECT_TRUE(SOON(stat_get("slot_discards") > 0));
}

TEST_F(discard, ends_when_the_store_is_detached)
{
	unsigned int tries;

	ASSERT_EQ(pool_set("discard_slots", 1), 0);
	for (tries = 0; tries < 3; tries++) {
		ASSERT_EQ(use_slots(SLOTS / 2, 1), 0);
		/* Before it has begun, or meanwhile. */
		msleep(500 * tries);
		ASSERT_EQ(pool_write("swap_file", "none"), 0);
		ASSERT_EQ(pool_write("swap_file", self->device), 0);
	}
}

TEST_F(discard, of_a_device_that_knows_none_is_harmless)
{
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", store_path()), 0);
	ASSERT_EQ(pool_set("discard_slots", 1), 0);
	EXPECT_EQ(use_slots(SLOTS / 2, 1), 0);
	EXPECT_EQ(use_slots(SLOTS / 2, 2), 0);
}

TEST_HARNESS_MAIN
