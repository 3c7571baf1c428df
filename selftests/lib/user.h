/* SPDX-License-Identifier: GPL-2.0 */
/* Users other than root: opens the device for them, and runs functions as them. */
#ifndef SWAPLAB_USER_H
#define SWAPLAB_USER_H

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "swaplab_test.h"

#define ALICE	65533
#define BOB	65534

#define CONTROL	"/sys/class/swaplab-control/"

/* For children, which the harness does not check: ends the process, with the reason. */
#define MUST(condition)							\
do {									\
	if (!(condition)) {						\
		dprintf(STDOUT_FILENO, "# %s:%d: not so: %s (%s)\n",	\
			__FILE__, __LINE__, #condition, strerror(errno)); \
		_exit(1);						\
	}								\
} while (0)

static inline void become_user(uid_t uid)
{
	MUST(!setgroups(0, NULL));
	MUST(!setresgid(uid, uid, uid));
	MUST(!setresuid(uid, uid, uid));
	/* As a process that has been this user's from the beginning. */
	MUST(!prctl(PR_SET_DUMPABLE, 1));
	MUST(!prctl(PR_SET_PDEATHSIG, SIGKILL));
}

/* Clears or sets one effective capability. */
static inline void set_effective(unsigned int capability, bool effective)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	__u32 bit = 1U << capability % 32;

	MUST(!syscall(SYS_capget, &header, data));
	data[capability / 32].effective &= ~bit;
	if (effective)
		data[capability / 32].effective |= bit;
	MUST(!syscall(SYS_capset, &header, data));
}

/* Gives up one capability, for this process and its children. */
static inline void drop_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	__u32 keep = ~(1U << capability % 32);

	MUST(!syscall(SYS_capget, &header, data));
	data[capability / 32].effective &= keep;
	data[capability / 32].permitted &= keep;
	data[capability / 32].inheritable = 0;
	MUST(!syscall(SYS_capset, &header, data));
}

/* Calls @what in a process of a user, which then ends. Returns 0 unless it failed. */
static inline int as_user(uid_t uid, void (*what)(void *), void *data)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (uid)
			become_user(uid);
		what(data);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/*
 * The same, but the process keeps its open files until user_end(). Returns -1 if it
 * failed.
 */
static inline pid_t user_start(uid_t uid, void (*what)(void *), void *data)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		become_user(uid);
		what(data);
		MUST(write(ready[1], "", 1) == 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

static inline void user_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Adds a device; returns its number or -errno. */
static inline int hot_add(void)
{
	char text[32];
	int err;

	err = file_read(CONTROL "hot_add", text, sizeof(text));
	return err ? err : atoi(text);
}

/* A device stays busy for a moment after its last user has ended. */
static inline int hot_remove(int id)
{
	char text[32];

	snprintf(text, sizeof(text), "%d\n", id);
	return SOON(file_write(CONTROL "hot_remove", text) != -EBUSY) ? 0 :
								       -EBUSY;
}

#endif /* SWAPLAB_USER_H */
