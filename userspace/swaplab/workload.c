// SPDX-License-Identifier: GPL-2.0
/* swaplab workload: runs a program that people know, which is a program of its own. */

#include <stddef.h>
#include "libexec.h"
#include "option.h"
#include "verb.h"

enum {
	SIZE = 's', COUNT = 'n', SEED = 1, THREADS = 't', DISTRIBUTION = 2, JSON = 'j', QUIET = 'q',
};

static int run_workload(int argc, char **argv)
{
	char **words = option_words(&workload_verb, argc, argv);

	if (argc - optind != 1)
		option_wrong(&workload_verb, "one workload is wanted");
	libexec_exec("swaplab-workload", words);
}

static const struct swaplab_option workload_options[] = {
	{ "size", "SIZE", SIZE, "of its data, rounded down to what it can have: 64M unless given" },
	{ "count", "N", COUNT,
	  "of gups: updates, 4 a word unless given; reads: reads, 16 a page; btree:\n"
	  "selects, 1 a row; bfs: searches, 16; pagerank: rounds at most, 100; ycsb:\n"
	  "operations, 1 a record" },
	{ "seed", "N", SEED, "of all that is random: 1 unless given" },
	{ "threads", "N", THREADS, "of gups and reads: 1 unless given" },
	{ "distribution", "{zipfian|latest|uniform}", DISTRIBUTION,
	  "of records in ycsb: zipfian unless given, and latest in ycsb-d" },
	{ "json", NULL, JSON, "print JSON" },
	{ "quiet", NULL, QUIET,
	  "do not print time, rate and pages: all runs print the same then, as\n"
	  "swaplab compare wants it" },
	{}
};

const struct swaplab_verb workload_verb = {
	.name = "workload",
	.arguments = "WORKLOAD",
	.summary = "run a program that people know, and check its answer",
	.description =
"The workloads are\n"
"\n"
"  gups      random updates of a table, as in HPC Challenge\n"
"  reads     reads of random pages, as in mmapbench\n"
"  sort      qsort() of records, as of sortbenchmark.org\n"
"  btree     a table of SQLite in memory, with an index\n"
"  bfs       breadth-first search of a Kronecker graph, as in GAP's benchmarks\n"
"  pagerank  ranks of its vertices, likewise\n"
"  ycsb-a    YCSB against redis-server: half reads, half updates\n"
"  ycsb-b    95 % reads, 5 % updates\n"
"  ycsb-c    reads\n"
"  ycsb-d    95 % reads of records that are new, 5 % inserts\n"
"  ycsb-e    95 % scans, 5 % inserts\n"
"  ycsb-f    half reads, half reads with an update\n"
"\n"
"Each prints one line: time, rate, and whether all answers were right. Under swaplab run it has\n"
"its memory on the device, and the line has the pages that the device has read and written:\n"
"\n"
"  swaplab run -- swaplab workload gups --size 64M\n"
"\n"
"Exits with 1 if an answer was wrong. See Documentation/workloads.rst.\n",
	.options = workload_options,
	.run = run_workload,
};
