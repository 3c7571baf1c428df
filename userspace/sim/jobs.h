/* SPDX-License-Identifier: GPL-2.0 */
/* Jobs: each is one pool to simulate. */
#ifndef SIM_JOBS_H
#define SIM_JOBS_H

#include "pool.h"
#include "space.h"

/**
 * struct job - one pool, or one process without a number of frames, to be simulated
 * @trace: the trace
 * @config: how the pool works
 * @policy: its name, or OPT_NAME
 * @nr_frames: of the pool
 * @tick: references from one tick to the next
 * @space: the policy, if it has no number of frames; else NULL
 * @values: parameters of @space
 * @result: its counts
 * @parts: the same of the parts of a merged trace; NULL until then, and if it is not
 *	merged; the caller frees it
 * @residence: how many pages were resident, with @space
 * @seconds: how long it took
 */
struct job {
	const struct trace *trace;
	const struct pool_config *config;
	const char *policy;
	unsigned long nr_frames;
	uint64_t tick;
	const struct space_policy *space;
	unsigned int values[SPACE_MAX_PARAMS];
	struct pool_result result;
	struct pool_result *parts;
	struct residence residence;
	double seconds;
};

unsigned long jobs_share(unsigned long nr_frames, unsigned int part, unsigned int nr_parts);

void jobs_run(struct job *jobs, unsigned int nr, unsigned int nr_threads);

#endif /* SIM_JOBS_H */
