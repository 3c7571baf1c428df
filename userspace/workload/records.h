/* SPDX-License-Identifier: GPL-2.0 */
/* The records of YCSB, and what they should have in them. */
#ifndef WORKLOAD_RECORDS_H
#define WORKLOAD_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_FIELDS	10
#define RECORD_FIELD	100
#define RECORD_BYTES	(RECORD_FIELDS * RECORD_FIELD)

/**
 * struct records - what records should have in them
 * @seed: of the content
 * @nr: how many there are
 * @versions: how often each field was written
 */
struct records {
	uint64_t seed;
	uint64_t nr;
	uint16_t (*versions)[RECORD_FIELDS];
};

void record_value(const struct records *records, uint64_t record, int field,
		  char value[RECORD_FIELD]);
bool record_is(const struct records *records, uint64_t record, int field, const char *value,
	       size_t length);

#endif /* WORKLOAD_RECORDS_H */
