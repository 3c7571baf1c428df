/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of patterns. */
#ifndef _BENCH_OPTIONS_H
#define _BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include "workload.h"

struct options {
	const struct workload *workload;
	const char *backend;
	const char *cgroup;
	const char *disk;
	const char *hook;
	uint32_t nr_frames;
	uint32_t nr_pages;
	uint32_t nr_accesses;
	unsigned int nr_threads;
	unsigned int nr_rounds;
	uint64_t seed;
	bool clean;
	bool compressible;
	bool trickle;
	bool csv;
	bool csv_header;
};

void options_parse(struct options *options, int argc, char **argv);

#endif /* _BENCH_OPTIONS_H */
