/* SPDX-License-Identifier: GPL-2.0 */
/* Workloads: programs that people know, each of which checks its answer. */
#ifndef WORKLOAD_WORKLOAD_H
#define WORKLOAD_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "measure.h"

enum distribution { BY_WORKLOAD, ZIPFIAN, LATEST, UNIFORM };

/**
 * struct request - the options of a run
 * @bytes: size of the data
 * @count: operations; 0: as many as the workload does by default
 * @seed: of all that is random
 * @threads: how many
 * @distribution: of keys
 */
struct request {
	size_t bytes;
	uint64_t count;
	uint64_t seed;
	unsigned int threads;
	enum distribution distribution;
};

/**
 * struct result - the outcome of a run
 * @bytes: size of the data, which may be rounded
 * @operations: that were measured
 * @wrong: answers that were not as they should be
 * @measure: time and pages
 */
struct result {
	size_t bytes;
	uint64_t operations;
	uint64_t wrong;
	struct measure measure;
};

/**
 * struct workload - a workload
 * @name: on the command line; NULL ends a table
 * @operation: a word for its operations
 * @run: runs and checks it
 * @mix: of YCSB
 * @has_count: takes --count
 * @has_threads: takes --threads
 * @has_distribution: takes --distribution
 */
struct workload {
	const char *name;
	const char *operation;
	struct result (*run)(const struct workload *workload, const struct request *request);
	char mix;
	bool has_count;
	bool has_threads;
	bool has_distribution;
};

void *workload_allocate(size_t nr, size_t size);

struct result gups_run(const struct workload *workload, const struct request *request);
struct result reads_run(const struct workload *workload, const struct request *request);
struct result sort_run(const struct workload *workload, const struct request *request);
struct result bfs_run(const struct workload *workload, const struct request *request);
struct result pagerank_run(const struct workload *workload, const struct request *request);
struct result btree_run(const struct workload *workload, const struct request *request);
struct result ycsb_run(const struct workload *workload, const struct request *request);

#endif /* WORKLOAD_WORKLOAD_H */
