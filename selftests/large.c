// SPDX-License-Identifier: GPL-2.0
/*
 * A pool with many frames, all of them in use: pages go and come, the policy changes, the
 * pool shrinks and grows. The kernel's log has to stay empty of stalls meanwhile.
 *
 * LARGE_FRAMES says how many; make large has 4 Mi, in a machine of 18 GiB. The store is
 * small, so few pages are written to: the others are clean, and go without a write.
 */
#include "requests.h"

#define FRAMES		16384	/* unless given */
#define SMALL		4096
#define WRITTEN		256	/* one page of so many is written to */
#define SAMPLE		509	/* one page of so many is verified */
#define CHUNK_FRAMES	84	/* in a page of metadata */
/* Beside the frames: metadata, page tables, the store, the kernel and its programs. */
#define OTHER_MEMORY	(700UL << 20)

FIXTURE(large)
{
	unsigned long nr_frames;
	size_t nr_pages;
	char *map;
	int fd;
};

#define SELF FIXTURE_DATA(large)

FIXTURE_SETUP(large)
{
	const char *frames = getenv("LARGE_FRAMES");
	unsigned long memory = sysconf(_SC_PHYS_PAGES) * PAGE;

	self->nr_frames = frames ? strtoul(frames, NULL, 0) : FRAMES;
	if (memory < self->nr_frames * PAGE + OTHER_MEMORY)
		SKIP_SETUP("the machine has no memory for so many frames");
	self->nr_pages = self->nr_frames + self->nr_frames / 64 + SMALL;
	ASSERT_EQ(pool_prepare(SMALL), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	self->map = region_map(&self->fd, self->nr_pages);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(large)
{
	region_unmap(self->fd, self->map, self->nr_pages);
	pool_write("policy", "aging");
	pool_restore();
}

static bool is_written(size_t page)
{
	return page % WRITTEN == 0;
}

static void touch_pages(SELF *self, size_t first, size_t nr)
{
	size_t i;

	for (i = first; i < first + nr; i++) {
		if (is_written(i))
			page_fill(self->map + i * PAGE, i, 1);
		else
			(void)*(volatile char *)(self->map + i * PAGE);
	}
}

static size_t count_wrong(SELF *self, size_t step)
{
	size_t i, wrong = 0;

	for (i = 0; i < self->nr_pages; i += step)
		wrong += is_written(i) ? !page_holds(self->map + i * PAGE, i, 1) :
					 !page_is_zero(self->map + i * PAGE);
	return wrong;
}

static unsigned long metadata_of(unsigned long nr_frames)
{
	return (nr_frames / CHUNK_FRAMES + 2) * PAGE;
}

static void check_filled(struct __test_metadata *_metadata, SELF *self)
{
	ASSERT_EQ(pool_set("nr_frames", self->nr_frames), 0);
	touch_pages(self, 0, self->nr_pages);
	EXPECT_GE(stat_get("evictions"), self->nr_pages - self->nr_frames);
	EXPECT_GE(stat_get("resident"), self->nr_frames / 16 * 15);
	EXPECT_LE(stat_get("metadata_bytes"), metadata_of(self->nr_frames));
	EXPECT_EQ(count_wrong(self, SAMPLE), 0);
}

/* Each has all frames, and gives some of them for pages that come. */
static void check_policy(struct __test_metadata *_metadata, SELF *self, const char *name)
{
	unsigned long resident = stat_get("resident"), gone = stat_get("evictions");

	ASSERT_EQ(pool_write("policy", name), 0)
		TH_LOG("policy %s", name);
	EXPECT_GE(stat_get("resident"), resident / 16 * 15);
	/* The first pages were the first to go. */
	EXPECT_EQ(count_wrong(self, SAMPLE), 0);
	touch_pages(self, 0, SMALL);
	EXPECT_GE(stat_get("evictions"), gone);
	EXPECT_EQ(stat_get("policy_errors"), 0)
		TH_LOG("policy %s", name);
}

/* An eviction looks into VMAs a few times: a look, an unmap, samples of 512 pages. */
static void check_shrunk(struct __test_metadata *_metadata, SELF *self)
{
	unsigned long visits = stat_get("vma_visits"), samples = stat_get("samples");
	unsigned long nr = stat_get("evictions");

	ASSERT_EQ(pool_set("nr_frames", SMALL), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= SMALL));
	nr = stat_get("evictions") - nr;
	samples = stat_get("samples") - samples + 1;
	EXPECT_LE(stat_get("vma_visits") - visits,
		  4 * nr + samples * (self->nr_pages / 512 + SMALL));
	/* A page of metadata stays while one of its frames is in use. */
	EXPECT_TRUE(SOON(stat_get("metadata_bytes") <= (SMALL + 2) * PAGE));
	EXPECT_EQ(count_wrong(self, WRITTEN), 0);
	/* No page stays because it has been used often. */
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	touch_pages(self, 0, 3 * SMALL);
	EXPECT_TRUE(SOON(stat_get("metadata_bytes") <= metadata_of(SMALL)));
}

static void check_grown(struct __test_metadata *_metadata, SELF *self)
{
	ASSERT_EQ(pool_set("nr_frames", self->nr_frames), 0);
	touch_pages(self, self->nr_pages / 2, self->nr_pages / 4);
	EXPECT_GE(stat_get("resident"), self->nr_pages / 4);
	EXPECT_EQ(count_wrong(self, WRITTEN), 0);
}

/* The frames that are free have memory until the pool shrinks. */
static void check_emptied(struct __test_metadata *_metadata, SELF *self)
{
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, self->nr_pages), 0);
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 0);
	EXPECT_TRUE(SOON(stat_get("free_frames") == self->nr_frames));
	ASSERT_EQ(pool_set("nr_frames", SMALL), 0);
	EXPECT_EQ(stat_get("free_frames"), SMALL);
	EXPECT_LE(stat_get("metadata_bytes"), metadata_of(SMALL));
}

TEST_F(large, frames_in_use_change_policies_and_shrink_and_grow)
{
	static const char * const policies[] = { "clock", "lru", "arc", "none", "aging" };
	size_t i;

	check_filled(_metadata, self);
	for (i = 0; i < ARRAY_SIZE(policies); i++)
		check_policy(_metadata, self, policies[i]);
	check_shrunk(_metadata, self);
	check_grown(_metadata, self);
	check_emptied(_metadata, self);
}

TEST_HARNESS_MAIN
