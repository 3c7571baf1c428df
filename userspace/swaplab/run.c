// SPDX-License-Identifier: GPL-2.0
/* swaplab run: a program with its memory on a device, and a report of its paging. */

#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "budget.h"
#include "cgroup.h"
#include "device.h"
#include "interrupt.h"
#include "json.h"
#include "launch.h"
#include "option.h"
#include "program.h"
#include "setting.h"
#include "verb.h"

enum { DEVICE = 'd', SIZE = 's', MEMORY = 'm', STATS = 1, JSON = 'j', QUIET = 'q' };

struct request {
	const char *device;
	const char *stats;
	unsigned long long memory;
	bool is_json;
	bool is_quiet;
	struct launch launch;
};

/* Counters of the device. */
static const char *const run_counters[] = {
	"faults", "refaults", "zero_fills", "swap_ins", "swap_outs", "copies", NULL
};

#define NR_COUNTERS	6

static void count_events(const struct device *device, unsigned long *values)
{
	unsigned int i;
	char file[32];

	for (i = 0; run_counters[i]; i++) {
		snprintf(file, sizeof(file), "stats/%s", run_counters[i]);
		values[i] = device_number(device, file) - values[i];
	}
}

static void warn_beforehand(const struct device *device)
{
	char *file = device_value(device, "swap_file");

	if (!strcmp(file, "none"))
		warnx("%s has no file to page to: a program that needs more than its frames\n"
		      "dies by SIGBUS; see swaplab attach --help", device->path);
	free(file);
	if (device_number(device, "stats/resident") +
	    device_number(device, "stats/swapped"))
		warnx("%s has other users: the counters are theirs, too",
		      device->path);
}

static double share_on_device(const struct outcome *outcome)
{
	unsigned long all = outcome->device_pages + outcome->other_pages;

	return all ? 100.0 * outcome->device_pages / all : 0;
}

static double to_mib(unsigned long long bytes)
{
	return bytes / (double)(1 << 20);
}

static void print_text(FILE *file, const struct request *request,
		       const struct outcome *outcome,
		       const unsigned long *values)
{
	const char *name = request->launch.argv[0];
	long page = sysconf(_SC_PAGESIZE);

	fprintf(file, "swaplab run: %s: %.1f %% of its memory was on %s",
		name, share_on_device(outcome), request->launch.device->path);
	fprintf(file, ": %.1f of %.1f MiB at the peak\n",
		to_mib(outcome->device_pages * page),
		to_mib((outcome->device_pages + outcome->other_pages) * page));
	fprintf(file, "swaplab run: %.3f s; %lu faults, %lu of them refaults",
		outcome->child.seconds, values[0], values[1]);
	fprintf(file, "; %lu pages read, %lu written\n", values[3], values[4]);
	if (request->memory)
		fprintf(file, "swaplab run: %.1f MiB at the peak, of %.1f with all that counts\n",
			to_mib(cgroup_peak()), to_mib(request->memory));
	if (outcome->heap.forks)
		fprintf(file, "swaplab run: %lu forks; %lu pages copied on write\n",
			outcome->heap.forks, values[5]);
}

static void print_json(FILE *file, const struct request *request,
		       const struct outcome *outcome,
		       const unsigned long *values)
{
	long page = sysconf(_SC_PAGESIZE);
	struct json json = { .file = file };
	unsigned int i;

	json_object(&json, NULL);
	json_text(&json, "program", request->launch.argv[0]);
	json_text(&json, "device", request->launch.device->name);
	json_number(&json, "status", outcome->child.status);
	json_real(&json, "seconds", outcome->child.seconds);
	json_real(&json, "share_percent", share_on_device(outcome));
	json_number(&json, "device_bytes", outcome->device_pages * page);
	json_number(&json, "other_bytes", outcome->other_pages * page);
	for (i = 0; run_counters[i]; i++)
		json_number(&json, run_counters[i], values[i]);
	json_number(&json, "major_faults", outcome->child.usage.ru_majflt);
	json_number(&json, "processes", outcome->heap.processes);
	json_number(&json, "processes_on_device", outcome->heap.on_device);
	json_number(&json, "forks", outcome->heap.forks);
	json_number(&json, "missed_bytes", outcome->heap.missed_bytes);
	if (request->memory) {
		json_number(&json, "memory_bytes", request->memory);
		json_number(&json, "memory_peak_bytes", cgroup_peak());
	}
	json_end(&json);
}

static void report_outcome(const struct request *request,
			   const struct outcome *outcome, const unsigned long *values)
{
	FILE *file;

	if (request->is_json)
		print_json(stderr, request, outcome, values);
	else if (!request->is_quiet)
		print_text(stderr, request, outcome, values);
	if (!request->stats)
		return;
	file = fopen(request->stats, "we");
	if (!file)
		err(PROGRAM_FAILED, "%s", request->stats);
	print_json(file, request, outcome, values);
	if (fclose(file))
		err(PROGRAM_FAILED, "%s", request->stats);
}

static void warn_afterwards(const struct request *request, const struct outcome *outcome)
{
	if (!outcome->heap.processes && outcome->child.status < PROGRAM_FAILED)
		warnx("the program did not load the heap: nothing of it was on the device");
	if (outcome->child.signal == SIGBUS)
		warnx("the program died by SIGBUS: a page had no room, as when the swap file\n"
		      "is full, or could not be read; the kernel's log says which: sudo dmesg");
	if (request->memory && cgroup_kills())
		warnx("%lu processes were killed: what cannot be on the device, such as stacks,\n"
		      "did not fit into the limit", cgroup_kills());
}

static void parse_request(struct request *request, int argc, char **argv)
{
	int key;

	while ((key = option_next(&run_verb, argc, argv)) != -1) {
		switch (key) {
		case DEVICE:
			request->device = optarg;
			break;
		case SIZE:
			request->launch.heap_bytes = option_size("--size", optarg);
			break;
		case MEMORY:
			request->memory = option_size("--memory", optarg);
			break;
		case STATS:
			request->stats = optarg;
			break;
		case JSON:
			request->is_json = true;
			break;
		default:
			request->is_quiet = true;
		}
	}
	request->launch.argv = argv + optind;
	if (optind == argc)
		option_wrong(&run_verb, "there is no program to run");
}

static void limit_memory(struct request *request)
{
	interrupt_catch();
	setting_put_back_at_exit();
	budget_begin(request->launch.device, request->memory);
	request->launch.cgroup = cgroup_make(request->memory);
	request->launch.is_charged = true;
}

static int run_with_heap(int argc, char **argv)
{
	struct request request = {
		.device = "swaplab0",
		.launch = { .output = -1, .is_watched = true },
	};
	unsigned long values[NR_COUNTERS] = {};
	struct outcome outcome;
	struct device device;

	program_begin();
	parse_request(&request, argc, argv);
	device = device_named(request.device);
	request.launch.device = &device;
	program_check(request.launch.argv[0]);
	/* Reports errors before the program starts, and loads the policy. */
	close(device_open(&device));
	warn_beforehand(&device);
	if (request.memory)
		limit_memory(&request);
	option_writable(request.stats);
	count_events(&device, values);
	interrupt_check();
	outcome = launch_run(&request.launch);
	count_events(&device, values);
	warn_afterwards(&request, &outcome);
	report_outcome(&request, &outcome, values);
	return program_end(outcome.child.status);
}

static const struct swaplab_option run_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "size", "SIZE", SIZE,
	  "at most so much of the heap of a process is on the device, and the\n"
	  "rest is ordinary memory: 256G unless given" },
	{ "memory", "SIZE", MEMORY,
	  "limit all memory of PROGRAM and its children: pages on the device, all\n"
	  "others, and files that they read; as root" },
	{ "stats", "FILE", STATS, "write the figures to FILE, as JSON" },
	{ "json", NULL, JSON, "print the figures as JSON" },
	{ "quiet", NULL, QUIET, "do not print the figures" },
	{}
};

const struct swaplab_verb run_verb = {
	.name = "run",
	.arguments = "[--] PROGRAM [ARGUMENT]...",
	.summary = "run a program with its memory on a device",
	.description =
"Runs PROGRAM with its heap, variables and large private mappings on a device, and prints on\n"
"standard error how much of its memory that was, and how it was paged.\n"
"Its children are run so, too. Exits with PROGRAM's status, 128 + N if signal N\n"
"killed it; 126 if nothing can be preloaded to it (it is linked statically, or is\n"
"setuid), 127 if it is not there, 125 if anything else is wrong.\n"
"See Documentation/run.rst.\n",
	.options = run_options,
	.takes_program = true,
	.usage_status = PROGRAM_FAILED,
	.run = run_with_heap,
};
