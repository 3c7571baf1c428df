// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory by /proc/PID/status: stacks, the C library's own, and
 * mappings that are too small for the device. Pages of a device count as file pages there.
 *
 * A page that parent and child share since fork() counts for both.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "anonymous_memory.h"
#include "process.h"

static unsigned long field_kb(const char *text, const char *name)
{
	const char *field = strstr(text, name);

	return field ? strtoul(field + strlen(name), NULL, 10) : 0;
}

/* Of the children that one thread has made. */
static unsigned long pages_of_children(pid_t pid, const char *thread)
{
	unsigned long pages = 0;
	char *list, *rest, *child, name[64];

	snprintf(name, sizeof(name), "task/%.16s/children", thread);
	list = process_file(pid, name);
	for (rest = list; rest && (child = strsep(&rest, " "));)
		if (*child)
			pages += anonymous_memory_pages(atoi(child));
	free(list);
	return pages;
}

static unsigned long pages_of_threads_children(pid_t pid)
{
	unsigned long pages = 0;
	struct dirent *entry;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			pages += pages_of_children(pid, entry->d_name);
	if (threads)
		closedir(threads);
	return pages;
}

/**
 * anonymous_memory_pages() - pages of a process and all that it has started
 * @pid: the process; one that is gone has none
 *
 * Return: how many are anonymous, in memory or in the kernel's swap.
 */
unsigned long anonymous_memory_pages(pid_t pid)
{
	char *status = process_file(pid, "status");
	unsigned long kb;

	if (!status)
		return 0;
	kb = field_kb(status, "RssAnon:") + field_kb(status, "VmSwap:");
	free(status);
	return kb * 1024 / sysconf(_SC_PAGESIZE) +
	       pages_of_threads_children(pid);
}
