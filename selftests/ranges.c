// SPDX-License-Identifier: GPL-2.0
/*
 * Requests on ranges work on runs of pages. They leave the same state as requests on single
 * pages would, also while other requests, touches and evictions are at work on the same pages.
 */
#include "requests.h"

#define RUN	64	/* pages that are changed together at most */
#define FRAMES	768
#define NR	512	/* pages of the region */
#define FEW	256	/* frames when some of the pages have to be swapped */

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

TEST_F(region, discard_unmaps_a_run_at_a_time)
{
	unsigned long unmaps;

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(fdinfo_get(self->fd, "resident"), NR);
	unmaps = stat_get("unmaps");
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	/* No more than a run: address spaces are locked meanwhile. */
	EXPECT_EQ(stat_get("unmaps") - unmaps, NR / RUN);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);
	EXPECT_EQ(stat_get("free_frames"), FRAMES);
}

TEST_F(region, discard_of_pages_far_apart_unmaps_nothing_between_them)
{
	size_t i, distance = 1UL << 18;
	char *map = mmap(NULL, RUN * distance * PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_NORESERVE, self->fd, 0);
	unsigned long unmaps;

	ASSERT_NE(map, MAP_FAILED);
	for (i = 0; i < RUN; i++)
		page_fill(map + i * distance * PAGE, i, 1);
	unmaps = stat_get("unmaps");
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, RUN * distance), 0);
	EXPECT_EQ(stat_get("unmaps") - unmaps, RUN);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);
	for (i = 0; i < RUN; i++)
		EXPECT_TRUE(page_is_zero(map + i * distance * PAGE));
	munmap(map, RUN * distance * PAGE);
}

TEST_F(region, the_end_of_a_region_unmaps_nothing)
{
	unsigned long unmaps;
	char *map;
	int fd;

	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	munmap(map, NR * PAGE);
	unmaps = stat_get("unmaps");
	close(fd);
	EXPECT_EQ(stat_get("unmaps"), unmaps);
	EXPECT_EQ(stat_get("free_frames"), FRAMES);
}

/* A page that is touched, and then not the next ones, and so on: any leaf of a tree. */
static void touch_some(char *map, bool *is_there, unsigned int *seed)
{
	size_t i, nr;
	bool touch;

	for (i = 0; i < NR; i += nr) {
		nr = 1 + rand_r(seed) % (rand_r(seed) % 4 ? 8 : 200);
		if (nr > NR - i)
			nr = NR - i;
		touch = rand_r(seed) % 4;
		if (!touch)
			continue;
		pages_fill(map, i, nr, 1);
		memset(is_there + i, true, nr * sizeof(*is_there));
	}
}

/* Has a page its content, or zeros if the test has not written to it? */
static bool is_right(const char *map, size_t page, bool is_there)
{
	if (is_there)
		return page_holds(map + page * PAGE, page, 1);
	return page_is_zero(map + page * PAGE);
}

/*
 * The first page that is not as it has to be after a discard. Others than those that are
 * there may have come in: a fault also makes pages behind its own.
 */
static size_t first_wrong(int fd, const char *map, const bool *is_there,
			  size_t first, size_t nr)
{
	const uint8_t present = SWAPLAB_PAGE_RESIDENT | SWAPLAB_PAGE_SWAPPED;
	uint8_t states[NR];
	size_t i;

	if (page_states(fd, 0, NR, states))
		return 0;
	for (i = 0; i < NR; i++) {
		if (i >= first && i < first + nr ? states[i] & present :
		    is_there[i] && !(states[i] & present))
			return i;
	}
	for (i = 0; i < NR; i++)
		if (states[i] & present && !is_right(map, i, is_there[i]))
			return i;
	return NR;
}

TEST_F(region, discards_of_random_ranges_leave_the_pages_around_them)
{
	bool is_there[NR] = {};
	unsigned int seed = 1, round;

	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	for (round = 0; round < 60; round++) {
		size_t first = rand_r(&seed) % NR;
		size_t nr = 1 + rand_r(&seed) % (NR - first);

		touch_some(self->map, is_there, &seed);
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, first, nr), 0);
		memset(is_there + first, false, nr * sizeof(*is_there));
		ASSERT_EQ(first_wrong(self->fd, self->map, is_there, first, nr), NR);
	}
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 0);
	EXPECT_EQ(stat_get("free_frames"), FEW);
}

TEST_F(region, locks_of_overlapping_ranges_lock_each_page_once)
{
	unsigned int seed = 2, round;
	bool is_mlocked[NR] = {};
	uint8_t states[NR];
	size_t i, sum;

	pages_fill(self->map, 0, NR, 1);
	for (round = 0; round < 60; round++) {
		size_t first = rand_r(&seed) % NR;
		size_t nr = 1 + rand_r(&seed) % (NR - first);
		bool lock = rand_r(&seed) % 2;

		ASSERT_EQ(request_pages(self->fd, lock ? SWAPLAB_LOCK : SWAPLAB_UNLOCK,
					first, nr), 0);
		memset(is_mlocked + first, lock, nr * sizeof(*is_mlocked));
		ASSERT_EQ(page_states(self->fd, 0, NR, states), 0);
		for (i = 0, sum = 0; i < NR; i++) {
			ASSERT_EQ(is_mlocked[i], !!(states[i] & SWAPLAB_PAGE_LOCKED));
			sum += is_mlocked[i];
		}
		ASSERT_EQ(fdinfo_get(self->fd, "locked"), sum);
	}
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

enum task { FORWARD, BACKWARD, LOCK, UNLOCK, TOUCH, TOUCH_TOO, NR_TASKS };

struct worker {
	pthread_t thread;
	enum task task;
	volatile bool *stop;
	char *map;
	int fd;
	size_t nr_wrong;
};

/* Each page holds zeros or its own bytes, never another's. */
static void use_page(struct worker *worker, size_t page)
{
	volatile uint64_t *word = (uint64_t *)(worker->map + page * PAGE);
	uint64_t found = *word;	/* once: the page may be discarded at any time */

	if (found && found != word_of(page, 0, 1))
		worker->nr_wrong++;
	*word = word_of(page, 0, 1);
}

static void send_request(struct worker *worker, unsigned long cmd, size_t first,
			 size_t nr, int allowed)
{
	int err = request_pages(worker->fd, cmd, first, nr);

	if (err && err != allowed)
		worker->nr_wrong++;
}

static void *run_task(void *data)
{
	struct worker *worker = data;
	unsigned int seed = worker->task + 1;
	size_t first, nr, round;

	for (round = 0; !*worker->stop; round++) {
		first = rand_r(&seed) % NR;
		nr = 1 + rand_r(&seed) % (NR - first);
		switch (worker->task) {
		case FORWARD:
			send_request(worker, SWAPLAB_DISCARD, first, nr, -EBUSY);
			break;
		case BACKWARD:
			send_request(worker, SWAPLAB_DISCARD,
				     NR / 2 - round % (NR / 2), NR / 2, -EBUSY);
			break;
		case LOCK:
			/* None beyond the range that is unlocked at the end. */
			send_request(worker, SWAPLAB_LOCK, first,
				     nr < NR / 4 ? nr : NR / 4, -ENOMEM);
			break;
		case UNLOCK:
			send_request(worker, SWAPLAB_UNLOCK, first, nr, 0);
			break;
		default:
			for (nr %= NR / 4; nr; nr--)
				use_page(worker, first + nr < NR ? first + nr : first);
		}
	}
	return NULL;
}

TEST_F(region, requests_touches_and_evictions_of_the_same_pages_do_not_clash)
{
	struct worker workers[NR_TASKS];
	struct pressure pressure;
	volatile bool stop = false;
	enum task task;

	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	ASSERT_EQ(pressure_start(&pressure, FEW), 0);
	for (task = 0; task < NR_TASKS; task++) {
		workers[task] = (struct worker){
			.task = task, .stop = &stop, .map = self->map, .fd = self->fd,
		};
		ASSERT_EQ(pthread_create(&workers[task].thread, NULL, run_task,
					 &workers[task]), 0);
	}
	msleep(8000);
	stop = true;
	for (task = 0; task < NR_TASKS; task++) {
		pthread_join(workers[task].thread, NULL);
		EXPECT_EQ(workers[task].nr_wrong, 0)
			TH_LOG("task %d", task);
	}
	pressure_stop(&pressure);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, NR), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 0);
	EXPECT_TRUE(SOON(stat_get("free_frames") == FEW));
	/* Nor is a lock left behind in the pool. */
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, FEW - FEW / 4), 0);
}

TEST_HARNESS_MAIN
