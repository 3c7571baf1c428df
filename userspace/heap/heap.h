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
 * struct heap - a region, and where it is mapped
 * @lock: Protects: all below; no memory is allocated under it, and no signal is handled.
 *	Taken by heap_lock()
 * @window: page N is page N of the region
 * @fd: the region; -1: none, all new memory is ordinary
 * @node_dev: where the file of @fd is, to tell it from others
 * @node_ino: likewise
 * @nr_mappings: made so far, less those that were joined to others
 * @device: path of the device
 * @report: counters; never NULL
 * @report_fd: their page, for the programs that this one executes; or -1
 */
struct heap {
	pthread_mutex_t lock;
	struct window window;
	int fd;
	dev_t node_dev;
	ino_t node_ino;
	unsigned long nr_mappings;
	char device[64];
	struct heap_report *report;
	int report_fd;
};

extern struct heap heap;

unsigned long heap_lock(void);
void heap_unlock(unsigned long mask);

bool heap_ready(void);
bool heap_has_descriptor(void);
bool heap_map(size_t first, size_t nr, unsigned int attributes, int flags);
int heap_discard(size_t first, size_t nr);
int heap_copy(void *to, size_t first, size_t nr);

void fork_prepare_heap(void);

#endif /* _HEAP_HEAP_H */
