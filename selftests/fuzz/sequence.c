// SPDX-License-Identifier: GPL-2.0
/* Sequences: which operation comes next, and doing them until the end or a mismatch. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

static const struct op *tables[] = {
	memory_ops, transfer_ops, ioctl_ops, name_ops, child_ops,
	/* Not for children, so that a worker and its children do the same each time. */
	pager_ops, pool_ops, NULL
};

#define NR_TABLES		ARRAY_SIZE(tables)
#define NR_TABLES_OF_CHILDREN	5

/* Plants the fault in every sequence from now on. */
void sequence_use_rogue(void)
{
	tables[NR_TABLES - 1] = rogue_ops;
}

double seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* The operation at a place of the wheel, or NULL behind its end. */
static const struct op *op_at(unsigned int place, size_t nr_tables)
{
	const struct op *op;
	size_t i;

	for (i = 0; i < nr_tables; i++) {
		for (op = tables[i]; op && op->name; op++) {
			if (place < op->weight)
				return op;
			place -= op->weight;
		}
	}
	return NULL;
}

static unsigned int weight_of_all(size_t nr_tables)
{
	unsigned int all = 0;
	const struct op *op;
	size_t i;

	for (i = 0; i < nr_tables; i++)
		for (op = tables[i]; op && op->name; op++)
			all += op->weight;
	return all;
}

/* Each operation has its own numbers, which do not change when others are left out. */
static const struct op *op_choose(uint64_t seed, unsigned long number, size_t nr_tables,
				  struct random *random)
{
	unsigned int all = weight_of_all(nr_tables);

	random->state = seed ^ number * 0xd1342543de82ef95ULL;
	random_next(random);
	return op_at(random_below(random, all), nr_tables);
}

const char *sequence_name(uint64_t seed, unsigned long number)
{
	struct random random;

	return op_choose(seed, number, NR_TABLES, &random)->name;
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
	/* A pager may have to wait for many frames before it answers. */
	file_write(POOL "pager_timeout_ms", "200000");
	names_clear();
	file_write(POOL "swap_file", store_path());
}

/* A lock marks the part of the disk that is in use. It ends with the worker. */
void worker_open_scratch(struct worker *worker)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_len = REGION_SIZE,
	};

	worker->scratch = open(SCRATCH, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (worker->scratch < 0) {
		perror("fuzz: " SCRATCH);
		exit(2);
	}
	while (fcntl(worker->scratch, F_OFD_SETLK, &lock))
		lock.l_start += REGION_SIZE;
	worker->scratch_place = lock.l_start;
}

void worker_init(struct worker *worker, unsigned int id, uint64_t seed,
		 struct totals *totals)
{
	size_t i;

	*worker = (struct worker){ .id = id, .seed = seed, .totals = totals };
	worker_open_scratch(worker);
	if (posix_memalign((void **)&worker->bounce, PAGE, REGION_SIZE))
		exit(2);
	for (i = 0; i < NR_REGIONS; i++)
		region_open(&worker->regions[i], seed >> i & 1);
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

/* For a signal. */
__thread struct worker *worker_of_thread;

static void run_op(struct worker *worker, uint64_t seed, unsigned long number)
{
	const struct op *op = op_choose(seed, number, worker->depth ?
					NR_TABLES_OF_CHILDREN : NR_TABLES,
					&worker->random);

	worker->region = &worker->regions[random_below(&worker->random, NR_REGIONS)];
	if (!worker->depth)
		worker->number = number;
	op->run(worker);
	count(worker, &worker->totals->ops, 1);
}

/* Until the end of the sequence, the deadline or a mismatch anywhere, and looks at all. */
void worker_run(struct worker *worker, uint64_t seed, unsigned long nr_ops,
		double deadline, const bool *left_out)
{
	uint64_t *mismatches = &worker->totals->mismatches, before = *mismatches;
	unsigned long i;

	worker_of_thread = worker;
	worker->deadline = deadline;
	for (i = 0; i < nr_ops && seconds_now() < deadline; i++) {
		if (left_out && left_out[i])
			continue;
		run_op(worker, seed, i);
		if (__atomic_load_n(mismatches, __ATOMIC_RELAXED) != before)
			break;
	}
	if (__atomic_load_n(mismatches, __ATOMIC_RELAXED) == before)
		compare_all(worker);
	names_drop(worker);
	if (!worker->leaves_children)
		children_end(worker);
}
