/* SPDX-License-Identifier: GPL-2.0 */
/* A program that runs with the heap's library. */
#ifndef SWAPLAB_LAUNCH_H
#define SWAPLAB_LAUNCH_H

#include <stdbool.h>
#include "../heap/report.h"
#include "child.h"
#include "device.h"

/**
 * struct launch - a program to run
 * @argv: the program and its arguments
 * @device: where its heap goes; NULL: ordinary memory, by the same allocator
 * @heap_bytes: at most so much goes there; 0: as much as it wants
 * @cgroup: that it joins, a directory; NULL: it stays where we are
 * @is_charged: the frames of the device count against the limit of @cgroup
 * @output: descriptor for its standard output; -1: ours
 * @is_watched: look at its memory as it runs, which takes some of its time
 */
struct launch {
	char **argv;
	const struct device *device;
	unsigned long long heap_bytes;
	const char *cgroup;
	bool is_charged;
	int output;
	bool is_watched;
};

/**
 * struct outcome - the end of a run
 * @child: its status, time and use
 * @device_pages: most pages on the device, if watched
 * @other_pages: anonymous pages that were not on the device, when most memory was seen in use
 * @heap: the report of the heaps
 */
struct outcome {
	struct child child;
	unsigned long device_pages;
	unsigned long other_pages;
	struct heap_report heap;
};

struct outcome launch_run(const struct launch *launch);

#endif /* SWAPLAB_LAUNCH_H */
