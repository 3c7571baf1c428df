// SPDX-License-Identifier: GPL-2.0
/* Settings become jobs: one for each trace and size. */

#include <string.h>
#include "config.h"
#include "jobs.h"
#include "memory.h"
#include "opt.h"
#include "trial.h"

/**
 * trials_trace() - the trace of a run
 * @trials: the trials
 * @run: which one, of any trial
 *
 * Return: the trace.
 */
const struct trace *trials_trace(const struct trials *trials, unsigned int run)
{
	return &trials->traces[run / trials->options->nr_frames];
}

static struct job make_job(const struct trials *trials, unsigned int run, const char *policy,
			   const struct pool_config *config)
{
	return (struct job){
		.trace = trials_trace(trials, run),
		.config = config,
		.policy = policy,
		.nr_frames = trials->frames[run],
		.tick = config->tick,
	};
}

static void run_optimum(struct trials *trials)
{
	struct job *jobs = memory_array(trials->nr_runs, sizeof(*jobs));
	unsigned int run;

	for (run = 0; run < trials->nr_runs; run++)
		jobs[run] = make_job(trials, run, OPT_NAME,
				     &trials->configs[run / trials->options->nr_frames]);
	jobs_run(jobs, trials->nr_runs, trials->options->nr_threads);
	for (run = 0; run < trials->nr_runs; run++)
		trials->optimum[run] = jobs[run].result.misses;
	free(jobs);
}

static void add_defaults(struct trials *trials)
{
	unsigned int *values = memory_array(trials->nr_params, sizeof(*values)), i;

	for (i = 0; i < trials->nr_params; i++)
		values[i] = trials->ops->params[i].initial;
	trials_add(trials, values);
	free(values);
}

/**
 * trials_create() - begin with the defaults, which are to be run, and the optimum
 * @trials: to be set up
 * @ops: the policy, which has parameters
 * @options: the command line
 * @traces: that it names, after trace_look_ahead()
 */
void trials_create(struct trials *trials, const struct swaplab_policy_ops *ops,
		   const struct options *options, const struct trace *traces)
{
	unsigned int run;

	*trials = (struct trials){
		.ops = ops,
		.options = options,
		.traces = traces,
		.configs = memory_array(options->nr_traces, sizeof(*trials->configs)),
		.nr_runs = options->nr_traces * options->nr_frames,
	};
	while (ops->params[trials->nr_params].name)
		trials->nr_params++;
	for (run = 0; run < options->nr_traces; run++)
		trials->configs[run] = config_make(options, &traces[run]);
	trials->frames = memory_array(trials->nr_runs, sizeof(*trials->frames));
	for (run = 0; run < trials->nr_runs; run++)
		trials->frames[run] = options_resolve(&options->frames[run % options->nr_frames],
						      trials_trace(trials, run));
	trials->optimum = memory_array(trials->nr_runs, sizeof(*trials->optimum));
	run_optimum(trials);
	add_defaults(trials);
}

/**
 * trials_find() - the trial of a setting
 * @trials: the trials
 * @values: of all parameters
 *
 * Return: which one; the number of trials if there is none.
 */
unsigned int trials_find(const struct trials *trials, const unsigned int *values)
{
	unsigned int i;

	for (i = 0; i < trials->nr; i++)
		if (!memcmp(trials->all[i].values, values, trials->nr_params * sizeof(*values)))
			break;
	return i;
}

static void make_settings(struct trials *trials, struct trial *trial)
{
	struct setting *all = memory_array(trials->nr_params, sizeof(*all));
	unsigned int i;

	for (i = 0; i < trials->nr_params; i++)
		all[i] = (struct setting){
			.name = trials->ops->params[i].name,
			.name_length = strlen(trials->ops->params[i].name),
			.values = &trial->values[i],
			.nr_values = 1,
		};
	trial->settings = (struct settings){ all, trials->nr_params };
}

/**
 * trials_add() - try a setting with the next trials_run()
 * @trials: the trials
 * @values: of all parameters
 *
 * Return: which trial it is; one that was there has its results already.
 */
unsigned int trials_add(struct trials *trials, const unsigned int *values)
{
	unsigned int i = trials_find(trials, values);
	struct trial *trial;

	if (i < trials->nr)
		return i;
	trials->all = memory_resize(trials->all, trials->nr + 1, sizeof(*trials->all));
	trial = &trials->all[trials->nr++];
	trial->values = memory_array(trials->nr_params, sizeof(*values));
	memcpy(trial->values, values, trials->nr_params * sizeof(*values));
	make_settings(trials, trial);
	trial->results = memory_array(trials->nr_runs, sizeof(*trial->results));
	return i;
}

/* A job and the config of its pool, for each run of the trials that have none. */
static void list_jobs(struct trials *trials, struct job *job, struct pool_config *config)
{
	unsigned int i, run;

	for (i = trials->nr_done; i < trials->nr; i++) {
		for (run = 0; run < trials->nr_runs; run++, job++, config++) {
			*config = trials->configs[run / trials->options->nr_frames];
			config->settings = trials->all[i].settings;
			*job = make_job(trials, run, trials->ops->name, config);
		}
	}
}

/**
 * trials_run() - run the trials that have no results
 * @trials: the trials
 */
void trials_run(struct trials *trials)
{
	unsigned int nr = (trials->nr - trials->nr_done) * trials->nr_runs, i;
	struct job *jobs = memory_array(nr, sizeof(*jobs));
	struct pool_config *configs = memory_array(nr, sizeof(*configs));

	list_jobs(trials, jobs, configs);
	if (nr)
		jobs_run(jobs, nr, trials->options->nr_threads);
	for (i = 0; i < nr; i++)
		trials->all[trials->nr_done + i / trials->nr_runs].results[i % trials->nr_runs] =
			jobs[i].result;
	trials->nr_done = trials->nr;
	free(configs);
	free(jobs);
}

/**
 * trials_destroy() - undo trials_create()
 * @trials: the trials
 */
void trials_destroy(struct trials *trials)
{
	unsigned int i;

	for (i = 0; i < trials->nr; i++) {
		free(trials->all[i].results);
		free(trials->all[i].settings.all);
		free(trials->all[i].values);
	}
	for (i = 0; i < trials->options->nr_traces; i++)
		config_destroy(&trials->configs[i], &trials->traces[i]);
	free(trials->configs);
	free(trials->frames);
	free(trials->optimum);
	free(trials->all);
}
