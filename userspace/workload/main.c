// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab-workload: runs a workload and checks its answer. The command has the help of the
 * options, and gives them in long words. See Documentation/workloads.rst.
 */

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"
#include "size.h"
#include "workload.h"

enum { SIZE = 1, COUNT, SEED, THREADS, DISTRIBUTION, JSON, QUIET };

typedef void (*report_fn)(const struct workload *workload, const struct request *request,
			  const struct result *result);

#define DEFAULT_BYTES	(64 << 20)
#define MAX_THREADS	1024

static const struct workload workloads[] = {
	{ .name = "gups", .operation = "updates", .run = gups_run, .has_count = true,
	  .has_threads = true },
	{ .name = "reads", .operation = "reads", .run = reads_run, .has_count = true,
	  .has_threads = true },
	{ .name = "sort", .operation = "records", .run = sort_run },
	{ .name = "btree", .operation = "statements", .run = btree_run, .has_count = true },
	{ .name = "bfs", .operation = "edges", .run = bfs_run, .has_count = true },
	{ .name = "pagerank", .operation = "edges", .run = pagerank_run, .has_count = true },
	{ .name = "ycsb-a", .operation = "operations", .run = ycsb_run, .mix = 'a',
	  .has_count = true, .has_distribution = true },
	{ .name = "ycsb-b", .operation = "operations", .run = ycsb_run, .mix = 'b',
	  .has_count = true, .has_distribution = true },
	{ .name = "ycsb-c", .operation = "operations", .run = ycsb_run, .mix = 'c',
	  .has_count = true, .has_distribution = true },
	{ .name = "ycsb-d", .operation = "operations", .run = ycsb_run, .mix = 'd',
	  .has_count = true, .has_distribution = true },
	{ .name = "ycsb-e", .operation = "operations", .run = ycsb_run, .mix = 'e',
	  .has_count = true, .has_distribution = true },
	{ .name = "ycsb-f", .operation = "operations", .run = ycsb_run, .mix = 'f',
	  .has_count = true, .has_distribution = true },
	{}
};

static const char *const distributions[] = {
	[ZIPFIAN] = "zipfian", [LATEST] = "latest", [UNIFORM] = "uniform",
};

static const struct option options[] = {
	{ "size", required_argument, NULL, SIZE },
	{ "count", required_argument, NULL, COUNT },
	{ "seed", required_argument, NULL, SEED },
	{ "threads", required_argument, NULL, THREADS },
	{ "distribution", required_argument, NULL, DISTRIBUTION },
	{ "json", no_argument, NULL, JSON },
	{ "quiet", no_argument, NULL, QUIET },
	{}
};

/**
 * workload_allocate() - allocate zeros; too few end the program
 * @nr: of what
 * @size: of each
 *
 * Return: the memory, for free().
 */
void *workload_allocate(size_t nr, size_t size)
{
	void *memory = calloc(nr ? nr : 1, size);

	if (!memory)
		err(1, "%zu times %zu bytes", nr, size);
	return memory;
}

static const struct workload *find_workload(const char *name)
{
	const struct workload *workload = workloads;

	while (workload->name && strcmp(workload->name, name))
		workload++;
	if (!workload->name)
		errx(2, "%s: there is no such workload\n"
		     "For those there are: swaplab workload --help", name);
	return workload;
}

static size_t parse_size(const char *text)
{
	unsigned long long size;

	if (!size_parse_bytes(text, &size) || !size)
		errx(2, "--size %s: not a size, such as 512M or 4G", text);
	return size;
}

static uint64_t parse_number(const char *option, const char *text, unsigned long min,
			     unsigned long max)
{
	unsigned long number;

	if (!size_parse_number(text, &number) || number < min || number > max)
		errx(2, "--%s %s: not a number from %lu to %lu", option, text, min, max);
	return number;
}

static enum distribution parse_distribution(const char *text)
{
	enum distribution i;

	for (i = ZIPFIAN; i <= UNIFORM; i++)
		if (!strcmp(text, distributions[i]))
			return i;
	errx(2, "--distribution %s: neither zipfian, nor latest, nor uniform", text);
}

/* Returns how the result is to be reported. */
static report_fn parse_options(struct request *request, int argc, char **argv)
{
	report_fn report = report_text;
	int key;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (key) {
		case SIZE:
			request->bytes = parse_size(optarg);
			break;
		case COUNT:
			request->count = parse_number("count", optarg, 1, INT64_MAX);
			break;
		case SEED:
			request->seed = parse_number("seed", optarg, 0, UINT64_MAX);
			break;
		case THREADS:
			request->threads = parse_number("threads", optarg, 1, MAX_THREADS);
			break;
		case DISTRIBUTION:
			request->distribution = parse_distribution(optarg);
			break;
		case JSON:
			report = report_json;
			break;
		case QUIET:
			report = report_quiet;
			break;
		default:
			exit(2);
		}
	}
	return report;
}

int main(int argc, char **argv)
{
	struct request request = { .bytes = DEFAULT_BYTES, .seed = 1, .threads = 1 };
	const struct workload *workload;
	struct result result;
	report_fn report = parse_options(&request, argc, argv);

	if (argc - optind != 1)
		errx(2, "a workload is wanted; for those there are: swaplab workload --help");
	workload = find_workload(argv[optind]);
	if (request.threads > 1 && !workload->has_threads)
		errx(2, "--threads: %s has one", workload->name);
	if (request.count && !workload->has_count)
		errx(2, "--count: %s has none", workload->name);
	if (request.distribution && !workload->has_distribution)
		errx(2, "--distribution: %s has none", workload->name);
	result = workload->run(workload, &request);
	report(workload, &request, &result);
	if (fflush(stdout) || ferror(stdout))
		err(1, "stdout");
	return result.wrong != 0;
}
