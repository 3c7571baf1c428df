// SPDX-License-Identifier: GPL-2.0
/* Sequences: which operation comes next, and doing them until the end or a mismatch. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

static const struct op *tables[] = {
	memory_ops, transfer_ops, control_ops, NULL
};

/* Plants the fault in every sequence from now on. */
void sequence_use_rogue(void)
{
	tables[ARRAY_SIZE(tables) - 1] = rogue_ops;
}

double seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* The operation at a place of the wheel, or NULL behind its end. */
static const struct op *op_at(unsigned int place)
{
	const struct op *op;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (op = tables[i]; op && op->name; op++) {
			if (place < op->weight)
				return op;
			place -= op->weight;
		}
	}
	return NULL;
}

static unsigned int weight_of_all(void)
{
	unsigned int all = 0;
	const struct op *op;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (op = tables[i]; op && op->name; op++)
			all += op->weight;
	return all;
}

/* Each operation has its own numbers, which do not change when others are left out. */
static const struct op *op_choose(uint64_t seed, unsigned long number,
				  struct random *random)
{
	unsigned int all = weight_of_all();

	random->state = seed ^ number * 0xd1342543de82ef95ULL;
	random_next(random);
	return op_at(random_below(random, all));
}

const char *sequence_name(uint64_t seed, unsigned long number)
{
	struct random random;

	return op_choose(seed, number, &random)->name;
}

const char *store_path(void)
{
	const char *path = getenv("SWAPLAB_STORE");

	return path ? path : "/dev/nullb0";
}

/* The pool as each sequence finds it. */
void pool_prepare(void)
{
	file_write(POOL "watermark_low", "0");
	file_write(POOL "watermark_high", "0");
	file_write(POOL "nr_frames", "160");
	file_write(POOL "max_region_pages", "0");
	file_write(POOL "max_user_pages", "0");
	file_write(POOL "slot_allocation", "dynamic");
	file_write(POOL "policy", "none");
	file_write(POOL "swap_file", store_path());
}

void worker_init(struct worker *worker, unsigned int id, struct totals *totals)
{
	size_t i;

	*worker = (struct worker){ .id = id, .totals = totals };
	worker->scratch = open(SCRATCH, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (worker->scratch < 0 ||
	    posix_memalign((void **)&worker->bounce, PAGE, REGION_SIZE)) {
		perror("fuzz: " SCRATCH);
		exit(2);
	}
	for (i = 0; i < NR_REGIONS; i++)
		region_open(&worker->regions[i]);
}

static void compare_all(struct worker *worker)
{
	size_t i;

	for (i = 0; i < NR_REGIONS; i++) {
		worker->region = &worker->regions[i];
		region_compare(worker, worker->region->map, 0, REGION_SIZE,
			       "at the end");
	}
}

/* Until the end of the sequence, the deadline or a mismatch, and looks at all. */
void worker_run(struct worker *worker, uint64_t seed, unsigned long nr_ops,
		double deadline, const bool *left_out)
{
	uint64_t before = worker->totals->mismatches;
	const struct op *op;
	unsigned long i;

	for (i = 0; i < nr_ops && seconds_now() < deadline; i++) {
		if (left_out && left_out[i])
			continue;
		op = op_choose(seed, i, &worker->random);
		worker->region = &worker->regions[random_below(&worker->random,
							       NR_REGIONS)];
		op->run(worker);
		__atomic_add_fetch(&worker->totals->ops, 1, __ATOMIC_RELAXED);
		if (worker->totals->mismatches != before)
			break;
	}
	if (worker->totals->mismatches == before)
		compare_all(worker);
	if (worker->totals->mismatches != before) {
		printf("fuzz: operation %lu, %s; again: --replay %#llx --ops %lu\n", i,
		       i < nr_ops ? sequence_name(seed, i) : "the end",
		       (unsigned long long)seed, i + 1);
		fflush(stdout);
	}
}
