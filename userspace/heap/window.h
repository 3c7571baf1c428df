/* SPDX-License-Identifier: GPL-2.0 */
/* The state of each page of a range of addresses that was set aside. */
#ifndef _HEAP_WINDOW_H
#define _HEAP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#define WINDOW_PAGE	4096UL
#define WINDOW_NONE	((size_t)-1)

/* Attributes of a page that is mapped. */
#define WINDOW_PROT	(PROT_READ | PROT_WRITE | PROT_EXEC)
#define WINDOW_FOREIGN		8	/* no page of the region; has no WINDOW_PROT */
#define WINDOW_DONTFORK		16	/* as MADV_DONTFORK */
#define WINDOW_WIPEONFORK	32	/* as MADV_WIPEONFORK */
#define WINDOW_PKEY		64	/* has a protection key */
#define WINDOW_STALE		128	/* the region has old bytes there: never free again */

/**
 * struct window - a range of addresses
 * @start: its first byte
 * @nr_pages: its length
 * @used: a bit a page: it is mapped
 * @begins: a bit a page: a mapping that was made by one call begins here
 * @attributes: a byte a page that is mapped
 * @lowest: no page below this one is free
 * @end: no page from this one on has been mapped yet
 *
 * The caller serialises.
 */
struct window {
	char *start;
	size_t nr_pages;
	unsigned long *used;
	unsigned long *begins;
	unsigned char *attributes;
	size_t lowest;
	size_t end;
};

bool window_reserve(struct window *window, size_t bytes);
void window_shrink(struct window *window, size_t nr_pages);
size_t window_find(const struct window *window, size_t nr);
bool window_is_free(const struct window *window, size_t first, size_t nr);
void window_take(struct window *window, size_t first, size_t nr,
		 unsigned int attributes);
size_t window_find_joint(const struct window *window, size_t first, size_t nr,
			 unsigned int attributes);
size_t window_join(struct window *window, size_t first, size_t end);
void window_change(struct window *window, size_t first, size_t nr,
		   unsigned int clear, unsigned int set);
void window_release(struct window *window, size_t first, size_t nr);
size_t window_next_run(const struct window *window, size_t *first, size_t end,
		       unsigned int *attributes);

static inline char *window_address(const struct window *window, size_t page)
{
	return window->start + page * WINDOW_PAGE;
}

#endif /* _HEAP_WINDOW_H */
