/* SPDX-License-Identifier: GPL-2.0 */
/* The memory under test, and the counters of its paging. */
#ifndef _BENCH_MEMORY_H
#define _BENCH_MEMORY_H

#include <stddef.h>

/**
 * struct memory - mapped pages
 * @start: of the mapping
 * @size: in bytes
 * @device: the device's name, such as swaplab0; NULL: anonymous memory
 * @disk: name of the disk that it is paged to, or NULL
 */
struct memory {
	void *start;
	size_t size;
	const char *device;
	const char *disk;
};

/**
 * struct paging - counters since boot, to be subtracted
 * @misses: faults that waited for the disk
 * @swap_ins: pages read, for a fault or as a guess
 * @readahead: pages read as a guess
 * @readahead_hits: and then wanted
 * @reads: requests to the disk to read
 * @writes: and to write
 * @read_kb: the size of those
 * @written_kb: and of these
 */
struct paging {
	unsigned long misses;
	unsigned long swap_ins;
	unsigned long readahead;
	unsigned long readahead_hits;
	unsigned long reads;
	unsigned long writes;
	unsigned long read_kb;
	unsigned long written_kb;
};

void memory_map(struct memory *memory, const char *backend, size_t size);
void memory_page_out(const struct memory *memory);
void memory_count(const struct memory *memory, struct paging *paging);
void paging_subtract(struct paging *paging, const struct paging *earlier);

#endif /* _BENCH_MEMORY_H */
