/* SPDX-License-Identifier: GPL-2.0 */
/* The memory cgroup of a test, CGROUP, which the test names before it includes this. */
#ifndef SWAPLAB_CGROUP_H
#define SWAPLAB_CGROUP_H

#include "swaplab_test.h"

#define CGROUPS		"/sys/fs/cgroup"

static inline int cgroup_write(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), CGROUP "/%s", file);
	return file_write(path, value);
}

/* Also takes one that a test has left. */
static inline int cgroup_create(const char *max)
{
	int err = file_write(CGROUPS "/cgroup.subtree_control", "+memory");

	mkdir(CGROUP, 0755);
	return err ? err : cgroup_write("memory.max", max);
}

/* The number behind a name in a file, or the file's only one; all bits set if there is none. */
static inline unsigned long cgroup_get(const char *file, const char *name)
{
	static char text[8192];
	char path[128], *found = text;

	snprintf(path, sizeof(path), CGROUP "/%s", file);
	if (file_read(path, text, sizeof(text)))
		return -1UL;
	if (name)
		found = strstr(text, name);
	return found ? strtoul(found + (name ? strlen(name) : 0), NULL, 10) : -1UL;
}

static inline unsigned long cgroup_kills(void)
{
	return cgroup_get("memory.events", "oom_kill ");
}

#endif /* SWAPLAB_CGROUP_H */
