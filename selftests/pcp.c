// SPDX-License-Identifier: GPL-2.0
/* Free frames that CPUs have set aside: for faults there, but not from others. */
#include "sigbus.h"

#define FRAMES	1024
#define PAGES	(2 * FRAMES)
#define FEW	256
#define TAKERS	4

FIXTURE(pcp)
{
	cpu_set_t all;
	long nr_cpus;
	char *map;
	int fd;
};

/* Half of the low watermark is for per-CPU lists: as much as they can have. */
static int watermarks_set(unsigned long low)
{
	int err = pool_set("watermark_high", low + low / 2);

	return err ? err : pool_set("watermark_low", low);
}

FIXTURE_SETUP(pcp)
{
	self->nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (self->nr_cpus > 16)
		SKIP_SETUP("too many CPUs for so few frames");
	ASSERT_EQ(sched_getaffinity(0, sizeof(self->all), &self->all), 0);
	pool_restore();
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(watermarks_set(16 * self->nr_cpus), 0);
	ASSERT_EQ(keep_to_cpu(0, 0), 0);
	/* The frames that are set aside have been used before. */
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, FEW, 1);
	region_unmap(self->fd, self->map, PAGES);
	ASSERT_EQ(stat_get("resident"), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(pcp)
{
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(stat_get("free_frames") + stat_get("cpu_frames"),
		  pool_get("nr_frames"));
	pool_restore();
}

TEST_F(pcp, is_filled_by_a_fault_and_emptied_by_those_that_follow)
{
	unsigned long nr_free, nr, i;

	page_fill(self->map, 0, 1);
	nr = stat_get("cpu_frames");
	nr_free = stat_get("free_frames");
	ASSERT_GT(nr, 0);
	EXPECT_EQ(nr_free, FRAMES - 1 - nr);
	for (i = 1; i <= nr; i++) {
		page_fill(self->map + i * PAGE, i, 1);
		EXPECT_EQ(stat_get("cpu_frames"), nr - i);
		EXPECT_EQ(stat_get("free_frames"), nr_free);
	}
	page_fill(self->map + i * PAGE, i, 1);
	EXPECT_GT(stat_get("cpu_frames"), 0);
}

TEST_F(pcp, keeps_no_frame_from_another_cpu)
{
	size_t i, nr_refused = 0;

	if (self->nr_cpus < 2)
		SKIP(return, "one CPU");
	catch_sigbus();
	page_fill(self->map, 0, 1);
	ASSERT_GT(stat_get("cpu_frames"), 0);
	ASSERT_EQ(keep_to_cpu(0, 1), 0);
	for (i = 1; i < FRAMES; i++)
		nr_refused += !try_fill(self->map, i, 1);
	EXPECT_EQ(nr_refused, 0);
	EXPECT_EQ(stat_get("resident"), FRAMES);
	EXPECT_EQ(stat_get("cpu_frames"), 0);
	/* There is no swap file. */
	EXPECT_FALSE(try_fill(self->map, FRAMES, 1));
}

TEST_F(pcp, is_emptied_when_the_machine_or_the_administrator_wants_memory)
{
	page_fill(self->map, 0, 1);
	ASSERT_GT(stat_get("cpu_frames"), 0);
	ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "2"), 0);
	EXPECT_EQ(stat_get("cpu_frames"), 0);
	EXPECT_EQ(stat_get("free_frames"), FRAMES - 1);

	pages_fill(self->map, 1, FEW, 1);
	ASSERT_EQ(pool_set("nr_frames", FRAMES - 1), 0);
	EXPECT_EQ(stat_get("cpu_frames"), 0);
	EXPECT_EQ(stat_get("free_frames"), FRAMES - 1 - stat_get("resident"));
}

struct taker {
	pthread_t thread;
	volatile bool *stop;
	size_t first, rounds, wrong;
	char *map;
	int fd;
};

/* Takes frames and gives them back. */
static void *taker_main(void *data)
{
	struct taker *taker = data;
	struct swaplab_range range = {
		.offset = taker->first * PAGE,
		.length = FEW / TAKERS * PAGE,
	};

	while (!*taker->stop) {
		taker->rounds++;
		pages_fill(taker->map, taker->first, FEW / TAKERS, taker->rounds);
		taker->wrong += pages_wrong(taker->map, taker->first, FEW / TAKERS,
					    taker->rounds);
		taker->wrong += !!ioctl(taker->fd, SWAPLAB_DISCARD, &range);
	}
	return NULL;
}

/* All frames, for four: there is none at times, and are plenty at others. */
TEST_F(pcp, loses_no_frame_while_cpus_fight_for_them)
{
	unsigned long nr_seen = 0;
	struct taker takers[TAKERS];
	bool stop = false;
	int i;

	region_unmap(self->fd, self->map, PAGES);
	ASSERT_EQ(pool_prepare(FEW), 0);
	ASSERT_EQ(watermarks_set(8 * self->nr_cpus), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(sched_setaffinity(0, sizeof(self->all), &self->all), 0);
	for (i = 0; i < TAKERS; i++) {
		takers[i] = (struct taker){
			.stop = &stop,
			.first = i * FEW / TAKERS,
			.map = self->map,
			.fd = self->fd,
		};
		ASSERT_EQ(pthread_create(&takers[i].thread, NULL, taker_main,
					 &takers[i]), 0);
	}
	/* On a busy machine it takes longer until a list with frames is seen. */
	for (i = 0; i < 200 || (!nr_seen && i < 12000); i++) {
		msleep(5);
		nr_seen += stat_get("cpu_frames");
		EXPECT_EQ(pool_set("nr_frames", i % 4 ? FEW : FEW - FEW / 8), 0);
		if (i % 16 == 0)
			file_write("/proc/sys/vm/drop_caches", "2");
	}
	stop = true;
	for (i = 0; i < TAKERS; i++) {
		pthread_join(takers[i].thread, NULL);
		EXPECT_GT(takers[i].rounds, 0);
		EXPECT_EQ(takers[i].wrong, 0);
	}
	EXPECT_GT(nr_seen, 0);
}

TEST_HARNESS_MAIN
