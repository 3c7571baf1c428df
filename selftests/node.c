// SPDX-License-Identifier: GPL-2.0
/*
 * Frames and NUMA nodes: a page comes in on the node of the task that touches it.
 * vm-options: --nodes 2
 */
#include <sys/syscall.h>
#include "exact_pool.h"

#define FRAMES	256
#define PAGES	(4 * FRAMES)
/* Touched by the second node, last: they stay. */
#define FEW	64
#define NR_NODES	2

FIXTURE(node)
{
	cpu_set_t all;
	char *map;
	int fd;
};

/* The first CPU of a node; negative without such a node, or if it has no CPU. */
static int node_cpu(int node)
{
	char path[64], list[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", node);
	if (file_read(path, list, sizeof(list)) || !isdigit(list[0]))
		return -1;
	return atoi(list);
}

/* How many of the pages lie on a node; those that are not mapped do not. */
static size_t pages_on(char *map, size_t first, size_t nr, int node)
{
	size_t i, found = 0;
	int status;
	void *page;

	for (i = first; i < first + nr; i++) {
		page = map + i * PAGE;
		if (!syscall(SYS_move_pages, 0, 1UL, &page, NULL, &status, 0))
			found += status == node;
	}
	return found;
}

FIXTURE_SETUP(node)
{
	if (node_cpu(0) < 0 || node_cpu(1) < 0)
		SKIP_SETUP("no second NUMA node with a CPU");
	ASSERT_EQ(sched_getaffinity(0, sizeof(self->all), &self->all), 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare("fifo", FRAMES), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	/* All frames have a folio now: on the first node. */
	ASSERT_EQ(keep_to_cpu(0, node_cpu(0)), 0);
	pages_fill(self->map, 0, 2 * FRAMES, 1);
	ASSERT_EQ(pages_on(self->map, 2 * FRAMES - FEW, FEW, 0), FEW);
	ASSERT_EQ(keep_to_cpu(0, node_cpu(1)), 0);
}

FIXTURE_TEARDOWN(node)
{
	EXPECT_EQ(pages_wrong(self->map, 0, 2 * FRAMES, 1), 0);
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_TRUE(SOON(stat_get("free_frames") + stat_get("cpu_frames") ==
			 pool_get("nr_frames")));
	EXPECT_EQ(sched_setaffinity(0, sizeof(self->all), &self->all), 0);
	pool_write("policy", "aging");
	pool_restore();
}

TEST_F(node, a_first_touch_is_on_the_node_of_the_task)
{
	pages_fill(self->map, 2 * FRAMES, FEW, 1);
	EXPECT_EQ(pages_on(self->map, 2 * FRAMES, FEW, 1), FEW);
}

TEST_F(node, a_page_comes_back_to_the_node_of_the_task)
{
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	EXPECT_EQ(pages_on(self->map, 0, FEW, 1), FEW);
}

/* In turns, so that free frames are those of either. */
TEST_F(node, each_of_two_nodes_has_its_own_pages)
{
	size_t i;

	for (i = 0; i < FEW; i++) {
		ASSERT_EQ(keep_to_cpu(0, node_cpu(i % NR_NODES)), 0);
		page_fill(self->map + (2 * FRAMES + i) * PAGE, 2 * FRAMES + i, 1);
	}
	for (i = 0; i < FEW; i++)
		EXPECT_EQ(pages_on(self->map, 2 * FRAMES + i, 1, i % NR_NODES), 1);
}

TEST_F(node, frames_are_as_many_as_before)
{
	int i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(keep_to_cpu(0, node_cpu(i % NR_NODES)), 0);
		pages_fill(self->map, 2 * FRAMES, 2 * FRAMES, i);
		EXPECT_EQ(pages_wrong(self->map, 2 * FRAMES, 2 * FRAMES, i), 0);
		EXPECT_LE(stat_get("resident"), FRAMES);
	}
}

TEST_HARNESS_MAIN
