// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the region's descriptor open in programs that close all descriptors, as
 * daemons do when they start. It is close-on-exec, so no other program inherits it.
 *
 * These functions are no cancellation points, unlike the C library's.
 */

#include <errno.h>
#include "heap.h"
#include "system.h"

int close(int fd)
{
	if (fd >= 0 && fd == heap.fd) {
		errno = EBADF;
		return -1;
	}
	return system_close(fd);
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	unsigned int ours = heap.fd;

	if (heap.fd < 0 || ours < first || ours > last)
		return syscall(SYS_close_range, first, last, flags);
	if (ours > first &&
	    syscall(SYS_close_range, first, ours - 1, flags))
		return -1;
	return ours < last ? syscall(SYS_close_range, ours + 1, last, flags) : 0;
}

void closefrom(int first)
{
	close_range(first < 0 ? 0 : first, ~0U, 0);
}
