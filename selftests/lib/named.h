/* SPDX-License-Identifier: GPL-2.0 */
/* A pool for the tests of regions by name: after each test, no name and no page is left. */
#ifndef SWAPLAB_NAMED_H
#define SWAPLAB_NAMED_H

#include "names.h"
#include "requests.h"
#include "user.h"

#define FRAMES	64
#define NR	(2 * FRAMES)	/* pages of a region: some are always in the store */
#define PROT_RW	(PROT_READ | PROT_WRITE)

FIXTURE(named)
{
};

FIXTURE_SETUP(named)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
}

static inline unsigned long nr_pages(void)
{
	return stat_get("resident") + stat_get("swapped");
}

FIXTURE_TEARDOWN(named)
{
	chmod(DEVICE, 0600);
	EXPECT_EQ(stat_get("names"), 0);
	EXPECT_TRUE(SOON(nr_pages() == 0));
	pool_restore();
}

/* Evicts the resident pages, by pages of another region. */
static inline bool evict_all(void)
{
	char *map;
	int fd;

	map = region_map(&fd, NR);
	if (!map)
		return false;
	pages_fill(map, 0, NR, 99);
	region_unmap(fd, map, NR);
	return true;
}

static inline char *map_new(const char *name, int *fd)
{
	*fd = name_create(name, 0600);
	return *fd < 0 ? NULL : fd_map(*fd, NR, PROT_RW);
}

#endif /* SWAPLAB_NAMED_H */
