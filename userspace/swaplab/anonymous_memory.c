// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory by /proc/PID/status: stacks, data, the C library's own, and
 * mappings that are too small for the device. Pages of a device count as file pages there.
 *
 * A page that parent and child share since fork() counts for both. Shared memory counts
 * once: as much as the one process has that has most.
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

/**
 * struct anonymous - memory in kB
 * @private: of all processes
 * @shared: of the process that has most
 */
struct anonymous {
	unsigned long private;
	unsigned long shared;
};

static void add_process(struct anonymous *anonymous, pid_t pid);

/* Those that one thread has made. */
static void add_children(struct anonymous *anonymous, pid_t pid, const char *thread)
{
	char *list, *rest, *child, name[64];

	snprintf(name, sizeof(name), "task/%.16s/children", thread);
	list = process_file(pid, name);
	for (rest = list; rest && (child = strsep(&rest, " "));)
		if (*child)
			add_process(anonymous, atoi(child));
	free(list);
}

static void add_children_of_threads(struct anonymous *anonymous, pid_t pid)
{
	struct dirent *entry;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			add_children(anonymous, pid, entry->d_name);
	if (threads)
		closedir(threads);
}

/* One that is gone has none. */
static void add_process(struct anonymous *anonymous, pid_t pid)
{
	char *status = process_file(pid, "status");
	unsigned long shared;

	if (!status)
		return;
	anonymous->private += field_kb(status, "RssAnon:") +
			      field_kb(status, "VmSwap:");
	shared = field_kb(status, "RssShmem:");
	if (shared > anonymous->shared)
		anonymous->shared = shared;
	free(status);
	add_children_of_threads(anonymous, pid);
}

/**
 * anonymous_memory_pages() - pages of a process and all that it has started
 * @pid: the process
 *
 * Return: how many are anonymous, in memory or in the kernel's swap; of shared memory only
 * what is in memory.
 */
unsigned long anonymous_memory_pages(pid_t pid)
{
	struct anonymous anonymous = {};

	add_process(&anonymous, pid);
	return (anonymous.private + anonymous.shared) * 1024 /
	       sysconf(_SC_PAGESIZE);
}
