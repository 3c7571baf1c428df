// SPDX-License-Identifier: GPL-2.0
/*
 * Load control: regions that do not fit in the frames together take turns. Each of three threads
 * goes round the pages of a region. One of them fits, and two do not.
 */
#include "pager.h"
#include "private.h"
#include "quota.h"

#define FRAMES		256
#define SET		160	/* pages: more than half of the frames */
#define TOO_MANY	320	/* more than all of them */
#define WORKERS		3
#define LONG_MS		60000	/* a turn that does not end in its test */
#define SOON_ENOUGH	(LONG_MS / 2000)	/* seconds: before the end of such a turn */
#define SELF		FIXTURE_DATA(load)

/**
 * struct worker - a thread that uses pages
 * @thread: it
 * @fd: of its region
 * @map: the region
 * @nr_pages: of it
 * @rounds: over all pages, so far
 * @wrong: pages with another content than the one that was written
 * @stop: it is to end
 */
struct worker {
	pthread_t thread;
	int fd;
	char *map;
	size_t nr_pages;
	volatile unsigned long rounds;
	size_t wrong;
	volatile bool stop;
};

/* Looks at two words of a page, and writes one of them: a turn is many rounds. */
static bool page_use(char *map, size_t page, unsigned long round)
{
	volatile uint64_t *words = (uint64_t *)(map + page * PAGE);
	size_t word = 1 + page % (WORDS - 1);
	bool is_right = words[word] == word_of(page, word, 1) &&
			words[0] == (round ? round : word_of(page, 0, 1));

	words[0] = round + 1;
	return is_right;
}

static void *worker_main(void *data)
{
	struct worker *worker = data;
	size_t page;

	while (!worker->stop) {
		for (page = 0; page < worker->nr_pages && !worker->stop; page++)
			worker->wrong += !page_use(worker->map, page, worker->rounds);
		worker->rounds++;
	}
	return NULL;
}

static int worker_start(struct worker *worker, size_t nr_pages)
{
	*worker = (struct worker){ .nr_pages = nr_pages };
	worker->map = region_map(&worker->fd, nr_pages);
	if (!worker->map)
		return -1;
	pages_fill(worker->map, 0, nr_pages, 1);
	return pthread_create(&worker->thread, NULL, worker_main, worker);
}

/* Returns how many pages were wrong, then or later. */
static size_t worker_stop(struct worker *worker)
{
	worker->stop = true;
	pthread_join(worker->thread, NULL);
	region_unmap(worker->fd, worker->map, worker->nr_pages);
	return worker->wrong;
}

static bool is_suspended(const struct worker *worker)
{
	return fdinfo_get(worker->fd, "suspended") == 1;
}

FIXTURE(load)
{
	struct worker workers[WORKERS];
	unsigned long rounds[WORKERS];
};

FIXTURE_SETUP(load)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(exact_pool_prepare("lru", FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	/* On a slow machine a program that misses all the time reads few pages in a second. */
	ASSERT_EQ(pool_set("pff_low", 1), 0);
	ASSERT_EQ(pool_set("pff_high", 5), 0);
	ASSERT_EQ(pool_write("allocation", "pff"), 0);
}

FIXTURE_TEARDOWN(load)
{
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
	pool_write("policy", "aging");
	pool_restore();
}

static int workers_start(SELF *self, size_t nr, size_t nr_pages)
{
	size_t i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = worker_start(&self->workers[i], nr_pages);
	return err;
}

/* Lets all run, so that they see that they are to end. */
static size_t workers_stop(SELF *self, size_t nr)
{
	size_t i, wrong = 0;

	pool_set("load_turn_ms", 0);
	for (i = 0; i < nr; i++)
		wrong += worker_stop(&self->workers[i]);
	return wrong;
}

static size_t nr_suspended(SELF *self, size_t nr)
{
	size_t i, sum = 0;

	for (i = 0; i < nr; i++)
		sum += is_suspended(&self->workers[i]);
	return sum;
}

static void rounds_note(SELF *self, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		self->rounds[i] = self->workers[i].rounds;
}

/* Have all done so many more? */
static bool have_gone_on(SELF *self, size_t nr, unsigned long rounds)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (self->workers[i].rounds - self->rounds[i] < rounds)
			return false;
	return true;
}

/* One that waits for its turn, or NULL. */
static struct worker *find_suspended(SELF *self, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (is_suspended(&self->workers[i]))
			return &self->workers[i];
	return NULL;
}

/* Does it stand still? It runs until it touches a page that is not resident. */
static bool stands_still(const struct worker *worker)
{
	unsigned long rounds = worker->rounds;

	msleep(50);
	return is_suspended(worker) && worker->rounds == rounds &&
	       fdinfo_get(worker->fd, "swapped");
}

/*
 * One of three is suspended, or two, and stands still, for a turn without an end. Returns such a
 * one, or NULL.
 */
static struct worker *turn_begins(SELF *self)
{
	struct worker *waiting;

	if (pool_set("load_turn_ms", LONG_MS) || workers_start(self, WORKERS, SET) ||
	    !SOON(nr_suspended(self, WORKERS)))
		return NULL;
	waiting = find_suspended(self, WORKERS);
	return waiting && SOON(stands_still(waiting)) ? waiting : NULL;
}

TEST_F(load, is_off_unless_turns_have_a_length)
{
	ASSERT_EQ(workers_start(self, WORKERS, SET), 0);
	EXPECT_TRUE(SOON(stat_get("thrashing") >= 20));
	EXPECT_EQ(nr_suspended(self, WORKERS), 0);
	EXPECT_EQ(stat_get("suspensions"), 0);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_F(load, regions_take_turns_and_none_is_left_out)
{
	/* Long enough to read the pages in. */
	ASSERT_EQ(pool_set("load_turn_ms", 400 * timeout_factor()), 0);
	ASSERT_EQ(workers_start(self, WORKERS, SET), 0);
	EXPECT_TRUE(SOON(nr_suspended(self, WORKERS) == WORKERS - 1));
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	rounds_note(self, WORKERS);
	EXPECT_TRUE(SOON(stat_get("suspensions") >= 4 * WORKERS));
	EXPECT_TRUE(SOON(have_gone_on(self, WORKERS, 2)));
	EXPECT_GT(stat_get("prepaged"), 0);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

/* Pages read, for each page that is used. */
static double reads_per_use(SELF *self)
{
	unsigned long reads, rounds = 0;
	int i;

	rounds_note(self, WORKERS);
	reads = stat_get("swap_ins");
	msleep(6000 * timeout_factor());
	reads = stat_get("swap_ins") - reads;
	for (i = 0; i < WORKERS; i++)
		rounds += self->workers[i].rounds - self->rounds[i];
	return (double)reads / ((rounds + 1) * SET);
}

TEST_F(load, turns_spare_reads)
{
	double off, on;

	ASSERT_EQ(workers_start(self, WORKERS, SET), 0);
	EXPECT_TRUE(SOON(stat_get("thrashing")));
	off = reads_per_use(self);
	ASSERT_EQ(pool_set("load_turn_ms", 1000 * timeout_factor()), 0);
	EXPECT_TRUE(SOON(nr_suspended(self, WORKERS) == WORKERS - 1));
	on = reads_per_use(self);
	TH_LOG("%.3f reads for each use of a page, and %.3f with turns", off, on);
	EXPECT_LT(on, off / 2);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_F(load, a_region_that_fits_is_not_suspended)
{
	unsigned long i, nr_times = 0;

	ASSERT_EQ(worker_start(&self->workers[2], 16), 0);
	ASSERT_EQ(pool_set("load_turn_ms", 200), 0);
	ASSERT_EQ(workers_start(self, 2, SET), 0);
	EXPECT_TRUE(SOON(stat_get("suspensions") >= 4));
	for (i = 0; i < 100; i++) {
		nr_times += is_suspended(&self->workers[2]);
		msleep(10);
	}
	EXPECT_EQ(nr_times, 0);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_F(load, a_min_ends_the_wait_and_keeps_from_another)
{
	struct worker *waiting;
	unsigned long rounds;

	waiting = turn_begins(self);
	ASSERT_NE(waiting, NULL);
	rounds = waiting->rounds;
	EXPECT_EQ(quota_set(waiting->fd, 16, 0), 0);
	EXPECT_FALSE(is_suspended(waiting));
	EXPECT_TRUE(SOON(waiting->rounds > rounds));
	EXPECT_FALSE(is_suspended(waiting));
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

/* Which of them are suspended, as bits. */
static unsigned int suspended_mask(SELF *self)
{
	unsigned int i, mask = 0;

	for (i = 0; i < WORKERS; i++)
		mask |= is_suspended(&self->workers[i]) << i;
	return mask;
}

/* Has one of them done a round more? */
static bool any_has_gone_on(SELF *self, unsigned int mask)
{
	unsigned int i;

	for (i = 0; i < WORKERS; i++)
		if (mask & 1 << i && self->workers[i].rounds > self->rounds[i])
			return true;
	return false;
}

TEST_F(load, the_end_of_a_region_lets_another_one_go_on)
{
	unsigned int mask, i, running;
	double begin;

	ASSERT_NE(turn_begins(self), NULL);
	EXPECT_TRUE(SOON(nr_suspended(self, WORKERS) == WORKERS - 1));
	mask = suspended_mask(self);
	for (running = 0; mask & 1 << running; running++)
		;
	ASSERT_LT(running, WORKERS);
	rounds_note(self, WORKERS);
	begin = seconds_now();
	EXPECT_EQ(worker_stop(&self->workers[running]), 0);
	EXPECT_TRUE(SOON(any_has_gone_on(self, mask)));
	EXPECT_LT(seconds_now() - begin, SOON_ENOUGH);
	EXPECT_EQ(stat_get("suspensions"), WORKERS - 1);
	pool_set("load_turn_ms", 0);
	for (i = 0; i < WORKERS; i++)
		if (i != running)
			EXPECT_EQ(worker_stop(&self->workers[i]), 0);
}

TEST_F(load, ends_with_the_setting_and_with_the_allocation)
{
	ASSERT_NE(turn_begins(self), NULL);
	EXPECT_EQ(pool_set("load_turn_ms", 0), 0);
	EXPECT_EQ(nr_suspended(self, WORKERS), 0);
	rounds_note(self, WORKERS);
	EXPECT_TRUE(SOON(have_gone_on(self, WORKERS, 1)));
	EXPECT_EQ(pool_set("load_turn_ms", LONG_MS), 0);
	EXPECT_TRUE(SOON(nr_suspended(self, WORKERS)));
	EXPECT_EQ(pool_write("allocation", "global"), 0);
	EXPECT_EQ(nr_suspended(self, WORKERS), 0);
	rounds_note(self, WORKERS);
	EXPECT_TRUE(SOON(have_gone_on(self, WORKERS, 1)));
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_F(load, a_shorter_turn_is_over_at_once)
{
	struct worker *waiting;
	unsigned long rounds;
	double begin;

	waiting = turn_begins(self);
	ASSERT_NE(waiting, NULL);
	rounds = waiting->rounds;
	begin = seconds_now();
	EXPECT_EQ(pool_set("load_turn_ms", 1000), 0);
	EXPECT_TRUE(SOON(waiting->rounds > rounds));
	EXPECT_LT(seconds_now() - begin, SOON_ENOUGH);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

/* Neither fits, so turns would only keep one of them from its reads. */
TEST_F(load, ends_where_it_does_not_help)
{
	ASSERT_EQ(pool_set("load_turn_ms", 10000), 0);
	ASSERT_EQ(workers_start(self, 2, TOO_MANY), 0);
	EXPECT_TRUE(SOON(nr_suspended(self, 2) == 1));
	EXPECT_TRUE(SOON(nr_suspended(self, 2) == 0));
	/* Without a turn that has ended. */
	EXPECT_EQ(stat_get("suspensions"), 1);
	rounds_note(self, 2);
	EXPECT_TRUE(SOON(have_gone_on(self, 2, 1)));
	EXPECT_EQ(workers_stop(self, 2), 0);
}

static volatile sig_atomic_t nr_signals;

static void count_signal(int signal)
{
	nr_signals++;
}

TEST_F(load, a_signal_reaches_a_task_that_waits)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	struct worker *waiting;
	int i;

	ASSERT_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	waiting = turn_begins(self);
	ASSERT_NE(waiting, NULL);
	for (i = 1; i <= 10; i++) {
		ASSERT_EQ(pthread_kill(waiting->thread, SIGUSR1), 0);
		EXPECT_TRUE(SOON(nr_signals == i));
		EXPECT_TRUE(is_suspended(waiting));
	}
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_F(load, a_process_that_waits_can_be_killed)
{
	int i, status;
	pid_t pid;

	ASSERT_EQ(pool_set("load_turn_ms", LONG_MS), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		for (i = 0; i < WORKERS; i++)
			worker_start(&self->workers[i], SET);
		pause();
	}
	EXPECT_TRUE(SOON(stat_get("suspensions")));
	msleep(500);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_TRUE(SOON(waitpid(pid, &status, WNOHANG) == pid));
	EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

/* The kernel may hold locks. */
TEST_F(load, system_calls_do_not_wait)
{
	struct worker *waiting;
	int fds[2], i;
	char byte;

	ASSERT_EQ(pipe(fds), 0);
	waiting = turn_begins(self);
	ASSERT_NE(waiting, NULL);
	for (i = 0; i < SET; i++) {
		ASSERT_EQ(write(fds[1], waiting->map + i * PAGE, 1), 1);
		ASSERT_EQ(read(fds[0], &byte, 1), 1);
	}
	EXPECT_TRUE(is_suspended(waiting));
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

struct writer {
	struct worker worker;
	int fds[2];
};

/* Uses the pages by system calls alone. */
static void *writer_main(void *data)
{
	struct writer *writer = data;
	size_t page;
	char byte;

	while (!writer->worker.stop) {
		for (page = 0; page < writer->worker.nr_pages; page++)
			writer->worker.wrong +=
				write(writer->fds[1], writer->worker.map + page * PAGE, 1) != 1 ||
				read(writer->fds[0], &byte, 1) != 1;
		writer->worker.rounds++;
	}
	return NULL;
}

/* It has no task that waits, so it takes no more turns. */
TEST_F(load, system_calls_alone_do_not_leave_a_region_suspended)
{
	struct writer writer = { .worker.nr_pages = SET };

	writer.worker.map = region_map(&writer.worker.fd, SET);
	ASSERT_NE(writer.worker.map, NULL);
	pages_fill(writer.worker.map, 0, SET, 1);
	ASSERT_EQ(pipe(writer.fds), 0);
	ASSERT_EQ(pthread_create(&writer.worker.thread, NULL, writer_main, &writer), 0);
	ASSERT_EQ(pool_set("load_turn_ms", 1000), 0);
	/* It is the older one, so its turn to wait comes first. */
	ASSERT_EQ(workers_start(self, 1, SET), 0);
	EXPECT_TRUE(SOON(stat_get("suspensions")));
	EXPECT_TRUE(SOON(!is_suspended(&writer.worker)));
	EXPECT_EQ(workers_stop(self, 1), 0);
	EXPECT_EQ(worker_stop(&writer.worker), 0);
}

/* Its memory may be on a device, too. */
TEST_F(load, a_pager_lets_all_run)
{
	unsigned long before;
	int fd, pager;
	char *map;

	ASSERT_NE(turn_begins(self), NULL);
	map = region_map(&fd, 16);
	ASSERT_NE(map, NULL);
	pager = pager_open(fd);
	ASSERT_GE(pager, 0);
	EXPECT_TRUE(SOON(!nr_suspended(self, WORKERS)));
	before = stat_get("suspensions");
	rounds_note(self, WORKERS);
	EXPECT_TRUE(SOON(have_gone_on(self, WORKERS, 3)));
	EXPECT_EQ(stat_get("suspensions"), before);
	close(pager);
	EXPECT_TRUE(SOON(nr_suspended(self, WORKERS)));
	region_unmap(fd, map, 16);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_F(load, keeps_every_byte_while_all_changes)
{
	static const char *const modes[] = { "pff", "equal", "pff", "global" };
	unsigned int i;

	ASSERT_EQ(pool_set("load_turn_ms", 1), 0);
	ASSERT_EQ(workers_start(self, WORKERS, SET), 0);
	for (i = 0; i < 60; i++) {
		EXPECT_EQ(pool_write("allocation", modes[i / 8 % 4]), 0);
		EXPECT_EQ(pool_set("load_turn_ms", i % 5 ? 1 + i : 0), 0);
		EXPECT_EQ(pool_set("nr_frames", FRAMES / (1 + i % 2)), 0);
		EXPECT_EQ(quota_set(self->workers[i % WORKERS].fd, i % 4 ? 0 : 8, 0), 0);
		/* Long enough for a suspension now and then. */
		msleep(50);
		EXPECT_TRUE(private_child_keeps_pages(i));
	}
	EXPECT_GT(stat_get("suspensions"), 0);
	EXPECT_EQ(workers_stop(self, WORKERS), 0);
}

TEST_HARNESS_MAIN
