// SPDX-License-Identifier: GPL-2.0
/*
 * Records of 100 bytes with random keys of 10, as sortbenchmark.org defines them, sorted by
 * qsort(). They are checked as there: the keys are in order, and the sum over all records is the
 * same as before.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "random.h"
#include "sort.h"
#include "workload.h"

/**
 * sort_fill() - make records
 * @records: the records
 * @nr: how many
 * @seed: of their keys
 */
void sort_fill(struct sort_record *records, uint64_t nr, uint64_t seed)
{
	struct random random = { random_mix(seed) };
	uint64_t word, i;
	size_t at, length;

	for (i = 0; i < nr; i++) {
		for (at = 0; at < sizeof(*records); at += sizeof(word)) {
			word = random_next(&random);
			length = sizeof(*records) - at;
			memcpy((char *)&records[i] + at, &word,
			       length < sizeof(word) ? length : sizeof(word));
		}
	}
}

/* Of a record. FNV-1a, by Fowler, Noll and Vo. */
static uint64_t hash_record(const struct sort_record *record)
{
	const unsigned char *bytes = (const unsigned char *)record;
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < sizeof(*record); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash;
}

/**
 * sort_sum() - add records up
 * @records: the records
 * @nr: how many
 *
 * Return: the sum of their hashes, which does not depend on their order.
 */
uint64_t sort_sum(const struct sort_record *records, uint64_t nr)
{
	uint64_t i, sum = 0;

	for (i = 0; i < nr; i++)
		sum += hash_record(&records[i]);
	return sum;
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, SORT_KEY);
}

/**
 * sort_count_wrong() - check that records are sorted
 * @records: the records
 * @nr: how many
 * @sum: sort_sum() of them before
 *
 * Return: how many are in the wrong order, and one more if the sum differs.
 */
uint64_t sort_count_wrong(const struct sort_record *records, uint64_t nr, uint64_t sum)
{
	uint64_t i, wrong = sort_sum(records, nr) != sum;

	for (i = 1; i < nr; i++)
		wrong += compare_keys(&records[i - 1], &records[i]) > 0;
	return wrong;
}

struct result sort_run(const struct workload *workload, const struct request *request)
{
	uint64_t nr = request->bytes / SORT_RECORD, sum;
	struct sort_record *records = workload_allocate(nr, sizeof(*records));
	struct result result = { .bytes = nr * sizeof(*records), .operations = nr };

	(void)workload;
	if (!nr)
		errx(2, "--size %zu: less than a record", request->bytes);
	sort_fill(records, nr, request->seed);
	sum = sort_sum(records, nr);
	measure_begin(&result.measure);
	qsort(records, nr, sizeof(*records), compare_keys);
	measure_end(&result.measure);
	result.wrong = sort_count_wrong(records, nr, sum);
	free(records);
	return result;
}
