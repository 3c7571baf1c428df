/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A region with private pages, filled with version 1, in a pool that has frames for a third
 * of them.
 */
#ifndef SWAPLAB_PRIVATE_PAGES_H
#define SWAPLAB_PRIVATE_PAGES_H

#include "private.h"
#include "requests.h"

#define FRAMES	64
#define NR	192
/* Few enough that none is evicted meanwhile. */
#define FEW	16

FIXTURE(private)
{
	struct turns turns;
	int fd;
	char *map;
};

FIXTURE_SETUP(private)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = private_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(turns_begin(&self->turns), 0);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(private)
{
	turns_end(&self->turns);
	region_unmap(self->fd, self->map, NR);
	/* Nothing is left of children either. */
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	EXPECT_EQ(pool_get("stats/swapped"), 0);
	pool_restore();
}

/* Writes a version to each page whose number is a multiple. */
static inline void write_each(char *map, size_t multiple, unsigned int version)
{
	size_t i;

	for (i = 0; i < NR; i += multiple)
		page_fill(map + i * PAGE, i, version);
}

/* Pages that do not hold the version that write_each() wrote, or @before. */
static inline size_t wrong_each(char *map, size_t multiple, unsigned int version,
				unsigned int before)
{
	size_t i, wrong = 0;

	for (i = 0; i < NR; i++)
		wrong += !page_holds(map + i * PAGE, i,
				     i % multiple ? before : version);
	return wrong;
}

#endif /* SWAPLAB_PRIVATE_PAGES_H */
