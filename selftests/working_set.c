// SPDX-License-Identifier: GPL-2.0
/*
 * Frames divided by working sets: the pages that each region has used lately. Threads use pages
 * round after round, each those of a region.
 */
#include "fault_threads.h"
#include "private.h"
#include "quota.h"

#define FRAMES		256
#define LARGE		160	/* pages: more than half of the frames */
#define SMALL		40
#define COLD		120	/* used once */
#define HOT		64
#define LOOP		320	/* more than all frames */
#define ROUNDS		12
#define WORKERS		3
#define INTERVAL_MS	100	/* all pages are used in the window, be they read each time */
#define SELF		FIXTURE_DATA(working_set)

/**
 * struct worker - a thread that uses pages
 * @thread: it
 * @fd: of its region
 * @map: the region, of LOOP pages
 * @nr_pages: that it uses, the first ones
 * @rounds: over them, so far
 * @stop: it is to end
 */
struct worker {
	pthread_t thread;
	int fd;
	char *map;
	volatile size_t nr_pages;
	volatile unsigned long rounds;
	volatile bool stop;
};

static void *worker_main(void *data)
{
	struct worker *worker = data;
	size_t page;

	while (!worker->stop) {
		for (page = 0; page < worker->nr_pages && !worker->stop; page++)
			page_touch(worker->map, page);
		worker->rounds++;
	}
	return NULL;
}

static int worker_start(struct worker *worker, size_t nr_pages)
{
	*worker = (struct worker){ .nr_pages = nr_pages };
	worker->map = region_map(&worker->fd, LOOP);
	if (!worker->map)
		return -1;
	pages_fill(worker->map, 0, nr_pages, 1);
	return pthread_create(&worker->thread, NULL, worker_main, worker);
}

/* @nr_pages: that have been filled. Returns how many are wrong. */
static size_t worker_stop(struct worker *worker, size_t nr_pages)
{
	size_t wrong;

	worker->stop = true;
	pthread_join(worker->thread, NULL);
	wrong = pages_wrong(worker->map, 0, nr_pages, 1);
	region_unmap(worker->fd, worker->map, LOOP);
	return wrong;
}

static unsigned long set_of(const struct worker *worker)
{
	return fdinfo_get(worker->fd, "working_set");
}

static unsigned long quota_of(const struct worker *worker)
{
	return fdinfo_get(worker->fd, "quota");
}

/* So many pages, or an eighth more or less. */
static bool is_about(unsigned long nr, unsigned long pages)
{
	return nr >= pages - pages / 8 && nr <= pages + pages / 8;
}

FIXTURE(working_set)
{
	struct worker workers[WORKERS];
	unsigned long rounds[WORKERS];
};

FIXTURE_SETUP(working_set)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare("lru", FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", INTERVAL_MS * timeout_factor()), 0);
	ASSERT_EQ(pool_write("allocation", "working-set"), 0);
}

FIXTURE_TEARDOWN(working_set)
{
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
	pool_write("policy", "aging");
	pool_restore();
}

/* Comes to a number of pages, and then to fewer. */
static bool follows_use(struct worker *worker)
{
	bool is_right;

	if (worker_start(worker, HOT))
		return false;
	is_right = SOON(is_about(set_of(worker), HOT));
	worker->nr_pages = 16;
	is_right &= SOON(is_about(set_of(worker), 16));
	worker->nr_pages = HOT;
	is_right &= SOON(is_about(set_of(worker), HOT));
	is_right &= !worker_stop(worker, HOT);
	return is_right;
}

TEST_F(working_set, is_the_pages_in_use)
{
	EXPECT_TRUE(follows_use(&self->workers[0]));
}

TEST_F(working_set, is_the_pages_in_use_with_soft_sampling)
{
	ASSERT_EQ(pool_set("soft_sampling", 1), 0);
	EXPECT_TRUE(follows_use(&self->workers[0]));
}

/* For such a policy there would be no samples. */
TEST_F(working_set, is_counted_with_a_policy_that_needs_no_uses)
{
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_TRUE(follows_use(&self->workers[0]));
}

TEST_F(working_set, is_zero_with_another_allocation)
{
	ASSERT_EQ(worker_start(&self->workers[0], HOT), 0);
	EXPECT_TRUE(SOON(set_of(&self->workers[0])));
	ASSERT_EQ(pool_write("allocation", "pff"), 0);
	EXPECT_EQ(set_of(&self->workers[0]), 0);
	ASSERT_EQ(pool_write("allocation", "working-set"), 0);
	EXPECT_TRUE(SOON(is_about(set_of(&self->workers[0]), HOT)));
	EXPECT_EQ(worker_stop(&self->workers[0], HOT), 0);
}

/* Each page is out before it is used again. */
TEST_F(working_set, has_pages_that_have_no_frame)
{
	struct worker *worker = &self->workers[0];

	ASSERT_EQ(pool_set("working_set_samples", 8), 0);
	ASSERT_EQ(worker_start(worker, LOOP), 0);
	EXPECT_TRUE(SOON(is_about(set_of(worker), LOOP) && worker->rounds > 4));
	TH_LOG("%lu pages of %d", set_of(worker), LOOP);
	EXPECT_LE(fdinfo_get(worker->fd, "resident"), FRAMES);
	/* Not counted again and again, as it goes round. */
	msleep(2000);
	EXPECT_LE(set_of(worker), LOOP + LOOP / 8);
	EXPECT_EQ(worker_stop(worker, LOOP), 0);
}

TEST_F(working_set, a_longer_window_has_more_pages)
{
	struct worker *worker = &self->workers[0];
	int i;

	ASSERT_EQ(pool_set("working_set_samples", 16), 0);
	ASSERT_EQ(worker_start(worker, HOT), 0);
	EXPECT_TRUE(SOON(is_about(set_of(worker), HOT)));
	worker->nr_pages = 16;
	/* Those used before are still in it. */
	for (i = 0; i < 5; i++) {
		msleep(INTERVAL_MS * timeout_factor());
		EXPECT_TRUE(is_about(set_of(worker), HOT));
	}
	ASSERT_EQ(pool_set("working_set_samples", 1), 0);
	EXPECT_TRUE(SOON(is_about(set_of(worker), 16)));
	EXPECT_EQ(worker_stop(worker, HOT), 0);
}

/* Has the first one a quota for its pages, and more than the second one? */
static bool quotas_suit(const struct worker *first, const struct worker *second)
{
	return quota_of(first) >= LARGE - LARGE / 8 && quota_of(second) >= SMALL - SMALL / 8 &&
	       quota_of(second) < FRAMES / 2 && quota_of(first) + quota_of(second) <= FRAMES;
}

TEST_F(working_set, quotas_follow)
{
	struct worker *workers = self->workers;

	ASSERT_EQ(worker_start(&workers[0], LARGE), 0);
	ASSERT_EQ(worker_start(&workers[1], LARGE), 0);
	workers[1].nr_pages = SMALL;
	EXPECT_TRUE(SOON(quotas_suit(&workers[0], &workers[1])));
	workers[0].nr_pages = SMALL;
	workers[1].nr_pages = LARGE;
	EXPECT_TRUE(SOON(quotas_suit(&workers[1], &workers[0])));
	TH_LOG("quotas %lu and %lu", quota_of(&workers[0]), quota_of(&workers[1]));
	EXPECT_EQ(worker_stop(&workers[0], LARGE), 0);
	EXPECT_EQ(worker_stop(&workers[1], LARGE), 0);
}

/* What equal parts would not do: see pff.c. */
TEST_F(working_set, a_region_has_frames_that_another_one_does_not_use)
{
	struct worker *worker = &self->workers[0];
	unsigned long before;
	char *cold;
	int fd;

	cold = region_map(&fd, COLD);
	ASSERT_NE(cold, NULL);
	pages_fill(cold, 0, COLD, 1);
	ASSERT_EQ(worker_start(worker, LARGE), 0);
	EXPECT_TRUE(SOON(quota_of(worker) >= LARGE));
	settled_free_frames();
	before = fdinfo_get(worker->fd, "refaults");
	self->rounds[0] = worker->rounds;
	EXPECT_TRUE(SOON(worker->rounds - self->rounds[0] >= 20));
	EXPECT_LE(fdinfo_get(worker->fd, "refaults") - before, LARGE);
	EXPECT_EQ(pages_wrong(cold, 0, COLD, 1), 0);
	EXPECT_EQ(worker_stop(worker, LARGE), 0);
	region_unmap(fd, cold, COLD);
}

TEST_F(working_set, quotas_keep_to_bounds)
{
	struct worker *workers = self->workers;
	int i;

	ASSERT_EQ(worker_start(&workers[0], LARGE), 0);
	ASSERT_EQ(worker_start(&workers[1], SMALL), 0);
	ASSERT_EQ(quota_set(workers[1].fd, 120, 0), 0);
	ASSERT_EQ(quota_set(workers[0].fd, 0, 100), 0);
	for (i = 0; i < 20; i++) {
		msleep(50);
		EXPECT_GE(quota_of(&workers[1]), 120);
		EXPECT_LE(quota_of(&workers[0]), 100);
	}
	EXPECT_TRUE(SOON(is_about(set_of(&workers[0]), LARGE)));
	ASSERT_EQ(quota_set(workers[1].fd, 0, 0), 0);
	ASSERT_EQ(quota_set(workers[0].fd, 0, 0), 0);
	EXPECT_TRUE(SOON(quotas_suit(&workers[0], &workers[1])));
	EXPECT_EQ(worker_stop(&workers[0], LARGE), 0);
	EXPECT_EQ(worker_stop(&workers[1], SMALL), 0);
}

/*
 * Uses a small set again and again, each time after two rounds of a loop over more pages than there
 * are frames. Returns how many pages had to be read, or -1 if something fails.
 */
static long misses_beside_a_loop(const char *mode)
{
	unsigned long before = 0, rounds;
	struct worker loop;
	long misses = 0;
	char *map;
	int fd, i;

	map = region_map(&fd, HOT);
	if (!map || pool_write("allocation", mode) || worker_start(&loop, LOOP))
		return -1;
	pages_fill(map, 0, HOT, 1);
	for (i = 0; i < 2 * ROUNDS; i++) {
		/* Both are known by now. */
		if (i == ROUNDS)
			before = fdinfo_get(fd, "refaults");
		pages_touch(map, HOT);
		rounds = loop.rounds;
		if (!SOON(loop.rounds - rounds >= 2))
			misses = -1;
	}
	if (!misses)
		misses = fdinfo_get(fd, "refaults") - before;
	if (pages_wrong(map, 0, HOT, 1) || worker_stop(&loop, LOOP))
		misses = -1;
	region_unmap(fd, map, HOT);
	return misses;
}

TEST_F(working_set, a_loop_does_not_ruin_a_small_set)
{
	long misses, global;

	/* A window of several such rounds. */
	ASSERT_EQ(pool_set("scan_interval_ms", 200 * timeout_factor()), 0);
	ASSERT_EQ(pool_set("working_set_samples", 16), 0);
	misses = misses_beside_a_loop("working-set");
	global = misses_beside_a_loop("global");
	TH_LOG("%ld misses in %d rounds over %d pages, %ld with global", misses, ROUNDS, HOT,
	       global);
	EXPECT_GE(misses, 0);
	EXPECT_LE(misses, ROUNDS * HOT / 4);
	EXPECT_GE(global, ROUNDS * HOT / 2);
}

static size_t nr_suspended(SELF *self)
{
	size_t i, nr = 0;

	for (i = 0; i < WORKERS; i++)
		nr += fdinfo_get(self->workers[i].fd, "suspended") == 1;
	return nr;
}

/* Have all done so many rounds more? */
static bool have_gone_on(SELF *self, unsigned long rounds)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (self->workers[i].rounds - self->rounds[i] < rounds)
			return false;
	return true;
}

static void rounds_note(SELF *self)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		self->rounds[i] = self->workers[i].rounds;
}

TEST_F(working_set, thrashing_is_counted_if_not_all_fit)
{
	size_t i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(worker_start(&self->workers[i], LARGE), 0);
	EXPECT_TRUE(SOON(stat_get("thrashing") >= 3));
	/* Each gets the same. */
	EXPECT_EQ(quota_of(&self->workers[0]), FRAMES / 2);
	EXPECT_EQ(quota_of(&self->workers[1]), FRAMES / 2);
	EXPECT_EQ(stat_get("suspensions"), 0);
	self->workers[0].nr_pages = SMALL;
	EXPECT_TRUE(SOON(quotas_suit(&self->workers[1], &self->workers[0])));
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	msleep(5 * INTERVAL_MS * timeout_factor());
	EXPECT_EQ(stat_get("thrashing"), 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(worker_stop(&self->workers[i], LARGE), 0);
}

TEST_F(working_set, regions_that_do_not_fit_take_turns)
{
	size_t i;

	ASSERT_EQ(pool_set("scan_interval_ms", 50 * timeout_factor()), 0);
	ASSERT_EQ(pool_set("working_set_samples", 16), 0);
	ASSERT_EQ(pool_set("load_turn_ms", 800 * timeout_factor()), 0);
	for (i = 0; i < WORKERS; i++)
		ASSERT_EQ(worker_start(&self->workers[i], LARGE), 0);
	EXPECT_TRUE(SOON(nr_suspended(self) == WORKERS - 1));
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	rounds_note(self);
	EXPECT_TRUE(SOON(stat_get("suspensions") >= WORKERS));
	EXPECT_TRUE(SOON(have_gone_on(self, 2)));
	pool_set("load_turn_ms", 0);
	EXPECT_EQ(nr_suspended(self), 0);
	for (i = 0; i < WORKERS; i++)
		EXPECT_EQ(worker_stop(&self->workers[i], LARGE), 0);
}

TEST_F(working_set, a_region_that_fits_is_not_suspended)
{
	unsigned long i, nr_times = 0;

	ASSERT_EQ(pool_set("scan_interval_ms", 50 * timeout_factor()), 0);
	ASSERT_EQ(pool_set("working_set_samples", 16), 0);
	ASSERT_EQ(worker_start(&self->workers[2], SMALL), 0);
	ASSERT_EQ(pool_set("load_turn_ms", 800 * timeout_factor()), 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(worker_start(&self->workers[i], LOOP / 2 + SMALL), 0);
	EXPECT_TRUE(SOON(stat_get("suspensions") >= 2));
	for (i = 0; i < 100; i++) {
		nr_times += fdinfo_get(self->workers[2].fd, "suspended");
		msleep(10);
	}
	EXPECT_EQ(nr_times, 0);
	pool_set("load_turn_ms", 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(worker_stop(&self->workers[i], LOOP / 2 + SMALL), 0);
	EXPECT_EQ(worker_stop(&self->workers[2], SMALL), 0);
}

TEST_F(working_set, regions_without_pages_take_nothing)
{
	static int idle[200];	/* more than can have instances */
	size_t i;
	char *map;
	int fd;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(worker_start(&self->workers[i], HOT), 0);
	for (i = 0; i < ARRAY_SIZE(idle); i++) {
		idle[i] = open(DEVICE, O_RDWR);
		ASSERT_GE(idle[i], 0);
	}
	/* It shares an instance with most of them. */
	map = region_map(&fd, 1);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(pool_set("load_turn_ms", 800 * timeout_factor()), 0);
	for (i = 0; i < 20; i++) {
		pages_fill(map, 0, 1, i);
		msleep(INTERVAL_MS * timeout_factor());
	}
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(is_about(set_of(&self->workers[i]), HOT));
		EXPECT_GE(quota_of(&self->workers[i]), set_of(&self->workers[i]));
	}
	EXPECT_EQ(stat_get("thrashing"), 0);
	EXPECT_EQ(stat_get("suspensions"), 0);
	for (i = 0; i < ARRAY_SIZE(idle); i++)
		close(idle[i]);
	region_unmap(fd, map, 1);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(worker_stop(&self->workers[i], HOT), 0);
}

TEST_F(working_set, a_window_that_is_none_is_refused)
{
	static const char *const wrong[] = { "0", "17", "-1", "\n", "long", "1 2", "4294967297" };
	size_t i;

	ASSERT_EQ(pool_set("working_set_samples", 7), 0);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(pool_write("working_set_samples", wrong[i]), -EINVAL);
	EXPECT_EQ(pool_get("working_set_samples"), 7);
}

TEST_F(working_set, changes_under_load)
{
	static const char * const modes[] = {
		"working-set", "equal", "working-set", "global", "working-set", "pff",
	};
	struct fault_threads loads[2];
	int i;

	/* Soft samples unmap all pages: a thread must get on between two of them. */
	ASSERT_EQ(pool_set("scan_interval_ms", 20 * timeout_factor()), 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(fault_threads_start(&loads[i], LOOP), 0);
	for (i = 0; i < 48; i++) {
		if (i % 4 == 0)
			EXPECT_EQ(pool_write("allocation", modes[i / 4 % ARRAY_SIZE(modes)]), 0);
		EXPECT_EQ(pool_set("working_set_samples", 1 + i % 16), 0);
		EXPECT_EQ(pool_set("soft_sampling", i / 8 % 2), 0);
		EXPECT_EQ(pool_set("load_turn_ms", i % 5 ? 1 + i : 0), 0);
		EXPECT_EQ(pool_set("nr_frames", FRAMES / (1 + i % 3)), 0);
		EXPECT_TRUE(private_child_keeps_pages(i));
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(fault_threads_stop(&loads[i]), 0);
}

TEST_HARNESS_MAIN
