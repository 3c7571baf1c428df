/* SPDX-License-Identifier: GPL-2.0 */
/* Reads of random pages. */
#ifndef WORKLOAD_READS_H
#define WORKLOAD_READS_H

#include <stddef.h>
#include <stdint.h>

#define READS_WORDS	512

void reads_fill(uint64_t *memory, uint64_t nr_pages, uint64_t seed);
uint64_t reads_count_wrong(const uint64_t *memory, uint64_t nr_pages, uint64_t count, uint64_t seed,
			   uint64_t stream);

#endif /* WORKLOAD_READS_H */
