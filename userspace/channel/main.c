// SPDX-License-Identifier: GPL-2.0
/*
 * channel: sends messages between two processes by pages that move, and by other ways,
 * verifies every byte, and prints how long a message took.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "../swaplab/size.h"
#include "measure.h"

#define MAX_SIZES	16
#define MAX_MESSAGES	1000000

static const struct transport *const all_transports[] = {
	&moved_transport,
	&pipe_transport,
	&socketpair_transport,
	&vm_readv_transport,
	&ring_transport,
};

#define NR_TRANSPORTS	(sizeof(all_transports) / sizeof(*all_transports))
/* Shown behind them: the work that all of them have. */
#define OWN_WORK	"memory"

enum { BYTES = 'b', CSV = 'c', DEVICE = 'd', HELP = 'h', ROUNDS = 'r', SIZES = 's' };

struct request {
	struct measure measure;
	size_t sizes[MAX_SIZES];
	unsigned int nr_sizes;
	unsigned long long bytes;
	bool is_csv;
};

static int usage(FILE *file, int status)
{
	fputs("Usage: channel [OPTION]... [TRANSPORT]...\n"
	      "Sends messages between two processes, verifies every byte, and prints the time\n"
	      "of a message. Both processes use each byte: one writes it, the other reads it.\n"
	      "\n"
	      "  -b, --bytes SIZE    in a round, 16M unless given; a message at least\n"
	      "  -c, --csv           print comma-separated values\n"
	      "  -d, --device PATH   /dev/swaplab0 unless given\n"
	      "  -r, --rounds N      5 unless given; one more before them does not count\n"
	      "  -s, --sizes SIZE,...  of messages: 4K,64K,1M unless given; 1M at most\n"
	      "  -h, --help          show this\n"
	      "\n"
	      "Transports, all of them unless some are named:\n"
	      "  swaplab     pages move through a region of the device: SWAPLAB_MOVE\n"
	      "  pipe        the kernel copies to the pipe, and from it\n"
	      "  socketpair  likewise, a stream of AF_UNIX\n"
	      "  vm_readv    the receiver copies by process_vm_readv()\n"
	      "  ring        shared memory, written and read in place\n"
	      "  memory      none: one process writes and reads, the work that all have\n", file);
	return status;
}

static void parse_sizes(struct request *request, char *list)
{
	unsigned long long size;
	char *word;

	request->nr_sizes = 0;
	for (word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		if (!size_parse_bytes(word, &size) || !size || size % 4096 ||
		    size > TRANSPORT_WINDOW)
			errx(2, "--sizes %s: not a size of whole pages, up to 1M", word);
		if (request->nr_sizes == MAX_SIZES)
			errx(2, "--sizes: more than %d", MAX_SIZES);
		request->sizes[request->nr_sizes++] = size;
	}
	if (!request->nr_sizes)
		errx(2, "--sizes: none");
}

static void parse_rounds(struct request *request, const char *text)
{
	unsigned long nr;

	if (!size_parse_number(text, &nr) || !nr || nr > MAX_ROUNDS)
		errx(2, "--rounds %s: not a number from 1 to %d", text, MAX_ROUNDS);
	request->measure.nr_rounds = nr;
}

static void parse_option(struct request *request, int key)
{
	switch (key) {
	case BYTES:
		if (!size_parse_bytes(optarg, &request->bytes) ||
		    request->bytes > MAX_MESSAGES * 4096ULL)
			errx(2, "--bytes %s: not a size up to 3G", optarg);
		break;
	case CSV:
		request->is_csv = true;
		break;
	case DEVICE:
		request->measure.device = optarg;
		break;
	case HELP:
		exit(usage(stdout, 0));
	case ROUNDS:
		parse_rounds(request, optarg);
		break;
	case SIZES:
		parse_sizes(request, optarg);
		break;
	default:
		exit(usage(stderr, 2));
	}
}

static void parse_request(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "bytes", required_argument, NULL, BYTES },
		{ "csv", no_argument, NULL, CSV },
		{ "device", required_argument, NULL, DEVICE },
		{ "help", no_argument, NULL, HELP },
		{ "rounds", required_argument, NULL, ROUNDS },
		{ "sizes", required_argument, NULL, SIZES },
		{}
	};
	int key;

	while ((key = getopt_long(argc, argv, "b:cd:hr:s:", options, NULL)) != -1)
		parse_option(request, key);
}

static void print_header(const struct request *request)
{
	struct utsname system;

	if (request->is_csv) {
		puts("transport,bytes,messages,rounds,us,us_min,us_max,mb_per_s");
		return;
	}
	uname(&system);
	printf("Linux %s; median of %u rounds, least and most; MB are 10^6 bytes\n",
	       system.release, request->measure.nr_rounds);
	printf("%-10s %8s %12s %10s %10s %10s\n", "transport", "bytes", "us/message", "least",
	       "most", "MB/s");
}

static void print_row(const struct request *request, const char *name)
{
	const struct measure *measure = &request->measure;
	const double *us = measure->us;
	double least = us[0], median = us[measure->nr_rounds / 2];
	double most = us[measure->nr_rounds - 1], rate = measure->size / median;

	if (request->is_csv)
		printf("%s,%zu,%u,%u,%.3f,%.3f,%.3f,%.1f\n", name, measure->size, measure->nr,
		       measure->nr_rounds, median, least, most, rate);
	else
		printf("%-10s %8zu %12.2f %10.2f %10.2f %10.1f\n", name, measure->size, median,
		       least, most, rate);
	if (fflush(stdout))
		err(1, "stdout");
}

/* With each size. */
static bool run_transport(struct request *request, const struct transport *transport)
{
	struct measure *measure = &request->measure;
	const char *name = transport ? transport->name : OWN_WORK;
	bool right = true;
	unsigned int i;

	measure->transport = transport;
	for (i = 0; i < request->nr_sizes; i++) {
		measure->size = request->sizes[i];
		measure->nr = request->bytes / measure->size;
		if (!measure->nr)
			measure->nr = 1;
		if (measure_run(measure)) {
			print_row(request, name);
		} else {
			warnx("%s, messages of %zu bytes: no result", name, measure->size);
			right = false;
		}
	}
	return right;
}

/* NULL for the own work. */
static const struct transport *find_transport(const char *name)
{
	size_t i;

	for (i = 0; i < NR_TRANSPORTS; i++)
		if (!strcmp(all_transports[i]->name, name))
			return all_transports[i];
	if (strcmp(name, OWN_WORK))
		errx(2, "%s: there is no such transport; see channel --help", name);
	return NULL;
}

static bool run_all(struct request *request)
{
	bool right = true;
	size_t i;

	for (i = 0; i < NR_TRANSPORTS; i++)
		right &= run_transport(request, all_transports[i]);
	return run_transport(request, NULL) && right;
}

int main(int argc, char **argv)
{
	struct request request = {
		.measure = { .device = "/dev/swaplab0", .nr_rounds = 5 },
		.sizes = { 4096, 65536, 1 << 20 },
		.nr_sizes = 3,
		.bytes = 16 << 20,
	};
	bool right = true;
	int i;

	parse_request(&request, argc, argv);
	for (i = optind; i < argc; i++)
		find_transport(argv[i]);
	print_header(&request);
	if (optind == argc)
		return !run_all(&request);
	for (i = optind; i < argc; i++)
		right &= run_transport(&request, find_transport(argv[i]));
	return !right;
}
