/* SPDX-License-Identifier: GPL-2.0 */
/* The state of a test's children, and whether SIGKILL ends them. */
#ifndef SWAPLAB_TASK_H
#define SWAPLAB_TASK_H

#include "swaplab_test.h"

/* Of /proc/PID/stat; 0 if there is no such task. */
static inline char task_state(pid_t pid)
{
	char path[64], stat[512], *comm_end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (file_read(path, stat, sizeof(stat)))
		return 0;
	comm_end = strrchr(stat, ')');
	return comm_end ? comm_end[2] : 0;
}

static inline bool is_blocked(pid_t pid)
{
	return task_state(pid) == 'D';
}

/* Is the task in a wait that a signal can end? */
static inline bool is_asleep(pid_t pid)
{
	return task_state(pid) == 'S';
}

static inline bool has_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == pid;
}

/* Kills a task that waits: does it end? */
static inline bool dies_by_sigkill(pid_t pid)
{
	return SOON(is_blocked(pid)) && !kill(pid, SIGKILL) &&
	       SOON(has_ended(pid));
}

#endif /* SWAPLAB_TASK_H */
