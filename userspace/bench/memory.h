/* SPDX-License-Identifier: GPL-2.0 */
/* The memory under test, of one of several kinds, and the counters of its paging. */
#ifndef _BENCH_MEMORY_H
#define _BENCH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "content.h"

struct memory;
struct paging;

/**
 * struct memory_ops - a kind of memory
 * @name: before the colon in the name of a back end
 * @map: (required) makes @start of the memory, empty; its @where is what follows the colon
 * @page_out: (required) sends (nearly) everything to the disk, so that pages that a run
 *	left dirty count as written, and a check afterwards reads from the disk
 * @count: (required) the counters, but for those of the disk
 * @bytes: (required) of memory, with what describes it; of a cgroup, the most there was
 * @get: (optional) the page's address; it stays until @put. Without it, @start has all pages
 * @put: with @get
 */
struct memory_ops {
	const char *name;
	void (*map)(struct memory *memory);
	void (*page_out)(const struct memory *memory);
	void (*count)(const struct memory *memory, struct paging *paging);
	unsigned long (*bytes)(const struct memory *memory);
	void *(*get)(struct memory *memory, uint32_t page, bool write);
	void (*put)(struct memory *memory, uint32_t page);
};

/**
 * struct memory - pages
 * @ops: its kind
 * @where: a path, or NULL
 * @start: of the mapping, if there is one
 * @size: in bytes
 * @state: of @ops
 * @disk: name of the disk that it is paged to, or NULL
 * @cgroup: directory of the cgroup that is charged for it, or NULL
 * @nr_frames: pages of memory, for a pager in user space: with all that describes them
 */
struct memory {
	const struct memory_ops *ops;
	const char *where;
	void *start;
	size_t size;
	void *state;
	const char *disk;
	const char *cgroup;
	uint32_t nr_frames;
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

extern const struct memory_ops anonymous_memory;
extern const struct memory_ops buffer_pool;
extern const struct memory_ops device_memory;
extern const struct memory_ops file_mapping;
extern const struct memory_ops random_file_mapping;
extern const struct memory_ops uffd_pager;
extern const struct memory_ops uffd_plain_pager;

void memory_map(struct memory *memory, const char *backend, size_t size);
void memory_page_out(const struct memory *memory);
void memory_count(const struct memory *memory, struct paging *paging);
void paging_subtract(struct paging *paging, const struct paging *earlier);

void *memory_reserve(size_t nr, size_t size);
void memory_join_cgroup(const struct memory *memory);
unsigned long memory_cgroup_peak(const struct memory *memory);
unsigned long memory_major_faults(void);

static inline uint32_t memory_nr_pages(const struct memory *memory)
{
	return memory->size / PAGE_BYTES;
}

static inline void *memory_get(struct memory *memory, uint32_t page, bool write)
{
	if (memory->ops->get)
		return memory->ops->get(memory, page, write);
	return (char *)memory->start + (size_t)page * PAGE_BYTES;
}

static inline void memory_put(struct memory *memory, uint32_t page)
{
	if (memory->ops->put)
		memory->ops->put(memory, page);
}

#endif /* _BENCH_MEMORY_H */
