// SPDX-License-Identifier: GPL-2.0
/* The command line of patterns. */

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "content.h"
#include "options.h"

static void print_usage(FILE *to)
{
	const struct workload *w;

	fputs("Usage: patterns --backend KIND[:WHERE] --workload NAME [OPTION]...\n"
	      "\n"
	      "Kinds of memory:\n"
	      "  device:PATH             a swaplab device\n"
	      "  anon                    anonymous memory, which the kernel swaps\n"
	      "  file:PATH               a shared mapping of a new file\n"
	      "  random-file:PATH        the same with MADV_RANDOM\n"
	      "  buffer-pool:DISK        a buffer pool in user space\n"
	      "  userfaultfd:DISK        a pager in user space\n"
	      "  userfaultfd-plain:DISK  the same, for which all pages are dirty\n"
	      "\n"
	      "  --frames N       pages of memory, for the last three, with all that they need\n"
	      "  --pages N, --accesses N, --threads N   instead of the workload's own\n"
	      "  --seed N         1 unless given\n"
	      "  --rounds N       go through the accesses so often\n"
	      "  --clean          page all out and in again before the clock starts\n"
	      "  --compressible   use content that compresses\n"
	      "  --trickle        let another process touch a new page every 50 ms\n"
	      "  --hook COMMAND   run COMMAND start, COMMAND stop, as the clock does, and\n"
	      "                   COMMAND out, when all is paged out\n"
	      "  --cgroup DIR     join this cgroup before touching the memory\n"
	      "  --disk NAME      the disk paged to: counts its reads and writes\n"
	      "  --csv            print one line of values\n"
	      "  --csv-header     print their names and exit\n"
	      "\n"
	      "Exit status: 0; 1 if a byte was wrong; 2 if the run was not possible.\n"
	      "\n"
	      "Workloads (pages, accesses):\n", to);
	for (w = workloads; w->name; w++)
		fprintf(to, "  %-13s%6u %6u  %s\n", w->name, w->nr_pages,
			w->nr_accesses, w->what);
}

static unsigned long parse_number(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 0);

	if (!*text || *end || number > UINT32_MAX / 2)
		errx(2, "not a number: %s", text);
	return number;
}

static void take_workload(struct options *options, const char *name)
{
	options->workload = workload_find(name);
	if (!options->workload)
		errx(2, "no such workload: %s", name);
}

/* Options that were not given are as the workload is defined. */
static void complete_options(struct options *options)
{
	const struct workload *workload = options->workload;

	if (!workload || !options->backend) {
		print_usage(stderr);
		exit(2);
	}
	if (!options->nr_pages)
		options->nr_pages = workload->nr_pages;
	if (!options->nr_threads)
		options->nr_threads = workload->nr_threads;
	if (!workload->generate)
		options->nr_accesses = 0;
	else if (!options->nr_accesses)
		options->nr_accesses = workload->nr_accesses;
	if (options->nr_pages / options->nr_threads < 8)
		errx(2, "less than 8 pages a thread");
	if (sysconf(_SC_PAGESIZE) != PAGE_BYTES)
		errx(2, "made for pages of %d bytes", PAGE_BYTES);
}

static void take_option(struct options *options, int option)
{
	switch (option) {
	case 'b':
		options->backend = optarg;
		break;
	case 'w':
		take_workload(options, optarg);
		break;
	case 'f':
		options->nr_frames = parse_number(optarg);
		break;
	case 'p':
		options->nr_pages = parse_number(optarg);
		break;
	case 'a':
		options->nr_accesses = parse_number(optarg);
		break;
	case 't':
		options->nr_threads = parse_number(optarg);
		break;
	case 's':
		options->seed = parse_number(optarg);
		break;
	case 'r':
		options->nr_rounds = parse_number(optarg);
		break;
	case 'C':
		options->clean = true;
		break;
	case 'z':
		options->compressible = true;
		break;
	case 'T':
		options->trickle = true;
		break;
	case 'k':
		options->hook = optarg;
		break;
	case 'g':
		options->cgroup = optarg;
		break;
	case 'd':
		options->disk = optarg;
		break;
	case 'c':
		options->csv = true;
		break;
	case 'H':
		options->csv_header = true;
		break;
	case 'h':
		print_usage(stdout);
		exit(0);
	default:
		exit(2);
	}
}

/**
 * options_parse() - read the command line; exits if it is wrong
 * @options: filled in
 * @argc: of main()
 * @argv: of main()
 */
void options_parse(struct options *options, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "workload", required_argument, NULL, 'w' },
		{ "frames", required_argument, NULL, 'f' },
		{ "pages", required_argument, NULL, 'p' },
		{ "accesses", required_argument, NULL, 'a' },
		{ "threads", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "clean", no_argument, NULL, 'C' },
		{ "compressible", no_argument, NULL, 'z' },
		{ "trickle", no_argument, NULL, 'T' },
		{ "hook", required_argument, NULL, 'k' },
		{ "cgroup", required_argument, NULL, 'g' },
		{ "disk", required_argument, NULL, 'd' },
		{ "csv", no_argument, NULL, 'c' },
		{ "csv-header", no_argument, NULL, 'H' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longopts, NULL)) != -1)
		take_option(options, option);
	if (optind < argc)
		errx(2, "unexpected argument: %s", argv[optind]);
	if (!options->csv_header)
		complete_options(options);
}
