/* SPDX-License-Identifier: GPL-2.0 */
/* Patterns of access, worked out before the clock starts. */
#ifndef _BENCH_WORKLOAD_H
#define _BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* One access: the page shifted left, and whether it is written. */
#define ACCESS_WRITE	1

static inline uint32_t access_to(uint32_t page, bool write)
{
	return page << 1 | write;
}

/**
 * struct workload - a pattern, and its size in the lab
 * @name: as on the command line and in every table
 * @what: one line of description
 * @nr_pages: size of the memory
 * @nr_accesses: of all threads together; 0: one write to each page, which is
 *	empty until then (the others find every page filled)
 * @nr_threads: each has its share of the pages, interleaved with the others'
 * @generate: writes down one thread's accesses to pages 0 to nr_pages - 1
 */
struct workload {
	const char *name;
	const char *what;
	uint32_t nr_pages;
	uint32_t nr_accesses;
	unsigned int nr_threads;
	void (*generate)(uint32_t *accesses, uint32_t nr_accesses,
			 uint32_t nr_pages, struct random *random);
};

extern const struct workload workloads[];

const struct workload *workload_find(const char *name);

#endif /* _BENCH_WORKLOAD_H */
