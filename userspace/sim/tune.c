// SPDX-License-Identifier: GPL-2.0
/* swaplab tune: tries settings of a policy on traces, and says which one to take. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "memory.h"
#include "tune.h"
#include "verdict.h"

#define MAX_RUNS	1000

static const char usage[] =
"Usage: swaplab tune [OPTION]... POLICY\n"
"Tries settings of a policy in the simulator, on recordings of its programs. Says\n"
"which is best, which differ from it by no more than noise, and how to set it.\n"
"\n"
"  --trace FILE,...      traces, as of swaplab sim; several programs, or runs of\n"
"                        one, tell more than one\n"
"  --frames N|P%,...     sizes of the pool (default: 10%,20%,40%)\n"
"  --param PARAMETER=VALUES  numbers and ranges to try, as in 1,2,5..50; without\n"
"                        it, all parameters are tried around their defaults. A\n"
"                        range stands for 9 values: 5..50:4 for 4 of them\n"
"  --runs N              simulate N pools at most, one for each setting, trace\n"
"                        and size (default: 1000). All combinations of values are\n"
"                        tried if that is enough, else a parameter at a time\n"
"  --warm-up REFS        references that count in no result (default: none)\n"
"  --visibility {full|sampled}  full: policies see each reference (default);\n"
"                        sampled: they see accessed bits, as in the module\n"
"  --tick REFS           references between samples: a number, or as in 8F a\n"
"                        multiple of the number of pages (default: 1F)\n"
"  --format {pg|text|lackey|oracle|csv|damo|perf}  of the traces; guessed unless\n"
"                        given\n"
"  --json                print results as JSON, in place of the table\n"
"  --jobs N              simulate N pools at a time (default: one a processor)\n"
"  --help                show this\n"
"\n"
"The table has the misses of all traces and sizes together, and geometric means\n"
"of their ratios to those of the optimum and of the defaults. The best comes\n"
"first; one within the noise may be as good on other stretches of such traces.\n"
"Documentation/simulator.rst tells how that is found out.\n"
"\n"
"Policies and their parameters:\n";

enum { SHARED, PARAM, RUNS, HELP };

/* SHARED: as swaplab sim has them. */
static const struct option long_options[] = {
	{ "trace", required_argument, NULL, SHARED },
	{ "frames", required_argument, NULL, SHARED },
	{ "param", required_argument, NULL, PARAM },
	{ "runs", required_argument, NULL, RUNS },
	{ "warm-up", required_argument, NULL, SHARED },
	{ "visibility", required_argument, NULL, SHARED },
	{ "tick", required_argument, NULL, SHARED },
	{ "format", required_argument, NULL, SHARED },
	{ "json", no_argument, NULL, SHARED },
	{ "jobs", required_argument, NULL, SHARED },
	{ "help", no_argument, NULL, HELP },
	{ }
};

/**
 * struct tune - the command line
 * @options: that swaplab sim has, too
 * @params: what is to be swept, in the user's words
 * @nr_params: how many
 * @max_runs: simulations
 * @policy: its name
 */
struct tune {
	struct options options;
	const char **params;
	unsigned int nr_params;
	uint64_t max_runs;
	const char *policy;
};

static void print_policy(void *data, const char *name)
{
	const struct swaplab_policy_param *params = registry_find(name)->params;

	if (params)
		registry_print_policy(name, params);
}

static void add_param(struct tune *tune, const char *text)
{
	tune->params = memory_resize(tune->params, tune->nr_params + 1, sizeof(*tune->params));
	tune->params[tune->nr_params++] = text;
}

static void parse_option(struct tune *tune, int key, const char *name)
{
	switch (key) {
	case SHARED:
		options_set(&tune->options, name, optarg);
		break;
	case PARAM:
		add_param(tune, optarg);
		break;
	case RUNS:
		tune->max_runs = options_whole("runs", optarg, 1e9);
		break;
	default:
		errx(2, "see --help");
	}
}

/* The policy comes before the options, behind them, or between. */
static void check_arguments(struct tune *tune, int argc, char **argv)
{
	char frames[] = "10%,20%,40%";

	if (argc - optind != 1)
		errx(2, argc == optind ? "which policy? See --help" : "one policy, not more");
	tune->policy = argv[optind];
	if (!tune->options.nr_traces)
		errx(2, "which --trace? See --help");
	if (!tune->options.nr_frames)
		options_set(&tune->options, "frames", frames);
	if (tune->max_runs < 2 * tune->options.nr_traces * tune->options.nr_frames)
		errx(2, "--runs %lu: two settings on all traces and sizes take %u", tune->max_runs,
		     2 * tune->options.nr_traces * tune->options.nr_frames);
}

/* False if it asked for help only, which is printed then. */
static bool parse_arguments(struct tune *tune, int argc, char **argv)
{
	int key, index;

	*tune = (struct tune){ .max_runs = MAX_RUNS };
	options_begin(&tune->options);
	while ((key = getopt_long(argc, argv, "", long_options, &index)) != -1) {
		if (key == HELP) {
			fputs(usage, stdout);
			registry_list(print_policy, NULL);
			return false;
		}
		parse_option(tune, key, long_options[index].name);
	}
	check_arguments(tune, argc, argv);
	return true;
}

/* Before traces take time to be read. */
static struct sweep make_sweep(const struct tune *tune)
{
	struct sweep sweep;
	unsigned int i;

	sweep_create(&sweep, tune->policy);
	for (i = 0; i < tune->nr_params; i++)
		sweep_add(&sweep, tune->params[i]);
	if (!tune->nr_params)
		sweep_fill(&sweep);
	return sweep;
}

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

static void tune_policy(const struct tune *tune, const struct sweep *sweep,
			const struct trace *traces)
{
	struct trials trials;
	struct verdict verdict = { .trials = &trials, .sweep = sweep };

	trials_create(&trials, sweep->ops, &tune->options, traces);
	verdict.search = search_run(&trials, sweep, tune->max_runs);
	judge_all(&trials, &verdict.judgement);
	if (tune->options.is_json)
		verdict_json(&verdict);
	else
		verdict_print(&verdict);
	if (fflush(stdout) || ferror(stdout))
		err(1, "stdout");
	judge_destroy(&verdict.judgement);
	trials_destroy(&trials);
}

/**
 * tune_main() - do as the command line says
 * @argc: as main() gets it
 * @argv: likewise
 *
 * Return: status to exit with; errors end the program.
 */
int tune_main(int argc, char **argv)
{
	struct trace *traces;
	struct sweep sweep;
	struct tune tune;
	unsigned int i;

	if (!parse_arguments(&tune, argc, argv))
		return 0;
	sweep = make_sweep(&tune);
	traces = load_traces(&tune.options);
	tune_policy(&tune, &sweep, traces);
	for (i = 0; i < tune.options.nr_traces; i++)
		trace_destroy(&traces[i]);
	free(traces);
	sweep_destroy(&sweep);
	free(tune.params);
	options_destroy(&tune.options);
	return 0;
}
