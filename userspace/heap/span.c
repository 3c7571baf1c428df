// SPDX-License-Identifier: GPL-2.0
/* Ranges of addresses, and where they meet the window. */

#include "span.h"

/**
 * span_of() - find the part of a range that is in the window
 * @addr: its first byte
 * @length: in bytes, whole pages
 *
 * Return: the span; it has no pages if the range is elsewhere, or no range.
 */
struct span span_of(const void *addr, size_t length)
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

/*
 * Pages of a foreign mapping may be beyond the region's end, where the device would refuse the
 * whole range; they have nothing to discard, unless a discard has failed there before. A page of
 * this region is never locked, so only a fatal signal stops it, or a filter of system calls.
 */
static bool discard_run(size_t first, size_t nr, unsigned int attributes)
{
	if (attributes & WINDOW_FOREIGN && !(attributes & WINDOW_STALE))
		return true;
	if (heap_discard(first, nr)) {
		window_change(&heap.window, first, nr, 0, WINDOW_STALE);
		return false;
	}
	window_change(&heap.window, first, nr, WINDOW_STALE, 0);
	return true;
}

/**
 * span_discard() - make the pages of the region in a span absent
 * @span: where; its pages are not mapped, or about to be mapped anew
 *
 * Pages that are not in use have none. Those that fail are noted as WINDOW_STALE.
 *
 * Return: whether all of them are absent.
 */
bool span_discard(const struct span *span)
{
	size_t first = span->first, end = first + span->nr, nr;
	unsigned int attributes;
	bool done = true;

	for (; (nr = window_next_run(&heap.window, &first, end, &attributes));
	     first += nr)
		done &= discard_run(first, nr, attributes);
	return done;
}

/**
 * span_release() - make the pages of a span free
 * @span: where; its addresses are set aside again
 *
 * Pages that cannot be made absent stay in use, so that no new mapping shows what is in them.
 */
void span_release(const struct span *span)
{
	size_t first = span->first, end = first + span->nr, nr;
	unsigned int attributes;

	for (; (nr = window_next_run(&heap.window, &first, end, &attributes));
	     first += nr) {
		if (discard_run(first, nr, attributes))
			window_release(&heap.window, first, nr);
		else
			window_change(&heap.window, first, nr, ~WINDOW_STALE, WINDOW_FOREIGN);
	}
}
