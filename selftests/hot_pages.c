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

/*
 * How often pages that are used all the time are gone while others pass by. They
 * are several because even clock may evict one: when all pages are found used, it
 * is the one that the hand comes to first.
 */
#define HOT	8

static int hot_misses(const char *map, int fd, size_t nr_pages)
{
	static char many[MANY * PAGE] __attribute__((aligned(PAGE)));
	size_t page, hot;
	int misses = 0;

	for (hot = 0; hot < HOT; hot++)
		touch(map, hot);
	for (page = HOT; page < nr_pages; page++) {
		touch(map, page);
		if (page % 4)
			continue;
		flush_tlb(many);
		for (hot = 0; hot < HOT; hot++) {
			misses += !is_resident(fd, hot);
			touch(map, hot);
		}
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
	.max_misses = 8 * HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_aging)
{
	.policy = "aging",
	.max_misses = 8 * HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_clock_while_their_space_changes)
{
	.policy = "clock",
	.is_busy = true,
	.max_misses = 8 * HOT,
};

FIXTURE_VARIANT_ADD(hot_pages, are_kept_by_clock_with_soft_sampling)
{
	.policy = "clock",
	.is_soft = true,
	.max_misses = 8 * HOT,
};

FIXTURE_SETUP(hot_pages)
{
	ASSERT_EQ(pool_prepare(64), 0);
	ASSERT_EQ(be_exact(variant->policy, 64), 0);
	ASSERT_EQ(pool_set("soft_sampling", variant->is_soft), 0);
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

/*
 * The daemon samples when it gets a CPU, and the lock of the address space: when
 * it gets them too rarely, clock knows no more than fifo does. That is a matter of
 * luck from one time to the next; what is tested does not come about by luck.
 */
#define ROUNDS	5

TEST_F(hot_pages, while_a_thousand_others_pass)
{
	int round, misses;

	for (round = 0; round < ROUNDS; round++) {
		misses = hot_misses(self->map, self->fd, 1024);
		TH_LOG("%d misses of %d", misses, (1024 / 4 - 2) * HOT);
		if (misses >= variant->min_misses && misses <= variant->max_misses)
			break;
	}
	EXPECT_LT(round, ROUNDS);
}

TEST_HARNESS_MAIN
