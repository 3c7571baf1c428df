/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzzer with a model: each worker has regions of its own, and for each of them
 * plain memory that holds the expected bytes.
 *
 * A worker does a sequence of operations, made from a seed. An operation takes its
 * numbers modulo the number of choices, so that any part of a sequence is a sequence,
 * and a failing one can be made shorter by leaving operations out.
 *
 * Some regions are private: a child of fork() has a copy of them. The model of the child is
 * its copy of the plain memory, so the kernel's own copy on write tells what ours has to do.
 * A child is a worker like its parent, with a shorter sequence.
 *
 * Some regions have names, by which their worker alone opens them again.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define PAGE		4096UL
#define REGION_PAGES	160UL
#define REGION_SIZE	(REGION_PAGES * PAGE)
#define NR_REGIONS	2
#define NR_CHILDREN	2
#define POOL		"/sys/class/swaplab/swaplab0/"
#define DEVICE		"/dev/swaplab0"
#define SCRATCH		"/dev/nullb1"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct random {
	uint64_t state;
};

/* splitmix64: good enough, and the same everywhere. */
static inline uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint64_t random_below(struct random *random, uint64_t limit)
{
	return random_next(random) % limit;
}

/**
 * struct region - one open() of the device, and its expected content
 * @fd: of the device
 * @map: all of it
 * @view: a part of it once more, or NULL
 * @view_offset: where in the region that begins
 * @view_size: in bytes
 * @model: the expected bytes
 * @is_private: a child of fork() has a copy; else it has the region itself
 * @stays: with a name: the pages are kept while nothing has the region open
 * @name: empty: it has none
 */
struct region {
	int fd;
	unsigned char *map;
	unsigned char *view;
	size_t view_offset, view_size;
	unsigned char *model;
	bool is_private;
	bool stays;
	char name[32];
};

/**
 * struct totals - of all workers, in shared memory
 * @ops: operations done
 * @bytes: compared
 * @mismatches: bytes, or answers, that were not as they have to be
 */
struct totals {
	uint64_t ops;
	uint64_t bytes;
	uint64_t mismatches;
};

/**
 * struct child - of a worker
 * @pid: 0: there is none
 * @is_doomed: it is killed in the middle of its sequence
 */
struct child {
	pid_t pid;
	bool is_doomed;
};

/**
 * struct worker - a thread that does operations
 * @id: among all workers; a child has its parent's
 * @depth: of a worker that a fork() has made: how many forks it took; else 0
 * @seed: of the sequence of the worker with depth 0
 * @number: of the operation in that sequence
 * @deadline: of the sequence
 * @random: the numbers of the operation being done
 * @regions: of this worker alone
 * @region: the one that the operation is about
 * @children: that have not been waited for
 * @is_doomed: as a child; what it does is not counted, as nobody knows how far it comes
 * @leaves_children: at its end, to themselves
 * @scratch: a disk, opened for direct I/O
 * @scratch_place: the part of that disk that is this worker's, in bytes
 * @bounce: memory of a region's size
 * @totals: shared
 */
struct worker {
	unsigned int id, depth;
	uint64_t seed;
	unsigned long number;
	double deadline;
	struct random random;
	struct region regions[NR_REGIONS];
	struct region *region;
	struct child children[NR_CHILDREN];
	bool is_doomed;
	bool leaves_children;
	int scratch;
	off_t scratch_place;
	unsigned char *bounce;
	struct totals *totals;
};

/**
 * struct op - something that the interface allows
 * @name: for the log
 * @weight: how often, beside others
 * @run: does it, with numbers from worker->random
 */
struct op {
	const char *name;
	unsigned int weight;
	void (*run)(struct worker *worker);
};

extern const struct op memory_ops[], transfer_ops[], ioctl_ops[], name_ops[],
	child_ops[], pager_ops[], pool_ops[], rogue_ops[];

/* sequence.c */
void sequence_use_rogue(void);
void worker_init(struct worker *worker, unsigned int id, uint64_t seed,
		 struct totals *totals);
void worker_open_scratch(struct worker *worker);
extern __thread struct worker *worker_of_thread;
void worker_run(struct worker *worker, uint64_t seed, unsigned long nr_ops,
		double deadline, const bool *left_out);
const char *store_path(void);
const char *sequence_name(uint64_t seed, unsigned long number);
double seconds_now(void);
void pool_prepare(void);

/* shrink.c */
int shrink_sequence(uint64_t seed, unsigned long nr_ops, struct totals *totals);
bool sequence_fails(uint64_t seed, unsigned long nr_ops, const bool *left_out,
		    struct totals *totals);

/* names.c */
void names_find_others(void);
void names_clear(void);
void names_drop(struct worker *worker);

/* control.c */
void move_lose_pages(void);

/* child.c */
void children_end(struct worker *worker);
void children_wait_all(struct totals *totals);

/* region.c */
void region_share_all(void);
void region_open(struct region *region, bool is_private);
void region_close(struct region *region);
size_t region_range(struct worker *worker, size_t max, size_t *size);
void region_fill(struct worker *worker, size_t offset, size_t size);
void region_compare(struct worker *worker, const unsigned char *bytes,
		    size_t offset, size_t size, const char *how);
void count(struct worker *worker, uint64_t *total, uint64_t nr);
void report_mismatch(struct worker *worker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int file_write(const char *path, const char *text);
int file_read(const char *path, char *text, size_t size);

#endif /* FUZZ_H */
