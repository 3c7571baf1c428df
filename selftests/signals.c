// SPDX-License-Identifier: GPL-2.0
/*
 * SIGKILL and SIGSTOP in the middle of what takes long. A task that is killed ends after a
 * few pages more; one that is stopped stops, and ends what it has begun; neither loses a
 * byte of the other pages.
 *
 * Test and child have one CPU, and the test goes first: while it looks, the child stands
 * still. So what the child has done is known exactly at the time of the signal.
 */
#include <sys/prctl.h>
#include <sys/uio.h>
#include "requests.h"
#include "task.h"

#define NR	8192	/* pages of the region */
#define FRAMES	(2 * NR)
#define FEW	64
#define RUN	64	/* pages that a request changes before it looks for a signal */
#define STATES	256	/* pages whose states are told at a time */
#define AHEAD	32	/* pages that a fault may bring in beside its own */

/**
 * struct shared - what test and child both see
 * @started: the child is about to begin
 * @ended: it is done
 * @err: 0 or -errno
 * @states: of the pages
 */
struct shared {
	volatile bool started, ended;
	volatile int err;
	uint8_t states[NR];
};

FIXTURE(signals)
{
	struct shared *shared;
	char *map;
	int fd;
};

#define SELF FIXTURE_DATA(signals)

/*
 * Before all other tasks of its CPU; children do not inherit that. Not for long, or the
 * kernel lets the others run all the same.
 */
static int go_first(void)
{
	struct sched_param param = { .sched_priority = 1 };

	return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
}

static void step_back(void)
{
	struct sched_param param = {};

	sched_setscheduler(0, SCHED_OTHER, &param);
}

static void send_signal(pid_t pid, int sig)
{
	kill(pid, sig);
	step_back();
}

FIXTURE_SETUP(signals)
{
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(self->shared, MAP_FAILED);
	memset(self->shared->states, 0xff, NR);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(keep_to_cpu(0, 0), 0);
	ASSERT_EQ(go_first(), 0);
	step_back();
}

FIXTURE_TEARDOWN(signals)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
}

static pid_t start(SELF *self, int (*run)(SELF *self))
{
	pid_t pid;

	self->shared->started = false;
	self->shared->ended = false;
	go_first();
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	self->shared->started = true;
	self->shared->err = run(self);
	self->shared->ended = true;
	_exit(self->shared->err != 0);
}

/*
 * Lets the child go on until it is in the middle of its work. Returns false if it was done
 * before that.
 */
static bool find_midway(SELF *self, bool (*is_midway)(SELF *self))
{
	struct timespec moment = { .tv_nsec = 50000 };

	while (!self->shared->ended) {
		if (self->shared->started && is_midway(self) && !self->shared->ended)
			return true;
		nanosleep(&moment, NULL);
	}
	step_back();
	return false;
}

/*
 * Starts a child, again if it was done too soon, and finds it in the middle of its work.
 * @prepare begins each time with the same state.
 */
static pid_t start_midway(SELF *self, int (*prepare)(SELF *self), int (*run)(SELF *self),
			  bool (*is_midway)(SELF *self))
{
	int tries;
	pid_t pid;

	for (tries = 0; tries < 50 && !prepare(self); tries++) {
		pid = start(self, run);
		if (find_midway(self, is_midway))
			return pid;
		waitpid(pid, NULL, 0);
	}
	return -1;
}

static bool is_killed(pid_t pid)
{
	int status = 0;

	send_signal(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

/* Stops the child, and lets it go on: does it stop, and succeed? */
static bool stops_and_goes_on(pid_t pid)
{
	int status = -1;

	send_signal(pid, SIGSTOP);
	if (!SOON(task_state(pid) == 'T'))
		return false;
	kill(pid, SIGCONT);
	return waitpid(pid, &status, 0) == pid && !status;
}

/* Those that a CPU has set aside are free, too. */
static bool all_are_free(void)
{
	return stat_get("free_frames") + stat_get("cpu_frames") == FRAMES;
}

static unsigned long count_mlocked(SELF *self)
{
	return fdinfo_get(self->fd, "locked");
}

static bool some_are_mlocked(SELF *self)
{
	unsigned long nr = count_mlocked(self);

	return nr > RUN && nr < NR;
}

static int lock_all(SELF *self)
{
	return request_pages(self->fd, SWAPLAB_LOCK, 0, NR);
}

static int unlock_all(SELF *self)
{
	return request_pages(self->fd, SWAPLAB_UNLOCK, 0, NR);
}

static int lock_few(SELF *self)
{
	return unlock_all(self) ?: request_pages(self->fd, SWAPLAB_LOCK, 0, RUN);
}

TEST_F(signals, a_lock_that_is_killed_leaves_only_the_locks_of_before)
{
	pid_t pid = start_midway(self, lock_few, lock_all, some_are_mlocked);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_EQ(count_mlocked(self), RUN);
	EXPECT_EQ(pages_that_are(self->fd, 0, RUN, SWAPLAB_PAGE_LOCKED), RUN);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	/* No mark is left of it either. */
	EXPECT_EQ(lock_all(self), 0);
	EXPECT_EQ(count_mlocked(self), NR);
}

TEST_F(signals, a_lock_that_is_stopped_locks_all_pages)
{
	pid_t pid = start_midway(self, unlock_all, lock_all, some_are_mlocked);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(count_mlocked(self), NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(signals, an_unlock_that_is_killed_unlocks_no_more_than_a_run)
{
	pid_t pid = start_midway(self, lock_all, unlock_all, some_are_mlocked);
	unsigned long before;

	ASSERT_GT(pid, 0);
	before = count_mlocked(self);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(before - count_mlocked(self), RUN);
	EXPECT_EQ(unlock_all(self), 0);
	EXPECT_EQ(count_mlocked(self), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(signals, an_unlock_that_is_stopped_unlocks_all_pages)
{
	pid_t pid = start_midway(self, lock_all, unlock_all, some_are_mlocked);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(count_mlocked(self), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

static bool some_are_resident(SELF *self)
{
	unsigned long nr = stat_get("resident");

	return nr > RUN && nr < NR - RUN;
}

static int fill_all(SELF *self)
{
	pages_fill(self->map, 0, NR, 1);
	return 0;
}

static int discard_all(SELF *self)
{
	return request_pages(self->fd, SWAPLAB_DISCARD, 0, NR);
}

TEST_F(signals, a_discard_that_is_killed_discards_no_more_than_a_run)
{
	pid_t pid = start_midway(self, fill_all, discard_all, some_are_resident);
	unsigned long before, after, gone;

	ASSERT_GT(pid, 0);
	before = stat_get("resident");
	EXPECT_TRUE(is_killed(pid));
	after = stat_get("resident");
	EXPECT_LE(before - after, RUN);
	/* In order; those behind are as they were. */
	gone = NR - after;
	EXPECT_EQ(pages_wrong(self->map, gone, after, 1), 0);
	EXPECT_TRUE(page_is_zero(self->map + (gone - 1) * PAGE));
	EXPECT_EQ(discard_all(self), 0);
	EXPECT_TRUE(SOON(all_are_free()));
}

TEST_F(signals, a_discard_that_is_stopped_discards_all_pages)
{
	pid_t pid = start_midway(self, fill_all, discard_all, some_are_resident);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_TRUE(SOON(all_are_free()));
	EXPECT_TRUE(page_is_zero(self->map + (NR - 1) * PAGE));
}

static int tell_states(SELF *self)
{
	return page_states(self->fd, 0, NR, self->shared->states);
}

static int tell_none(SELF *self)
{
	memset(self->shared->states, 0xff, NR);
	return 0;
}

static size_t count_told(SELF *self)
{
	size_t nr = 0;

	while (nr < NR && self->shared->states[nr] != 0xff)
		nr++;
	return nr;
}

static bool none_is_told(SELF *self)
{
	return !count_told(self);
}

static bool some_are_told(SELF *self)
{
	size_t nr = count_told(self);

	return nr && nr < NR;
}

/* Dirty bits are collected before the first state is told. */
TEST_F(signals, page_states_end_when_killed_before_the_first_is_told)
{
	pid_t pid = start_midway(self, tell_none, tell_states, none_is_told);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(count_told(self), STATES);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(signals, page_states_that_are_stopped_tell_all_states)
{
	pid_t pid = start_midway(self, tell_none, tell_states, none_is_told);
	size_t i;

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	for (i = 0; i < NR; i++)
		ASSERT_TRUE(self->shared->states[i] & SWAPLAB_PAGE_RESIDENT);
}

TEST_F(signals, page_states_end_when_killed_between_two_that_are_told)
{
	pid_t pid = start_midway(self, tell_none, tell_states, some_are_told);
	size_t before;

	if (pid < 0)
		SKIP(return, "they are told too fast");
	before = count_told(self);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(count_told(self) - before, STATES);
}

static int populate(SELF *self)
{
	return madvise(self->map, NR * PAGE, MADV_POPULATE_WRITE) ? -errno : 0;
}

TEST_F(signals, a_populate_that_is_killed_brings_in_few_pages_more)
{
	pid_t pid = start_midway(self, discard_all, populate, some_are_resident);
	unsigned long before;

	ASSERT_GT(pid, 0);
	before = stat_get("resident");
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(stat_get("resident") - before, AHEAD);
	EXPECT_EQ(discard_all(self), 0);
	EXPECT_TRUE(SOON(all_are_free()));
}

TEST_F(signals, a_populate_that_is_stopped_brings_in_all_pages)
{
	pid_t pid = start_midway(self, discard_all, populate, some_are_resident);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(stat_get("resident"), NR);
}

/* The region is the child's alone from now on. */
static int close_region(SELF *self)
{
	munmap(self->map, NR * PAGE);
	close(self->fd);
	return 0;
}

static bool is_inside(SELF *self)
{
	return true;
}

/* Kills the child at the end of its region; returns how often others ran meanwhile. */
static int watch_the_end(SELF *self, pid_t pid)
{
	struct timespec moment = { .tv_nsec = 50000 };
	unsigned long nr, before = NR;
	int looks = 0;

	kill(pid, SIGKILL);
	while ((nr = stat_get("resident"))) {
		looks += nr != before;
		before = nr;
		nanosleep(&moment, NULL);
	}
	step_back();
	return looks;
}

/* What it does for the dead cannot be left out. Others run meanwhile. */
TEST_F(signals, the_end_of_a_region_goes_on_when_killed_and_others_run)
{
	int looks = 0, tries;
	pid_t pid;

	for (tries = 0; tries < 50 && looks < 2; tries++) {
		fill_all(self);
		pid = start(self, close_region);
		close_region(self);
		looks += watch_the_end(self, pid);
		ASSERT_EQ(waitpid(pid, NULL, 0), pid);
		ASSERT_TRUE(SOON(all_are_free()));
		self->map = region_map(&self->fd, NR);
		ASSERT_NE(self->map, NULL);
	}
	EXPECT_GE(looks, 2);
}

static int unmap(SELF *self)
{
	return munmap(self->map, NR * PAGE);
}

static int map_all(SELF *self)
{
	return pages_wrong(self->map, 0, NR, 1);
}

TEST_F(signals, an_unmap_that_is_killed_or_stopped_keeps_the_pages)
{
	pid_t pid;

	pid = start_midway(self, map_all, unmap, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	pid = start_midway(self, map_all, unmap, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

static int map_again(SELF *self)
{
	return mmap(NULL, NR * PAGE, PROT_READ, MAP_SHARED, self->fd, 0) == MAP_FAILED ?
	       -errno : 0;
}

/* A region with static slots for each second page, in an area of their own. */
static int reserve_some(SELF *self)
{
	size_t i;
	void *map;

	close(self->fd);
	self->fd = open(DEVICE, O_RDWR);
	for (i = 0; i < NR - 1; i += 2) {
		map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, i * PAGE);
		if (map == MAP_FAILED || munmap(map, PAGE))
			return -errno;
	}
	return 0;
}

/* What lies between needs as many areas; all or none of the pages get slots. */
TEST_F(signals, a_mapping_with_static_slots_that_is_killed_takes_none)
{
	pid_t pid;

	region_unmap(self->fd, self->map, NR);
	self->fd = open(DEVICE, O_RDWR);
	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	pid = start_midway(self, reserve_some, map_again, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_EQ(fdinfo_get(self->fd, "charged"), NR - 1);
	self->map = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			 self->fd, 0);
	ASSERT_NE(self->map, MAP_FAILED);
	EXPECT_EQ(fdinfo_get(self->fd, "charged"), NR);
	pages_fill(self->map, 0, NR, 2);
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
}

static int fork_once(SELF *self)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(!page_holds(self->map, 0, 1));
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

TEST_F(signals, a_fork_that_is_killed_or_stopped_keeps_the_pages)
{
	pid_t pid;

	pid = start_midway(self, map_all, fork_once, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	pid = start_midway(self, map_all, fork_once, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

static int shrink(SELF *self)
{
	return pool_set("nr_frames", FEW);
}

static bool is_smaller(SELF *self)
{
	return pool_get("nr_frames") == FEW;
}

static void check_shrunk(struct __test_metadata *_metadata, SELF *self)
{
	EXPECT_EQ(pool_get("nr_frames"), FEW);
	EXPECT_TRUE(SOON(stat_get("resident") <= FEW));
	EXPECT_EQ(pages_wrong(self->map, 0, NR / 8, 1), 0);
	/* A page of metadata has at least 64 frames; each has one that is in use at most. */
	EXPECT_TRUE(SOON(stat_get("metadata_bytes") <= (FEW + 2) * PAGE));
	EXPECT_EQ(pool_set("nr_frames", FRAMES), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR / 8, 1), 0);
}

/* Leaves some pages, and all other frames free with memory. */
static int free_frames(SELF *self)
{
	if (pool_set("nr_frames", FRAMES))
		return -1;
	pages_fill(self->map, 0, NR, 1);
	return request_pages(self->fd, SWAPLAB_DISCARD, NR / 8, NR - NR / 8);
}

TEST_F(signals, a_shrink_that_is_killed_shrinks)
{
	pid_t pid = start_midway(self, free_frames, shrink, is_smaller);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	check_shrunk(_metadata, self);
}

TEST_F(signals, a_shrink_that_is_stopped_shrinks)
{
	pid_t pid = start_midway(self, free_frames, shrink, is_smaller);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	check_shrunk(_metadata, self);
}

static bool has_policy(const char *name)
{
	char policies[512], wanted[64];

	snprintf(wanted, sizeof(wanted), "[%s]", name);
	return !pool_text("policy", policies, sizeof(policies)) &&
	       strstr(policies, wanted);
}

/* Both are loaded. */
static int prepare_policies(SELF *self)
{
	return pool_write("policy", "clock") ?: pool_write("policy", "aging");
}

static int switch_policy(SELF *self)
{
	return pool_write("policy", "clock");
}

static bool has_switched(SELF *self)
{
	return has_policy("clock");
}

/* All frames are with the new policy: it can give all of them. */
static void check_switched(struct __test_metadata *_metadata, SELF *self)
{
	EXPECT_TRUE(has_policy("clock"));
	EXPECT_EQ(pool_set("nr_frames", FEW), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= FEW));
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(pool_write("policy", "aging"), 0);
}

/* Two policies cannot have half of the frames each: the dead one moves all of them. */
TEST_F(signals, a_change_of_policy_that_is_killed_moves_all_frames)
{
	pid_t pid = start_midway(self, prepare_policies, switch_policy, has_switched);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	check_switched(_metadata, self);
}

TEST_F(signals, a_change_of_policy_that_is_stopped_moves_all_frames)
{
	pid_t pid = start_midway(self, prepare_policies, switch_policy, has_switched);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	check_switched(_metadata, self);
}

static int attach(SELF *self)
{
	return pool_write("swap_file", store_path());
}

static int detach(SELF *self)
{
	return pool_write("swap_file", "none");
}

/* The path of the store or "none", and nothing else. */
static bool is_attached_or_not(void)
{
	char path[256];

	return !pool_text("swap_file", path, sizeof(path)) &&
	       (!strcmp(path, "none") || !strcmp(path, store_path()));
}

/* Sends a signal after a while, which differs from one time to the next. */
static void signal_after(SELF *self, int sig, pid_t pid, int round)
{
	struct timespec moment = { .tv_nsec = 20000 * round };

	while (!self->shared->started)
		msleep(1);
	nanosleep(&moment, NULL);
	send_signal(pid, sig);
}

TEST_F(signals, attach_and_detach_that_are_killed_leave_the_one_or_the_other)
{
	int round;
	pid_t pid;

	region_unmap(self->fd, self->map, NR);
	for (round = 0; round < 30; round++) {
		pid = start(self, round % 2 ? attach : detach);
		signal_after(self, SIGKILL, pid, round);
		ASSERT_EQ(waitpid(pid, NULL, 0), pid);
		ASSERT_TRUE(is_attached_or_not());
	}
	ASSERT_EQ(detach(self), 0);
	ASSERT_EQ(attach(self), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	pages_fill(self->map, 0, 4 * FEW, 2);
	EXPECT_EQ(pages_wrong(self->map, 0, 4 * FEW, 2), 0);
}

TEST_F(signals, attach_and_detach_that_are_stopped_succeed)
{
	int round, status;
	pid_t pid;

	region_unmap(self->fd, self->map, NR);
	ASSERT_EQ(detach(self), 0);
	for (round = 0; round < 30; round++) {
		pid = start(self, round % 2 ? detach : attach);
		signal_after(self, SIGSTOP, pid, round);
		msleep(5);
		ASSERT_TRUE(is_attached_or_not());
		kill(pid, SIGCONT);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		ASSERT_EQ(status, 0);
	}
	self->map = region_map(&self->fd, NR);
}

/* A child that asks for a page, when no frame comes free. */
static int touch_one(SELF *self)
{
	return page_holds(self->map + (NR - 1) * PAGE, NR - 1, 1) ? 0 : -EIO;
}

/* selftests/waiter.c kills one. */
TEST_F(signals, a_fault_that_is_stopped_while_it_waits_gets_its_frame)
{
	char *buffer = malloc(FEW * PAGE);
	struct iovec iov = { self->map, FEW * PAGE };
	int pipes[2];
	pid_t pid;

	ASSERT_NE(buffer, NULL);
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	ASSERT_TRUE(SOON(stat_get("resident") <= FEW));
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(fcntl(pipes[1], F_SETPIPE_SZ, 2 * FEW * PAGE), 2 * FEW * PAGE);
	/* Frames of pages in the pipe cannot go. */
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), FEW * PAGE);
	pid = start(self, touch_one);
	ASSERT_TRUE(SOON(is_blocked(pid)));
	send_signal(pid, SIGSTOP);
	msleep(100);
	EXPECT_TRUE(is_blocked(pid));
	EXPECT_EQ(read(pipes[0], buffer, FEW * PAGE), FEW * PAGE);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(pages_wrong(buffer, 0, FEW, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	close(pipes[0]);
	close(pipes[1]);
	free(buffer);
}

TEST_HARNESS_MAIN
