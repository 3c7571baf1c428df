// SPDX-License-Identifier: GPL-2.0
/* The command line. A wrong one ends the program with status 2. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "check.h"
#include "frame.h"
#include "memory.h"
#include "nearest.h"
#include "opt.h"
#include "options.h"
#include "settings.h"
#include "size.h"

#define MAX_THREADS	1024
#define QUANTUM_REFS	1000

static const char usage[] =
" --trace FILE[,FILE...] --policy NAME[,NAME...]\n"
"                   --frames N[,N...]|P%[,P%...] [OPTION]...\n"
"Replays traces of page references in pools of so many frames. Some policies have\n"
"no number of frames: see below.\n"
"\n"
"  --trace FILE,...      traces; compressed with zstd or not; - is stdin\n"
"  --policy NAME,...     policies, see below, or all of them by all; opt is\n"
"                        Belady's optimum\n"
"  --frames N|P%,...     sizes of the pool: frames, sizes such as 64M, or percent\n"
"                        of all pages\n"
"  --resize N|P%@REFS,...  new sizes of the pool after so many references, a\n"
"                        number or, as in 8F, a multiple of the number of pages\n"
"  --warm-up REFS        references that count in no result (default: none)\n"
"  --visibility {full|sampled}  full: policies see each reference (default);\n"
"                        sampled: they see accessed bits, as in the module\n"
"  --tick REFS           references between samples: a number, or as in 8F a\n"
"                        multiple of the number of pages (default: 1F)\n"
"  --param PARAMETER=VALUE  set a parameter of all policies that have it; those\n"
"                        without frames run with each of a list: tau=100,1000\n"
"  --fault-time REFS     time that a miss takes, as a number of references, in\n"
"                        the space-time of policies without frames (default: 0)\n"
"  --read-cost NS        what policies are told that a read costs\n"
"                        (default: 100000)\n"
"  --together            the traces are of programs that share the frames, and\n"
"                        run in turns; their pages are different pages\n"
"  --quantum REFS        references of a turn (default: 1000)\n"
"  --allocation {global|equal}  of frames to such programs; global: the policy\n"
"                        takes pages of any (default); equal: the same number to\n"
"                        each, which has the policy for itself\n"
"  --format {pg|text|lackey|oracle|csv|damo|perf}  of the traces; guessed unless\n"
"                        given\n"
"  --csv FILE            write results as comma-separated values; - is stdout,\n"
"                        in place of the table\n"
"  --json                print results as JSON, in place of the table\n"
"  --stack               print stack distances as CSV, and the misses of LRU for\n"
"                        all numbers of frames; without --policy and --frames\n"
"  --steps               print the table of textbooks, a column a reference;\n"
"                        --steps=latex and --steps=html for these\n"
"  --svg FILE            draw miss ratios, with gnuplot\n"
"  --jobs N              simulate N pools at a time (default: one a processor)\n"
"  --help                show this\n"
"\n"
"Policies and their parameters:\n"
"  " OPT_NAME "\n";

enum {
	TRACE, POLICY, FRAMES, RESIZE, WARM_UP, VISIBILITY, TICK, PARAM, FAULT_TIME, READ_COST,
	TOGETHER, QUANTUM, ALLOCATION, FORMAT, CSV, JSON, STACK, STEPS, SVG, JOBS, HELP
};

static const struct option long_options[] = {
	{ "trace", required_argument, NULL, TRACE },
	{ "policy", required_argument, NULL, POLICY },
	{ "frames", required_argument, NULL, FRAMES },
	{ "resize", required_argument, NULL, RESIZE },
	{ "warm-up", required_argument, NULL, WARM_UP },
	{ "visibility", required_argument, NULL, VISIBILITY },
	{ "tick", required_argument, NULL, TICK },
	{ "param", required_argument, NULL, PARAM },
	{ "fault-time", required_argument, NULL, FAULT_TIME },
	{ "read-cost", required_argument, NULL, READ_COST },
	{ "together", no_argument, NULL, TOGETHER },
	{ "quantum", required_argument, NULL, QUANTUM },
	{ "allocation", required_argument, NULL, ALLOCATION },
	{ "format", required_argument, NULL, FORMAT },
	{ "csv", required_argument, NULL, CSV },
	{ "json", no_argument, NULL, JSON },
	{ "stack", no_argument, NULL, STACK },
	{ "steps", optional_argument, NULL, STEPS },
	{ "svg", required_argument, NULL, SVG },
	{ "jobs", required_argument, NULL, JOBS },
	{ "help", no_argument, NULL, HELP },
	{ }
};

/* A positive number up to @max with @suffix, or nothing, behind it. */
static double parse_number(const char *option, const char *text, double max,
			   const char **suffix)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text) ||
	    !(number > 0 && number <= max))
		errx(2, "--%s %s: not a positive number", option, text);
	*suffix = end;
	return number;
}

static struct size parse_size(const char *option, const char *text,
			      const char *share, double whole)
{
	const char *suffix;
	double number = parse_number(option, text, 1e15, &suffix);

	if (!strcmp(suffix, share))
		return (struct size){ number / whole, true };
	if (*suffix || number != (double)(uint64_t)number)
		errx(2, "--%s %s: not a whole number, nor one with %s", option,
		     text, share);
	return (struct size){ number, false };
}

static void add_trace(struct options *options, char *text)
{
	unsigned int i;

	for (i = 0; i < options->nr_traces && !strcmp(text, STREAM_STDIN); i++)
		if (!strcmp(options->traces[i], STREAM_STDIN))
			errx(2, "--trace -: standard input can be read once only");
	options->traces = memory_resize(options->traces, options->nr_traces + 1,
					sizeof(*options->traces));
	options->traces[options->nr_traces++] = text;
}

static void append_policy(void *data, const char *name)
{
	struct options *options = data;

	options->policies = memory_resize(options->policies,
					  options->nr_policies + 1,
					  sizeof(*options->policies));
	options->policies[options->nr_policies++] = name;
}

/* Is it the name of a policy without frames? */
static bool add_space(struct options *options, const char *text)
{
	const struct space_policy *space = space_find(text);
	unsigned int i;

	if (!space)
		return false;
	for (i = 0; i < options->nr_spaces; i++)
		if (options->spaces[i] == space)
			errx(2, "--policy %s: given twice", text);
	options->spaces = memory_resize(options->spaces, options->nr_spaces + 1,
					sizeof(*options->spaces));
	options->spaces[options->nr_spaces++] = space;
	return true;
}

static void try_policy(void *data, const char *name)
{
	nearest_try(data, name);
}

static void refuse_policy(const char *text)
{
	struct nearest nearest = { .text = text };

	registry_list(try_policy, &nearest);
	space_list(try_policy, &nearest);
	errx(2, "--policy %s: there is no such policy%s", text, nearest_hint(&nearest));
}

static void add_policy(struct options *options, char *text)
{
	unsigned int i;

	if (!strcmp(text, OPT_NAME)) {
		options->opt_wanted = true;
		return;
	}
	if (!strcmp(text, "all") && options->nr_policies)
		errx(2, "--policy all: policies are given, too");
	if (!strcmp(text, "all")) {
		options->opt_wanted = true;
		registry_list(append_policy, options);
		return;
	}
	if (add_space(options, text))
		return;
	if (!registry_find(text))
		refuse_policy(text);
	for (i = 0; i < options->nr_policies; i++)
		if (!strcmp(options->policies[i], text))
			errx(2, "--policy %s: given twice", text);
	append_policy(options, text);
}

/* Behind a number: 64M, or 100p. */
static bool has_unit(const char *text)
{
	return *text && strchr("KMGTBkmgtbp", text[strlen(text) - 1]);
}

static struct size parse_frames(const char *option, const char *text)
{
	struct size size;
	unsigned long pages;

	if (has_unit(text)) {
		if (!size_parse_pages(text, &pages) || !pages)
			errx(2, "--%s %s: not a size, such as 64M", option, text);
		return (struct size){ pages, false };
	}
	size = parse_size(option, text, "%", 100);
	if (size.is_share && size.number > 1)
		errx(2, "--%s %s: more than all pages", option, text);
	return size;
}

static void add_frames(struct options *options, char *text)
{
	struct size size = parse_frames("frames", text);

	options->frames = memory_resize(options->frames, options->nr_frames + 1,
					sizeof(*options->frames));
	options->frames[options->nr_frames++] = size;
}

static void add_resize(struct options *options, char *text)
{
	char *at = strchr(text, '@');
	struct resize_option *resize;

	if (!at)
		errx(2, "--resize %s: not of the form FRAMES@REFS", text);
	*at++ = '\0';
	options->resizes = memory_resize(options->resizes,
					 options->nr_resizes + 1,
					 sizeof(*options->resizes));
	resize = &options->resizes[options->nr_resizes++];
	resize->frames = parse_frames("resize", text);
	resize->at = parse_size("resize", at, "F", 1);
}

static void split_list(struct options *options, char *list,
		       void (*add)(struct options *options, char *text))
{
	char *text;

	while ((text = strsep(&list, ",")))
		add(options, text);
}

static enum visibility parse_visibility(const char *text)
{
	if (!strcmp(text, "full"))
		return VISIBILITY_FULL;
	if (!strcmp(text, "sampled"))
		return VISIBILITY_SAMPLED;
	errx(2, "--visibility %s: neither full nor sampled", text);
}

static enum steps_form parse_steps(const char *text)
{
	if (!text || !strcmp(text, "text"))
		return STEPS_TEXT;
	if (!strcmp(text, "latex"))
		return STEPS_LATEX;
	if (!strcmp(text, "html"))
		return STEPS_HTML;
	errx(2, "--steps=%s: neither text, latex nor html", text);
}

static const struct format *parse_format(const char *text)
{
	const struct format *format = format_find(text);

	if (!format)
		errx(2, "--format %s: there is no such format%s", text, format_hint(text));
	return format;
}

/**
 * options_whole() - a positive whole number
 * @option: that has it, for messages
 * @text: the number
 * @max: the largest that is allowed
 *
 * Ends the program with a message if it is none.
 *
 * Return: the number.
 */
uint64_t options_whole(const char *option, const char *text, double max)
{
	const char *suffix;
	double number = parse_number(option, text, max, &suffix);

	if (*suffix || number != (double)(uint64_t)number)
		errx(2, "--%s %s: not a whole number", option, text);
	return number;
}

static bool parse_allocation(const char *text)
{
	if (!strcmp(text, "global"))
		return false;
	if (!strcmp(text, "equal"))
		return true;
	errx(2, "--allocation %s: neither global nor equal", text);
}

/* What is printed, and how. */
static void parse_output(struct options *options, int option)
{
	switch (option) {
	case CSV:
		options->csv = optarg;
		break;
	case JSON:
		options->is_json = true;
		break;
	case STACK:
		options->is_stack = true;
		break;
	case STEPS:
		options->steps = parse_steps(optarg);
		break;
	case SVG:
		options->svg = optarg;
		break;
	case JOBS:
		options->nr_threads = options_whole("jobs", optarg, MAX_THREADS);
		break;
	default:
		errx(2, "see --help");
	}
}

static void parse_option(struct options *options, int option)
{
	switch (option) {
	case TRACE:
		split_list(options, optarg, add_trace);
		break;
	case POLICY:
		split_list(options, optarg, add_policy);
		break;
	case FRAMES:
		split_list(options, optarg, add_frames);
		break;
	case RESIZE:
		split_list(options, optarg, add_resize);
		break;
	case WARM_UP:
		options->warm_up = parse_size("warm-up", optarg, "F", 1);
		break;
	case VISIBILITY:
		options->visibility = parse_visibility(optarg);
		break;
	case TICK:
		options->tick = parse_size("tick", optarg, "F", 1);
		break;
	case PARAM:
		settings_add(&options->settings, optarg);
		break;
	case FAULT_TIME:
		options->fault_time = options_whole("fault-time", optarg, 1e15);
		break;
	case READ_COST:
		frame_set_read_cost(options_whole("read-cost", optarg, UINT32_MAX));
		break;
	case TOGETHER:
		options->is_together = true;
		break;
	case QUANTUM:
		options->quantum = options_whole("quantum", optarg, 1e15);
		break;
	case ALLOCATION:
		options->is_shared_out = parse_allocation(optarg);
		options->has_allocation = true;
		break;
	case FORMAT:
		options->format = parse_format(optarg);
		break;
	default:
		parse_output(options, option);
	}
}

/**
 * options_set() - set an option
 * @options: the options
 * @name: of an option of swaplab sim
 * @value: its argument, if it has one; a list is split in place
 */
void options_set(struct options *options, const char *name, char *value)
{
	const struct option *option = long_options;

	while (strcmp(option->name, name))
		option++;
	optarg = value;
	parse_option(options, option->val);
}

/**
 * options_begin() - options as they are unless given
 * @options: to be set up
 */
void options_begin(struct options *options)
{
	*options = (struct options){
		.tick = { 1, true },
		.nr_threads = sysconf(_SC_NPROCESSORS_ONLN),
	};
}

/**
 * options_parse() - read the command line
 * @options: to be set up
 * @argc: of main()
 * @argv: of main(); lists in it are split in place
 *
 * Return: false if it asked for help only, which is printed then.
 */
bool options_parse(struct options *options, int argc, char **argv)
{
	int option;

	options_begin(options);
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == HELP) {
			printf("Usage: %s%s", program_invocation_short_name,
			       usage);
			registry_print();
			puts("\nPolicies without a number of frames, and their parameters:");
			space_print();
			return false;
		}
		parse_option(options, option);
	}
	if (optind < argc)
		errx(2, "%s: not an option; see --help", argv[optind]);
	check_options(options);
	if (!options->quantum)
		options->quantum = QUANTUM_REFS;
	/* Last, and always: the others are compared with it. */
	if (options->nr_frames)
		append_policy(options, OPT_NAME);
	return true;
}

/**
 * options_destroy() - undo options_begin() or options_parse()
 * @options: the options
 */
void options_destroy(struct options *options)
{
	free(options->traces);
	free(options->policies);
	free(options->frames);
	free(options->resizes);
	free(options->spaces);
	settings_destroy(&options->settings);
}

/**
 * options_resolve() - a size in numbers
 * @size: the size
 * @trace: a share is of its pages
 *
 * Return: the next whole number, at least 1.
 */
uint64_t options_resolve(const struct size *size, const struct trace *trace)
{
	double number = size->number;

	if (size->is_share)
		number *= trace->pages.nr;
	return number < 1 ? 1 : number + 0.5;
}
