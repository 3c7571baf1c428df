// SPDX-License-Identifier: GPL-2.0
/*
 * The heap of a child.
 *
 * The pages of the region are private (SWAPLAB_FORK_PRIVATE): a child of any kind of fork
 * has them as they were, and each side keeps its own writes. The child uses the descriptor
 * that it inherited, which means its own pages there. So little is left to do here:
 *
 *  - No other thread of the parent may hold heap.lock, or change the mappings, while the
 *    C library forks. The handlers are registered before the allocator's, by the first
 *    mmap() that is the allocator's own. So the allocator has taken its locks when
 *    lock_heap() runs, and lets them go after unlock_heap() and begin_child().
 *  - A mapping that is not inherited (MADV_DONTFORK) leaves a hole in the child, which any
 *    new mapping would go to. The child sets its addresses aside again, and discards its
 *    copies of the pages.
 *  - The kernel knows no MADV_WIPEONFORK for shared mappings, as those of the device are to
 *    it. The child discards the pages.
 *
 * A child of clone() itself, or _Fork(), has the pages, but runs none of this.
 */

#include <pthread.h>
#include "memory.h"
#include "span.h"
#include "system.h"

/* Of the thread that forks, which has the lock. */
static unsigned long mask;

static void lock_heap(void)
{
	mask = heap_lock();
}

static void unlock_heap(void)
{
	if (heap.region.fd >= 0)
		__atomic_add_fetch(&heap.report->forks, 1, __ATOMIC_RELAXED);
	heap_unlock(mask);
}

/* The child has pages there, but no mapping of them. */
static void fill_hole(size_t first, size_t nr)
{
	struct span span = { .first = first, .nr = nr };

	system_reserve(window_address(&heap.window, first), nr * WINDOW_PAGE);
	span_release(&span);
}

static void wipe(size_t first, size_t nr, unsigned int attributes)
{
	struct span span = { .first = first, .nr = nr };

	if (!span_discard(&span))
		replace_pages(first, nr, attributes);
}

/* An ordinary mapping in the window is wiped by the kernel. */
static void begin_child(void)
{
	size_t first = 0, end = heap.window.end, nr;
	unsigned int attributes;

	for (; (nr = window_next_run(&heap.window, &first, end, &attributes));
	     first += nr) {
		if (attributes & WINDOW_DONTFORK)
			fill_hole(first, nr);
		else if (attributes & WINDOW_WIPEONFORK &&
			 !(attributes & WINDOW_FOREIGN))
			wipe(first, nr, attributes);
	}
	heap_unlock(mask);
}

/**
 * fork_prepare_heap() - keep the heaps of parents and children in order
 *
 * To be called before the allocator registers handlers of its own.
 */
void fork_prepare_heap(void)
{
	pthread_atfork(lock_heap, unlock_heap, begin_child);
}
