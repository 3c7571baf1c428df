/* SPDX-License-Identifier: GPL-2.0 */
/* Pages of a swaplab device in regions and VMAs, and other processes that use it. */
#ifndef _BENCH_LAYOUT_H
#define _BENCH_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct layout - the mapped pages
 * @path: of the device
 * @pages: of all pieces
 * @pieces: VMAs with a page between them, which is not mapped
 * @piece_pages: pages of each
 * @nr_regions: 1, or as many as @pieces
 * @regions: descriptors of the regions
 * @start: of the first piece
 * @next: touches so far
 * @is_private: fork() gives a child copies on write
 */
struct layout {
	const char *path;
	size_t pages;
	size_t pieces;
	size_t piece_pages;
	size_t nr_regions;
	int *regions;
	char *start;
	size_t next;
	bool is_private;
};

extern struct layout layout;

void layout_start_others(size_t nr);
void layout_map(size_t areas);
void layout_start_children(size_t nr);
volatile uint64_t *layout_address(size_t page);
size_t layout_page(size_t touch);
uint8_t *layout_states(void);

#endif /* _BENCH_LAYOUT_H */
