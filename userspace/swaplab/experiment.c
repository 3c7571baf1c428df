// SPDX-License-Identifier: GPL-2.0
/* swaplab experiment: runs what a file describes, and reports it. A program does the work. */

#include <string.h>
#include "libexec.h"
#include "option.h"
#include "verb.h"

enum { RESULTS = 1, PAGE, JOBS = 'j', DEVICE = 'd', DISK = 3, STOCK_DISK, OVERWRITE };

static int run_experiment(int argc, char **argv)
{
	char **words = option_words(&experiment_verb, argc, argv);

	if (argc - optind != 2)
		option_wrong(&experiment_verb, "run or report, and a file, are wanted");
	if (strcmp(argv[optind], "run") && strcmp(argv[optind], "report"))
		option_wrong(&experiment_verb, "%s: neither run nor report", argv[optind]);
	libexec_exec_python("main.py", words);
}

static const struct swaplab_option experiment_options[] = {
	{ "results", "FILE", RESULTS,
	  "of the results: that of the experiment with .jsonl at the end unless given" },
	{ "page", "FILE", PAGE,
	  "that report writes: with .html at the end unless given" },
	{ "jobs", "N", JOBS, "simulate N pools at a time: one a processor unless given" },
	{ "device", "DEVICE", DEVICE, "for programs: /dev/swaplab0 unless given" },
	{ "disk", "FILE", DISK,
	  "block device or file that the device pages to, if none is attached" },
	{ "stock-disk", "FILE", STOCK_DISK,
	  "that the kernel swaps to, of the same kind" },
	{ "overwrite", NULL, OVERWRITE,
	  "use the disks though they have content, which is lost" },
	{}
};

const struct swaplab_verb experiment_verb = {
	.name = "experiment",
	.arguments = "{run|report} FILE",
	.summary = "run traces, programs and policies from a file, and report them",
	.description =
"FILE, in TOML, names traces and programs, policies with their parameters, sizes of memory and\n"
"seeds:\n"
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
"  [[program]]\n"
"  command = [\"sort\", \"big-file\"]\n"
"\n"
"run simulates each policy on each trace, runs each program as swaplab compare does, and\n"
"prints how far it is. It writes a line of JSON for each result, with all that made it. If\n"
"it is stopped, the next run goes on there. It does again those of which a trace, a program,\n"
"a parameter, the kernel or swaplab has changed. report makes a page of HTML with tables and\n"
"pictures. Programs need root. Needs python3, and gnuplot for the page.\n"
"See Documentation/experiments.rst.\n",
	.options = experiment_options,
	.run = run_experiment,
};
