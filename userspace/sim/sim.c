// SPDX-License-Identifier: GPL-2.0
/* The simulator: reads the traces, replays each in each pool, prints the results. */

#include <stdio.h>
#include <string.h>
#include "config.h"
#include "jobs.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "sim.h"
#include "stack.h"
#include "steps.h"

/* Looking ahead at a part of a merged trace is for pools of its own alone. */
static struct trace *load_traces(const struct options *options)
{
	struct trace *traces = memory_array(options->nr_traces, sizeof(*traces));
	unsigned int i;

	for (i = 0; i < options->nr_traces; i++) {
		trace_load(&traces[i], options->traces[i], options->format);
		if (!options->is_together || options->is_shared_out)
			trace_look_ahead(&traces[i]);
	}
	return traces;
}

/* All policies of a size, the optimum last, for each size of a trace. */
static void list_jobs(struct job *job, const struct options *options,
		      const struct trace *trace, const struct pool_config *config)
{
	unsigned int size, policy;

	for (size = 0; size < options->nr_frames; size++)
		for (policy = 0; policy < options->nr_policies; policy++)
			*job++ = (struct job){
				.trace = trace,
				.config = config,
				.policy = options->policies[policy],
				.nr_frames = options_resolve(&options->frames[size], trace),
				.tick = options_resolve(&options->tick, trace),
			};
}

/* All values of the parameters of a policy, for each policy without frames. */
static void list_spaces(struct job *job, const struct options *options,
			const struct trace *trace, const struct pool_config *config)
{
	const struct space_policy *space;
	unsigned int policy, choice;

	for (policy = 0; policy < options->nr_spaces; policy++) {
		space = options->spaces[policy];
		for (choice = 0; choice < space_count(space, &options->settings); choice++, job++) {
			*job = (struct job){
				.trace = trace,
				.config = config,
				.policy = space->name,
				.space = space,
			};
			space_choose(space, &options->settings, choice, job->values);
		}
	}
}

/* Runs of policies without frames on a trace. */
static unsigned int count_spaces(const struct options *options)
{
	unsigned int policy, nr = 0;

	for (policy = 0; policy < options->nr_spaces; policy++)
		nr += space_count(options->spaces[policy], &options->settings);
	return nr;
}

static void run_trace(const struct report *report, unsigned int i,
		      const struct options *options)
{
	const struct trace *trace = &report->traces[i];
	struct pool_config config = config_make(options, trace);
	struct job *jobs = report->jobs + i * report->nr_jobs;
	struct job *spaces = report->spaces + i * report->nr_spaces;

	list_jobs(jobs, options, trace, &config);
	list_spaces(spaces, options, trace, &config);
	if (report->nr_jobs)
		jobs_run(jobs, report->nr_jobs, options->nr_threads);
	if (report->nr_spaces)
		jobs_run(spaces, report->nr_spaces, options->nr_threads);
	config_destroy(&config, trace);
}

static void write_csv(const struct report *report, const char *path)
{
	bool to_stdout = !strcmp(path, "-");
	FILE *csv = to_stdout ? stdout : fopen(path, "w");

	if (!csv)
		err(1, "%s", path);
	report_csv(report, csv);
	if (!to_stdout && fclose(csv))
		err(1, "%s", path);
}

static void tell_results(const struct report *report,
			 const struct options *options)
{
	if (options->csv)
		write_csv(report, options->csv);
	if (options->is_json)
		report_json(report, stdout);
	else if (!options->csv || strcmp(options->csv, "-"))
		report_table(report);
	if (fflush(stdout) || ferror(stdout))
		err(1, "stdout");
	if (options->svg)
		report_svg(report, options->svg);
	report_errors(report);
}

static void show_stacks(const struct trace *traces, unsigned int nr)
{
	unsigned int i;

	puts("trace,frames,references_at_depth,misses,miss_ratio");
	for (i = 0; i < nr; i++)
		stack_print(&traces[i], stdout);
}

static void show_job(struct job *job, const struct options *options)
{
	if (job->trace->nr > STEPS_MAX || job->nr_frames > STEPS_MAX)
		errx(1, "--steps: %s has more than %d references, or the pool so many frames",
		     job->trace->name, STEPS_MAX);
	steps_print(job, options->steps);
}

static void show_steps(const struct options *options, const struct trace *traces,
		       unsigned int nr_traces)
{
	unsigned int nr = options->nr_frames * options->nr_policies, i, j;
	unsigned int nr_spaces = count_spaces(options);
	struct job *jobs = memory_array(nr, sizeof(*jobs));
	struct job *spaces = memory_array(nr_spaces, sizeof(*spaces));
	struct pool_config config;

	for (i = 0; i < nr_traces; i++) {
		config = config_make(options, &traces[i]);
		list_jobs(jobs, options, &traces[i], &config);
		for (j = 0; j < nr; j++)
			if (options->opt_wanted || (j + 1) % options->nr_policies)
				show_job(&jobs[j], options);
		list_spaces(spaces, options, &traces[i], &config);
		for (j = 0; j < nr_spaces; j++)
			show_job(&spaces[j], options);
		config_destroy(&config, &traces[i]);
	}
	free(spaces);
	free(jobs);
}

static void show_results(const struct options *options, const struct trace *traces,
			 unsigned int nr_traces)
{
	struct report report = {
		.traces = traces,
		.nr_traces = nr_traces,
		.nr_jobs = options->nr_frames * options->nr_policies,
		.nr_spaces = count_spaces(options),
		.nr_policies = options->nr_policies,
		.opt_wanted = options->opt_wanted,
		.visibility = options->visibility,
		.settings = options->settings,
		.fault_time = options->fault_time,
		.quantum = options->quantum,
		.is_shared_out = options->is_shared_out,
	};
	unsigned int i;

	report.jobs = memory_array((size_t)nr_traces * report.nr_jobs, sizeof(*report.jobs));
	report.spaces = memory_array((size_t)nr_traces * report.nr_spaces,
				     sizeof(*report.spaces));
	for (i = 0; i < nr_traces; i++)
		run_trace(&report, i, options);
	tell_results(&report, options);
	for (i = 0; i < nr_traces * report.nr_jobs; i++)
		free(report.jobs[i].parts);
	free(report.spaces);
	free(report.jobs);
}

static void show_traces(const struct options *options, const struct trace *traces,
			unsigned int nr)
{
	if (options->is_stack)
		show_stacks(traces, nr);
	else if (options->steps)
		show_steps(options, traces, nr);
	else
		show_results(options, traces, nr);
	if (fflush(stdout) || ferror(stdout))
		err(1, "stdout");
}

static void show_together(const struct options *options, const struct trace *traces)
{
	struct trace merged;

	trace_merge(&merged, traces, options->nr_traces, options->quantum);
	trace_look_ahead(&merged);
	show_traces(options, &merged, 1);
	trace_destroy(&merged);
}

/**
 * sim_main() - do as the command line says
 * @argc: as main() gets it
 * @argv: likewise
 *
 * Return: status to exit with; errors end the program.
 */
int sim_main(int argc, char **argv)
{
	struct options options;
	struct trace *traces;
	unsigned int i;

	if (!options_parse(&options, argc, argv))
		return 0;
	traces = load_traces(&options);
	if (options.is_together)
		show_together(&options, traces);
	else
		show_traces(&options, traces, options.nr_traces);
	for (i = 0; i < options.nr_traces; i++)
		trace_destroy(&traces[i]);
	free(traces);
	options_destroy(&options);
	return 0;
}
