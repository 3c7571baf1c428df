// SPDX-License-Identifier: GPL-2.0
/*
 * Sampling of accessed bits, by the functions that the kernel exports for it: it finds
 * the pages in use and no others, and makes no page table.
 */
#include <limits.h>
#include "swaplab_test.h"

#define TABLE	512	/* pages that one page table maps */
#define TABLES	32
#define NR	(TABLES * TABLE)
#define FRAMES	(2 * TABLES)

FIXTURE(sampling)
{
	char *map;
	int fd;
};

FIXTURE_VARIANT(sampling)
{
	bool soft;
};

FIXTURE_VARIANT_ADD(sampling, by_accessed_bits)
{
	.soft = false,
};

FIXTURE_VARIANT_ADD(sampling, by_faults)
{
	.soft = true,
};

FIXTURE_SETUP(sampling)
{
	char policy[256];
	size_t i;

	ASSERT_EQ(pool_prepare(FRAMES), 0);
	if (pool_write("policy", "aging") ||
	    pool_text("policy", policy, sizeof(policy)))
		SKIP_SETUP("modprobe finds no policy");
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	ASSERT_EQ(pool_set("soft_sampling", variant->soft), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	for (i = 0; i < TABLES; i++)
		page_fill(self->map + i * TABLE * PAGE, i, 1);
}

FIXTURE_TEARDOWN(sampling)
{
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

/*
 * Uses one page in each of the first page tables, until it has been sampled. The
 * daemon rests when a sample comes before the next use, until a page comes in.
 */
static bool use_until_sampled(int fd, char *map, size_t nr_tables,
			      unsigned long samples)
{
	struct swaplab_range extra = { .offset = PAGE, .length = PAGE };
	unsigned long end = stat_get("samples") + samples;
	int tries;
	size_t i;

	for (tries = 0; tries < 3000 && stat_get("samples") < end; tries++) {
		/* Else the TLB has them, and the CPU sets no accessed bit. */
		mprotect(map, NR * PAGE,
			 tries % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
		for (i = 0; i < nr_tables; i++)
			*(volatile char *)(map + i * TABLE * PAGE);
		ioctl(fd, SWAPLAB_DISCARD, &extra);
		*(volatile char *)(map + PAGE);
		msleep(5);
	}
	return tries < 3000;
}

TEST_F(sampling, finds_the_pages_in_use_and_no_others)
{
	unsigned long used = TABLES / 4, samples, referenced;

	/* The fault that brought a page in is no use; a first sample or two see it. */
	ASSERT_TRUE(use_until_sampled(self->fd, self->map, used, 3));
	samples = stat_get("samples");
	referenced = stat_get("referenced");
	ASSERT_TRUE(use_until_sampled(self->fd, self->map, used, 10));
	referenced = stat_get("referenced") - referenced;
	/* One more may end while the counters are read. */
	samples = stat_get("samples") + 1 - samples;
	EXPECT_GE(referenced, used);
	EXPECT_LE(referenced, used * samples);
}

/* The two ways differ in this: resident pages are mapped again, or never. */
TEST_F(sampling, takes_faults_only_if_soft)
{
	unsigned long used = TABLES / 4, faults = stat_get("faults");
	int tries;
	size_t i;

	for (tries = 0; tries < 12000; tries++) {
		/* By accessed bits, there is nothing to wait for. */
		if (tries >= 50 && (!variant->soft ||
				    stat_get("faults") - faults >= used))
			break;
		for (i = 0; i < used; i++)
			*(volatile char *)(self->map + i * TABLE * PAGE);
		msleep(5);
	}
	faults = stat_get("faults") - faults;
	EXPECT_GE(faults, variant->soft ? used : 0);
	EXPECT_LE(faults, variant->soft ? ULONG_MAX : 0);
}

/* Kilobytes of page tables. */
static unsigned long page_tables(void)
{
	unsigned long size = -1UL;
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "VmPTE: %lu", &size);
	if (status)
		fclose(status);
	return size;
}

TEST_F(sampling, makes_no_page_tables)
{
	unsigned long before, kb_a_table = PAGE / 1024;
	char *other = mmap(NULL, NR * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(other, MAP_FAILED);
	before = page_tables();
	ASSERT_TRUE(use_until_sampled(self->fd, self->map, TABLES, 5));
	EXPECT_GT(stat_get("referenced"), 0);
	/* The pages are resident, but not mapped there; some is ours. */
	EXPECT_LE(page_tables(), before + TABLES / 4 * kb_a_table);
	munmap(other, NR * PAGE);
}

/* Memory that turns over faster than the clock says. */
#define MANY	4096

FIXTURE(busy)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(busy)
{
	char policy[256];

	ASSERT_EQ(pool_prepare(512), 0);
	if (pool_write("policy", "aging") ||
	    pool_text("policy", policy, sizeof(policy)))
		SKIP_SETUP("modprobe finds no policy");
	self->map = region_map(&self->fd, MANY);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, MANY, 1);
}

FIXTURE_TEARDOWN(busy)
{
	region_unmap(self->fd, self->map, MANY);
	pool_restore();
}

/* Pages at random, of which half are resident. */
static void use_at_random(const char *map, unsigned long nr, unsigned long until)
{
	unsigned long next = 1;

	while (nr-- && stat_get("samples") < until) {
		next = next * 6364136223846793005UL + 1;
		(void)*(const volatile char *)(map + (next >> 33) % 1024 * PAGE);
	}
}

TEST_F(busy, victims_in_use_are_reason_to_sample)
{
	unsigned long samples;

	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	samples = stat_get("samples");
	use_at_random(self->map, 200000, samples + 3);
	EXPECT_GE(stat_get("samples"), samples + 3);
}

TEST_F(busy, soft_samples_keep_to_their_interval)
{
	unsigned long samples;

	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	ASSERT_EQ(pool_set("soft_sampling", 1), 0);
	samples = stat_get("samples");
	use_at_random(self->map, 20000, samples + 1);
	EXPECT_EQ(stat_get("samples"), samples);
}

TEST_F(busy, a_page_read_ahead_and_used_once_is_not_used_again)
{
	unsigned long samples, referenced, hits;
	int passes;
	size_t i;

	ASSERT_EQ(pool_set("scan_interval_ms", 5), 0);
	samples = stat_get("samples");
	referenced = stat_get("referenced");
	hits = stat_get("readahead_hits");
	for (passes = 0; passes < 1000 && stat_get("samples") < samples + 10; passes++)
		for (i = 0; i < MANY; i++)
			(void)*(const volatile char *)(self->map + i * PAGE);
	EXPECT_GE(stat_get("samples"), samples + 10);
	EXPECT_GE(stat_get("readahead_hits"), hits + MANY / 4);
	/* Each sample may come between one fault and the access that it is for. */
	samples = stat_get("samples") + 1 - samples;
	EXPECT_LE(stat_get("referenced"), referenced + samples);
}

TEST_HARNESS_MAIN
