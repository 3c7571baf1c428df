// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses for the heap: a range that is set aside once, whose page N shows page
 * N of the region. So the address of a page says which page of the region it is,
 * and as the lowest free addresses go first, the region has no large holes.
 *
 * Addresses that are set aside are inaccessible and cost nothing; the tables are
 * memory of the process only as far as they are used.
 */

#include "system.h"
#include "window.h"

#define BITS_PER_LONG	(8 * sizeof(long))
/* Large pieces begin where a huge page would, as allocators want them. */
#define LARGE_PAGES	512UL

/* The first bit from @from on that is @value, or @end. */
static size_t next_bit(const unsigned long *map, size_t from, size_t end,
		       bool value)
{
	unsigned long word;

	while (from < end) {
		word = map[from / BITS_PER_LONG];
		if (!value)
			word = ~word;
		word >>= from % BITS_PER_LONG;
		if (word) {
			from += __builtin_ctzl(word);
			break;
		}
		from = (from / BITS_PER_LONG + 1) * BITS_PER_LONG;
	}
	return from < end ? from : end;
}

static void set_bits(unsigned long *map, size_t first, size_t nr, bool value)
{
	size_t end = first + nr, bits;
	unsigned long mask;

	for (; first < end; first += bits) {
		bits = BITS_PER_LONG - first % BITS_PER_LONG;
		if (bits > end - first)
			bits = end - first;
		mask = ~0UL >> (BITS_PER_LONG - bits)
			       << (first % BITS_PER_LONG);
		if (value)
			map[first / BITS_PER_LONG] |= mask;
		else
			map[first / BITS_PER_LONG] &= ~mask;
	}
}

static size_t bitmap_bytes(size_t nr_pages)
{
	return (nr_pages / BITS_PER_LONG + 1) * sizeof(long);
}

/* Two bits a page, and a byte a page. */
static bool create_tables(struct window *window)
{
	size_t bitmap = bitmap_bytes(window->nr_pages);
	char *tables = system_anonymous(NULL, 2 * bitmap + window->nr_pages);

	if (!tables)
		return false;
	/* A huge page would make 2 MiB of the first use. */
	system_madvise(tables, 2 * bitmap + window->nr_pages, MADV_NOHUGEPAGE);
	window->used = (unsigned long *)tables;
	window->begins = (unsigned long *)(tables + bitmap);
	window->attributes = (unsigned char *)tables + 2 * bitmap;
	return true;
}

/**
 * window_reserve() - set addresses aside
 * @window: to be filled in
 * @bytes: how many at most; a process whose address space is limited gets fewer
 *
 * Return: whether there are any.
 */
bool window_reserve(struct window *window, size_t bytes)
{
	const size_t large = LARGE_PAGES * WINDOW_PAGE;
	char *start = NULL;

	for (; bytes >= WINDOW_PAGE; bytes /= 2) {
		start = system_reserve(NULL, bytes + large);
		if (start)
			break;
	}
	if (!start)
		return false;
	window->nr_pages = bytes / WINDOW_PAGE;
	if (!create_tables(window)) {
		system_munmap(start, bytes + large);
		return false;
	}
	window->start = (char *)(((unsigned long)start + large - 1) & -large);
	window->lowest = 0;
	window->end = 0;
	return true;
}

/* Gives the end of a table back, in whole pages. */
static void cut_table(void *table, size_t old_bytes, size_t new_bytes)
{
	unsigned long start = (unsigned long)table + new_bytes;
	unsigned long end = ((unsigned long)table + old_bytes) & -WINDOW_PAGE;

	start = (start + WINDOW_PAGE - 1) & -WINDOW_PAGE;
	if (start < end)
		system_munmap((void *)start, end - start);
}

/**
 * window_shrink() - give addresses back at the end of the window
 * @window: which
 * @nr_pages: its new length; it never grows, and keeps all pages that were ever mapped
 */
void window_shrink(struct window *window, size_t nr_pages)
{
	size_t old = window->nr_pages;

	if (nr_pages < window->end)
		nr_pages = window->end;
	if (nr_pages >= old)
		return;
	/* First, since others may then be given the addresses. */
	window->nr_pages = nr_pages;
	system_munmap(window_address(window, nr_pages), (old - nr_pages) * WINDOW_PAGE);
	cut_table(window->used, bitmap_bytes(old), bitmap_bytes(nr_pages));
	cut_table(window->begins, bitmap_bytes(old), bitmap_bytes(nr_pages));
	cut_table(window->attributes, old, nr_pages);
}

/**
 * window_find() - find free addresses
 * @window: where
 * @nr: how many pages
 *
 * Return: the first page, or WINDOW_NONE.
 */
size_t window_find(const struct window *window, size_t nr)
{
	size_t align = nr >= LARGE_PAGES ? LARGE_PAGES : 1;
	size_t first = window->lowest, taken;

	for (;;) {
		first = (first + align - 1) & -align;
		if (nr > window->nr_pages || first > window->nr_pages - nr)
			return WINDOW_NONE;
		taken = next_bit(window->used, first, first + nr, true);
		if (taken == first + nr)
			return first;
		first = next_bit(window->used, taken, window->nr_pages, false);
	}
}

/**
 * window_is_free() - is nothing mapped there?
 * @window: where
 * @first: page
 * @nr: how many
 */
bool window_is_free(const struct window *window, size_t first, size_t nr)
{
	return nr <= window->nr_pages && first <= window->nr_pages - nr &&
	       next_bit(window->used, first, first + nr, true) == first + nr;
}

/**
 * window_take() - note a new mapping
 * @window: where
 * @first: page
 * @nr: how many
 * @attributes: WINDOW_* of all of them; those that are WINDOW_STALE stay so
 */
void window_take(struct window *window, size_t first, size_t nr,
		 unsigned int attributes)
{
	size_t page;

	set_bits(window->used, first, nr, true);
	set_bits(window->begins, first, nr, false);
	set_bits(window->begins, first, 1, true);
	for (page = first; page < first + nr; page++)
		window->attributes[page] = attributes | (window->attributes[page] & WINDOW_STALE);
	if (window->end < first + nr)
		window->end = first + nr;
	window->lowest = next_bit(window->used, window->lowest,
				  window->nr_pages, false);
}

/* The last bit that is set from @from to before @end, or @end. */
static size_t last_bit(const unsigned long *map, size_t from, size_t end)
{
	size_t at;

	for (at = end; at > from; at--)
		if (map[(at - 1) / BITS_PER_LONG] & 1UL << (at - 1) % BITS_PER_LONG)
			return at - 1;
	return end;
}

static bool is_mapped_alike(const struct window *window, size_t first, size_t end,
			    unsigned int attributes)
{
	if (next_bit(window->used, first, end, false) != end)
		return false;
	for (; first < end; first++)
		if (window->attributes[first] != attributes)
			return false;
	return true;
}

/**
 * window_find_joint() - find mappings in front of a new one that it can be joined to
 * @window: where
 * @first: page of the new mapping
 * @nr: how many pages
 * @attributes: WINDOW_* of the new mapping
 *
 * They have the same attributes, and none is larger than all behind it. So a page is mapped
 * anew as often as its mapping has doubled.
 *
 * Return: the first page of them, or @first.
 */
size_t window_find_joint(const struct window *window, size_t first, size_t nr,
			 unsigned int attributes)
{
	size_t start = first, length, begin;

	while (start) {
		length = first + nr - start;
		begin = last_bit(window->begins,
				 start > length ? start - length : 0, start);
		if (begin == start ||
		    !is_mapped_alike(window, begin, start, attributes))
			break;
		start = begin;
	}
	return start;
}

/**
 * window_join() - note that mappings were joined
 * @window: where
 * @first: the first page of what is one mapping now
 * @end: behind it
 *
 * Return: how many mappings fewer there are.
 */
size_t window_join(struct window *window, size_t first, size_t end)
{
	size_t page = first + 1, nr = 0;

	while ((page = next_bit(window->begins, page, end, true)) < end) {
		set_bits(window->begins, page, 1, false);
		nr++;
	}
	return nr;
}

/**
 * window_change() - change attributes of pages that are mapped
 * @window: where
 * @first: page
 * @nr: how many
 * @clear: WINDOW_* that they no longer have
 * @set: WINDOW_* that they have from now on
 */
void window_change(struct window *window, size_t first, size_t nr,
		   unsigned int clear, unsigned int set)
{
	unsigned char *page = window->attributes + first;

	for (; nr; nr--, page++)
		*page = (*page & ~clear) | set;
}

/**
 * window_release() - note that pages are no longer mapped
 * @window: where
 * @first: page
 * @nr: how many
 */
void window_release(struct window *window, size_t first, size_t nr)
{
	set_bits(window->used, first, nr, false);
	if (first < window->lowest)
		window->lowest = first;
}

/**
 * window_next_run() - find pages that are mapped alike
 * @window: where
 * @first: where to begin; then the first page of the run
 * @end: where to stop
 * @attributes: set to the WINDOW_* of all pages of the run
 *
 * Return: how many pages; 0: there are no more.
 */
size_t window_next_run(const struct window *window, size_t *first, size_t end,
		       unsigned int *attributes)
{
	const unsigned char *page = window->attributes;
	size_t last;

	*first = next_bit(window->used, *first, end, true);
	if (*first == end)
		return 0;
	*attributes = page[*first];
	end = next_bit(window->used, *first, end, false);
	for (last = *first + 1; last < end && page[last] == *attributes;)
		last++;
	return last - *first;
}
