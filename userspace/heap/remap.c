// SPDX-License-Identifier: GPL-2.0
/*
 * mremap(). Memory of the device is copied, because a page's address determines its
 * place in the region. The kernel moves other memory; the changes that this makes in the
 * window are noted afterwards.
 */

#include <errno.h>
#include <stdarg.h>
#include "memory.h"
#include "span.h"
#include "system.h"

/* Arguments of mremap(); sizes are whole pages. */
struct remap {
	char *addr;
	size_t old_bytes;
	size_t new_bytes;
	int flags;
	char *to;
};

/* Arguments that the kernel refuses before it looks at the memory. */
static bool is_refused(const struct remap *remap)
{
	int flags = remap->flags;

	if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP) ||
	    !is_aligned(remap->addr) || !remap->new_bytes)
		return true;
	if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE))
		return true;
	return flags & MREMAP_DONTUNMAP &&
	       (!(flags & MREMAP_MAYMOVE) ||
		remap->old_bytes != remap->new_bytes);
}

/* For the kernel, pages with the same attributes side by side are one mapping. */
static int check_one_mapping(const struct remap *remap)
{
	struct span span = span_of(remap->addr, remap->old_bytes);
	size_t first = span.first;
	unsigned int attributes;

	if (!remap->old_bytes) {
		errno = EINVAL;
		return -1;
	}
	if (span.nr && !span.after &&
	    window_next_run(&heap.window, &first, first + span.nr,
			    &attributes) == span.nr)
		return 0;
	errno = EFAULT;
	return -1;
}

/* The mapping may grow if no other follows it. */
static bool grow_in_place(const struct remap *remap, unsigned int attributes)
{
	struct span span = span_of(remap->addr, remap->old_bytes);
	size_t nr = remap->new_bytes / WINDOW_PAGE - span.nr;
	size_t next = span.first + span.nr;

	return window_is_free(&heap.window, next, nr) &&
	       heap_map(next, nr, attributes, 0);
}

/* Readable and writable, as it is to be filled. */
static char *map_target(const struct remap *remap)
{
	const int prot = PROT_READ | PROT_WRITE;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *to;

	if (remap->flags & MREMAP_FIXED)
		return map_fixed(remap->to, remap->new_bytes, prot,
				 flags | MAP_FIXED, -1, 0);
	to = map_anywhere(NULL, remap->new_bytes / WINDOW_PAGE, prot, 0);
	if (to != MAP_FAILED)
		return to;
	return system_mmap(NULL, remap->new_bytes, prot, flags, -1, 0);
}

/* A mapping keeps its attributes wherever it is moved. */
static int set_attributes(char *addr, size_t length, unsigned int attributes)
{
	int prot = attributes & WINDOW_PROT;

	if (attributes & WINDOW_DONTFORK &&
	    advise_range(addr, length, MADV_DONTFORK))
		return -1;
	if (attributes & WINDOW_WIPEONFORK &&
	    advise_range(addr, length, MADV_WIPEONFORK))
		return -1;
	if (prot == (PROT_READ | PROT_WRITE))
		return 0;
	return protect_range(addr, length, prot, -1);
}

static void *copy_mapping(const struct remap *remap, unsigned int attributes)
{
	struct span span = span_of(remap->addr, remap->old_bytes);
	char *to = map_target(remap);

	if (to == MAP_FAILED)
		return to;
	if (heap_copy(to, span.first, span.nr) ||
	    set_attributes(to, remap->new_bytes, attributes)) {
		unmap_range(to, remap->new_bytes);
		return MAP_FAILED;
	}
	if (remap->flags & MREMAP_DONTUNMAP && !span_discard(&span))
		replace_pages(span.first, span.nr, attributes);
	else if (!(remap->flags & MREMAP_DONTUNMAP))
		unmap_range(remap->addr, remap->old_bytes);
	return to;
}

static int check_target(const struct remap *remap)
{
	if (is_aligned(remap->to) &&
	    (remap->addr + remap->old_bytes <= remap->to ||
	     remap->to + remap->new_bytes <= remap->addr))
		return 0;
	errno = EINVAL;
	return -1;
}

static int cut_off(const struct remap *remap)
{
	return unmap_range(remap->addr + remap->new_bytes,
			   remap->old_bytes - remap->new_bytes);
}

/* Up to 6.16, the kernel unmaps before it looks at the mapping: both are allowed. */
static void *move_device(const struct remap *remap, unsigned int attributes)
{
	struct remap moved = *remap;

	if (remap->old_bytes > remap->new_bytes)
		moved.old_bytes = remap->new_bytes;
	if (remap->flags & MREMAP_FIXED && check_target(remap))
		return MAP_FAILED;
	if (check_one_mapping(&moved))
		return MAP_FAILED;
	if (remap->flags & MREMAP_FIXED &&
	    unmap_range(remap->to, remap->new_bytes))
		return MAP_FAILED;
	if (remap->old_bytes > remap->new_bytes && cut_off(remap))
		return MAP_FAILED;
	return copy_mapping(&moved, attributes);
}

static void *remap_device(const struct remap *remap, unsigned int attributes)
{
	if (remap->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return move_device(remap, attributes);
	if (remap->old_bytes == remap->new_bytes)
		return remap->addr;
	if (remap->old_bytes > remap->new_bytes)
		return cut_off(remap) ? MAP_FAILED : remap->addr;
	if (check_one_mapping(remap))
		return MAP_FAILED;
	if (grow_in_place(remap, attributes))
		return remap->addr;
	if (remap->flags & MREMAP_MAYMOVE)
		return copy_mapping(remap, attributes);
	errno = ENOMEM;
	return MAP_FAILED;
}

/*
 * Sets a range aside again that the kernel has unmapped. By now another thread's
 * mapping may be there, which then stays.
 */
static void refill_hole(char *addr, size_t length)
{
	struct span span = span_of(addr, length);

	if (!span.nr || !system_reserve_hole(span_start(&span),
					     span.nr * WINDOW_PAGE))
		return;
	span_release(&span);
}

static void refill_tail(const struct remap *remap)
{
	if (remap->old_bytes > remap->new_bytes)
		refill_hole(remap->addr + remap->new_bytes,
			    remap->old_bytes - remap->new_bytes);
}

static void note_moved(const struct remap *remap, char *to,
		       unsigned int attributes)
{
	struct span span = span_of(to, remap->new_bytes);

	if (span.nr) {
		span_discard(&span);
		window_take(&heap.window, span.first, span.nr,
			    attributes | WINDOW_FOREIGN);
	}
	if (!(remap->flags & MREMAP_DONTUNMAP))
		refill_hole(remap->addr, remap->old_bytes);
}

/* The kernel may have unmapped pages that were in the way before it failed. */
static void note_failure(const struct remap *remap)
{
	int error = errno;

	if (remap->flags & MREMAP_FIXED) {
		refill_hole(remap->to, remap->new_bytes);
		refill_tail(remap);
	}
	errno = error;
}

static void *remap_by_kernel(const struct remap *remap, unsigned int attributes)
{
	char *to = system_mremap(remap->addr, remap->old_bytes,
				 remap->new_bytes, remap->flags, remap->to);

	if (to == MAP_FAILED)
		note_failure(remap);
	else if (to != remap->addr)
		note_moved(remap, to, attributes);
	else
		refill_tail(remap);
	return to;
}

/* The first page decides, because the kernel looks up the mapping of that page. */
static void *remap_locked(const struct remap *remap)
{
	struct span span = span_of(remap->addr, WINDOW_PAGE);
	unsigned int attributes;

	if (!span.nr)
		return remap_by_kernel(remap, 0);
	if (is_refused(remap) ||
	    window_is_free(&heap.window, span.first, 1)) {
		errno = is_refused(remap) ? EINVAL : EFAULT;
		return MAP_FAILED;
	}
	attributes = heap.window.attributes[span.first];
	if (attributes & WINDOW_FOREIGN)
		return remap_by_kernel(remap, attributes);
	return remap_device(remap, attributes);
}

void *mremap(void *addr, size_t old_bytes, size_t new_bytes, int flags, ...)
{
	struct remap remap = {
		.addr = addr,
		.old_bytes = round_to_pages(old_bytes),
		.new_bytes = round_to_pages(new_bytes),
		.flags = flags,
	};
	unsigned long mask;
	va_list args;
	void *to;

	va_start(args, flags);
	if (flags & MREMAP_FIXED)
		remap.to = va_arg(args, void *);
	va_end(args);
	mask = heap_lock();
	to = remap_locked(&remap);
	heap_unlock(mask);
	return to;
}
