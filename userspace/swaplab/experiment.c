// SPDX-License-Identifier: GPL-2.0
/* swaplab experiment: runs what a file describes, and reports it. A program does the work. */

#include <stdlib.h>
#include <string.h>
#include "libexec.h"
#include "option.h"
#include "verb.h"

enum { RESULTS = 1, PAGE, JOBS = 'j' };

static int run_experiment(int argc, char **argv)
{
	char **words = option_words(&experiment_verb, argc, argv);

	if (argc - optind != 2)
		option_wrong(&experiment_verb, "run or report, and a file, are wanted");
	if (strcmp(argv[optind], "run") && strcmp(argv[optind], "report"))
		option_wrong(&experiment_verb, "%s: neither run nor report", argv[optind]);
	setenv("SWAPLAB_SIM", libexec_find("swaplab-sim"), 1);
	libexec_exec("experiment/main.py", words);
}

static const struct swaplab_option experiment_options[] = {
	{ "results", "FILE", RESULTS,
	  "of the results: that of the experiment with .jsonl at the end unless given" },
	{ "page", "FILE", PAGE,
	  "that report writes: with .html at the end unless given" },
	{ "jobs", "N", JOBS, "simulate N pools at a time: one a processor unless given" },
	{}
};

const struct swaplab_verb experiment_verb = {
	.name = "experiment",
	.arguments = "{run|report} FILE",
	.summary = "run the traces and policies that a file names, and report them",
	.description =
"FILE, in TOML, names traces, policies with their parameters, sizes of memory and seeds:\n"
"\n"
"  title = \"Hot pages\"\n"
"  frames = [\"10%\", \"50%\"]\n"
"  policies = [\"fifo\", \"lru\"]\n"
"\n"
"  [[policy]]\n"
"  name = \"aging\"\n"
"  width = [4, 8]\n"
"\n"
"  [[trace]]\n"
"  file = \"run.pg.zst\"\n"
"\n"
"run simulates each policy on each trace and prints how far it is. It writes a line of JSON\n"
"for each result, with all that made it. If it is stopped, the next run goes on there. It\n"
"does again those of which a trace, a parameter or the simulator has changed. report\n"
"makes a page of HTML with tables and pictures. Needs python3, and gnuplot for the page.\n"
"See Documentation/experiments.rst.\n",
	.options = experiment_options,
	.run = run_experiment,
};
