// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() and munmap(), for large anonymous memory on a device.
 *
 * The allocator, jemalloc, is linked to this object and takes its memory by these
 * calls, too: extents of all arenas, and its own tables. So memory comes from one
 * place.
 *
 * The device makes the pages private to each process (SWAPLAB_FORK_PRIVATE). To the
 * kernel, the mappings are shared ones of a file; mmap.c, advice.c and remap.c give a
 * program the results and the errors that it would get for private anonymous memory.
 * Mappings that the program shares with its children have regions of their own.
 */

#include <errno.h>
#include "memory.h"
#include "span.h"
#include "system.h"

/* Smaller pieces are not worth a mapping of their own, or part of something else. */
#define LARGE_BYTES	65536UL

/* Stacks must be there in a child at once, and code needs other rights. */
#define OTHER_FLAGS	(MAP_STACK | MAP_GROWSDOWN | MAP_HUGETLB | MAP_32BIT | MAP_LOCKED)

/*
 * @type is MAP_PRIVATE or MAP_SHARED. The kernel refuses an offset that is not aligned, even
 * where it has no meaning.
 */
static bool is_for_device(int type, int prot, int flags, off_t offset)
{
	return flags & MAP_ANONYMOUS && (flags & MAP_TYPE) == type &&
	       !(flags & OTHER_FLAGS) && !(prot & PROT_EXEC) &&
	       offset % WINDOW_PAGE == 0;
}

/* Returns whether it is the first of the run. */
static bool add_missed(size_t length)
{
	return !__atomic_fetch_add(&heap.report->missed_bytes, length,
				   __ATOMIC_RELAXED);
}

static void count_missed(size_t length)
{
	if (add_missed(length) && heap.region.fd >= 0)
		system_say("%s has no room for %zu bytes more: ordinary memory is used",
			   heap.device, length);
}

/* Room at @hint, if it is in the window and free, or anywhere. */
static size_t find_room(const void *hint, size_t nr)
{
	struct span span = span_of(hint, nr * WINDOW_PAGE);

	if (hint && span.nr == nr &&
	    window_is_free(&heap.window, span.first, nr))
		return span.first;
	return window_find(&heap.window, nr);
}

static bool map_device(size_t first, size_t nr, int prot, int flags)
{
	return heap_map(first, nr, prot & WINDOW_PROT,
			flags & (MAP_POPULATE | MAP_NONBLOCK));
}

/**
 * map_anywhere() - map memory of the device, at free addresses
 * @hint: the preferred address, or NULL
 * @nr: how many pages
 * @prot: as for mmap()
 * @flags: as for mmap(); with MAP_SHARED, the memory is shared with children
 *
 * Return: its address, or MAP_FAILED: the caller uses ordinary memory.
 */
void *map_anywhere(const void *hint, size_t nr, int prot, int flags)
{
	size_t first = find_room(hint, nr);
	void *start = MAP_FAILED;

	if (first != WINDOW_NONE && flags & MAP_SHARED)
		start = map_shared(first, nr, prot & WINDOW_PROT,
				   flags & (MAP_POPULATE | MAP_NONBLOCK));
	else if (first != WINDOW_NONE && map_device(first, nr, prot, flags))
		start = window_address(&heap.window, first);
	if (start == MAP_FAILED)
		count_missed(nr * WINDOW_PAGE);
	return start;
}

static void *map_foreign(const struct span *span, void *addr, size_t length,
			 int prot, int flags, int fd, off_t offset)
{
	addr = system_mmap(addr, length, prot, flags, fd, offset);
	if (addr == MAP_FAILED)
		return addr;
	span_discard(span);
	window_take(&heap.window, span->first, span->nr, WINDOW_FOREIGN);
	return addr;
}

/**
 * map_fixed() - map memory where the program wants it
 * @addr: as for mmap()
 * @length: as for mmap()
 * @prot: as for mmap()
 * @flags: as for mmap(), with MAP_FIXED or MAP_FIXED_NOREPLACE
 * @fd: as for mmap()
 * @offset: as for mmap()
 *
 * Return: @addr, or MAP_FAILED.
 */
void *map_fixed(void *addr, size_t length, int prot, int flags, int fd,
		off_t offset)
{
	struct span span = span_of(addr, round_to_pages(length));
	bool inside = span.nr && !span.before && !span.after;

	if (!span.nr || !is_aligned(addr))
		return system_mmap(addr, length, prot, flags, fd, offset);
	if (flags & MAP_FIXED_NOREPLACE) {
		/* To the kernel, all of the window is mapped: EEXIST. */
		if (!inside ||
		    !window_is_free(&heap.window, span.first, span.nr))
			return system_mmap(addr, length, prot, flags, fd,
					   offset);
		flags = (flags & ~MAP_FIXED_NOREPLACE) | MAP_FIXED;
	}
	if (inside && heap.region.fd >= 0 && is_for_device(MAP_PRIVATE, prot, flags, offset)) {
		if (unmap_range(addr, length))
			return MAP_FAILED;
		/* Pages that are not free now have old bytes. */
		if (!window_is_free(&heap.window, span.first, span.nr))
			add_missed(length);
		else if (!map_device(span.first, span.nr, prot, flags))
			count_missed(length);
		else
			return addr;
	}
	return map_foreign(&span, addr, length, prot, flags, fd, offset);
}

/* As in munmap(), a range that is not in the window needs no lock. */
static void *map_there(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	unsigned long mask;

	if (!span_of(addr, round_to_pages(length)).nr)
		return system_mmap(addr, length, prot, flags, fd, offset);
	mask = heap_lock();
	addr = map_fixed(addr, length, prot, flags, fd, offset);
	heap_unlock(mask);
	return addr;
}

static void *map_large(void *hint, size_t length, int prot, int flags)
{
	unsigned long mask = heap_lock();
	void *start = MAP_FAILED;

	if (heap_ready())
		start = map_anywhere(hint, round_to_pages(length) / WINDOW_PAGE, prot, flags);
	heap_unlock(mask);
	return start;
}

void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *start = MAP_FAILED;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return map_there(addr, length, prot, flags, fd, offset);
	if (length >= LARGE_BYTES && length < -WINDOW_PAGE &&
	    (is_for_device(MAP_PRIVATE, prot, flags, offset) ||
	     is_for_device(MAP_SHARED, prot, flags, offset)))
		start = map_large(addr, length, prot, flags);
	if (start == MAP_FAILED)
		start = system_mmap(addr, length, prot, flags, fd, offset);
	return start;
}

void *mmap64(void *, size_t, int, int, int, off_t)
	__attribute__((alias("mmap")));

/**
 * replace_pages() - put new ordinary memory in the place of mapped pages of the device
 * @first: page
 * @nr: how many
 * @attributes: WINDOW_* of all of them
 *
 * Return: 0, or -1: nothing is changed.
 */
int replace_pages(size_t first, size_t nr, unsigned int attributes)
{
	char *addr = window_address(&heap.window, first);
	size_t length = nr * WINDOW_PAGE;

	/* The new mapping would not have the key. */
	if (attributes & WINDOW_PKEY)
		return -1;
	if (system_mmap(addr, length, attributes & WINDOW_PROT,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		return -1;
	if (attributes & WINDOW_DONTFORK)
		system_madvise(addr, length, MADV_DONTFORK);
	if (attributes & WINDOW_WIPEONFORK)
		system_madvise(addr, length, MADV_WIPEONFORK);
	window_take(&heap.window, first, nr, WINDOW_FOREIGN | (attributes & ~WINDOW_PROT));
	return 0;
}

/* The addresses are set aside again before others can take them. */
static int unmap_span(const struct span *span)
{
	if (!system_reserve(span_start(span), span->nr * WINDOW_PAGE))
		return -1;
	span_release(span);
	return 0;
}

/**
 * unmap_range() - munmap()
 * @addr: as for munmap()
 * @length: as for munmap()
 *
 * Return: 0 or -1.
 */
int unmap_range(void *addr, size_t length)
{
	struct span span = span_of(addr, round_to_pages(length));

	if (!span.nr || !is_aligned(addr))
		return system_munmap(addr, length);
	/* First, since it fails if the range goes on to where no memory can be. */
	if (span.after && system_munmap(span_end(&span), span.after))
		return -1;
	if (span.before && system_munmap(addr, span.before))
		return -1;
	return unmap_span(&span);
}

int munmap(void *addr, size_t length)
{
	unsigned long mask;
	int status;

	/* The window is never elsewhere, and a program has no memory in it before it is there. */
	if (!span_of(addr, round_to_pages(length)).nr)
		return system_munmap(addr, length);
	mask = heap_lock();
	status = unmap_range(addr, length);
	heap_unlock(mask);
	return status;
}
