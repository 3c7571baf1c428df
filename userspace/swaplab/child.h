/* SPDX-License-Identifier: GPL-2.0 */
/* A child process that gets the signals that this program gets. */
#ifndef SWAPLAB_CHILD_H
#define SWAPLAB_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <time.h>

/**
 * struct child - a child, and its end
 * @pid: the process
 * @signals: descriptor that the signals to pass on are read from
 * @mask: the signals that were blocked before
 * @start: when it was started
 * @interrupted: the last signal that was passed on and asks a process to end, or 0;
 *	none that this program ignores
 * @status: as a shell tells it
 * @signal: that killed it, or 0
 * @seconds: from its start to its end
 * @usage: of the child, and of children that it has waited for
 */
struct child {
	pid_t pid;
	int signals;
	sigset_t mask;
	struct timespec start;
	int interrupted;
	int status;
	int signal;
	double seconds;
	struct rusage usage;
};

bool child_fork(struct child *child);
void child_join_cgroup(const char *cgroup);
void child_execute(char **argv) __attribute__((noreturn));
void child_fail(int status, const char *name) __attribute__((noreturn));
void child_follow(struct child *child, void (*look)(void *data), void *data);

#endif /* SWAPLAB_CHILD_H */
