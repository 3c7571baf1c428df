// SPDX-License-Identifier: GPL-2.0
/* Starts a child, passes signals on to it, and waits for its end. */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"
#include "program.h"

/*
 * How often a running child is looked at: often at first, as it may be short, then
 * seldom enough to cost little.
 */
#define FIRST_PERIOD_MS	1
#define LAST_PERIOD_MS	20

static const int forwarded_signals[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH,
	SIGCONT, 0
};

/**
 * child_fail() - end the child, with a message of errno
 * @status: its exit status
 * @name: of the file that could not be used
 *
 * Runs no exit handlers: those of the parent, which goes on, restore settings.
 */
void child_fail(int status, const char *name)
{
	warn("%s", name);
	_exit(status);
}

/**
 * child_join_cgroup() - put the child into a cgroup
 * @cgroup: its directory
 */
void child_join_cgroup(const char *cgroup)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		child_fail(PROGRAM_FAILED, path);
	close(fd);
}

/**
 * child_execute() - have the child run a program
 * @argv: the program and its arguments
 */
void child_execute(char **argv)
{
	execvp(argv[0], argv);
	child_fail(errno == ENOENT ? PROGRAM_NOT_FOUND : PROGRAM_CANNOT_RUN,
		   argv[0]);
}

/* Since the start, as by nohup. The signalfd has it nevertheless, as it is blocked. */
static bool is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* A handler of ours would lose a signal that comes before the child runs its program. */
static void reset_signals(void)
{
	unsigned int i;

	for (i = 0; forwarded_signals[i]; i++)
		if (!is_ignored(forwarded_signals[i]))
			signal(forwarded_signals[i], SIG_DFL);
}

/**
 * child_fork() - start a child
 * @child: filled in
 *
 * An error ends this program. From now to the end of child_follow() the signals that
 * are passed on are blocked here.
 *
 * Return: true in the child.
 */
bool child_fork(struct child *child)
{
	sigset_t signals;
	unsigned int i;

	*child = (struct child){};
	sigemptyset(&signals);
	for (i = 0; forwarded_signals[i]; i++)
		sigaddset(&signals, forwarded_signals[i]);
	sigprocmask(SIG_BLOCK, &signals, &child->mask);
	child->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (child->signals < 0)
		err(PROGRAM_FAILED, "signalfd");
	clock_gettime(CLOCK_MONOTONIC, &child->start);
	child->pid = fork();
	if (child->pid < 0)
		err(PROGRAM_FAILED, "fork");
	if (child->pid)
		return false;
	reset_signals();
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
	return true;
}

static bool asks_to_end(int signal)
{
	return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT ||
	       signal == SIGTERM;
}

/* The terminal has sent its signals to the child, too. */
static void forward_signal(struct child *child)
{
	struct signalfd_siginfo info;

	if (read(child->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_code != SI_KERNEL)
		kill(child->pid, info.ssi_signo);
	if (asks_to_end(info.ssi_signo) && !is_ignored(info.ssi_signo))
		child->interrupted = info.ssi_signo;
}

static void wait_for_end(struct child *child, void (*look)(void *data), void *data)
{
	struct pollfd polled[] = {
		{ syscall(SYS_pidfd_open, child->pid, 0), POLLIN, 0 },
		{ child->signals, POLLIN, 0 },
	};
	int period = look ? FIRST_PERIOD_MS : -1;

	if (polled[0].fd < 0)
		err(PROGRAM_FAILED, "pidfd_open");
	while (!polled[0].revents) {
		if (poll(polled, 2, period) < 0 && errno != EINTR)
			err(PROGRAM_FAILED, "poll");
		if (polled[1].revents)
			forward_signal(child);
		if (!look)
			continue;
		look(data);
		period = period < LAST_PERIOD_MS ? period + 1 : period;
	}
	close(polled[0].fd);
}

static void collect_end(struct child *child)
{
	struct timespec end;
	int status;

	if (wait4(child->pid, &status, 0, &child->usage) != child->pid)
		err(PROGRAM_FAILED, "wait4");
	clock_gettime(CLOCK_MONOTONIC, &end);
	child->seconds = end.tv_sec - child->start.tv_sec;
	child->seconds += (end.tv_nsec - child->start.tv_nsec) / 1e9;
	child->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	child->status = child->signal ? 128 + child->signal : WEXITSTATUS(status);
}

/**
 * child_follow() - wait for the end of a child
 * @child: of child_fork()
 * @look: called every few milliseconds meanwhile; or NULL
 * @data: for @look
 */
void child_follow(struct child *child, void (*look)(void *data), void *data)
{
	wait_for_end(child, look, data);
	collect_end(child);
	close(child->signals);
	sigprocmask(SIG_SETMASK, &child->mask, NULL);
}
