// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_FORK_PRIVATE: other regions of a family are looked into for pages that they may
 * share, and for no others, however many children there are.
 */
#include "private.h"
#include "requests.h"

#define FRAMES		64
#define NR		96
#define CHILDREN	8
#define FEW		8	/* pages, which nothing evicts */

FIXTURE(owners)
{
	struct turns turns;
	int fd;
	char *map;
	pid_t pids[CHILDREN];
};

FIXTURE_SETUP(owners)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = private_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(turns_begin(&self->turns), 0);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(owners)
{
	turns_end(&self->turns);
	region_unmap(self->fd, self->map, NR);
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	EXPECT_EQ(pool_get("stats/swapped"), 0);
	pool_restore();
}

/* Of a child: writes its own version to some pages, and looks at all when it is told to. */
static int write_and_check(struct turns *turns, char *map, size_t nr, unsigned int version)
{
	pages_fill(map, 0, nr, version);
	turn_over(turns->to_parent);
	turn_await(turns->to_child);
	return pages_wrong(map, 0, nr, version) || pages_wrong(map, nr, NR - nr, 1);
}

/* Each child writes to the first @nr pages, and stays. */
static void start_children(struct turns *turns, char *map, pid_t *pids, size_t nr)
{
	unsigned int i;

	for (i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(write_and_check(turns, map, nr, 10 + i));
		turn_await(turns->to_parent);
	}
}

static int end_children(struct turns *turns, const pid_t *pids)
{
	unsigned int i;
	int failed = 0;

	for (i = 0; i < CHILDREN; i++)
		turn_over(turns->to_child);
	for (i = 0; i < CHILDREN; i++)
		failed |= child_result(pids[i]);
	return failed;
}

/* The pool has frames for some of the pages: this evicts and reads them. */
static size_t use_pages(char *map, unsigned int version)
{
	size_t wrong = 0;
	int i;

	for (i = 0; i < 3; i++) {
		wrong += pages_wrong(map, 0, NR, version);
		pages_fill(map, 0, NR, ++version);
	}
	return wrong + pages_wrong(map, 0, NR, version);
}

TEST_F(owners, pages_that_all_have_written_to_need_no_look_at_others)
{
	unsigned long visits, evictions;

	start_children(&self->turns, self->map, self->pids, NR);
	pages_fill(self->map, 0, NR, 2);
	visits = stat_get("family_visits");
	evictions = stat_get("evictions");
	EXPECT_EQ(use_pages(self->map, 2), 0);
	EXPECT_EQ(end_children(&self->turns, self->pids), 0);
	EXPECT_GT(stat_get("evictions") - evictions, NR);
	EXPECT_EQ(stat_get("family_visits") - visits, 0);
}

TEST_F(owners, pages_that_are_shared_are_evicted_and_read_for_all)
{
	unsigned long visits = stat_get("family_visits");

	start_children(&self->turns, self->map, self->pids, NR / 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(end_children(&self->turns, self->pids), 0);
	EXPECT_GT(stat_get("family_visits") - visits, NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(owners, a_page_that_the_others_left_is_looked_for_once)
{
	unsigned long visits;

	start_children(&self->turns, self->map, self->pids, 0);
	EXPECT_EQ(end_children(&self->turns, self->pids), 0);
	/* Each write looks, in vain, among the regions that are left: one. */
	pages_fill(self->map, 0, NR, 2);
	visits = stat_get("family_visits");
	EXPECT_EQ(use_pages(self->map, 2), 0);
	EXPECT_EQ(stat_get("family_visits") - visits, 0);
}

TEST_F(owners, a_page_of_its_own_is_shared_by_the_next_fork)
{
	unsigned long copies;

	start_children(&self->turns, self->map, self->pids, 0);
	pages_fill(self->map, 0, NR, 2);
	EXPECT_EQ(end_children(&self->turns, self->pids), 0);
	pages_fill(self->map, 0, NR, 1);
	copies = stat_get("copies");
	start_children(&self->turns, self->map, self->pids, NR / 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	pages_fill(self->map, 0, NR, 3);
	EXPECT_EQ(end_children(&self->turns, self->pids), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 3), 0);
	/* Of each child, and of the parent: the last owner of a page needs no copy. */
	EXPECT_EQ(stat_get("copies") - copies, CHILDREN * NR / 2 + NR / 2);
}

TEST_F(owners, an_eviction_visits_the_mappings_of_the_owner_alone)
{
	unsigned long visits, evictions, samples;

	start_children(&self->turns, self->map, self->pids, NR);
	pages_fill(self->map, 0, NR, 2);
	visits = stat_get("vma_visits");
	evictions = stat_get("evictions");
	samples = stat_get("samples");
	EXPECT_EQ(use_pages(self->map, 2), 0);
	visits = stat_get("vma_visits") - visits;
	evictions = stat_get("evictions") - evictions;
	samples = stat_get("samples") - samples + 1;
	EXPECT_EQ(end_children(&self->turns, self->pids), 0);
	EXPECT_GT(evictions, NR);
	/* A look and an unmap, and again if the page was in use the first time. */
	EXPECT_LE(visits, samples * (CHILDREN + 1) + 4 * evictions);
}

/* mincore() knows mapped pages only. */
static size_t nr_mapped(char *map, size_t nr)
{
	unsigned char mapped[NR] = {};
	size_t i, nr_of = 0;

	if (mincore(map, nr * PAGE, mapped))
		return -1;
	for (i = 0; i < nr; i++)
		nr_of += mapped[i] & 1;
	return nr_of;
}

TEST_F(owners, a_write_leaves_the_page_mapped_elsewhere)
{
	unsigned long copies;

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, FEW, NR - FEW), 0);
	pages_fill(self->map, 0, FEW, 2);
	copies = stat_get("copies");
	self->pids[0] = fork();
	if (!self->pids[0]) {
		pages_fill(self->map, 0, FEW, 3);
		turn_over(self->turns.to_parent);
		turn_await(self->turns.to_child);
		_exit(pages_wrong(self->map, 0, FEW, 3) != 0);
	}
	turn_await(self->turns.to_parent);
	EXPECT_EQ(nr_mapped(self->map, FEW), FEW);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 2), 0);
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(self->pids[0]), 0);
	EXPECT_EQ(stat_get("copies") - copies, FEW);
}

TEST_F(owners, a_discard_leaves_the_page_mapped_elsewhere)
{
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, FEW, NR - FEW), 0);
	pages_fill(self->map, 0, FEW, 2);
	self->pids[0] = fork();
	if (!self->pids[0]) {
		if (request_pages(self->fd, SWAPLAB_DISCARD, 0, FEW))
			_exit(2);
		_exit(nr_mapped(self->map, FEW) || !page_is_zero(self->map));
	}
	EXPECT_EQ(child_result(self->pids[0]), 0);
	EXPECT_EQ(nr_mapped(self->map, FEW), FEW);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 2), 0);
}

TEST_HARNESS_MAIN
