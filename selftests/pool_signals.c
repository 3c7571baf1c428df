// SPDX-License-Identifier: GPL-2.0
/*
 * SIGKILL and SIGSTOP in the middle of long operations. A task that is killed ends after a
 * few pages more; one that is stopped stops, and ends what it has begun; neither loses a
 * byte of the other pages. Here it changes the pool.
 */
#include "midway.h"

static int shrink_pool(SELF *self)
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
	pid_t pid = start_midway(self, free_frames, shrink_pool, is_smaller);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	check_shrunk(_metadata, self);
}

TEST_F(signals, a_shrink_that_is_stopped_shrinks)
{
	pid_t pid = start_midway(self, free_frames, shrink_pool, is_smaller);

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

static int attach_store(SELF *self)
{
	return pool_write("swap_file", store_path());
}

static int detach_store(SELF *self)
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
		pid = start_child(self, round % 2 ? attach_store : detach_store);
		signal_after(self, SIGKILL, pid, round);
		ASSERT_EQ(waitpid(pid, NULL, 0), pid);
		ASSERT_TRUE(is_attached_or_not());
	}
	ASSERT_EQ(detach_store(self), 0);
	ASSERT_EQ(attach_store(self), 0);
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
	ASSERT_EQ(detach_store(self), 0);
	for (round = 0; round < 30; round++) {
		pid = start_child(self, round % 2 ? detach_store : attach_store);
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
	pid = start_child(self, touch_one);
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
