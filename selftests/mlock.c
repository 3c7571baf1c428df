// SPDX-License-Identifier: GPL-2.0
/* Pages under SWAPLAB_LOCK stay, and a pool and a user may have so many of them. */
#include <sys/resource.h>
#include "requests.h"

#define FRAMES	64
#define NR	128	/* pages of the region */
#define SOME	16	/* of them, for a test to work on */
/* A quarter of the frames, but 8 at least, cannot be locked. */
#define LOCKABLE	(FRAMES - FRAMES / 4)
#define USER	65534
#define MANY	40000	/* pages that take a while to lock */

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

TEST_F(region, locked_pages_stay_while_all_others_go)
{
	struct pressure pressure;

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, SOME), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), SOME);
	ASSERT_EQ(pressure_start(&pressure, 2 * FRAMES), 0);
	EXPECT_TRUE(SOON(pages_that_are(self->fd, SOME, NR - SOME,
					SWAPLAB_PAGE_SWAPPED) == NR - SOME));
	EXPECT_EQ(pages_that_are(self->fd, 0, SOME, SWAPLAB_PAGE_LOCKED |
				 SWAPLAB_PAGE_RESIDENT), SOME);

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, SOME), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	EXPECT_TRUE(SOON(pages_that_are(self->fd, 0, SOME,
					SWAPLAB_PAGE_SWAPPED) == SOME));
	pressure_stop(&pressure);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(region, lock_brings_in_what_is_swapped_or_absent)
{
	pages_fill(self->map, 0, NR - 1, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, SOME), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, NR - 1, 1), 0);
	EXPECT_EQ(pages_that_are(self->fd, 0, SOME, SWAPLAB_PAGE_RESIDENT),
		  SOME);
	EXPECT_EQ(pages_that_are(self->fd, NR - 1, 1, SWAPLAB_PAGE_RESIDENT),
		  1);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), SOME + 1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR - 1, 1), 0);
	EXPECT_TRUE(page_is_zero(self->map + (NR - 1) * PAGE));
}

TEST_F(region, locks_do_not_nest)
{
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, SOME), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, SOME), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), SOME);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, SOME), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
}

TEST_F(region, unlocking_what_is_not_locked_succeeds)
{
	pages_fill(self->map, 0, SOME, 1);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, NR), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 1 << 30, 1), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), SOME);
}

TEST_F(region, a_pool_keeps_frames_that_cannot_be_locked)
{
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, LOCKABLE), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, LOCKABLE, 1), -ENOMEM);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), LOCKABLE);
	/* Nor are they taken away from below. */
	EXPECT_EQ(pool_set("nr_frames", LOCKABLE), -EBUSY);
	EXPECT_EQ(pool_get("nr_frames"), FRAMES);
	/* The rest still pages. */
	pages_fill(self->map, 0, NR, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(region, a_lock_that_fails_locks_nothing)
{
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 8, 8), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, LOCKABLE + 1),
		  -ENOMEM);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 8);
	EXPECT_EQ(pages_that_are(self->fd, 8, 8, SWAPLAB_PAGE_LOCKED), 8);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, NR), -ENOMEM);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 8);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, 1UL << 50), -ENOMEM);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

/* As a user with a limit of 8 locked pages; 0 if all is as it should be. */
static int lock_as_user(int fd, int other)
{
	struct rlimit limit = { 8 * PAGE, 8 * PAGE };

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 1;
	if (request_pages(fd, SWAPLAB_LOCK, 0, 9) != -ENOMEM)
		return 2;
	if (pages_that_are(fd, 0, NR, SWAPLAB_PAGE_LOCKED))
		return 3;
	if (request_pages(fd, SWAPLAB_LOCK, 0, 8))
		return 4;
	if (request_pages(fd, SWAPLAB_LOCK, 8, 1) != -ENOMEM)
		return 5;
	if (pages_that_are(fd, 0, NR, SWAPLAB_PAGE_LOCKED) != 8)
		return 6;
	/* Nor in another region of the same user. */
	if (request_pages(other, SWAPLAB_LOCK, 0, 1) != -ENOMEM)
		return 7;
	if (request_pages(fd, SWAPLAB_UNLOCK, 0, 1) ||
	    request_pages(other, SWAPLAB_LOCK, 0, 1))
		return 8;
	if (request_pages(fd, SWAPLAB_LOCK, 0, 1) != -ENOMEM)
		return 9;
	close(other);
	if (request_pages(fd, SWAPLAB_LOCK, 0, 1))
		return 10;
	/* Pages that are locked already cost nothing. */
	return request_pages(fd, SWAPLAB_LOCK, 0, 8) ? 11 : 0;
}

/* As a user with a limit of 8 locked pages; 0 if a lock of more brought in no page. */
static int exceed_as_user(int fd, int other)
{
	struct rlimit limit = { 8 * PAGE, 8 * PAGE };

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 1;
	if (request_pages(fd, SWAPLAB_LOCK, 0, SOME) != -ENOMEM)
		return 2;
	return fdinfo_get(fd, "resident") ? 3 : 0;
}

/* Calls @what as a user, with the region and another one; returns its exit status. */
static int run_as_user(int fd, int (*what)(int fd, int other))
{
	int status = -1, other;
	pid_t pid = fork();

	if (!pid) {
		/* No other process has it, so a close of it is the end of its region. */
		other = open(DEVICE, O_RDWR);
		if (other < 0 || setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(100);
		_exit(what(fd, other));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(region, a_user_locks_up_to_rlimit_memlock)
{
	EXPECT_EQ(run_as_user(self->fd, lock_as_user), 0);
	/* CAP_IPC_LOCK is above that. */
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, SOME), 0);
}

TEST_F(region, a_lock_beyond_the_limits_brings_no_page_in)
{
	EXPECT_EQ(run_as_user(self->fd, exceed_as_user), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, LOCKABLE + 1),
		  -ENOMEM);
	EXPECT_EQ(fdinfo_get(self->fd, "resident"), 0);
	/* Pages that are locked already count once. */
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, SOME), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, LOCKABLE), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), LOCKABLE);
}

TEST_F(region, a_lock_gives_way_to_a_fatal_signal)
{
	struct sched_param first = { .sched_priority = 1 };
	int status;
	pid_t pid;

	ASSERT_EQ(pool_set("nr_frames", 2 * MANY), 0);
	/* On one CPU, so that the signal comes long before the end. */
	ASSERT_EQ(keep_to_cpu(0, 0), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(!!request_pages(self->fd, SWAPLAB_LOCK, 0, MANY));
	ASSERT_EQ(sched_setscheduler(0, SCHED_FIFO, &first), 0);
	EXPECT_TRUE(SOON(fdinfo_get(self->fd, "resident") >= SOME));
	kill(pid, SIGKILL);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_LT(fdinfo_get(self->fd, "resident"), MANY);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
}

/* Locks a page of its own whenever the other one does. */
struct locker {
	volatile int *nr_arrived;
	pthread_t thread;
	int fd, nr_mlocked;
};

#define ROUNDS	500

/* Waits for the other thread. Both go on at once, because neither sleeps. */
static void meet_other(struct locker *locker, int nth)
{
	int spins;

	__atomic_fetch_add(locker->nr_arrived, 1, __ATOMIC_SEQ_CST);
	for (spins = 0; *locker->nr_arrived < 2 * nth; spins++)
		if (spins > 10000)
			sched_yield();
}

static void *lock_often(void *data)
{
	struct locker *locker = data;
	int i, err;

	for (i = 0; i < ROUNDS; i++) {
		meet_other(locker, 2 * i + 1);
		err = request_pages(locker->fd, SWAPLAB_LOCK, 0, 1);
		meet_other(locker, 2 * i + 2);
		locker->nr_mlocked += !err;
		if (!err)
			request_pages(locker->fd, SWAPLAB_UNLOCK, 0, 1);
	}
	return NULL;
}

/*
 * As a user with a limit of one locked page; 0 if in each round one thread has locked its
 * own.
 */
static int compete_as_user(int fd, int other)
{
	struct rlimit limit = { PAGE, PAGE };
	volatile int nr_arrived = 0;
	struct locker lockers[2] = {
		{ .nr_arrived = &nr_arrived, .fd = fd },
		{ .nr_arrived = &nr_arrived, .fd = other },
	};
	int i;

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 1;
	for (i = 0; i < 2; i++)
		if (pthread_create(&lockers[i].thread, NULL, lock_often,
				   &lockers[i]))
			return 2;
	for (i = 0; i < 2; i++)
		pthread_join(lockers[i].thread, NULL);
	return lockers[0].nr_mlocked + lockers[1].nr_mlocked == ROUNDS ? 0 : 3;
}

TEST_F(region, of_two_requests_for_the_last_page_one_gets_it)
{
	EXPECT_EQ(run_as_user(self->fd, compete_as_user), 0);
}

TEST_F(region, a_lower_max_region_pages_takes_no_request_away)
{
	pages_fill(self->map, 0, NR - 1, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, SOME, SOME), 0);
	ASSERT_EQ(pool_set("max_region_pages", SOME), 0);
	EXPECT_EQ(pages_that_are(self->fd, SOME, SOME, SWAPLAB_PAGE_LOCKED), SOME);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, SOME, SOME), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, SOME, NR - SOME), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), SOME);
	/* A page that was discarded does not come back. */
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, SOME, 1), -ENOSPC);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, NR, 1), -EINVAL);
	EXPECT_EQ(pages_wrong(self->map, 0, SOME, 1), 0);
}

TEST_F(region, the_end_of_a_region_ends_its_locks)
{
	int fd = open(DEVICE, O_RDWR);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(request_pages(fd, SWAPLAB_LOCK, 0, LOCKABLE), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, 1), -ENOMEM);
	close(fd);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, LOCKABLE), 0);
}

TEST_HARNESS_MAIN
