// SPDX-License-Identifier: GPL-2.0
/* The patterns of access that swaplab is measured by. */

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "content.h"
#include "workload.h"

/* Uniform in [0, limit). */
static uint32_t random_below(struct random *random, uint32_t limit)
{
	random->state += 0x9e3779b97f4a7c15;
	return (content_mix(random->state) >> 32) * limit >> 32;
}

static void generate_uniform(uint32_t *accesses, uint32_t nr_accesses,
			     uint32_t nr_pages, struct random *random)
{
	uint32_t i, page;

	for (i = 0; i < nr_accesses; i++) {
		page = random_below(random, nr_pages);
		accesses[i] = access_to(page, random_below(random, 2));
	}
}

static void generate_uniform_read(uint32_t *accesses, uint32_t nr_accesses,
				  uint32_t nr_pages, struct random *random)
{
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(random_below(random, nr_pages), false);
}

static void generate_uniform_write(uint32_t *accesses, uint32_t nr_accesses,
				   uint32_t nr_pages, struct random *random)
{
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(random_below(random, nr_pages), true);
}

static void generate_sequential(uint32_t *accesses, uint32_t nr_accesses,
				uint32_t nr_pages, struct random *random)
{
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(i % nr_pages, false);
}

/* Four readers in turn, each going round its own quarter. */
static void generate_streams(uint32_t *accesses, uint32_t nr_accesses,
			     uint32_t nr_pages, struct random *random)
{
	uint32_t quarter = nr_pages / 4;
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(i % 4 * quarter + i / 4 % quarter, false);
}

static void generate_stride(uint32_t *accesses, uint32_t nr_accesses,
			    uint32_t nr_pages, struct random *random)
{
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(i * 17ULL % nr_pages, false);
}

static void generate_reverse(uint32_t *accesses, uint32_t nr_accesses,
			     uint32_t nr_pages, struct random *random)
{
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(nr_pages - 1 - i % nr_pages, false);
}

/* Three accesses to a random page of the hot eighth, then one of a scan. */
static void generate_hot_scan(uint32_t *accesses, uint32_t nr_accesses,
			      uint32_t nr_pages, struct random *random)
{
	uint32_t hot = nr_pages / 8;
	uint32_t i, page;

	for (i = 0; i < nr_accesses; i++) {
		if (i % 4 == 3)
			page = hot + i / 4 % (nr_pages - hot);
		else
			page = random_below(random, hot);
		accesses[i] = access_to(page, false);
	}
}

static uint32_t *shuffle_numbers(uint32_t nr, struct random *random)
{
	uint32_t *order = malloc(nr * sizeof(*order));
	uint32_t i, j;

	if (!order)
		err(2, "malloc");
	for (i = 0; i < nr; i++) {
		j = random_below(random, i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	return order;
}

/* sums[i]: how often one of the i + 1 most popular pages is meant. */
static double *zipf_sums(uint32_t nr_pages)
{
	double *sums = malloc(nr_pages * sizeof(*sums));
	double sum = 0;
	uint32_t i;

	if (!sums)
		err(2, "malloc");
	for (i = 0; i < nr_pages; i++) {
		sum += 1 / pow(i + 1, 0.99);
		sums[i] = sum;
	}
	return sums;
}

static uint32_t first_above(const double *sums, uint32_t nr, double x)
{
	uint32_t low = 0, high = nr - 1, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (sums[middle] > x)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* All writes; the popular pages lie scattered. */
static void generate_zipf(uint32_t *accesses, uint32_t nr_accesses,
			  uint32_t nr_pages, struct random *random)
{
	uint32_t *page_of_rank = shuffle_numbers(nr_pages, random);
	double *sums = zipf_sums(nr_pages);
	double x;
	uint32_t i;

	for (i = 0; i < nr_accesses; i++) {
		x = random_below(random, UINT32_MAX) / (double)UINT32_MAX;
		x *= sums[nr_pages - 1];
		accesses[i] = access_to(page_of_rank[first_above(sums, nr_pages, x)],
					true);
	}
	free(sums);
	free(page_of_rank);
}

/* Random pages of the first fifth, then of the second, and so on. */
static void generate_shifting(uint32_t *accesses, uint32_t nr_accesses,
			      uint32_t nr_pages, struct random *random)
{
	uint32_t fifth = nr_pages / 5, phase = nr_accesses / 5 + 1;
	uint32_t i;

	for (i = 0; i < nr_accesses; i++)
		accesses[i] = access_to(i / phase * fifth +
					random_below(random, fifth), false);
}

const struct workload workloads[] = {
	{ "fill", "first write to each page", 8192, 0, 1, NULL },
	{ "uniform", "random pages, half of them written", 8192, 20000, 1, generate_uniform },
	{ "uniform-4", "the same, 4 threads", 8192, 20000, 4, generate_uniform },
	{ "uniform-16", "the same, 16 threads", 8192, 20000, 16, generate_uniform },
	{ "uniform-read", "random pages, read only", 8192, 20000, 1, generate_uniform_read },
	{ "uniform-read-2", "the same, 2 threads", 8192, 20000, 2, generate_uniform_read },
	{ "uniform-read-4", "the same, 4 threads", 8192, 20000, 4, generate_uniform_read },
	{ "uniform-write", "random pages, all written", 8192, 20000, 1, generate_uniform_write },
	{ "sequential", "page after page", 8192, 16384, 1, generate_sequential },
	{ "streams", "four interleaved sequential readers", 8192, 16384, 1, generate_streams },
	{ "stride", "every 17th page", 8192, 16384, 1, generate_stride },
	{ "reverse", "page after page, downwards", 8192, 16384, 1, generate_reverse },
	{ "loop", "round and round, a little more than fits", 5120, 20480, 1, generate_sequential },
	{ "hot-scan", "a hot eighth 3:1 with a scan of the rest", 8192, 40000, 1,
	  generate_hot_scan },
	{ "zipf", "written by Zipf's law, 0.99", 8192, 40000, 1, generate_zipf },
	{ "shifting", "random pages of one fifth after the other", 16384, 40000, 1,
	  generate_shifting },
	{ }
};

const struct workload *workload_find(const char *name)
{
	const struct workload *workload;

	for (workload = workloads; workload->name; workload++)
		if (!strcmp(workload->name, name))
			return workload;
	return NULL;
}
