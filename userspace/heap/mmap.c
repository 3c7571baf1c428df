// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() and its relatives, for large private anonymous memory on a device.
 *
 * The allocator, jemalloc, is linked to this object and takes its memory by these,
 * too: extents of all arenas, and its own tables. So there is one place where
 * memory comes from, and one where it is purged: madvise(MADV_DONTNEED) becomes
 * SWAPLAB_DISCARD.
 *
 * The mappings are shared ones, as the device has no others; fork.c makes them
 * private to each process.
 */

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include "heap.h"
#include "system.h"

/* Smaller pieces are not worth a mapping of their own, or part of something else. */
#define LARGE_BYTES	65536UL

/* Stacks must be there in a child at once, and code needs other rights. */
#define OTHER_FLAGS	(MAP_SHARED | MAP_STACK | MAP_GROWSDOWN | MAP_HUGETLB | \
			 MAP_32BIT | MAP_LOCKED)

/**
 * struct span - the part of a range of addresses that is in the window
 * @first: page
 * @nr: how many, or 0
 * @before: bytes that are outside, in front
 * @after: and behind
 */
struct span {
	size_t first;
	size_t nr;
	size_t before;
	size_t after;
};

static size_t round_up(size_t bytes)
{
	return (bytes + WINDOW_PAGE - 1) & -WINDOW_PAGE;
}

static struct span span_of(const void *addr, size_t length)
{
	const char *start = addr, *end = start + length;
	const char *low = heap.window.start;
	const char *high = window_address(&heap.window, heap.window.nr_pages);
	struct span span = { .before = length };

	if (start < low)
		start = low;
	if (end > high)
		end = high;
	if (!low || start >= end)
		return span;
	span.first = (start - low) / WINDOW_PAGE;
	span.nr = (end - start) / WINDOW_PAGE;
	span.before = start - (const char *)addr;
	span.after = (const char *)addr + length - end;
	return span;
}

static char *span_end(const struct span *span)
{
	return window_address(&heap.window, span->first + span->nr);
}

static bool is_ours(int prot, int flags)
{
	return flags & MAP_ANONYMOUS && flags & MAP_PRIVATE &&
	       !(flags & OTHER_FLAGS) && !(prot & PROT_EXEC);
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

static void *map_somewhere(const void *hint, size_t nr, int prot, int flags)
{
	size_t first = find_room(hint, nr);

	if (first == WINDOW_NONE ||
	    !heap_map(heap.fd, first, nr, prot, flags & MAP_POPULATE))
		return MAP_FAILED;
	window_take(&heap.window, first, nr, false);
	return window_address(&heap.window, first);
}

/* What was there before is gone, as with any such mapping. */
static void *map_at(void *addr, size_t length, int prot, int flags, int fd,
		    off_t offset)
{
	struct span span = span_of(addr, round_up(length));
	bool ours = is_ours(prot, flags) && !span.before && !span.after;

	if (!span.nr || (unsigned long)addr % WINDOW_PAGE)
		return system_mmap(addr, length, prot, flags, fd, offset);
	if (!ours) {
		addr = system_mmap(addr, length, prot, flags, fd, offset);
		if (addr == MAP_FAILED)
			return addr;
	} else if (!system_reserve(addr, length)) {
		return MAP_FAILED;
	}
	if (heap_discard(span.first, span.nr))
		return MAP_FAILED;
	if (ours && !heap_map(heap.fd, span.first, span.nr, prot,
			      flags & MAP_POPULATE))
		return MAP_FAILED;
	window_take(&heap.window, span.first, span.nr, !ours);
	return addr;
}

static void count_missed(size_t length)
{
	if (!__atomic_fetch_add(&heap.report->missed_bytes, length,
				__ATOMIC_RELAXED))
		system_say("%s has no room for %zu bytes more: ordinary memory is used",
			   heap.device, length);
}

void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *start = MAP_FAILED;
	bool ours;

	pthread_mutex_lock(&heap.lock);
	ours = heap_ready() && length && length < -WINDOW_PAGE;
	if (ours && flags & MAP_FIXED) {
		start = map_at(addr, length, prot, flags, fd, offset);
		pthread_mutex_unlock(&heap.lock);
		return start;
	}
	ours = ours && length >= LARGE_BYTES && is_ours(prot, flags);
	if (ours) {
		start = map_somewhere(addr, round_up(length) / WINDOW_PAGE,
				      prot, flags);
		if (start == MAP_FAILED)
			count_missed(length);
	}
	pthread_mutex_unlock(&heap.lock);
	if (start == MAP_FAILED)
		start = system_mmap(addr, length, prot, flags, fd, offset);
	return start;
}

void *mmap64(void *, size_t, int, int, int, off_t)
	__attribute__((alias("mmap")));

/* The addresses are set aside again before others can take them. */
static int unmap_span(const struct span *span)
{
	char *start = window_address(&heap.window, span->first);

	if (!system_reserve(start, span->nr * WINDOW_PAGE))
		return -1;
	heap_discard(span->first, span->nr);
	window_release(&heap.window, span->first, span->nr);
	return 0;
}

static int unmap_locked(void *addr, size_t length)
{
	struct span span = span_of(addr, round_up(length));

	if (!span.nr || (unsigned long)addr % WINDOW_PAGE)
		return system_munmap(addr, length);
	if (span.before && system_munmap(addr, span.before))
		return -1;
	if (span.after && system_munmap(span_end(&span), span.after))
		return -1;
	return unmap_span(&span);
}

int munmap(void *addr, size_t length)
{
	int status;

	pthread_mutex_lock(&heap.lock);
	status = unmap_locked(addr, length);
	pthread_mutex_unlock(&heap.lock);
	return status;
}

static int advise_run(size_t first, size_t nr, int advice, bool foreign)
{
	if (!foreign) {
		if (advice == MADV_DONTNEED || advice == MADV_FREE)
			return heap_discard(first, nr);
		/* Which process has it is for fork.c to say. */
		if (advice == MADV_DOFORK || advice == MADV_DONTFORK)
			return 0;
	}
	return system_madvise(window_address(&heap.window, first),
			      nr * WINDOW_PAGE, advice);
}

static int advise_span(const struct span *span, int advice)
{
	size_t first = span->first, end = first + span->nr, nr;
	bool foreign;

	for (; (nr = window_next_run(&heap.window, &first, end, &foreign));
	     first += nr)
		if (advise_run(first, nr, advice, foreign))
			return -1;
	return 0;
}

int madvise(void *addr, size_t length, int advice)
{
	struct span span = span_of(addr, round_up(length));
	int status = 0;

	if (!span.nr || (unsigned long)addr % WINDOW_PAGE)
		return system_madvise(addr, length, advice);
	if (span.before)
		status = system_madvise(addr, span.before, advice);
	if (!status && span.after)
		status = system_madvise(span_end(&span), span.after, advice);
	pthread_mutex_lock(&heap.lock);
	if (!status)
		status = advise_span(&span, advice);
	pthread_mutex_unlock(&heap.lock);
	return status;
}

/* What follows is free: the mapping may grow. It is taken for readable and writable. */
static bool grow_in_place(const struct span *span, size_t nr)
{
	size_t next = span->first + span->nr;

	if (!window_is_free(&heap.window, next, nr - span->nr) ||
	    !heap_map(heap.fd, next, nr - span->nr, PROT_READ | PROT_WRITE, 0))
		return false;
	window_take(&heap.window, next, nr - span->nr, false);
	return true;
}

/* A page's place in the region is that of its address, so pages are copied. */
static void *move(const struct span *span, size_t nr, int flags, void *to)
{
	void *from = window_address(&heap.window, span->first);
	int prot = PROT_READ | PROT_WRITE;

	if (flags & MREMAP_FIXED)
		to = map_at(to, nr * WINDOW_PAGE, prot,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	else
		to = map_somewhere(NULL, nr, prot, 0);
	if (to == MAP_FAILED)
		return to;
	if (heap_copy(heap.fd, to, from, span->first, span->nr) < 0) {
		unmap_locked(to, nr * WINDOW_PAGE);
		return MAP_FAILED;
	}
	if (flags & MREMAP_DONTUNMAP)
		heap_discard(span->first, span->nr);
	else
		unmap_span(span);
	return to;
}

static void *remap_locked(const struct span *span, size_t new_bytes, int flags,
			  void *to)
{
	void *from = window_address(&heap.window, span->first);
	size_t nr = new_bytes / WINDOW_PAGE;
	struct span tail = *span;

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return move(span, nr, flags, to);
	if (nr < span->nr) {
		tail.first += nr;
		tail.nr -= nr;
		return unmap_span(&tail) ? MAP_FAILED : from;
	}
	if (nr == span->nr || grow_in_place(span, nr))
		return from;
	if (flags & MREMAP_MAYMOVE)
		return move(span, nr, flags, to);
	errno = ENOMEM;
	return MAP_FAILED;
}

void *mremap(void *addr, size_t old_bytes, size_t new_bytes, int flags, ...)
{
	struct span span = span_of(addr, round_up(old_bytes));
	bool foreign = true;
	size_t first = span.first;
	va_list args;
	void *to;

	va_start(args, flags);
	to = flags & MREMAP_FIXED ? va_arg(args, void *) : NULL;
	va_end(args);
	pthread_mutex_lock(&heap.lock);
	if (span.nr)
		window_next_run(&heap.window, &first, first + 1, &foreign);
	if (foreign)
		to = (void *)syscall(SYS_mremap, addr, old_bytes, new_bytes,
				     flags, to);
	else if ((unsigned long)addr % WINDOW_PAGE || !new_bytes ||
		 span.before || span.after)
		errno = EINVAL, to = MAP_FAILED;
	else
		to = remap_locked(&span, round_up(new_bytes), flags, to);
	pthread_mutex_unlock(&heap.lock);
	return to;
}
