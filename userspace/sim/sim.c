// SPDX-License-Identifier: GPL-2.0
/* The simulator: reads the traces, replays each in each pool, prints the results. */

#include <stdio.h>
#include <string.h>
#include "jobs.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "sim.h"
#include "stack.h"
#include "steps.h"

static struct trace *load_traces(const struct options *options)
{
	struct trace *traces = memory_array(options->nr_traces, sizeof(*traces));
	unsigned int i;

	for (i = 0; i < options->nr_traces; i++) {
		trace_load(&traces[i], options->traces[i], options->format);
		trace_look_ahead(&traces[i]);
	}
	return traces;
}

/* All policies of a size, the optimum last, for each size of a trace. */
static void list_jobs(struct job *job, const struct options *options,
		      const struct trace *trace)
{
	unsigned int size, policy;

	for (size = 0; size < options->nr_frames; size++)
		for (policy = 0; policy < options->nr_policies; policy++)
			*job++ = (struct job){
				.trace = trace,
				.policy = options->policies[policy],
				.nr_frames = options_resolve(&options->frames[size], trace),
				.tick = options_resolve(&options->tick, trace),
			};
}

static struct schedule make_schedule(const struct options *options,
				     const struct trace *trace)
{
	struct schedule schedule = {
		.resizes = memory_array(options->nr_resizes, sizeof(*schedule.resizes)),
		.nr_resizes = options->nr_resizes,
	};
	unsigned int i;

	for (i = 0; i < options->nr_resizes; i++)
		schedule.resizes[i] = (struct resize){
			.at = options_resolve(&options->resizes[i].at, trace),
			.nr_frames = options_resolve(&options->resizes[i].frames, trace),
		};
	if (options->warm_up.number)
		schedule.warm_up = options_resolve(&options->warm_up, trace);
	if (schedule.warm_up >= trace->nr)
		errx(1, "--warm-up: %s has only %lu references", trace->name, trace->nr);
	return schedule;
}

static struct pool_config make_config(const struct options *options,
				      const struct trace *trace)
{
	return (struct pool_config){
		.visibility = options->visibility,
		.tick = options_resolve(&options->tick, trace),
		.schedule = make_schedule(options, trace),
		.settings = { options->settings, options->nr_settings },
	};
}

static void run_trace(struct job *jobs, unsigned int nr,
		      const struct options *options, const struct trace *trace)
{
	struct pool_config config = make_config(options, trace);

	list_jobs(jobs, options, trace);
	jobs_run(jobs, nr, options->nr_threads, &config);
	free(config.schedule.resizes);
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
}

static void show_stacks(const struct options *options, const struct trace *traces)
{
	unsigned int i;

	puts("trace,frames,references_at_depth,misses,miss_ratio");
	for (i = 0; i < options->nr_traces; i++)
		stack_print(&traces[i], stdout);
}

static void show_job(const struct job *job, const struct options *options)
{
	struct pool_config config = make_config(options, job->trace);

	if (job->trace->nr > STEPS_MAX || job->nr_frames > STEPS_MAX)
		errx(1, "--steps: %s has more than %d references, or the pool so many frames",
		     job->trace->name, STEPS_MAX);
	steps_print(job, &config, options->steps);
	free(config.schedule.resizes);
}

static void show_steps(const struct options *options, const struct trace *traces)
{
	unsigned int nr = options->nr_frames * options->nr_policies, i, j;
	struct job *jobs = memory_array(nr, sizeof(*jobs));

	for (i = 0; i < options->nr_traces; i++) {
		list_jobs(jobs, options, &traces[i]);
		for (j = 0; j < nr; j++)
			if (options->opt_wanted || (j + 1) % options->nr_policies)
				show_job(&jobs[j], options);
	}
	free(jobs);
}

static void show_results(const struct options *options, const struct trace *traces)
{
	unsigned int i, nr = options->nr_frames * options->nr_policies;
	struct job *jobs = memory_array(options->nr_traces, nr * sizeof(*jobs));
	struct report report = {
		.jobs = jobs,
		.nr = options->nr_traces * nr,
		.nr_policies = options->nr_policies,
		.opt_wanted = options->opt_wanted,
		.visibility = options->visibility,
		.settings = { options->settings, options->nr_settings },
	};

	for (i = 0; i < options->nr_traces; i++)
		run_trace(jobs + i * nr, nr, options, &traces[i]);
	tell_results(&report, options);
	free(jobs);
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
	if (options.is_stack)
		show_stacks(&options, traces);
	else if (options.steps)
		show_steps(&options, traces);
	else
		show_results(&options, traces);
	if (fflush(stdout) || ferror(stdout))
		err(1, "stdout");
	for (i = 0; i < options.nr_traces; i++)
		trace_destroy(&traces[i]);
	free(traces);
	options_destroy(&options);
	return 0;
}
