// SPDX-License-Identifier: GPL-2.0
/*
 * Starts a program with the heap's library, passes signals on to it, looks at its
 * memory while it runs, and reports its outcome.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "anonymous_memory.h"
#include "launch.h"
#include "program.h"

/*
 * How often its memory is looked at: often at first, as it may be short, then
 * seldom enough to cost little.
 */
#define FIRST_PERIOD_MS	1
#define LAST_PERIOD_MS	20

#define HIGH_DESCRIPTOR	900

static const int forwarded_signals[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH,
	SIGCONT, 0
};

struct run {
	const struct launch *launch;
	struct outcome *outcome;
	struct heap_report *report;
	int report_fd;
	unsigned long pages_before;
	sigset_t mask;
	pid_t pid;
};

/* Beside this program, where it was built or installed. */
static char *library_path(void)
{
	static const char *const library_places[] = { ".", "../lib/swaplab", NULL };
	char self[PATH_MAX], *path = NULL;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	unsigned int i;

	if (len < 0)
		err(PROGRAM_FAILED, "/proc/self/exe");
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	for (i = 0; library_places[i]; i++) {
		if (asprintf(&path, "%s/%s/libswaplab-heap.so", self,
			     library_places[i]) < 0)
			err(PROGRAM_FAILED, "memory");
		if (!access(path, R_OK))
			break;
		free(path);
		path = NULL;
	}
	if (!path)
		errx(PROGRAM_FAILED, "no libswaplab-heap.so in %s, nor in its ../lib/swaplab",
		     self);
	if (strpbrk(path, ": "))
		errx(PROGRAM_FAILED, "%s: the dynamic linker takes no path with a blank or a colon",
		     path);
	return path;
}

/* Runs no exit handlers: those of the parent, which goes on, restore settings. */
static void fail_in_child(int status, const char *name)
{
	warn("%s", name);
	_exit(status);
}

static void make_report(struct run *run)
{
	run->report_fd = memfd_create("swaplab-heap", MFD_CLOEXEC);
	if (run->report_fd < 0 ||
	    ftruncate(run->report_fd, sysconf(_SC_PAGESIZE)))
		err(PROGRAM_FAILED, "memfd_create");
	run->report = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			   MAP_SHARED, run->report_fd, 0);
	if (run->report == MAP_FAILED)
		err(PROGRAM_FAILED, "mmap");
}

static void drop_report(struct run *run)
{
	munmap(run->report, sysconf(_SC_PAGESIZE));
	close(run->report_fd);
}

/*
 * Processes of the run inherit the report's descriptor: a path in /proc is closed to those
 * that change their user. The number is one that programs seldom use themselves.
 */
static void pass_report(const struct run *run)
{
	int fd = fcntl(run->report_fd, F_DUPFD, HIGH_DESCRIPTOR);
	char number[16];

	if (fd < 0)
		fd = fcntl(run->report_fd, F_DUPFD, 3);
	if (fd < 0)
		fail_in_child(PROGRAM_FAILED, "dup");
	snprintf(number, sizeof(number), "%d", fd);
	setenv(HEAP_ENV_REPORT, number, 1);
}

static void set_environment(const struct run *run)
{
	const struct launch *launch = run->launch;
	char *library = library_path(), *others = getenv("LD_PRELOAD");
	char *preload = library, bytes[32];

	if (others && *others && asprintf(&preload, "%s:%s", library, others) < 0)
		err(PROGRAM_FAILED, "memory");
	setenv("LD_PRELOAD", preload, 1);
	pass_report(run);
	unsetenv(HEAP_ENV_DEVICE);
	unsetenv(HEAP_ENV_SIZE);
	if (launch->device)
		setenv(HEAP_ENV_DEVICE, launch->device->path, 1);
	if (launch->heap_bytes) {
		snprintf(bytes, sizeof(bytes), "%llu", launch->heap_bytes);
		setenv(HEAP_ENV_SIZE, bytes, 1);
	}
}

static void join_cgroup(const char *cgroup)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail_in_child(PROGRAM_FAILED, path);
	close(fd);
}

static void execute_program(const struct run *run)
{
	const struct launch *launch = run->launch;

	sigprocmask(SIG_SETMASK, &run->mask, NULL);
	set_environment(run);
	if (launch->output >= 0 && dup2(launch->output, STDOUT_FILENO) < 0)
		fail_in_child(PROGRAM_FAILED, "dup2");
	if (launch->cgroup)
		join_cgroup(launch->cgroup);
	/* A huge page in a table of the allocator would be most of the other memory. */
	if (launch->device)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	execvp(launch->argv[0], launch->argv);
	fail_in_child(errno == ENOENT ? PROGRAM_NOT_FOUND : PROGRAM_CANNOT_RUN,
		      launch->argv[0]);
}

/* Counts pages of all users of the device; those there before belong to others. */
static unsigned long pages_on_device(const struct device *device)
{
	return device ? device_number(device, "stats/resident") +
			device_number(device, "stats/swapped") : 0;
}

static void sample_memory(struct run *run)
{
	unsigned long other = anonymous_memory_pages(run->pid), pages;
	struct outcome *outcome = run->outcome;

	pages = pages_on_device(run->launch->device);
	pages = pages > run->pages_before ? pages - run->pages_before : 0;
	if (pages + other > outcome->device_pages + outcome->other_pages) {
		outcome->device_pages = pages;
		outcome->other_pages = other;
	}
}

static bool asks_to_end(int signal)
{
	return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT ||
	       signal == SIGTERM;
}

/* Since the start, as by nohup. The signalfd has it nevertheless, as it is blocked. */
static bool is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* The terminal has sent its signals to the program, too. */
static void forward_signal(struct run *run, int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_code != SI_KERNEL)
		kill(run->pid, info.ssi_signo);
	if (asks_to_end(info.ssi_signo) && !is_ignored(info.ssi_signo))
		run->outcome->interrupted = info.ssi_signo;
}

static void follow_program(struct run *run, int signals)
{
	struct pollfd polled[] = {
		{ syscall(SYS_pidfd_open, run->pid, 0), POLLIN, 0 },
		{ signals, POLLIN, 0 },
	};
	int period = run->launch->is_watched ? FIRST_PERIOD_MS : -1;

	if (polled[0].fd < 0)
		err(PROGRAM_FAILED, "pidfd_open");
	while (!polled[0].revents) {
		if (poll(polled, 2, period) < 0 && errno != EINTR)
			err(PROGRAM_FAILED, "poll");
		if (polled[1].revents)
			forward_signal(run, signals);
		if (period > 0) {
			sample_memory(run);
			period = period < LAST_PERIOD_MS ? period + 1 : period;
		}
	}
	close(polled[0].fd);
}

static void collect_outcome(struct run *run, const struct timespec *start)
{
	struct outcome *outcome = run->outcome;
	struct timespec end;
	int status;

	if (wait4(run->pid, &status, 0, &outcome->usage) != run->pid)
		err(PROGRAM_FAILED, "wait4");
	clock_gettime(CLOCK_MONOTONIC, &end);
	outcome->seconds = end.tv_sec - start->tv_sec;
	outcome->seconds += (end.tv_nsec - start->tv_nsec) / 1e9;
	outcome->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	outcome->status = outcome->signal ? 128 + outcome->signal :
					    WEXITSTATUS(status);
	outcome->heap = *run->report;
}

/**
 * launch_run() - run a program to its end
 * @launch: which, and how
 *
 * An error before it starts ends this program, or is returned as a status of 125 to
 * 127, with a message.
 *
 * Return: its outcome.
 */
struct outcome launch_run(const struct launch *launch)
{
	struct outcome outcome = {};
	struct run run = { .launch = launch, .outcome = &outcome };
	struct timespec start;
	sigset_t signals;
	unsigned int i;
	int fd;

	free(library_path());
	make_report(&run);
	run.pages_before = pages_on_device(launch->device);
	sigemptyset(&signals);
	for (i = 0; forwarded_signals[i]; i++)
		sigaddset(&signals, forwarded_signals[i]);
	sigprocmask(SIG_BLOCK, &signals, &run.mask);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err(PROGRAM_FAILED, "signalfd");
	clock_gettime(CLOCK_MONOTONIC, &start);
	run.pid = fork();
	if (run.pid < 0)
		err(PROGRAM_FAILED, "fork");
	if (!run.pid)
		execute_program(&run);
	follow_program(&run, fd);
	collect_outcome(&run, &start);
	close(fd);
	sigprocmask(SIG_SETMASK, &run.mask, NULL);
	drop_report(&run);
	return outcome;
}
