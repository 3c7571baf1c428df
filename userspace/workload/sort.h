/* SPDX-License-Identifier: GPL-2.0 */
/* Records that are sorted. */
#ifndef WORKLOAD_SORT_H
#define WORKLOAD_SORT_H

#include <stdint.h>

#define SORT_KEY	10
#define SORT_RECORD	100

struct sort_record {
	unsigned char key[SORT_KEY];
	unsigned char value[SORT_RECORD - SORT_KEY];
};

void sort_fill(struct sort_record *records, uint64_t nr, uint64_t seed);
uint64_t sort_sum(const struct sort_record *records, uint64_t nr);
uint64_t sort_count_wrong(const struct sort_record *records, uint64_t nr, uint64_t sum);

#endif /* WORKLOAD_SORT_H */
