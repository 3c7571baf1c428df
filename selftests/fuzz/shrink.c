// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a failing sequence shorter: leaves out half of it, a quarter, and so on to
 * single operations, for as long as the rest still fails.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fuzz.h"

/* By a process of its own, on a pool as new; a signal is a failure, too. */
bool sequence_fails(uint64_t seed, unsigned long nr_ops, const bool *left_out,
		    struct totals *totals)
{
	uint64_t before = totals->mismatches;
	struct worker worker;

	pool_prepare();
	fflush(stdout);
	if (!fork()) {
		worker_init(&worker, 0, seed, totals);
		worker_run(&worker, seed, nr_ops, HUGE_VAL, left_out);
		exit(0);
	}
	children_wait_all(totals);
	return totals->mismatches != before;
}

/* A failure that depends on time may need more than one try. */
static bool fails_at_all(uint64_t seed, unsigned long nr_ops, bool *left_out,
			 struct totals *totals)
{
	int tries;

	for (tries = 0; tries < 3; tries++)
		if (sequence_fails(seed, nr_ops, left_out, totals))
			return true;
	return false;
}

int shrink_sequence(uint64_t seed, unsigned long nr_ops, struct totals *totals)
{
	bool *left_out = calloc(nr_ops, sizeof(*left_out));
	bool *tried = calloc(nr_ops, sizeof(*tried));
	unsigned long size, first, i, nr = 0;

	if (!fails_at_all(seed, nr_ops, left_out, totals)) {
		printf("fuzz: this sequence does not fail\n");
		return 0;
	}
	for (size = (nr_ops + 1) / 2; size; size /= 2) {
		for (first = 0; first < nr_ops; first += size) {
			memcpy(tried, left_out, nr_ops);
			for (i = first; i < first + size && i < nr_ops; i++)
				tried[i] = true;
			if (memcmp(tried, left_out, nr_ops) &&
			    sequence_fails(seed, nr_ops, tried, totals))
				memcpy(left_out, tried, nr_ops);
		}
	}
	for (i = 0; i < nr_ops; i++)
		nr += !left_out[i];
	printf("fuzz: these %lu of %lu operations are enough:\n", nr, nr_ops);
	for (i = 0; i < nr_ops; i++)
		if (!left_out[i])
			printf("fuzz: %lu %s\n", i, sequence_name(seed, i));
	free(left_out);
	free(tried);
	return 1;
}
