// SPDX-License-Identifier: GPL-2.0
/*
 * A region of 1 TiB with some hundred pages, far apart. No operation may go through the
 * gaps between them: unmaps and visits of VMAs are counted, and the 2^28 places for pages
 * would take longer than a test may.
 */
#include "requests.h"

#define NR		512		/* pages that are there */
#define DISTANCE	(512 * 1024UL)	/* from one of them to the next */
#define PAGES		(NR * DISTANCE)	/* of the region */
#define FRAMES		128		/* so most of the pages are swapped */
#define LOCKED		32
/* A page without neighbours has a leaf of the region's tree to itself. */
#define LEAF_BYTES	1024

FIXTURE(sparse)
{
	char *map;
	int fd;
};

static char *map_all(int fd)
{
	return mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_NORESERVE, fd, 0);
}

static void *page_at(char *map, size_t i)
{
	return map + i * DISTANCE * PAGE;
}

static void fill_far(char *map, unsigned int version)
{
	size_t i;

	for (i = 0; i < NR; i++)
		page_fill(page_at(map, i), i, version);
}

static size_t count_wrong(char *map, unsigned int version)
{
	size_t i, wrong = 0;

	for (i = 0; i < NR; i++)
		wrong += !page_holds(page_at(map, i), i, version);
	return wrong;
}

FIXTURE_SETUP(sparse)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	self->map = map_all(self->fd);
	ASSERT_NE(self->map, MAP_FAILED);
	fill_far(self->map, 1);
}

FIXTURE_TEARDOWN(sparse)
{
	region_unmap(self->fd, self->map, PAGES);
	pool_restore();
}

TEST_F(sparse, pages_far_apart_go_out_and_come_in)
{
	EXPECT_GE(fdinfo_get(self->fd, "swapped"), NR - FRAMES);
	EXPECT_EQ(count_wrong(self->map, 1), 0);
	EXPECT_GE(stat_get("swap_ins"), NR - FRAMES);
	EXPECT_TRUE(page_is_zero(self->map + PAGE));
	EXPECT_TRUE(page_is_zero(self->map + (PAGES - 1) * PAGE));
	EXPECT_EQ(count_wrong(self->map, 1), 0);
}

TEST_F(sparse, its_metadata_is_that_of_its_pages)
{
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), NR);
	EXPECT_LE(fdinfo_get(self->fd, "dirty"), FRAMES);
	EXPECT_LE(fdinfo_get(self->fd, "metadata_bytes"), (NR + 1) * LEAF_BYTES);
}

/* A victim is looked at once, and a page once in a sample, whether it has neighbours or not. */
TEST_F(sparse, looks_visit_one_vma_a_page)
{
	unsigned long visits, goings, samples;

	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	fill_far(self->map, 2);
	ASSERT_GT(settled_free_frames(), 0);
	visits = stat_get("vma_visits");
	samples = stat_get("samples");
	goings = stat_get("evictions");
	EXPECT_GE(goings, NR - FRAMES);
	/* Some pages are picked more than once before they go. */
	EXPECT_LE(visits, (samples + 1) * FRAMES + 4 * goings);
	EXPECT_EQ(count_wrong(self->map, 2), 0);
}

TEST_F(sparse, a_discard_of_all_unmaps_what_is_resident)
{
	unsigned long resident, unmaps;

	settled_free_frames();
	unmaps = stat_get("unmaps");
	resident = fdinfo_get(self->fd, "resident");
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, PAGES), 0);
	EXPECT_LE(stat_get("unmaps") - unmaps, resident);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);
	EXPECT_EQ(stat_get("swapped"), 0);
	EXPECT_TRUE(page_is_zero(page_at(self->map, 0)));
	EXPECT_TRUE(page_is_zero(page_at(self->map, NR - 1)));
}

TEST_F(sparse, a_far_range_is_locked_and_stays)
{
	size_t first = PAGES - LOCKED, i;

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, first, LOCKED), 0);
	for (i = first; i < PAGES; i++)
		page_fill(self->map + i * PAGE, i, 1);
	EXPECT_EQ(count_wrong(self->map, 1), 0);
	EXPECT_EQ(pages_that_are(self->fd, first, LOCKED, SWAPLAB_PAGE_LOCKED |
				 SWAPLAB_PAGE_RESIDENT), LOCKED);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, PAGES), -EBUSY);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, PAGES), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	EXPECT_EQ(count_wrong(self->map, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, first, LOCKED, 1), 0);
}

TEST_F(sparse, a_lock_of_all_is_refused_before_a_page_comes_in)
{
	unsigned long pages = fdinfo_get(self->fd, "pages");

	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, PAGES), -ENOMEM);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), pages);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
}

TEST_F(sparse, states_are_told_at_far_offsets)
{
	const uint8_t there = SWAPLAB_PAGE_RESIDENT | SWAPLAB_PAGE_SWAPPED;
	uint8_t states[64];
	size_t i, j;

	for (i = 1; i < NR; i++) {
		ASSERT_EQ(page_states(self->fd, i * DISTANCE - 32, 64, states), 0);
		for (j = 0; j < 64; j++)
			ASSERT_EQ(!!(states[j] & there), j == 32);
	}
	EXPECT_EQ(page_states(self->fd, PAGES - 1, 1, states), 0);
	EXPECT_EQ(states[0], 0);
}

TEST_F(sparse, parent_and_child_share_the_far_pages)
{
	int status = -1;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		status = count_wrong(self->map, 1) != 0;
		fill_far(self->map, 2);
		_exit(status);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(count_wrong(self->map, 2), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), NR);
}

/* A process with such a region of its own, which has stopped. */
static pid_t start_other(void)
{
	pid_t pid = fork();
	int fd, status;
	char *map;

	if (!pid) {
		fd = open(DEVICE, O_RDWR);
		map = map_all(fd);
		fill_far(map, 3);
		if (!count_wrong(map, 3))
			raise(SIGSTOP);
		_exit(1);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return -1;
	return pid;
}

/* As page tables went before the region did, it has nothing to unmap. */
TEST_F(sparse, the_end_of_its_process_frees_all)
{
	unsigned long unmaps;
	pid_t pid;

	pid = start_other();
	ASSERT_GT(pid, 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), NR);
	settled_free_frames();
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 2 * NR);
	unmaps = stat_get("unmaps");
	kill(pid, SIGKILL);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == NR));
	EXPECT_EQ(stat_get("unmaps"), unmaps);
	EXPECT_EQ(count_wrong(self->map, 1), 0);
}

TEST_HARNESS_MAIN
