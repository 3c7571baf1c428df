// SPDX-License-Identifier: GPL-2.0
/* Pages in use, while others pass by once: policies that see uses keep them. */
#include <sys/ioctl.h>
#include "exact_pool.h"

static bool is_resident(int fd, size_t page)
{
	struct swaplab_page_states request = {
		.range.offset = page * PAGE,
		.range.length = PAGE,
	};
	uint8_t state = 0;

	request.states = (uintptr_t)&state;
	return !ioctl(fd, SWAPLAB_PAGE_STATES, &request) &&
	       state & SWAPLAB_PAGE_RESIDENT;
}

/*
 * Makes the processor forget translations, as it would by itself sooner or later:
 * only when it walks the page table does it tell that a page is used. A change
 * of more than a few pages is not flushed one by one.
 */
#define MANY	64

static void flush_tlb(char *many)
{
	size_t i;

	for (i = 0; i < MANY; i++)
		many[i * PAGE] = 1;
	mprotect(many, MANY * PAGE, PROT_READ);
	mprotect(many, MANY * PAGE, PROT_READ | PROT_WRITE);
}

/* Pages that are used all the time; the last page of the region is not one of the others. */
#define HOT	8
#define OTHERS	32	/* pages that pass by between two uses of the hot ones */

struct hot_region {
	int fd;
	char *map;
	size_t nr_pages;
	bool is_sampled;
};

/*
 * Uses the hot pages, and tells if samples have found enough of them used. A sample that
 * finds none, because this thread had no CPU, is the last before a page comes in.
 */
static bool hot_found(struct hot_region *region, unsigned long enough)
{
	static char many[MANY * PAGE] __attribute__((aligned(PAGE)));
	struct swaplab_range last = {
		.offset = (region->nr_pages - 1) * PAGE,
		.length = PAGE,
	};
	size_t hot;

	flush_tlb(many);
	for (hot = 0; hot < HOT; hot++)
		page_touch(region->map, hot);
	ioctl(region->fd, SWAPLAB_DISCARD, &last);
	page_touch(region->map, region->nr_pages - 1);
	return !region->is_sampled || stat_get("referenced") >= enough;
}

/*
 * Counts how often pages that are used all the time are evicted while others pass by; -1
 * if no sample finds them. It waits for two samples before others pass by, so that the
 * number does not depend on when the daemon gets a CPU, and the lock of the address
 * space.
 */
static int hot_misses(struct hot_region *region)
{
	size_t page, hot;
	int misses = 0;

	for (page = HOT; page + OTHERS < region->nr_pages; page += OTHERS) {
		unsigned long enough = stat_get("referenced") + 2 * HOT;

		if (!SOON(hot_found(region, enough)))
			return -1;
		for (hot = 0; hot < OTHERS; hot++)
			page_touch(region->map, page + hot);
		for (hot = 0; hot < HOT; hot++)
			misses += !is_resident(region->fd, hot);
	}
	return misses;
}

/* Keeps the lock of the address space busy, as allocators with threads do. */
struct changes {
	pthread_t thread;
	bool stop;
};

static void *changes_main(void *data)
{
	static char some[4 * PAGE] __attribute__((aligned(PAGE)));
	struct changes *changes = data;

	while (!__atomic_load_n(&changes->stop, __ATOMIC_RELAXED)) {
		mprotect(some, sizeof(some), PROT_READ);
		mprotect(some, sizeof(some), PROT_READ | PROT_WRITE);
	}
	return NULL;
}

FIXTURE(hot_pages)
{
	struct changes changes;
	int fd;
	char *map;
};

FIXTURE_VARIANT(hot_pages)
{
	const char *policy;
	bool is_busy, is_soft;
	int min_misses, max_misses;
};

FIXTURE_VARIANT_ADD(hot_pages, are_evicted_by_fifo)
{
	.policy = "fifo",
	.min_misses = 12 * HOT,
	.max_misses = 20 * HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_clock)
{
	.policy = "clock",
	.max_misses = HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_aging)
{
	.policy = "aging",
	.max_misses = HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_clock_while_their_space_changes)
{
	.policy = "clock",
	.is_busy = true,
	.max_misses = HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_clock_with_soft_sampling)
{
	.policy = "clock",
	.is_soft = true,
	.max_misses = HOT,
};

FIXTURE_SETUP(hot_pages)
{
	ASSERT_EQ(pool_prepare(64), 0);
	ASSERT_EQ(exact_pool_prepare(variant->policy, 64), 0);
	ASSERT_EQ(pool_set("soft_sampling", variant->is_soft), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	self->map = region_map(&self->fd, 1024);
	ASSERT_NE(self->map, NULL);
	if (variant->is_busy)
		ASSERT_EQ(pthread_create(&self->changes.thread, NULL,
					 changes_main, &self->changes), 0);
}

FIXTURE_TEARDOWN(hot_pages)
{
	__atomic_store_n(&self->changes.stop, true, __ATOMIC_RELAXED);
	if (variant->is_busy)
		pthread_join(self->changes.thread, NULL);
	region_unmap(self->fd, self->map, 1024);
	pool_write("policy", "aging");
	pool_restore();
}

/* Clock may evict a page or two: when all are found used, the hand takes the first. */
TEST_F(hot_pages, while_a_thousand_others_pass)
{
	struct hot_region region = {
		.fd = self->fd,
		.map = self->map,
		.nr_pages = 1024,
		.is_sampled = !variant->min_misses,
	};
	int misses = hot_misses(&region);

	TH_LOG("%d misses", misses);
	EXPECT_GE(misses, variant->min_misses);
	EXPECT_LE(misses, variant->max_misses);
}

/*
 * Pages with accessed bits in no, one and two page tables, that are unmapped before the
 * daemon looks. fork() copies PTEs, so that the use by a child is no fault.
 */
#define SHARED	24

FIXTURE(shared_page)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(shared_page)
{
	ASSERT_EQ(pool_prepare(64), 0);
	ASSERT_EQ(exact_pool_prepare("clock", 64), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	self->map = region_map(&self->fd, 1024);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(shared_page)
{
	region_unmap(self->fd, self->map, 1024);
	pool_write("policy", "aging");
	pool_restore();
}

/* Of the shared pages, each third one from @first on. */
static int nr_resident(int fd, size_t first)
{
	size_t page;
	int nr = 0;

	for (page = first; page < SHARED; page += 3)
		nr += is_resident(fd, page);
	return nr;
}

TEST_F(shared_page, is_kept_however_many_have_used_it)
{
	unsigned long samples;
	size_t page;
	int status;
	pid_t pid;

	samples = stat_get("samples");
	for (page = 0; page < SHARED; page++)
		page_touch(self->map, page);
	/*
	 * The first sample after the touches clears their accessed bits, the second finds
	 * none. A sample between two accesses of a touch would take the page for used.
	 */
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	ASSERT_TRUE(SOON(stat_get("samples") >= samples + 2));
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	pid = fork();
	if (!pid) {
		for (page = 0; page < SHARED; page++)
			if (page % 3)
				page_touch(self->map, page);
		_exit(0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	for (page = 2; page < SHARED; page += 3)
		page_touch(self->map, page);
	munmap(self->map, 1024 * PAGE);
	self->map = mmap(NULL, 1024 * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(self->map, MAP_FAILED);

	for (page = SHARED; page < 1024 && nr_resident(self->fd, 0); page++)
		page_touch(self->map, page);
	EXPECT_EQ(nr_resident(self->fd, 0), 0);
	EXPECT_EQ(nr_resident(self->fd, 1), SHARED / 3);
	EXPECT_EQ(nr_resident(self->fd, 2), SHARED / 3);
}

TEST_HARNESS_MAIN
