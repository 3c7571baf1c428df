/* SPDX-License-Identifier: GPL-2.0 */
/* Which addresses of a range that was set aside are in use, page by page. */
#ifndef _HEAP_WINDOW_H
#define _HEAP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#define WINDOW_PAGE	4096UL
#define WINDOW_NONE	((size_t)-1)

/**
 * struct window - a range of addresses
 * @start: its first byte
 * @nr_pages: its length
 * @used: a bit a page: somebody has mapped it
 * @foreign: a bit a page: mapped, and not memory of the device
 * @lowest: no page below this one is free
 *
 * The caller serialises.
 */
struct window {
	char *start;
	size_t nr_pages;
	unsigned long *used;
	unsigned long *foreign;
	size_t lowest;
};

bool window_reserve(struct window *window, size_t bytes);
size_t window_find(const struct window *window, size_t nr);
bool window_is_free(const struct window *window, size_t first, size_t nr);
void window_take(struct window *window, size_t first, size_t nr, bool foreign);
void window_release(struct window *window, size_t first, size_t nr);
size_t window_next_run(const struct window *window, size_t *first, size_t end,
		       bool *foreign);

static inline char *window_address(const struct window *window, size_t page)
{
	return window->start + page * WINDOW_PAGE;
}

#endif /* _HEAP_WINDOW_H */
