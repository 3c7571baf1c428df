// SPDX-License-Identifier: GPL-2.0
/* The requests of a region: their effects, and the arguments that they refuse. */
#include "requests.h"

#define FRAMES	64
#define NR	128	/* pages of the region */
#define SOME	16	/* of them, for a test to work on */

FIXTURE(region)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(region)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(region)
{
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

TEST_F(region, version_tells_the_api_and_the_page_size)
{
	struct swaplab_version version = {};

	ASSERT_EQ(request_send(self->fd, SWAPLAB_VERSION, &version), 0);
	EXPECT_EQ(version.api, SWAPLAB_API_VERSION);
	EXPECT_EQ(version.page_size, sysconf(_SC_PAGESIZE));
}

TEST_F(region, unknown_requests_get_enotty)
{
	static const unsigned long unknown[] = {
		0, -1UL, _IO(SWAPLAB_IOC_MAGIC, 99),
		/* A known number, but another direction, size or type. */
		_IOR(SWAPLAB_IOC_MAGIC, 1, struct swaplab_range),
		_IOW(SWAPLAB_IOC_MAGIC, 1, uint32_t),
		_IOW(SWAPLAB_IOC_MAGIC + 1, 1, struct swaplab_range),
	};
	struct swaplab_page_states arg = {};
	size_t i;

	for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		EXPECT_EQ(request_send(self->fd, unknown[i], &arg), -ENOTTY);
}

FIXTURE(argument)
{
	char *map;
	int fd;
};

FIXTURE_VARIANT(argument)
{
	unsigned long cmd;
};

FIXTURE_VARIANT_ADD(argument, of_discard)
{
	.cmd = SWAPLAB_DISCARD,
};

FIXTURE_VARIANT_ADD(argument, of_page_states)
{
	.cmd = SWAPLAB_PAGE_STATES,
};

FIXTURE_VARIANT_ADD(argument, of_lock)
{
	.cmd = SWAPLAB_LOCK,
};

FIXTURE_VARIANT_ADD(argument, of_unlock)
{
	.cmd = SWAPLAB_UNLOCK,
};

FIXTURE_SETUP(argument)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, SOME);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, SOME, 1);
}

FIXTURE_TEARDOWN(argument)
{
	/* The refused requests have changed nothing. */
	EXPECT_EQ(pages_wrong(self->map, 0, SOME, 1), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	region_unmap(self->fd, self->map, SOME);
	pool_restore();
}

TEST_F(argument, that_is_no_range_is_refused)
{
	static const struct swaplab_range bad[] = {
		{ 0, 0 },
		{ PAGE, 0 },
		{ 0, 1 },
		{ 0, PAGE - 1 },
		{ 0, PAGE + 1 },
		{ 1, PAGE },
		{ PAGE / 2, PAGE / 2 },
		{ PAGE - 1, PAGE + 1 },
		{ -PAGE, PAGE },
		{ -PAGE, 2 * PAGE },
		{ 2 * PAGE, -PAGE },
		{ 1UL << 63, 1UL << 63 },
		{ 0, PAGE, .flags = 1 },
		{ 0, PAGE, .flags = 1UL << 63 },
		{ 0, PAGE, .reserved = 1 },
		{ 0, PAGE, .reserved = 1UL << 63 },
	};
	struct swaplab_page_states query;
	uint8_t states[SOME];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		query.range = bad[i];
		query.states = (uintptr_t)states;
		EXPECT_EQ(request_send(self->fd, variant->cmd, &query), -EINVAL) {
			TH_LOG("range %zu: offset %llx length %llx", i,
			       bad[i].offset, bad[i].length);
		}
	}
}

TEST_F(argument, beyond_max_region_pages_is_refused)
{
	struct swaplab_page_states query = {
		.range = { .offset = (NR - 1) * PAGE, .length = 2 * PAGE },
	};

	ASSERT_EQ(pool_set("max_region_pages", NR), 0);
	EXPECT_EQ(request_send(self->fd, variant->cmd, &query), -EINVAL);
}

TEST_F(argument, that_cannot_be_read_is_refused)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(pages, MAP_FAILED);
	munmap(pages + PAGE, PAGE);
	EXPECT_EQ(request_send(self->fd, variant->cmd, NULL), -EFAULT);
	EXPECT_EQ(request_send(self->fd, variant->cmd, (void *)-PAGE), -EFAULT);
	/* The last byte is missing. */
	EXPECT_EQ(request_send(self->fd, variant->cmd, pages + PAGE + 1 -
			       sizeof(struct swaplab_range)), -EFAULT);
	munmap(pages, PAGE);
}

TEST_F(region, answers_that_cannot_be_written_get_efault)
{
	uint8_t *states = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(states, MAP_FAILED);
	munmap(states + PAGE, PAGE);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_VERSION, NULL), -EFAULT);
	EXPECT_EQ(page_states(self->fd, 0, NR, NULL), -EFAULT);
	EXPECT_EQ(page_states(self->fd, 0, NR, states + PAGE - NR + 1),
		  -EFAULT);
	EXPECT_EQ(page_states(self->fd, 0, NR, states + PAGE - NR), 0);
	munmap(states, PAGE);
}

TEST_F(region, discarded_pages_read_zeros_and_the_others_stay)
{
	char *other = mmap(NULL, NR * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	size_t i;

	ASSERT_NE(other, MAP_FAILED);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, SOME, NR - 2 * SOME),
		  0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 2 * SOME);
	for (i = SOME; i < NR - SOME; i++) {
		EXPECT_TRUE(page_is_zero(self->map + i * PAGE));
		EXPECT_TRUE(page_is_zero(other + i * PAGE));
	}
	EXPECT_EQ(pages_wrong(self->map, 0, SOME, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, NR - SOME, SOME, 1), 0);
	munmap(other, NR * PAGE);
}

TEST_F(region, discard_frees_frames_and_slots)
{
	pages_fill(self->map, 0, NR, 1);
	EXPECT_GT(stat_get("swapped"), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(stat_get("swapped"), 0);
	EXPECT_EQ(stat_get("free_frames"), FRAMES);
	EXPECT_EQ(pages_that_are(self->fd, 0, NR, SWAPLAB_PAGE_RESIDENT), 0);
	EXPECT_EQ(pages_that_are(self->fd, 0, NR, SWAPLAB_PAGE_SWAPPED), 0);
}

TEST_F(region, discard_of_a_range_far_larger_than_the_region_succeeds)
{
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0,
				(1UL << 63) / PAGE), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);
	EXPECT_TRUE(page_is_zero(self->map));
}

TEST_F(region, requests_that_others_feel_need_a_file_open_for_writing)
{
	uint8_t state = 0xff;
	int fd = open(DEVICE, O_RDONLY);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(request_pages(fd, SWAPLAB_DISCARD, 0, 1), -EBADF);
	EXPECT_EQ(request_pages(fd, SWAPLAB_LOCK, 0, 1), -EBADF);
	EXPECT_EQ(request_pages(fd, SWAPLAB_UNLOCK, 0, 1), -EBADF);
	EXPECT_EQ(page_states(fd, 0, 1, &state), 0);
	EXPECT_EQ(state, 0);
	close(fd);
}

TEST_F(region, discard_of_a_locked_page_is_refused_and_discards_nothing)
{
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, NR - 1, 1), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), -EBUSY);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR - 1), 0);
	EXPECT_TRUE(page_holds(self->map + (NR - 1) * PAGE, NR - 1, 1));
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, NR - 1, 1), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
}

struct toucher {
	pthread_t thread;
	volatile bool stop;
	char *map;
	size_t wrong;
};

/* Each page holds zeros or the bytes of this thread, never another's. */
static void *toucher_main(void *data)
{
	struct toucher *toucher = data;
	volatile uint64_t *word;
	size_t i;

	while (!toucher->stop)
		for (i = 0; i < NR; i++) {
			word = (uint64_t *)(toucher->map + i * PAGE);
			if (*word && *word != word_of(i, 0, 1))
				toucher->wrong++;
			*word = word_of(i, 0, 1);
		}
	return NULL;
}

TEST_F(region, discard_races_with_touches_and_evictions)
{
	struct toucher toucher = { .map = self->map };
	int i;

	ASSERT_EQ(pthread_create(&toucher.thread, NULL, toucher_main, &toucher),
		  0);
	for (i = 0; i < 300; i++)
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, i % NR,
					NR - i % NR), 0);
	toucher.stop = true;
	pthread_join(toucher.thread, NULL);
	EXPECT_EQ(toucher.wrong, 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(stat_get("free_frames"), FRAMES);
	EXPECT_EQ(stat_get("swapped"), 0);
}

TEST_F(region, states_tell_absent_resident_dirty_and_swapped)
{
	uint8_t states[NR];
	size_t i, swapped = 0;
	bool resident;

	EXPECT_EQ(page_states(self->fd, 0, SOME, states), 0);
	for (i = 0; i < SOME; i++)
		EXPECT_EQ(states[i], 0);

	pages_fill(self->map, 0, SOME, 1);
	EXPECT_EQ(pages_that_are(self->fd, 0, SOME, SWAPLAB_PAGE_RESIDENT |
				 SWAPLAB_PAGE_DIRTY), SOME);
	EXPECT_TRUE(page_is_zero(self->map + SOME * PAGE));
	EXPECT_EQ(pages_that_are(self->fd, SOME, 1, SWAPLAB_PAGE_RESIDENT), 1);
	EXPECT_EQ(pages_that_are(self->fd, SOME, 1, SWAPLAB_PAGE_DIRTY), 0);

	/* Not a byte more than was asked for. */
	memset(states, 0xff, sizeof(states));
	EXPECT_EQ(page_states(self->fd, 0, SOME, states), 0);
	EXPECT_EQ(states[SOME], 0xff);

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(page_states(self->fd, 0, NR, states), 0);
	for (i = 0; i < NR; i++) {
		resident = states[i] & SWAPLAB_PAGE_RESIDENT;
		swapped += !resident;
		EXPECT_EQ(!(states[i] & SWAPLAB_PAGE_SWAPPED), resident);
		EXPECT_TRUE(resident || !(states[i] & SWAPLAB_PAGE_DIRTY));
	}
	EXPECT_GE(swapped, NR - FRAMES);
}

TEST_F(region, a_page_read_back_is_clean_until_it_is_written)
{
	uint8_t state = 0;
	size_t i;

	pages_fill(self->map, 0, NR, 1);
	for (i = 0; i < NR && !(state & SWAPLAB_PAGE_SWAPPED); i++)
		ASSERT_EQ(page_states(self->fd, i, 1, &state), 0);
	i--;
	ASSERT_TRUE(state & SWAPLAB_PAGE_SWAPPED);
	EXPECT_TRUE(page_holds(self->map + i * PAGE, i, 1));
	ASSERT_EQ(page_states(self->fd, i, 1, &state), 0);
	EXPECT_TRUE(state & SWAPLAB_PAGE_RESIDENT);
	EXPECT_FALSE(state & SWAPLAB_PAGE_DIRTY);
	/* Through a PTE that is there: no fault tells the module. */
	page_fill(self->map + i * PAGE, i, 2);
	ASSERT_EQ(page_states(self->fd, i, 1, &state), 0);
	EXPECT_TRUE(state & SWAPLAB_PAGE_DIRTY);
}

TEST_F(region, asking_for_states_brings_nothing_in)
{
	uint8_t states[NR];
	unsigned long faults, reads;

	pages_fill(self->map, 0, NR, 1);
	faults = stat_get("faults");
	reads = stat_get("swap_ins");
	EXPECT_EQ(page_states(self->fd, 0, NR, states), 0);
	EXPECT_EQ(stat_get("faults"), faults);
	EXPECT_EQ(stat_get("swap_ins"), reads);
}

TEST_HARNESS_MAIN
