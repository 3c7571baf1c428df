// SPDX-License-Identifier: GPL-2.0
/*
 * The records of YCSB: ten fields of 100 bytes. The value of a field follows from the record, the
 * field and its version, so each value that is read can be checked.
 */

#include <string.h>
#include "random.h"
#include "records.h"

/**
 * record_value() - make the value that a field should have
 * @records: the versions
 * @record: the record
 * @field: the field
 * @value: set to the value, which is text without an end
 */
void record_value(const struct records *records, uint64_t record, int field,
		  char value[RECORD_FIELD])
{
	struct random random = { random_mix(records->seed ^ record << 20) +
				 (field << 16 | records->versions[record][field]) };
	uint64_t bits = 0;
	int i;

	for (i = 0; i < RECORD_FIELD; i++, bits >>= 6) {
		if (i % 10 == 0)
			bits = random_next(&random);
		value[i] = '0' + (bits & 63);
	}
}

/**
 * record_is() - check the value of a field
 * @records: the versions
 * @record: the record
 * @field: the field
 * @value: the value that was read
 * @length: its bytes
 *
 * Return: whether it is the one that was written last.
 */
bool record_is(const struct records *records, uint64_t record, int field, const char *value,
	       size_t length)
{
	char expected[RECORD_FIELD];

	record_value(records, record, field, expected);
	return length == RECORD_FIELD && !memcmp(value, expected, length);
}
