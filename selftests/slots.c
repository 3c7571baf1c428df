// SPDX-License-Identifier: GPL-2.0
/*
 * The places of pages in the store, and a store that is full.
 *
 * The disk is memory behind a loop device, so the test can look at it.
 */
#include "loop.h"
#include "sigbus.h"

/* A small disk whose pages the test can look at, and few frames. */
FIXTURE(slots)
{
	char device[64];
	int fd, disk;
};

#define SLOTS	128
#define FRAMES	32

FIXTURE_SETUP(slots)
{
	pool_restore();
	self->disk = loop_create(SLOTS * PAGE, false, self->device);
	ASSERT_GE(self->disk, 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", self->device), 0);
}

FIXTURE_TEARDOWN(slots)
{
	pool_restore();
}

/* In which slot the disk has this page; -1: in none. */
static int slot_of(int disk, size_t page, unsigned int version)
{
	char content[PAGE];
	int slot;

	for (slot = 0; slot < SLOTS; slot++)
		if (pread(disk, content, PAGE, slot * PAGE) == PAGE &&
		    page_holds(content, page, version))
			return slot;
	return -1;
}

TEST_F(slots, a_page_keeps_its_static_slot)
{
	char *map;
	int slot;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	map = region_map(&self->fd, 96);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 96, 1);
	slot = slot_of(self->disk, 7, 1);
	ASSERT_GE(slot, 0);
	pages_fill(map, 0, 96, 2);
	EXPECT_EQ(slot_of(self->disk, 7, 2), slot);
	EXPECT_EQ(slot_of(self->disk, 7, 1), -1);
	EXPECT_EQ(slot_of(self->disk, 8, 2), slot + 1);
	EXPECT_EQ(pages_wrong(map, 0, 96, 2), 0);
	region_unmap(self->fd, map, 96);
}

TEST_F(slots, victims_of_a_batch_lie_together)
{
	int page, slot, last = -2, jumps = 0;
	char *map;

	map = region_map(&self->fd, SLOTS);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(pool_set("watermark_high", 20), 0);
	pages_fill(map, 0, SLOTS, 1);
	for (page = 0; page < 80; page++) {
		slot = slot_of(self->disk, page, 1);
		ASSERT_GE(slot, 0);
		jumps += slot != last + 1;
		last = slot;
	}
	EXPECT_LE(jumps, 80 / 4);
	region_unmap(self->fd, map, SLOTS);
}

TEST_F(slots, a_static_area_that_does_not_fit_is_refused_at_mmap)
{
	char *map, *second;
	int fd;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	errno = 0;
	EXPECT_EQ(region_map(&fd, SLOTS + 1), NULL);
	EXPECT_EQ(errno, ENOSPC);
	map = region_map(&self->fd, SLOTS);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(region_map(&fd, 1), NULL);
	pages_fill(map, 0, SLOTS, 1);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS, 1), 0);
	region_unmap(self->fd, map, SLOTS);

	/* Its area is free again with it, for two. */
	map = region_map(&self->fd, SLOTS / 2);
	ASSERT_NE(map, NULL);
	second = region_map(&fd, SLOTS / 2);
	ASSERT_NE(second, NULL);
	pages_fill(map, 0, SLOTS / 2, 1);
	pages_fill(second, 0, SLOTS / 2, 2);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS / 2, 1), 0);
	EXPECT_EQ(pages_wrong(second, 0, SLOTS / 2, 2), 0);
	region_unmap(self->fd, map, SLOTS / 2);
	region_unmap(fd, second, SLOTS / 2);
}

/* Maps a page and lets go of it: its slot stays the region's. */
static bool reserve_page(int fd, size_t page)
{
	char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, page * PAGE);

	return map != MAP_FAILED && !munmap(map, PAGE);
}

TEST_F(slots, static_areas_made_in_any_order_fill_the_store_once)
{
	char *map, *other;
	size_t page;
	int fd;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	/* Backwards, with gaps of one page and of six; then across them. */
	map = region_map(&self->fd, 1);
	ASSERT_NE(map, NULL);
	munmap(map, PAGE);
	for (page = SLOTS - 8; page; page -= 8) {
		ASSERT_TRUE(reserve_page(self->fd, page + 1));
		ASSERT_TRUE(reserve_page(self->fd, page - 1));
	}
	map = mmap(NULL, 20 * PAGE, PROT_READ, MAP_SHARED, self->fd, 30 * PAGE);
	ASSERT_NE(map, MAP_FAILED);
	munmap(map, 20 * PAGE);
	map = mmap(NULL, SLOTS * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_NE(map, MAP_FAILED);

	/* No page has two slots, and none shares its slot. */
	other = region_map(&fd, 1);
	EXPECT_EQ(other, NULL);
	pages_fill(map, 0, SLOTS, 1);
	pages_fill(map, 0, SLOTS, 2);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS, 2), 0);
	region_unmap(self->fd, map, SLOTS);
	map = region_map(&self->fd, SLOTS);
	EXPECT_NE(map, NULL);
	region_unmap(self->fd, map, SLOTS);
}

TEST_F(slots, a_large_mapping_is_fine_with_dynamic_slots)
{
	char *map = region_map(&self->fd, 1 << 20);
	size_t i;

	ASSERT_NE(map, NULL);
	for (i = 0; i < 96; i++)
		page_fill(map + (i << 13) * PAGE, i, 1);
	for (i = 0; i < 96; i++)
		EXPECT_TRUE(page_holds(map + (i << 13) * PAGE, i, 1));
	munmap(map, PAGE << 20);
	close(self->fd);
}

/* Writes one page after the other until one gets SIGBUS. */
static size_t fill_up(char *map, size_t nr_pages)
{
	volatile size_t page = 0;

	while (page < nr_pages && try_fill(map, page, 1))
		page++;
	return page;
}

TEST_F(slots, a_full_store_hurts_only_pages_that_need_a_slot)
{
	struct swaplab_range range = { .length = 16 * PAGE };
	char *map;
	size_t nr;

	catch_sigbus();
	map = region_map(&self->fd, 2 * SLOTS);
	ASSERT_NE(map, NULL);
	log_lines();
	nr = fill_up(map, 2 * SLOTS);
	EXPECT_GE(nr, SLOTS);
	EXPECT_LE(nr, SLOTS + FRAMES);
	EXPECT_EQ(log_lines(), 1);
	EXPECT_FALSE(try_fill(map, nr, 1));

	/* With a little room again, all else is there and works. */
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_EQ(pages_wrong(map, 16, nr - 16, 1), 0);
	EXPECT_TRUE(try_fill(map, nr, 1));
	pages_fill(map, 16, nr - 16, 2);
	EXPECT_EQ(pages_wrong(map, 16, nr - 16, 2), 0);
	EXPECT_TRUE(page_holds(map + nr * PAGE, nr, 1));
	region_unmap(self->fd, map, 2 * SLOTS);

	/* All of it is free with the region. */
	map = region_map(&self->fd, SLOTS);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(fill_up(map, SLOTS), SLOTS);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS, 1), 0);
	region_unmap(self->fd, map, SLOTS);
}

TEST_F(slots, a_pool_that_is_too_large_shrinks_when_a_full_store_has_room_again)
{
	struct swaplab_range range = { .length = SLOTS / 2 * PAGE };
	char *map;
	size_t nr;

	catch_sigbus();
	map = region_map(&self->fd, 2 * SLOTS);
	ASSERT_NE(map, NULL);
	nr = fill_up(map, 2 * SLOTS);
	EXPECT_TRUE(SOON(stat_get("resident") == FRAMES));
	ASSERT_EQ(pool_set("nr_frames", FRAMES / 2), 0);
	log_lines();
	msleep(3000);
	EXPECT_GT(stat_get("resident"), FRAMES / 2);
	EXPECT_LE(log_lines(), 1);
	/* No page comes in, and none waits. */
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= FRAMES / 2));
	EXPECT_EQ(pages_wrong(map, SLOTS / 2, nr - SLOTS / 2, 1), 0);
	region_unmap(self->fd, map, 2 * SLOTS);
}

TEST_F(slots, a_batch_of_victims_may_be_more_than_the_store_has_left)
{
	const size_t nr = SLOTS + FRAMES - 5;
	char *map = region_map(&self->fd, nr);

	ASSERT_NE(map, NULL);
	ASSERT_EQ(pool_set("watermark_low", 1), 0);
	ASSERT_EQ(pool_set("watermark_high", 2), 0);
	pages_fill(map, 0, nr, 1);
	/*
	 * All resident pages are dirty, half of them have to go, and only some can get
	 * a slot.
	 */
	ASSERT_EQ(pool_set("watermark_high", FRAMES / 2), 0);
	ASSERT_EQ(pool_set("watermark_low", FRAMES / 2 - 1), 0);
	EXPECT_TRUE(SOON(stat_get("swapped") == SLOTS));
	EXPECT_EQ(pages_wrong(map, 0, nr, 1), 0);
	region_unmap(self->fd, map, nr);
}

TEST_F(slots, a_full_store_serves_many_readers_and_writers)
{
	char *map = region_map(&self->fd, SLOTS);
	unsigned int version;

	ASSERT_NE(map, NULL);
	for (version = 1; version <= 4; version++) {
		pages_fill(map, 0, SLOTS, version);
		EXPECT_EQ(pages_wrong(map, 0, SLOTS, version), 0);
	}
	region_unmap(self->fd, map, SLOTS);
}

TEST_F(slots, without_a_store_the_frames_are_all_there_is)
{
	char *map;
	size_t nr;

	catch_sigbus();
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	map = region_map(&self->fd, 2 * FRAMES);
	ASSERT_NE(map, NULL);
	log_lines();
	nr = fill_up(map, 2 * FRAMES);
	EXPECT_EQ(nr, FRAMES);
	EXPECT_FALSE(try_fill(map, nr, 1));
	EXPECT_EQ(log_lines(), 1);
	EXPECT_EQ(pages_wrong(map, 0, nr, 1), 0);

	/* A swap file helps even now. */
	ASSERT_EQ(pool_write("swap_file", self->device), 0);
	EXPECT_EQ(fill_up(map, 2 * FRAMES), 2 * FRAMES);
	EXPECT_EQ(pages_wrong(map, 0, 2 * FRAMES, 1), 0);
	region_unmap(self->fd, map, 2 * FRAMES);
}

TEST_F(slots, each_shortage_of_frames_is_told_once)
{
	struct swaplab_range range = { .length = PAGE };
	char *map;

	catch_sigbus();
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	map = region_map(&self->fd, 2 * FRAMES);
	ASSERT_NE(map, NULL);
	log_lines();
	EXPECT_EQ(fill_up(map, 2 * FRAMES), FRAMES);
	EXPECT_FALSE(try_fill(map, FRAMES, 1));
	EXPECT_EQ(log_lines(), 1);

	/* One frame more does not end it. */
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_EQ(fill_up(map, 2 * FRAMES), FRAMES);
	EXPECT_EQ(log_lines(), 0);

	range.length = FRAMES / 2 * PAGE;
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_EQ(fill_up(map, 2 * FRAMES), FRAMES);
	EXPECT_FALSE(try_fill(map, FRAMES, 1));
	EXPECT_EQ(log_lines(), 1);
	region_unmap(self->fd, map, 2 * FRAMES);
}

TEST_HARNESS_MAIN
