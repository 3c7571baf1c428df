/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A child that is sent a signal in the middle of its work.
 *
 * Test and child have one CPU, and the test goes first: while it looks, the child stands
 * still. So the progress of the child is known exactly at the time of the signal.
 */
#ifndef SWAPLAB_MIDWAY_H
#define SWAPLAB_MIDWAY_H

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
 * struct shared - memory that test and child share
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
static inline int go_first(void)
{
	struct sched_param param = { .sched_priority = 1 };

	return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
}

static inline void step_back(void)
{
	struct sched_param param = {};

	sched_setscheduler(0, SCHED_OTHER, &param);
}

static inline void send_signal(pid_t pid, int sig)
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

static inline pid_t start_child(SELF *self, int (*run)(SELF *self))
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
static inline bool find_midway(SELF *self, bool (*is_midway)(SELF *self))
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
static inline pid_t start_midway(SELF *self, int (*prepare)(SELF *self),
				 int (*run)(SELF *self),
				 bool (*is_midway)(SELF *self))
{
	int tries;
	pid_t pid;

	for (tries = 0; tries < 50 && !prepare(self); tries++) {
		pid = start_child(self, run);
		if (find_midway(self, is_midway))
			return pid;
		waitpid(pid, NULL, 0);
	}
	return -1;
}

static inline bool is_killed(pid_t pid)
{
	int status = 0;

	send_signal(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

/* Stops the child, and lets it go on: does it stop, and succeed? */
static inline bool stops_and_goes_on(pid_t pid)
{
	int status = -1;

	send_signal(pid, SIGSTOP);
	if (!SOON(task_state(pid) == 'T'))
		return false;
	kill(pid, SIGCONT);
	return waitpid(pid, &status, 0) == pid && !status;
}

#endif /* SWAPLAB_MIDWAY_H */
