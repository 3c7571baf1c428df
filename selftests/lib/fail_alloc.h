/* SPDX-License-Identifier: GPL-2.0 */
/* Failures of allocations by fault injection: the nth one of a thread fails. */
#ifndef SWAPLAB_FAIL_ALLOC_H
#define SWAPLAB_FAIL_ALLOC_H

#include "swaplab_test.h"

static const char * const kinds[] = { "failslab", "fail_page_alloc" };

/* Of this fault, in debugfs. */
static inline int fault_set(const char *kind, const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kind, file);
	return file_write(path, value);
}

/*
 * kmemleak makes one allocation for each other one, and goes on without it, so half of all
 * failures would tell nothing. The kernel's parameter "slub_debug=A;-,kmemleak_object" marks all
 * caches but that one as such that may fail.
 */
static inline int caches_prepare(void)
{
	char marked[8];

	if (file_read("/sys/kernel/slab/kmalloc-64/failslab", marked, sizeof(marked)) ||
	    *marked != '1')
		return 0;
	return fault_set("failslab", "cache-filter", "Y");
}

/* Every allocation may fail, of any size and any gfp flags, without a message. */
static inline int faults_prepare(void)
{
	size_t i;

	if (caches_prepare())
		return -1;
	for (i = 0; i < 2; i++)
		if (fault_set(kinds[i], "verbose", "0") ||
		    fault_set(kinds[i], "ignore-gfp-wait", "N") ||
		    fault_set(kinds[i], "task-filter", "Y") ||
		    fault_set(kinds[i], "times", "-1"))
			return -1;
	return fault_set("fail_page_alloc", "ignore-gfp-highmem", "N") ||
	       fault_set("fail_page_alloc", "min-order", "0");
}

static inline int failures_open(void)
{
	return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

static inline int failures_begin(int fail_nth, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	return pwrite(fail_nth, text, len, 0) == len ? 0 : -1;
}

/* Has the failure come? */
static inline bool failures_end(int fail_nth)
{
	char text[16] = {};

	return pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text) &&
	       !failures_begin(fail_nth, 0);
}

#endif /* SWAPLAB_FAIL_ALLOC_H */
