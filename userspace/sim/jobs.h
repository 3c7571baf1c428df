/* SPDX-License-Identifier: GPL-2.0 */
/* Jobs: each is one pool to simulate. */
#ifndef SIM_JOBS_H
#define SIM_JOBS_H

#include "pool.h"

/**
 * struct job - one pool to be simulated
 * @trace: the trace
 * @policy: its name, or OPT_NAME
 * @nr_frames: of the pool
 * @tick: references from one tick to the next
 * @result: its counts
 * @seconds: how long it took
 */
struct job {
	const struct trace *trace;
	const char *policy;
	unsigned long nr_frames;
	uint64_t tick;
	struct pool_result result;
	double seconds;
};

void jobs_run(struct job *jobs, unsigned int nr, unsigned int nr_threads,
	      const struct pool_config *config);

#endif /* SIM_JOBS_H */
