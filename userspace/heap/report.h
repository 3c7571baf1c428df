/* SPDX-License-Identifier: GPL-2.0 */
/* Counters that the heaps of a run share with "swaplab run", in one page. */
#ifndef _HEAP_REPORT_H
#define _HEAP_REPORT_H

/* The environment of a program with its heap on a device. */
#define HEAP_ENV_DEVICE	"SWAPLAB_HEAP_DEVICE"	/* none: ordinary memory */
#define HEAP_ENV_SIZE	"SWAPLAB_HEAP_SIZE"	/* bytes on the device at most */
#define HEAP_ENV_REPORT	"SWAPLAB_HEAP_REPORT"	/* descriptor of the page */

/**
 * struct heap_report - counters of all processes of a run
 * @processes: started with this heap
 * @on_device: processes among them whose heap is on the device
 * @forks: of processes with a heap on the device
 * @missed_bytes: large pieces of memory that the device had no room for
 */
struct heap_report {
	unsigned long processes;
	unsigned long on_device;
	unsigned long forks;
	unsigned long missed_bytes;
};

#endif /* _HEAP_REPORT_H */
