// SPDX-License-Identifier: GPL-2.0
/*
 * RandomAccess of the HPC Challenge, whose result is called GUPS: a table of 2^n words is
 * changed by XOR at random places, four times as often as it has words. The random numbers are
 * the powers of x in GF(2)[x] modulo x^64 + x^2 + x + 1. A second pass takes all changes back;
 * then each word must have its first value again.
 *
 * After Luszczek, Dongarra et al., "Introduction to the HPC Challenge Benchmark Suite", 2005.
 * Two differences: the changes are atomic, so that no word may be wrong with several threads
 * (1 % may there), and the sequence begins at another place for each seed; that of seed 0 is
 * the one of the benchmark.
 */

#include <err.h>
#include <stdlib.h>
#include "gups.h"
#include "threads.h"
#include "workload.h"

#define POLY	7
/* Of the sequence. */
#define PERIOD	1317624576693539401
/* Between the places of two seeds. */
#define SEED_STRIDE	0x10000000000

struct part {
	uint64_t *table;
	uint64_t mask;
	uint64_t first;
	uint64_t nr;
};

static uint64_t times_x(uint64_t value)
{
	return value << 1 ^ (value >> 63 ? POLY : 0);
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
	uint64_t product = 0;
	int bit;

	for (bit = 63; bit >= 0; bit--) {
		product = times_x(product);
		if (b >> bit & 1)
			product ^= a;
	}
	return product;
}

/**
 * gups_value() - find a number of the sequence without those before it
 * @position: which one, from 0
 *
 * Return: x to the power of @position.
 */
uint64_t gups_value(uint64_t position)
{
	uint64_t value = 1, square = 2;

	for (position %= PERIOD; position; position >>= 1) {
		if (position & 1)
			value = multiply(value, square);
		square = multiply(square, square);
	}
	return value;
}

static void *update_part(void *arg)
{
	struct part *part = arg;
	uint64_t value = gups_value(part->first), i;

	for (i = 0; i < part->nr; i++) {
		value = times_x(value);
		__atomic_fetch_xor(&part->table[value & part->mask], value, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void update_table(uint64_t *table, uint64_t nr, uint64_t count,
			 const struct request *request)
{
	struct part *parts = workload_allocate(request->threads, sizeof(*parts));
	unsigned int i;

	for (i = 0; i < request->threads; i++) {
		parts[i].table = table;
		parts[i].mask = nr - 1;
		parts[i].first = request->seed * SEED_STRIDE + count * i / request->threads;
		parts[i].nr = count * (i + 1) / request->threads - count * i / request->threads;
	}
	threads_run(request->threads, update_part, parts, sizeof(*parts));
	free(parts);
}

/**
 * gups_count_wrong() - look for words that do not have their first value
 * @table: the table
 * @nr: words in it
 *
 * Return: how many there are.
 */
uint64_t gups_count_wrong(const uint64_t *table, uint64_t nr)
{
	uint64_t i, wrong = 0;

	for (i = 0; i < nr; i++)
		wrong += table[i] != i;
	return wrong;
}

/* Of words; the largest power of two that is not more than @bytes. */
static uint64_t table_size(size_t bytes)
{
	uint64_t nr = 1;

	if (bytes < sizeof(uint64_t))
		errx(2, "--size %zu: less than a word", bytes);
	while (2 * nr * sizeof(uint64_t) <= bytes)
		nr *= 2;
	return nr;
}

struct result gups_run(const struct workload *workload, const struct request *request)
{
	uint64_t nr = table_size(request->bytes), i;
	uint64_t *table = workload_allocate(nr, sizeof(*table));
	struct result result = { .bytes = nr * sizeof(*table) };

	(void)workload;
	for (i = 0; i < nr; i++)
		table[i] = i;
	result.operations = request->count ? request->count : 4 * nr;
	measure_begin(&result.measure);
	update_table(table, nr, result.operations, request);
	measure_end(&result.measure);
	update_table(table, nr, result.operations, request);
	result.wrong = gups_count_wrong(table, nr);
	free(table);
	return result;
}
