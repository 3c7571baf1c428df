/* SPDX-License-Identifier: GPL-2.0 */
/* A program that runs with the heap's library. */
#ifndef SWAPLAB_LAUNCH_H
#define SWAPLAB_LAUNCH_H

#include <stdbool.h>
#include <sys/resource.h>
#include "../heap/report.h"
#include "device.h"

/**
 * struct launch - a program to run
 * @argv: the program and its arguments
 * @device: where its heap goes; NULL: ordinary memory, by the same allocator
 * @heap_bytes: at most so much goes there; 0: as much as it wants
 * @cgroup: that it joins, a directory; NULL: it stays where we are
 * @output: descriptor for its standard output; -1: ours
 * @is_watched: look at its memory as it runs, which takes some of its time
 */
struct launch {
	char **argv;
	const struct device *device;
	unsigned long long heap_bytes;
	const char *cgroup;
	int output;
	bool is_watched;
};

/**
 * struct outcome - the end of a run
 * @status: as a shell tells it
 * @signal: that killed the program, or 0
 * @interrupted: the signal that asked to end while it ran, and was passed on, or 0;
 *	none that this program ignores
 * @seconds: from its start to its end
 * @device_pages: pages on the device when most memory was in use, if watched
 * @other_pages: anonymous pages that were not on the device, at that time
 * @usage: of the program, and of children it has waited for
 * @heap: the report of the heaps
 */
struct outcome {
	int status;
	int signal;
	int interrupted;
	double seconds;
	unsigned long device_pages;
	unsigned long other_pages;
	struct rusage usage;
	struct heap_report heap;
};

struct outcome launch_run(const struct launch *launch);

#endif /* SWAPLAB_LAUNCH_H */
