// SPDX-License-Identifier: GPL-2.0
/*
 * A disk cannot write or read some blocks, while it can write and read others: these
 * blocks are not used any more. A disk that is gone for a while keeps all of its blocks.
 */
#include "disk.h"
#include "requests.h"
#include "sigbus.h"

#define FRAMES	32
#define SLOTS	256	/* 1 MiB */
#define PAGES	192

/* Blocks that fail: alone, side by side, and the last one. */
static const size_t bad_blocks[] = { 10, 100, 101, 102, SLOTS - 1 };

FIXTURE(bad_slots)
{
	const char *disk;
	char *map;
	int fd;
};

FIXTURE_SETUP(bad_slots)
{
	pool_restore();
	self->disk = disk_create("size=1");
	if (!self->disk)
		SKIP_SETUP("null_blk makes no disk");
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_write("swap_file", self->disk), 0);
	ASSERT_EQ(stat_get("bad_slots"), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pool_set("stats/reset", 1);
	catch_sigbus();
}

FIXTURE_TEARDOWN(bad_slots)
{
	region_unmap(self->fd, self->map, PAGES);
	pool_restore();
	disk_destroy();
}

static int hurt_all(void)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(bad_blocks) && !err; i++)
		err = disk_hurt(bad_blocks[i], 1);
	return err;
}

TEST_F(bad_slots, are_not_written_again)
{
	unsigned int version;

	ASSERT_EQ(hurt_all(), 0);
	for (version = 1; version <= 40; version++) {
		pages_fill(self->map, 0, PAGES, version);
		EXPECT_EQ(pages_wrong(self->map, 0, PAGES, version), 0);
		if (stat_get("bad_slots") == ARRAY_SIZE(bad_blocks))
			break;
	}
	EXPECT_EQ(stat_get("bad_slots"), ARRAY_SIZE(bad_blocks));
	EXPECT_GT(stat_get("io_errors"), 0);

	pool_set("stats/reset", 1);
	for (version = 101; version <= 110; version++) {
		pages_fill(self->map, 0, PAGES, version);
		EXPECT_EQ(pages_wrong(self->map, 0, PAGES, version), 0);
	}
	EXPECT_GT(stat_get("swap_outs"), SLOTS);
	EXPECT_EQ(stat_get("io_errors"), 0);
	EXPECT_EQ(stat_get("bad_slots"), ARRAY_SIZE(bad_blocks));
}

TEST_F(bad_slots, are_forgotten_with_the_swap_file)
{
	unsigned int version;

	ASSERT_EQ(hurt_all(), 0);
	for (version = 1; version <= 40 && !stat_get("bad_slots"); version++)
		pages_fill(self->map, 0, PAGES, version);
	EXPECT_GT(stat_get("bad_slots"), 0);
	region_unmap(self->fd, self->map, PAGES);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	EXPECT_EQ(stat_get("bad_slots"), 0);
	ASSERT_EQ(pool_write("swap_file", self->disk), 0);
	EXPECT_EQ(stat_get("bad_slots"), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

TEST_F(bad_slots, are_an_eighth_of_the_store_at_most)
{
	unsigned int version;
	size_t block;

	for (block = 0; block < SLOTS; block += 4)
		ASSERT_EQ(disk_hurt(block, 1), 0);
	for (version = 1; version <= 40; version++) {
		pages_fill(self->map, 0, PAGES / 2, version);
		EXPECT_EQ(pages_wrong(self->map, 0, PAGES / 2, version), 0);
	}
	EXPECT_GT(stat_get("bad_slots"), 0);
	EXPECT_LE(stat_get("bad_slots"), SLOTS / 8);
}

/* In how many blocks the disk has this page, and the last of them. */
static int copies_of(const char *disk, size_t page, unsigned int version,
		     size_t *last)
{
	char *content = aligned_alloc(PAGE, PAGE);
	int fd = open(disk, O_RDONLY | O_DIRECT), nr = 0;
	size_t block;

	for (block = 0; block < SLOTS; block++) {
		if (pread(fd, content, PAGE, block * PAGE) != PAGE ||
		    !page_holds(content, page, version))
			continue;
		*last = block;
		nr++;
	}
	close(fd);
	free(content);
	return nr;
}

/* A page that cannot be read stays swapped, and its slot with it. */
TEST_F(bad_slots, go_with_a_page_that_cannot_be_read)
{
	const size_t lost = 3, good = 40;
	unsigned int first = 0, version, i;
	size_t block;

	/* A page that was used while it was written may have been written twice. */
	do {
		pages_fill(self->map, 0, PAGES, ++first);
		settled_free_frames();
	} while (copies_of(self->disk, lost, first, &block) != 1 && first < 20);
	ASSERT_LT(first, 20);
	ASSERT_EQ(disk_hurt(block, 1), 0);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(try_read(self->map, good + 2 * i, first), 0);
		EXPECT_EQ(try_read(self->map, lost, first), SIGBUS);
		EXPECT_EQ(try_read(self->map, good + 2 * i + 1, first), 0);
	}
	EXPECT_EQ(stat_get("bad_slots"), 1);
	/* It may be read after all, as long as it is there. */
	ASSERT_EQ(disk_heal(block, 1), 0);
	EXPECT_EQ(try_read(self->map, lost, first), 0);
	ASSERT_EQ(disk_hurt(block, 1), 0);

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, lost, 1), 0);
	pool_set("stats/reset", 1);
	for (version = 31; version <= 40; version++) {
		pages_fill(self->map, 0, PAGES, version);
		EXPECT_EQ(pages_wrong(self->map, 0, PAGES, version), 0);
	}
	EXPECT_GT(stat_get("swap_outs"), SLOTS);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_HARNESS_MAIN
