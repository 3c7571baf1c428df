/* SPDX-License-Identifier: GPL-2.0 */
/* A trace instance of the test's own, which disturbs no other. */
#ifndef SWAPLAB_TRACING_H
#define SWAPLAB_TRACING_H

#include <sys/mount.h>
#include "swaplab_test.h"

#define TRACING	"/sys/kernel/tracing/"
#define TRACE	TRACING "instances/swaplab-test/"

/* Is this file there, once tracefs is mounted? */
static inline bool tracing_has(const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), TRACING "%s", file);
	if (access(path, F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	return !access(path, F_OK);
}

/* 0 or -errno. */
static inline int trace_create(void)
{
	if (!tracing_has("instances"))
		return -ENOENT;
	rmdir(TRACE);
	return mkdir(TRACE, 0700) ? -errno : 0;
}

static inline void trace_destroy(void)
{
	rmdir(TRACE);
}

/* How many events have this text in their line. */
static inline unsigned long trace_lines(const char *text)
{
	FILE *trace = fopen(TRACE "trace", "r");
	unsigned long nr = 0;
	char line[512];

	while (trace && fgets(line, sizeof(line), trace))
		nr += line[0] != '#' && strstr(line, text);
	if (trace)
		fclose(trace);
	return nr;
}

#endif /* SWAPLAB_TRACING_H */
