// SPDX-License-Identifier: GPL-2.0
/*
 * madvise() and mprotect(). Memory is purged here: MADV_DONTNEED becomes
 * SWAPLAB_DISCARD. The protection of each page and its advice about fork() are
 * noted for fork.c and remap.c.
 *
 * Like the kernel, madvise() applies advice to all mapped pages, and then returns
 * ENOMEM if some pages were not mapped; mprotect() stops at the first of those.
 */

#include <asm/mman.h>
#include <errno.h>
#include "memory.h"
#include "segments.h"
#include "span.h"
#include "system.h"

static void note_advice(size_t first, size_t nr, int advice)
{
	switch (advice) {
	case MADV_DONTFORK:
		window_change(&heap.window, first, nr, 0, WINDOW_DONTFORK);
		break;
	case MADV_DOFORK:
		window_change(&heap.window, first, nr, WINDOW_DONTFORK, 0);
		break;
	case MADV_WIPEONFORK:
		window_change(&heap.window, first, nr, 0, WINDOW_WIPEONFORK);
		break;
	case MADV_KEEPONFORK:
		window_change(&heap.window, first, nr, WINDOW_WIPEONFORK, 0);
		break;
	}
}

/*
 * MADV_DOFORK: Linux 7.2 refuses it for a mapping of the device. A new mapping is inherited,
 * but has no protection key.
 */
static int let_inherit(size_t first, size_t nr, unsigned int attributes)
{
	if (!(attributes & WINDOW_DONTFORK))
		return 0;
	if (attributes & WINDOW_PKEY)
		return system_madvise(window_address(&heap.window, first),
				      nr * WINDOW_PAGE, MADV_DOFORK);
	return heap_map(first, nr, attributes & ~WINDOW_DONTFORK, 0) ? 0 : -1;
}

/* Without a descriptor, pages of the device cannot be made absent. */
static int purge_device(size_t first, size_t nr, unsigned int attributes)
{
	if (!heap_discard(first, nr))
		return 0;
	return heap.region.fd < 0 ? replace_pages(first, nr, attributes) : -1;
}

static int advise_device(size_t first, size_t nr, unsigned int attributes,
			 int advice)
{
	switch (advice) {
	case MADV_DOFORK:
		return let_inherit(first, nr, attributes);
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		/* For begin_child(): the kernel wipes no shared mapping. */
		return 0;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return purge_device(first, nr, attributes);
	case MADV_DODUMP:
		/* The device's memory is in no core dump. */
		return 0;
	case MADV_REMOVE:
		errno = EINVAL;
		return -1;
	default:
		return system_madvise(window_address(&heap.window, first),
				      nr * WINDOW_PAGE, advice);
	}
}

static int advise_run(size_t first, size_t nr, unsigned int attributes,
		      int advice)
{
	int status;

	if (attributes & WINDOW_FOREIGN)
		status = system_madvise(window_address(&heap.window, first),
					nr * WINDOW_PAGE, advice);
	else
		status = advise_device(first, nr, attributes, advice);
	if (!status)
		note_advice(first, nr, advice);
	return status;
}

static int advise_span(const struct span *span, int advice, bool *holes)
{
	size_t first = span->first, end = first + span->nr, next = first, nr;
	unsigned int attributes;

	for (; (nr = window_next_run(&heap.window, &first, end, &attributes));
	     first = next) {
		*holes |= first != next;
		if (advise_run(first, nr, attributes, advice))
			return -1;
		next = first + nr;
	}
	*holes |= next != end;
	return 0;
}

static int advise_outside(void *addr, size_t length, int advice, bool *holes)
{
	if (!length || !system_madvise(addr, length, advice))
		return 0;
	*holes |= errno == ENOMEM;
	return errno == ENOMEM ? 0 : -1;
}

/**
 * advise_range() - madvise()
 * @addr: as for madvise()
 * @length: as for madvise()
 * @advice: as for madvise()
 *
 * Return: 0 or -1.
 */
int advise_range(void *addr, size_t length, int advice)
{
	struct span span = span_of(addr, round_to_pages(length));
	bool holes = false;

	/* The kernel checks the advice even for a range of no bytes. */
	if (!span.nr || !is_aligned(addr) || system_madvise(addr, 0, advice))
		return system_madvise(addr, length, advice);
	if (advise_outside(addr, span.before, advice, &holes) ||
	    advise_span(&span, advice, &holes) ||
	    advise_outside(span_end(&span), span.after, advice, &holes))
		return -1;
	if (!holes)
		return 0;
	errno = ENOMEM;
	return -1;
}

int madvise(void *addr, size_t length, int advice)
{
	unsigned long mask;
	int status;

	if (!span_of(addr, round_to_pages(length)).nr) {
		status = system_madvise(addr, length, advice);
		if (!status && advice == MADV_DONTNEED)
			status = segments_purge(addr, round_to_pages(length));
		return status;
	}
	mask = heap_lock();
	status = advise_range(addr, length, advice);
	heap_unlock(mask);
	return status;
}

static int protect_run(size_t first, size_t nr, unsigned int attributes,
		       int prot, int pkey)
{
	if (system_mprotect(window_address(&heap.window, first),
			    nr * WINDOW_PAGE, prot, pkey))
		return -1;
	if (!(attributes & WINDOW_FOREIGN))
		window_change(&heap.window, first, nr, WINDOW_PROT,
			      prot & WINDOW_PROT);
	if (pkey != -1)
		window_change(&heap.window, first, nr, 0, WINDOW_PKEY);
	return 0;
}

static int protect_span(const struct span *span, int prot, int pkey)
{
	size_t first = span->first, end = first + span->nr, next = first, nr;
	unsigned int attributes;

	while (next < end) {
		nr = window_next_run(&heap.window, &first, end, &attributes);
		if (!nr || first != next) {
			errno = ENOMEM;
			return -1;
		}
		if (protect_run(first, nr, attributes, prot, pkey))
			return -1;
		first += nr;
		next = first;
	}
	return 0;
}

/**
 * protect_range() - mprotect()
 * @addr: as for mprotect()
 * @length: as for mprotect()
 * @prot: as for mprotect()
 * @pkey: as for pkey_mprotect(); -1: unchanged
 *
 * Return: 0 or -1.
 */
int protect_range(void *addr, size_t length, int prot, int pkey)
{
	struct span span = span_of(addr, round_to_pages(length));

	/* With other flags it is for stacks, which are foreign, or an error. */
	if (!span.nr || !is_aligned(addr) || prot & ~(WINDOW_PROT | PROT_SEM))
		return system_mprotect(addr, length, prot, pkey);
	if (span.before && system_mprotect(addr, span.before, prot, pkey))
		return -1;
	if (protect_span(&span, prot, pkey))
		return -1;
	return span.after ? system_mprotect(span_end(&span), span.after, prot,
					    pkey) : 0;
}

int pkey_mprotect(void *addr, size_t length, int prot, int pkey)
{
	unsigned long mask;
	int status;

	if (!span_of(addr, round_to_pages(length)).nr)
		return system_mprotect(addr, length, prot, pkey);
	mask = heap_lock();
	status = protect_range(addr, length, prot, pkey);
	heap_unlock(mask);
	return status;
}

int mprotect(void *addr, size_t length, int prot)
{
	return pkey_mprotect(addr, length, prot, -1);
}
