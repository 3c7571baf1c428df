// SPDX-License-Identifier: GPL-2.0
/* The cgroup of a program and its children: it counts their memory, and may limit it. */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cgroup.h"
#include "setting.h"

#define CGROUPS	"/sys/fs/cgroup"

static char cgroup_path[64];

static void remove_cgroup(void)
{
	if (rmdir(cgroup_path) && errno != ENOENT)
		warn("%s cannot be removed", cgroup_path);
}

static void write_once(const char *path, const char *value)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(value, file) < 0 || fclose(file))
		err(1, "%s: cgroup v2 with memory control is needed", path);
}

/**
 * cgroup_set() - write to a file of the cgroup
 * @file: such as memory.max
 * @value: the value to write; an error ends the program
 */
void cgroup_set(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", cgroup_path, file);
	write_once(path, value);
}

/**
 * cgroup_make() - make a cgroup, instead of the last one
 * @limit: of its memory in bytes, or 0
 *
 * It goes when this program ends.
 *
 * Return: its directory.
 */
const char *cgroup_make(unsigned long long limit)
{
	char text[24];

	if (!cgroup_path[0]) {
		snprintf(cgroup_path, sizeof(cgroup_path), CGROUPS "/swaplab-%d", getpid());
		write_once(CGROUPS "/cgroup.subtree_control", "+memory");
		atexit(remove_cgroup);
	}
	remove_cgroup();
	if (mkdir(cgroup_path, 0755))
		err(1, "%s", cgroup_path);
	if (limit) {
		snprintf(text, sizeof(text), "%llu", limit);
		cgroup_set("memory.max", text);
	}
	return cgroup_path;
}

/**
 * cgroup_end() - kill all tasks of the cgroup
 *
 * A task is counted until it has closed its files and dropped its memory, so that the
 * next run finds neither. Returns early if a signal comes.
 */
void cgroup_end(void)
{
	struct pollfd events = { .events = POLLPRI };
	char text[64] = "", path[128];

	snprintf(path, sizeof(path), "%s/cgroup.events", cgroup_path);
	events.fd = open(path, O_RDONLY | O_CLOEXEC);
	cgroup_set("cgroup.kill", "1");
	while (pread(events.fd, text, sizeof(text) - 1, 0) > 0 &&
	       strstr(text, "populated 1"))
		if (poll(&events, 1, -1) < 0)
			break;
	close(events.fd);
}

/**
 * cgroup_peak() - the most memory that the cgroup had
 *
 * Return: bytes.
 */
unsigned long long cgroup_peak(void)
{
	unsigned long long peak;
	char path[128], *text;

	snprintf(path, sizeof(path), "%s/memory.peak", cgroup_path);
	text = setting_read(path);
	peak = strtoull(text, NULL, 10);
	free(text);
	return peak;
}

/**
 * cgroup_kills() - processes of the cgroup that were killed for want of memory
 *
 * Return: how many.
 */
unsigned long cgroup_kills(void)
{
	unsigned long kills = 0;
	char path[128], name[32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/memory.events", cgroup_path);
	file = fopen(path, "re");
	while (file && fscanf(file, "%31s %lu", name, &kills) == 2 &&
	       strcmp(name, "oom_kill"))
		kills = 0;
	if (file)
		fclose(file);
	return kills;
}
