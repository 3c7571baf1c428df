// SPDX-License-Identifier: GPL-2.0
/*
 * setrlimit() and prlimit(): a limit of the program's addresses (RLIMIT_AS) counts those of the
 * window, too. So the window becomes smaller before a process limits itself. Half of the
 * addresses that the limit leaves are the window's, and the other half is for stacks, files and
 * ordinary memory.
 */

#include <stdlib.h>
#include <sys/resource.h>
#include "heap.h"
#include "system.h"

/* Bytes of addresses that the process has, or 0: unknown. Without memory. */
static size_t count_addresses(void)
{
	char line[64] = "";
	int fd = system_open("/proc/self/statm", O_RDONLY);

	if (fd < 0)
		return 0;
	if (syscall(SYS_read, fd, line, sizeof(line) - 1) < 0)
		line[0] = '\0';
	system_close(fd);
	return strtoul(line, NULL, 10) * WINDOW_PAGE;
}

/* The pages that the window may have under a limit. */
static size_t count_allowed(size_t limit)
{
	size_t window = heap.window.nr_pages * WINDOW_PAGE;
	size_t all = count_addresses();
	size_t others = all > window ? all - window : limit;

	return others < limit ? (limit - others) / 2 / WINDOW_PAGE : 0;
}

static bool is_own_limit(pid_t pid, int resource, const struct rlimit *limit)
{
	return resource == RLIMIT_AS && limit && (!pid || pid == getpid()) &&
	       limit->rlim_cur != RLIM_INFINITY && limit->rlim_cur <= limit->rlim_max;
}

static int system_prlimit(pid_t pid, int resource, const struct rlimit *limit,
			  struct rlimit *old)
{
	return syscall(SYS_prlimit64, pid, resource, limit, old);
}

int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *limit,
	    struct rlimit *old)
{
	unsigned long mask;
	int status;

	if (!is_own_limit(pid, resource, limit))
		return system_prlimit(pid, resource, limit, old);
	mask = heap_lock();
	if (heap.window.start)
		window_shrink(&heap.window, count_allowed(limit->rlim_cur));
	status = system_prlimit(pid, resource, limit, old);
	heap_unlock(mask);
	return status;
}

int prlimit64(pid_t pid, __rlimit_resource_t resource, const struct rlimit64 *limit,
	      struct rlimit64 *old)
{
	return prlimit(pid, resource, (const struct rlimit *)limit, (struct rlimit *)old);
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return prlimit(0, resource, limit, NULL);
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	return prlimit(0, resource, (const struct rlimit *)limit, NULL);
}
