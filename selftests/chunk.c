// SPDX-License-Identifier: GPL-2.0
/* Metadata of frames: it comes as they are needed, and goes when nr_frames shrinks. */
#include "exact_pool.h"
#include "fault_threads.h"

#define MANY	4096
#define FEW	256
#define PAGES	(MANY + 1024)
/* Frames a page of metadata, as the ABI says. */
#define CHUNK	84

FIXTURE(chunk)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(chunk)
{
	ASSERT_EQ(pool_prepare(MANY), 0);
	ASSERT_EQ(exact_pool_prepare("fifo", MANY), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(chunk)
{
	region_unmap(self->fd, self->map, PAGES);
	pool_write("policy", "aging");
	pool_restore();
}

static unsigned long nr_chunks(void)
{
	return stat_get("metadata_bytes") / PAGE;
}

static unsigned long chunks_for(unsigned long nr_frames)
{
	return (nr_frames + CHUNK - 1) / CHUNK;
}

static bool pool_fits(void)
{
	return stat_get("resident") <= pool_get("nr_frames");
}

/* Uses all frames, shrinks to a few, and replaces those by others in random order. */
static int shrink_pool(char *map)
{
	unsigned int seed = 1;
	size_t i;

	pages_fill(map, 0, MANY, 1);
	if (pool_set("nr_frames", FEW) || !SOON(pool_fits()))
		return -1;
	for (i = 0; i < 8 * FEW; i++)
		page_touch(map, rand_r(&seed) % MANY);
	return 0;
}

TEST_F(chunk, metadata_comes_as_frames_are_used)
{
	unsigned long before = nr_chunks();

	EXPECT_LE(before, chunks_for(MANY));
	pages_fill(self->map, 0, MANY, 1);
	EXPECT_EQ(nr_chunks(), chunks_for(MANY));
	pages_fill(self->map, MANY, PAGES - MANY, 1);
	EXPECT_EQ(nr_chunks(), chunks_for(MANY));
}

TEST_F(chunk, a_frame_takes_50_bytes_at_most)
{
	pages_fill(self->map, 0, MANY, 1);
	EXPECT_LE(stat_get("metadata_bytes"), 50 * MANY);
}

TEST_F(chunk, metadata_goes_when_the_pool_shrinks)
{
	ASSERT_EQ(shrink_pool(self->map), 0);
	EXPECT_EQ(nr_chunks(), chunks_for(FEW));
	EXPECT_EQ(pages_wrong(self->map, 0, MANY, 1), 0);
}

TEST_F(chunk, metadata_of_a_pool_without_pages_goes_at_once)
{
	pages_fill(self->map, 0, MANY, 1);
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_TRUE(SOON(!stat_get("resident")));
	EXPECT_EQ(pool_set("nr_frames", FEW), 0);
	EXPECT_EQ(nr_chunks(), chunks_for(FEW));
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

TEST_F(chunk, a_pool_that_grows_again_has_all_its_frames)
{
	ASSERT_EQ(shrink_pool(self->map), 0);
	ASSERT_EQ(pool_set("nr_frames", MANY), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, MANY, 1), 0);
	EXPECT_EQ(nr_chunks(), chunks_for(MANY));
	/* The watermarks are 1 and 2. */
	EXPECT_GE(stat_get("resident"), MANY - 2);
}

TEST_F(chunk, faults_keep_every_byte_while_the_pool_shrinks_and_grows)
{
	struct fault_threads load;
	int i;

	ASSERT_EQ(fault_threads_start(&load, 2 * FEW), 0);
	for (i = 0; i < 200; i++) {
		EXPECT_EQ(pool_set("nr_frames", i % 2 ? 2 * FEW : 16), 0);
		if (i % 4 == 3)
			EXPECT_EQ(pool_set("nr_frames", MANY), 0);
		msleep(5);
	}
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_LE(nr_chunks(), chunks_for(MANY));
}

TEST_HARNESS_MAIN
