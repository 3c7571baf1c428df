/* SPDX-License-Identifier: GPL-2.0 */
/* Settings that are tried, on the same traces with the same sizes, and their misses. */
#ifndef SIM_TRIAL_H
#define SIM_TRIAL_H

#include "options.h"

/**
 * struct trial - a setting
 * @values: of all parameters of the policy, in their order
 * @settings: the same, as a pool takes them
 * @results: of each run: all sizes of the first trace, then of the next
 */
struct trial {
	unsigned int *values;
	struct settings settings;
	struct pool_result *results;
};

/**
 * struct trials - all settings of a policy that are tried
 * @ops: the policy
 * @nr_params: of the policy
 * @options: sizes, and how pools work
 * @traces: as many as @options has
 * @configs: how pools work on each trace
 * @nr_runs: of a trial
 * @frames: of the pool, for each run
 * @optimum: misses of the optimum, for each run
 * @all: the trials; the first one has the defaults
 * @nr: how many
 * @nr_done: that have results: the first ones
 */
struct trials {
	const struct swaplab_policy_ops *ops;
	unsigned int nr_params;
	const struct options *options;
	const struct trace *traces;
	struct pool_config *configs;
	unsigned int nr_runs;
	unsigned long *frames;
	uint64_t *optimum;
	struct trial *all;
	unsigned int nr;
	unsigned int nr_done;
};

void trials_create(struct trials *trials, const struct swaplab_policy_ops *ops,
		   const struct options *options, const struct trace *traces);
unsigned int trials_find(const struct trials *trials, const unsigned int *values);
unsigned int trials_add(struct trials *trials, const unsigned int *values);
void trials_run(struct trials *trials);
const struct trace *trials_trace(const struct trials *trials, unsigned int run);
void trials_destroy(struct trials *trials);

#endif /* SIM_TRIAL_H */
