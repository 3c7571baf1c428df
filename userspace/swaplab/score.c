// SPDX-License-Identifier: GPL-2.0
/* swaplab score: what a program gains by each policy, on a page. Another program does the work. */

#include <err.h>
#include <stdlib.h>
#include <unistd.h>
#include "libexec.h"
#include "option.h"
#include "program.h"
#include "verb.h"

enum {
	DEVICE = 'd', POLICY = 'p', STOCK = 1, FRAMES = 'f', REPEATS = 'r',
	DISK = 2, STOCK_DISK = 3, TRACE = 4, OVERWRITE = 5, PAGE = 6, JSON = 'j',
};

static int run_score(int argc, char **argv)
{
	char **words;

	program_begin();
	words = option_words(&score_verb, argc, argv);
	if (optind == argc)
		option_wrong(&score_verb, "there is no program to run");
	if (geteuid())
		errx(1, "swap, cgroups and policies are for root to change: use sudo");
	program_check(argv[optind]);
	libexec_exec_python("score.py", words);
}

static const struct swaplab_option score_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "policy", "NAME,...", POLICY, "policies to measure: aging unless given" },
	{ "stock", "{lru|mglru|none},...", STOCK,
	  "of the kernel's own, as for compare: \"lru,mglru\" unless given" },
	{ "frames", "N|P%", FRAMES,
	  "frames of the device, a size, or percents of the pages that the\n"
	  "program has there at its peak: 50% unless given" },
	{ "repeats", "N", REPEATS, "runs of each: 3 unless given" },
	{ "disk", "FILE", DISK,
	  "block device or file that the device pages to, if none is attached" },
	{ "stock-disk", "FILE", STOCK_DISK,
	  "that the kernel swaps to, of the same kind" },
	{ "overwrite", NULL, OVERWRITE,
	  "use the disks though they have content, which is lost" },
	{ "trace", "FILE", TRACE, "keep the recording there, for swaplab sim" },
	{ "page", "FILE", PAGE,
	  "write a page of HTML, too, as of an experiment: with times of faults\n"
	  "as curves. Needs gnuplot" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb score_verb = {
	.name = "score",
	.arguments = "[--] PROGRAM [ARGUMENT]...",
	.summary = "print what a program gains by each policy, on one page",
	.description =
"Runs PROGRAM in three ways, and prints which figure comes from which:\n"
"\n"
"  1  with each policy and on the kernel's own swap, with the same memory, as\n"
"     swaplab compare does: time, misses\n"
"  2  recorded once; all policies are simulated: misses, to those of the optimum\n"
"  3  with each policy once more, observed: times of faults, CPU time of faults\n"
"     and of the daemon, share of the memory that was on the device\n"
"\n"
"PROGRAM has to be one that swaplab compare takes. As root, on a machine that does nothing\n"
"else. All settings are put back. Needs python3. Ends with 125 if there is no result. See\n"
"Documentation/run.rst.\n",
	.options = score_options,
	.takes_program = true,
	.usage_status = PROGRAM_FAILED,
	.run = run_score,
};
