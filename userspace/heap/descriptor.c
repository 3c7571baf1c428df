// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps two descriptors open in programs that close all descriptors, as daemons do when
 * they start: that of the region, which is close-on-exec, so no other program inherits it;
 * and that of the report, which the programs of a run inherit.
 *
 * These functions are no cancellation points, unlike the C library's.
 */

#include <errno.h>
#include "heap.h"
#include "system.h"

static bool is_kept(int fd)
{
	return fd >= 0 && ((fd == heap.region.fd && heap_is_file(&heap.region)) ||
			   (fd == heap.report_file.fd && heap_is_file(&heap.report_file)));
}

int close(int fd)
{
	if (is_kept(fd)) {
		errno = EBADF;
		return -1;
	}
	return system_close(fd);
}

/* The first of the kept ones from @first on to @last, or -1. */
static int next_kept(unsigned int first, unsigned int last)
{
	unsigned int fd, next = -1U;

	fd = heap.region.fd;
	if (first <= fd && fd <= last && heap_is_file(&heap.region))
		next = fd;
	fd = heap.report_file.fd;
	if (first <= fd && fd <= last && fd < next && heap_is_file(&heap.report_file))
		next = fd;
	return next;
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	int kept;

	while (first <= last && (kept = next_kept(first, last)) >= 0) {
		if (first < (unsigned int)kept &&
		    syscall(SYS_close_range, first, kept - 1, flags))
			return -1;
		if (last == (unsigned int)kept)
			return 0;
		first = kept + 1;
	}
	return syscall(SYS_close_range, first, last, flags);
}

void closefrom(int first)
{
	close_range(first < 0 ? 0 : first, ~0U, 0);
}
