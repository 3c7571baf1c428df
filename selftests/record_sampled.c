// SPDX-License-Identifier: GPL-2.0
/* A recording by samples has the pages that each sample found used. */
#include <poll.h>
#include <sys/wait.h>
#include "recorder.h"

#define NR	128	/* pages of the region, and half of the frames */

/*
 * Takes records of samples until @nr samples have ended, or there is none for so long;
 * counts them by page.
 */
static void count_samples(int recorder, unsigned int *counts, unsigned int nr, int ms)
{
	struct pollfd poller = { recorder, POLLIN };
	uint64_t record;

	while (nr && poll(&poller, 1, ms) == 1 &&
	       read(recorder, &record, sizeof(record)) == sizeof(record)) {
		if (record == SWAPLAB_RECORD_END)
			nr--;
		else
			counts[page_of(record)]++;
	}
}

static size_t nr_counted(const unsigned int *counts, size_t first, size_t nr)
{
	size_t i, found = 0;

	for (i = first; i < first + nr; i++)
		found += counts[i] > 0;
	return found;
}

FIXTURE(sampled)
{
	unsigned int counts[NR];
	char *map;
	int fd;
};

FIXTURE_VARIANT(sampled)
{
	const char *policy;
};

FIXTURE_VARIANT_ADD(sampled, for_a_policy_that_samples)
{
	.policy = "aging",
};

FIXTURE_VARIANT_ADD(sampled, for_one_that_does_not)
{
	.policy = "fifo",
};

FIXTURE_SETUP(sampled)
{
	ASSERT_EQ(pool_prepare(2 * NR), 0);
	ASSERT_EQ(pool_write("policy", variant->policy), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(sampled)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
}

/* A first touch brings those along that are likely to follow. */
TEST_F(sampled, pages_that_are_mapped_before_their_use_are_not_recorded)
{
	size_t nr = NR / 2, resident;
	int recorder;

	recorder = recorder_start_sampled(self->fd);
	ASSERT_GE(recorder, 0);
	pages_fill(self->map, 0, nr, 1);
	while ((resident = fdinfo_get(self->fd, "resident")) == nr && nr < NR) {
		page_fill(self->map + nr * PAGE, nr, 1);
		nr++;
	}
	ASSERT_GT(resident, nr);
	/* On a busy machine, many samples have ended already. */
	count_samples(recorder, self->counts, -1U, 0);
	count_samples(recorder, self->counts, 3, 60000);
	EXPECT_GT(nr_counted(self->counts, 0, nr), nr / 2);
	/* One may be sampled in the moment between being mapped and being unused. */
	EXPECT_LE(nr_counted(self->counts, nr, NR - nr), 1);
	close(recorder);
}

TEST_F(sampled, pages_that_are_used_are_recorded_and_no_others)
{
	int recorder, round;
	size_t i;

	/* Accessed, but before. */
	pages_fill(self->map, 0, NR, 1);
	recorder = recorder_start_sampled(self->fd);
	ASSERT_GE(recorder, 0);
	/* Samples go on while no page is used. */
	count_samples(recorder, self->counts, 3, 60000);
	EXPECT_EQ(nr_counted(self->counts, 0, NR), 0);
	for (round = 0; round < 5; round++) {
		/* The samples so far have uses of before. */
		count_samples(recorder, self->counts, -1U, 0);
		for (i = 10; i < 20; i++)
			page_use(self->map, i, false);
		/* The first may have been under way. */
		count_samples(recorder, self->counts, 2, 60000);
	}
	/* Not each time: see module/pte.c on TLBs. */
	EXPECT_EQ(nr_counted(self->counts, 10, 10), 10);
	EXPECT_EQ(nr_counted(self->counts, 0, NR), 10);
	EXPECT_EQ(recorder_counters(recorder).dropped, 0);
	close(recorder);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

/* Uses a page, at an address, until a sample has found it used. */
static bool use_seen(int recorder, unsigned int *counts, char *address,
		     size_t page)
{
	unsigned int before = counts[page];
	int tries;

	for (tries = 0; tries < 1000 && counts[page] == before; tries++) {
		page_use(address, 0, false);
		count_samples(recorder, counts, 1, 60000);
	}
	return counts[page] > before;
}

TEST_F(sampled, uses_in_all_mappings_of_a_page_are_recorded)
{
	char *second, *moved;
	int recorder, status;
	pid_t child;

	pages_fill(self->map, 0, NR, 1);
	recorder = recorder_start_sampled(self->fd);
	ASSERT_GE(recorder, 0);
	second = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED, self->fd, 8 * PAGE);
	ASSERT_NE(second, MAP_FAILED);
	EXPECT_TRUE(use_seen(recorder, self->counts, second + 2 * PAGE, 10));

	moved = mmap(NULL, 32 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(moved, MAP_FAILED);
	moved = mremap(second, 16 * PAGE, 32 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, moved);
	ASSERT_NE(moved, MAP_FAILED);
	EXPECT_TRUE(use_seen(recorder, self->counts, moved + 20 * PAGE, 28));

	/* Split in three. */
	ASSERT_EQ(mprotect(self->map + 40 * PAGE, 8 * PAGE, PROT_READ), 0);
	EXPECT_TRUE(use_seen(recorder, self->counts, self->map + 39 * PAGE, 39));
	EXPECT_TRUE(use_seen(recorder, self->counts, self->map + 44 * PAGE, 44));
	EXPECT_TRUE(use_seen(recorder, self->counts, self->map + 48 * PAGE, 48));

	child = fork();
	if (!child)
		_exit(!use_seen(recorder, self->counts, self->map + 60 * PAGE, 60));
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
	munmap(moved, 32 * PAGE);
	close(recorder);
}

/* While samples are taken all the time, and regions go. */
TEST_F(sampled, recorders_come_and_go)
{
	int recorder, round, fd;
	char *map;

	ASSERT_EQ(pool_set("scan_interval_ms", 1), 0);
	for (round = 0; round < 50; round++) {
		recorder = round % 2 ? recorder_start_sampled(self->fd) :
				       recorder_start(self->fd, 0, 0);
		ASSERT_GE(recorder, 0);
		map = region_map(&fd, NR);
		ASSERT_NE(map, NULL);
		pages_fill(map, 0, NR / 4, round);
		pages_fill(self->map, 0, NR / 4, round);
		if (round % 3)
			close(recorder);
		EXPECT_EQ(pages_wrong(map, 0, NR / 4, round), 0);
		EXPECT_EQ(pages_wrong(self->map, 0, NR / 4, round), 0);
		region_unmap(fd, map, NR);
		if (!(round % 3))
			close(recorder);
	}
}

TEST_HARNESS_MAIN
