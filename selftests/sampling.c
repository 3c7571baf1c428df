// SPDX-License-Identifier: GPL-2.0
/*
 * Sampling of accessed bits, by whatever the kernel exports for it: what is used is
 * found, what is not is not, and no page table is made by looking.
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

	/* That they have come in is not a use; a first sample or two see it. */
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

/* What distinguishes the two ways: pages that stay are mapped again, or never. */
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

TEST_HARNESS_MAIN
