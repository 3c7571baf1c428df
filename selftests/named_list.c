// SPDX-License-Identifier: GPL-2.0
/* Regions that programs open by name: what the listing and fdinfo tell of them. */
#include "named.h"

#define NR_NAMES	1000

/* A permutation: names come and go in an order of their own. */
static void nth_name(char *name, int n)
{
	sprintf(name, "%03x-%d", n * 619 % NR_NAMES, n);
}

TEST_F(named, many_names_are_listed_in_order)
{
	struct swaplab_name next = {};
	char name[32], before[32] = "";
	int device, i, nr = 0, wrong = 0;

	for (i = 0; i < NR_NAMES; i++) {
		nth_name(name, i);
		device = name_create_staying(name, 0640);
		ASSERT_GE(device, 0);
		close(device);
	}
	EXPECT_EQ(stat_get("names"), NR_NAMES);
	device = open(DEVICE, O_RDWR);
	while (!name_next(device, &next)) {
		nr++;
		wrong += strcmp(before, next.name) >= 0 || next.mode != (0640 & ~022) ||
			 next.uid != 0 || next.nr_files ||
			 next.options != SWAPLAB_OPEN_STAYS || !next.region;
		snprintf(before, sizeof(before), "%.31s", next.name);
	}
	EXPECT_EQ(nr, NR_NAMES);
	EXPECT_EQ(wrong, 0);
	for (i = 0; i < NR_NAMES; i++) {
		nth_name(name, (i * 7) % NR_NAMES);
		EXPECT_EQ(name_unlink(name), 0);
	}
	memset(&next, 0, sizeof(next));
	EXPECT_EQ(name_next(device, &next), -ENOENT);
	close(device);
}

TEST_F(named, the_listing_tells_of_files_and_pages)
{
	struct swaplab_name next = {};
	char *map;
	int fd;

	fd = name_create("ours", 0600);
	map = fd_map(fd, 4, PROT_RW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 4, 1);
	EXPECT_EQ(name_next(fd, &next), 0);
	EXPECT_STREQ(next.name, "ours");
	EXPECT_EQ(next.region, fdinfo_get(fd, "id"));
	EXPECT_EQ(next.nr_files, 1);
	EXPECT_EQ(next.options, 0);
	EXPECT_EQ(next.resident + next.swapped, 4);
	region_unmap(fd, map, 4);
}

/* A line of fdinfo is one line, whatever the name. */
TEST_F(named, fdinfo_tells_the_name_in_one_line)
{
	char path[64], text[1024];
	int fd;

	fd = name_create("a\nid:\t1", 0600);
	ASSERT_GE(fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	EXPECT_NE(strstr(text, "\nname:\ta\\012id:\t1\n"), NULL);
	close(fd);
}

TEST_HARNESS_MAIN
