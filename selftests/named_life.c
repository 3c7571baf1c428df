// SPDX-License-Identifier: GPL-2.0
/* Regions that programs open by name: how long a region, its pages and its name live. */
#include "named.h"

TEST_F(named, a_mapping_keeps_the_region_and_its_name)
{
	char *map, *again;
	int fd;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	close(fd);
	fd = name_open("ours", O_RDWR);
	ASSERT_GE(fd, 0);
	again = fd_map(fd, NR, PROT_READ);
	close(fd);
	munmap(map, NR * PAGE);
	EXPECT_EQ(pages_wrong(again, 0, NR, 1), 0);
	EXPECT_EQ(stat_get("names"), 1);
	munmap(again, NR * PAGE);
	EXPECT_EQ(stat_get("names"), 0);
	EXPECT_EQ(name_open("ours", O_RDWR), -ENOENT);
	EXPECT_EQ(nr_pages(), 0);
}

/* All frames and slots are used again, so one of them would show. */
TEST_F(named, a_new_region_of_an_old_name_is_zeros)
{
	size_t page, wrong = 0;
	int fd, round;
	char *map;

	for (round = 0; round < 4; round++) {
		map = map_new("ours", &fd);
		ASSERT_NE(map, NULL);
		for (page = 0; page < NR; page++)
			wrong += !page_is_zero(map + page * PAGE);
		pages_fill(map, 0, NR, round);
		if (round % 2)
			EXPECT_EQ(name_unlink("ours"), 0);
		region_unmap(fd, map, NR);
	}
	EXPECT_EQ(wrong, 0);
}

TEST_F(named, an_unlinked_region_lives_on_beside_its_successor)
{
	int fd, successor;
	char *map, *other;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	close(fd);
	EXPECT_EQ(name_unlink("ours"), 0);
	other = map_new("ours", &successor);
	ASSERT_NE(other, NULL);
	EXPECT_TRUE(page_is_zero(other));
	pages_fill(other, 0, NR, 2);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	munmap(map, NR * PAGE);
	EXPECT_EQ(pages_wrong(other, 0, NR, 2), 0);
	/* The end of the first one has left the name alone. */
	EXPECT_EQ(stat_get("names"), 1);
	region_unmap(successor, other, NR);
}

TEST_F(named, a_region_that_stays_keeps_its_pages_until_it_is_unlinked)
{
	char *map;
	int fd;

	fd = name_create_staying("ours", 0600);
	map = fd_map(fd, NR, PROT_RW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	region_unmap(fd, map, NR);
	ASSERT_TRUE(evict_all());
	/* The pages are data: the store is not taken from under them. */
	EXPECT_EQ(pool_write("swap_file", "none"), -EBUSY);
	fd = name_open("ours", O_RDONLY);
	ASSERT_GE(fd, 0);
	map = fd_map(fd, NR, PROT_READ);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	region_unmap(fd, map, NR);
	EXPECT_EQ(nr_pages(), NR);
	EXPECT_EQ(name_unlink("ours"), 0);
	EXPECT_EQ(nr_pages(), 0);
	EXPECT_EQ(name_open("ours", O_RDONLY), -ENOENT);
	/* Unlinked while it is open, it goes with the last close. */
	fd = name_create_staying("ours", 0600);
	EXPECT_EQ(name_unlink("ours"), 0);
	close(fd);
	EXPECT_TRUE(SOON(pool_write("swap_file", "none") != -EBUSY));
	EXPECT_EQ(pool_write("swap_file", store_path()), 0);
}

/* A region that stays, on another device. */
static int stay_on(int id, int *fd)
{
	char path[32];
	int device;

	snprintf(path, sizeof(path), "/dev/swaplab%d", id);
	if (!SOON(!access(path, F_OK)))
		return -ENOENT;
	device = open(path, O_RDWR);
	*fd = name_request(device, "ours", O_CREAT | O_RDWR, 0600,
			   SWAPLAB_OPEN_STAYS);
	close(device);
	return *fd < 0 ? *fd : 0;
}

TEST_F(named, a_device_can_be_removed_when_its_regions_only_stay)
{
	char *map, text[16];
	int id, fd;

	id = hot_add();
	ASSERT_GT(id, 0);
	ASSERT_EQ(stay_on(id, &fd), 0);
	map = fd_map(fd, 8, PROT_RW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 8, 1);
	snprintf(text, sizeof(text), "%d", id);
	EXPECT_EQ(file_write(CONTROL "hot_remove", text), -EBUSY);
	close(fd);
	EXPECT_EQ(file_write(CONTROL "hot_remove", text), -EBUSY);
	munmap(map, 8 * PAGE);
	EXPECT_EQ(hot_remove(id), 0);
}

#define THREADS	4
#define ROUNDS	400
#define RACE	8	/* pages of a region */

struct racer {
	pthread_t thread;
	unsigned int seed, opened;
	size_t wrong;
};

/*
 * A page has zeros, or what some racer has written to a region of this name: never what
 * was in one of the other name.
 */
static size_t check_and_write(int fd, unsigned int name)
{
	char *map = fd_map(fd, RACE, PROT_RW);
	size_t page, wrong = 0;
	volatile uint64_t *word;

	if (!map)
		return RACE;
	for (page = 0; page < RACE; page++) {
		word = (void *)(map + page * PAGE);
		wrong += *word && *word != word_of(page, 0, name);
		*word = word_of(page, 0, name);
	}
	munmap(map, RACE * PAGE);
	return wrong;
}

static void *racer_main(void *data)
{
	static const char * const names[] = { "one", "two" };
	struct racer *racer = data;
	unsigned int what;
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		what = rand_r(&racer->seed) >> 8;
		fd = name_open_as(names[what & 1], O_CREAT | O_RDWR, 0600,
				  what & 2 ? SWAPLAB_OPEN_STAYS : 0);
		if (fd < 0) {
			racer->wrong++;
			continue;
		}
		racer->opened++;
		racer->wrong += check_and_write(fd, what & 1);
		if (what & 4)
			name_unlink(names[what & 1]);
		close(fd);
		if (what & 8)
			name_unlink(names[what >> 4 & 1]);
	}
	return NULL;
}

TEST_F(named, opens_unlinks_and_closes_may_race)
{
	struct racer racers[THREADS] = {};
	struct pressure pressure;
	size_t wrong = 0;
	int i;

	ASSERT_EQ(pressure_start(&pressure, NR), 0);
	for (i = 0; i < THREADS; i++) {
		racers[i].seed = i + 1;
		ASSERT_EQ(pthread_create(&racers[i].thread, NULL, racer_main,
					 &racers[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(racers[i].thread, NULL);
		wrong += racers[i].wrong + (racers[i].opened != ROUNDS);
	}
	pressure_stop(&pressure);
	EXPECT_EQ(wrong, 0);
	name_unlink("one");
	name_unlink("two");
}

TEST_HARNESS_MAIN
