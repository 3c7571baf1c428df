// SPDX-License-Identifier: GPL-2.0
/*
 * Shared anonymous memory: a region of its own for each mapping, which children of a
 * fork() have in common with their parent. It is mapped in the window, and counts as
 * foreign there: its pages are not those of the process's region, and are not discarded
 * when it is unmapped, because another process may have it.
 *
 * No descriptor stays open: the mappings keep the region.
 */

#include <errno.h>
#include <string.h>
#include "memory.h"
#include "system.h"

/* Another thread's mapping may be in the hole by now, and then it stays. */
static void set_aside_again(size_t first, size_t nr)
{
	int error = errno;

	system_reserve_hole(window_address(&heap.window, first), nr * WINDOW_PAGE);
	errno = error;
}

/**
 * map_shared() - map a new region of the device, at free addresses
 * @first: page of the window
 * @nr: how many pages
 * @prot: as for mmap()
 * @flags: more of them, for mmap()
 *
 * Like those of the process's own region, its pages have the indices of the window's pages.
 * No index has a page in both, so "swaplab walk" can tell the two apart.
 *
 * Return: its address, or MAP_FAILED: the caller uses ordinary memory.
 */
void *map_shared(size_t first, size_t nr, int prot, int flags)
{
	void *addr = window_address(&heap.window, first);
	int fd = system_open(heap.device, O_RDWR);

	if (fd < 0) {
		system_say("%s: %s; shared memory of process %d is ordinary",
			   heap.device, strerrordesc_np(errno), getpid());
		return MAP_FAILED;
	}
	addr = system_mmap(addr, nr * WINDOW_PAGE, prot, MAP_SHARED | MAP_FIXED | flags,
			   fd, first * WINDOW_PAGE);
	if (addr == MAP_FAILED)
		set_aside_again(first, nr);
	else
		window_take(&heap.window, first, nr, WINDOW_FOREIGN);
	system_close(fd);
	return addr;
}
