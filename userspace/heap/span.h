/* SPDX-License-Identifier: GPL-2.0 */
/* The part of a range of addresses that is in the window. */
#ifndef _HEAP_SPAN_H
#define _HEAP_SPAN_H

#include "heap.h"

/**
 * struct span - where a range of addresses is
 * @first: its first page in the window
 * @nr: how many pages, or 0
 * @before: bytes in front of the window
 * @after: bytes behind the window
 */
struct span {
	size_t first;
	size_t nr;
	size_t before;
	size_t after;
};

struct span span_of(const void *addr, size_t length);
bool span_discard(const struct span *span);
void span_release(const struct span *span);

/* 0 if there is no such size, as the kernel's PAGE_ALIGN(). */
static inline size_t round_to_pages(size_t bytes)
{
	return (bytes + WINDOW_PAGE - 1) & -WINDOW_PAGE;
}

static inline bool is_aligned(const void *addr)
{
	return (unsigned long)addr % WINDOW_PAGE == 0;
}

static inline char *span_start(const struct span *span)
{
	return window_address(&heap.window, span->first);
}

static inline char *span_end(const struct span *span)
{
	return window_address(&heap.window, span->first + span->nr);
}

#endif /* _HEAP_SPAN_H */
