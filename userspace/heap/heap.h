/* SPDX-License-Identifier: GPL-2.0 */
/* The memory of this process that is on a device. */
#ifndef _HEAP_HEAP_H
#define _HEAP_HEAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "report.h"
#include "window.h"

/**
 * struct heap_file - a descriptor, and how to tell its file from others
 * @fd: -1: none
 * @dev: of the file
 * @ino: likewise
 */
struct heap_file {
	int fd;
	dev_t dev;
	ino_t ino;
};

/**
 * struct heap - a region, and where it is mapped
 * @lock: Protects: all below; no memory is allocated under it, and no signal is handled.
 *	Taken by heap_lock()
 * @window: page N is page N of the region
 * @region: on the device; without a descriptor all new memory is ordinary
 * @nr_mappings: made so far, less those that were joined to others
 * @device: path of the device
 * @report: counters; never NULL
 * @report_file: their page, for the programs that this one executes
 */
struct heap {
	pthread_mutex_t lock;
	struct window window;
	struct heap_file region;
	unsigned long nr_mappings;
	char device[64];
	struct heap_report *report;
	struct heap_file report_file;
};

extern struct heap heap;

unsigned long heap_lock(void);
void heap_unlock(unsigned long mask);

bool heap_ready(void);
bool heap_is_file(const struct heap_file *file);
bool heap_map(size_t first, size_t nr, unsigned int attributes, int flags);
int heap_discard(size_t first, size_t nr);
int heap_copy(void *to, size_t first, size_t nr);

void fork_prepare_heap(void);

#endif /* _HEAP_HEAP_H */
