// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a program with the heap's library, looks at its memory meanwhile, and reports its
 * outcome.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "anonymous_memory.h"
#include "budget.h"
#include "launch.h"
#include "program.h"

#define HIGH_DESCRIPTOR	900

struct run {
	const struct launch *launch;
	struct outcome *outcome;
	struct heap_report *report;
	int report_fd;
	unsigned long pages_before;
	struct child child;
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

static void make_report(struct run *run)
{
	run->report_fd = memfd_create("swaplab-heap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* A program that shortens it would have us read beyond its end. */
	if (run->report_fd < 0 ||
	    ftruncate(run->report_fd, sysconf(_SC_PAGESIZE)) ||
	    fcntl(run->report_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
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
		child_fail(PROGRAM_FAILED, "dup");
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

static void charge_frames(const struct device *device)
{
	errno = -budget_charge(device);
	if (errno)
		child_fail(PROGRAM_FAILED, "frames cannot count against a limit: cgroup");
}

static void execute_program(const struct run *run)
{
	const struct launch *launch = run->launch;

	set_environment(run);
	if (launch->output >= 0 && dup2(launch->output, STDOUT_FILENO) < 0)
		child_fail(PROGRAM_FAILED, "dup2");
	if (launch->cgroup)
		child_join_cgroup(launch->cgroup);
	if (launch->is_charged)
		charge_frames(launch->device);
	/* A huge page in a table of the allocator would be most of the other memory. */
	if (launch->device)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	child_execute(launch->argv);
}

/* Counts pages of all users of the device; those there before belong to others. */
static unsigned long pages_on_device(const struct device *device)
{
	return device ? device_number(device, "stats/resident") +
			device_number(device, "stats/swapped") : 0;
}

/* Of so many on the device. */
static unsigned long pages_of_run(const struct run *run, unsigned long pages)
{
	return pages > run->pages_before ? pages - run->pages_before : 0;
}

static void sample_memory(void *data)
{
	struct run *run = data;
	unsigned long other = anonymous_memory_pages(run->child.pid);
	unsigned long pages = pages_of_run(run, pages_on_device(run->launch->device));
	struct outcome *outcome = run->outcome;

	if (pages + other > outcome->device_pages + outcome->other_pages) {
		outcome->device_pages = pages;
		outcome->other_pages = other;
	}
}

/* False if this user may not, or the module is older. */
static bool begin_peak(const struct device *device)
{
	return device && !device_write(device, "stats/pages_peak", "1");
}

/* What came and went between two samples counts, too. */
static void end_peak(struct run *run)
{
	unsigned long peak = device_number(run->launch->device, "stats/pages_peak");
	unsigned long pages = pages_of_run(run, peak);

	if (pages > run->outcome->device_pages)
		run->outcome->device_pages = pages;
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
	bool has_peak;

	free(library_path());
	make_report(&run);
	run.pages_before = pages_on_device(launch->device);
	has_peak = launch->is_watched && begin_peak(launch->device);
	if (child_fork(&run.child))
		execute_program(&run);
	child_follow(&run.child, launch->is_watched ? sample_memory : NULL, &run);
	if (has_peak)
		end_peak(&run);
	outcome.child = run.child;
	outcome.heap = *run.report;
	drop_report(&run);
	return outcome;
}
