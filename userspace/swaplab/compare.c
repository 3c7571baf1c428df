// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab compare: a program on a device, with one policy or more, and on the
 * kernel's own swap, with the same memory, allocator and kind of disk.
 *
 * The memory of a program on the device is the frames, the metadata of its pages, and
 * the rest as a cgroup counts it: stacks, page tables, page cache. The kernel's side
 * gets a cgroup with a limit of the sum. Each run's peak has to be within 1 % of it, or
 * the comparison is refused: a program that never reaches the limit is not paging at
 * it, either.
 *
 * With --memory, the frames are charged to a cgroup, too, and both sides get the same limit.
 *
 * Three runs, which are thrown away, find the sum: one the number of pages, and two
 * the rest, as the first of these finds files uncached and tables not grown. One run
 * on the kernel's side is thrown away, too. Then all take turns.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "budget.h"
#include "cgroup.h"
#include "comparison.h"
#include "device.h"
#include "interrupt.h"
#include "launch.h"
#include "machine.h"
#include "option.h"
#include "program.h"
#include "program_output.h"
#include "progress.h"
#include "verb.h"

enum {
	DEVICE = 'd', POLICY = 'p', STOCK = 1, FRAMES = 'f', REPEATS = 'r',
	DISK = 2, STOCK_DISK = 3, CSV = 4, SVG = 5, OVERWRITE = 6, MEMORY = 'm',
	PARAM = 7,
};

#define MAX_PARAMS	32

/* The module's metadata of a frame, and of a swapped page, as make bench measures it. */
#define FRAME_BYTES	58
#define SWAPPED_BYTES	9

struct request {
	const char *device_name;
	const char *policies;
	const char *stock;
	const char *frames;
	const char *memory;
	const char *stock_disk;
	const char *csv;
	const char *svg;
	char *params[MAX_PARAMS];
	int nr_params;
	char **argv;
	struct machine machine;
	unsigned long long metadata;
	struct comparison comparison;
};

static struct progress progress;

static unsigned long long to_bytes(unsigned long pages)
{
	return pages * (unsigned long long)sysconf(_SC_PAGESIZE);
}

static struct outcome run_program(const struct request *request, bool on_device,
				  unsigned long long limit, bool is_watched)
{
	struct launch launch = {
		.argv = request->argv,
		.device = on_device ? &request->machine.device : NULL,
		.cgroup = cgroup_make(limit),
		.is_charged = on_device && limit,
		.is_watched = is_watched,
	};
	struct outcome outcome;
	struct program_output output;

	/* The disk of the kernel's side is no help. */
	if (on_device)
		cgroup_set("memory.swap.max", "0");
	interrupt_check();
	program_output_begin(&output);
	launch.output = output.pipe[1];
	outcome = launch_run(&launch);
	/* Children that the program leaves behind may hold its output open. */
	cgroup_end();
	interrupt_note(outcome.child.interrupted);
	interrupt_check();
	if (outcome.child.status)
		errx(1, "%s ended with status %d %s", request->argv[0],
		     outcome.child.status,
		     on_device ? "on the device" : "on the kernel's own swap");
	program_output_check(&output);
	if (!outcome.heap.processes)
		errx(1, "%s did not load the heap: it cannot be compared",
		     request->argv[0]);
	return outcome;
}

static void use_contender(const struct request *request,
			  const struct contender *contender)
{
	int i;

	if (contender->is_stock) {
		kernel_swap_use(&contender->stock);
		return;
	}
	machine_use_policy(&request->machine, contender->name);
	for (i = 0; i < request->nr_params; i++)
		machine_set_parameter(&request->machine, request->params[i]);
}

/* Each has to be one of some policy; before a run takes its time. */
static void check_params(const struct request *request)
{
	const struct comparison *comparison = &request->comparison;
	bool is_known;
	int i, j;

	for (i = 0; i < request->nr_params; i++) {
		is_known = false;
		for (j = 0; j < comparison->nr; j++) {
			if (comparison->contenders[j].is_stock)
				continue;
			machine_use_policy(&request->machine, comparison->contenders[j].name);
			is_known |= machine_set_parameter(&request->machine, request->params[i]);
		}
		if (!is_known)
			errx(1, "--param %s: none of the policies has such a parameter",
			     request->params[i]);
	}
}

/* The limit of a run's cgroup; 0: none, as the frames are the limit. */
static unsigned long long limit_of(const struct request *request,
				   const struct contender *contender)
{
	if (contender->is_stock)
		return request->comparison.memory;
	return request->memory ? request->comparison.memory - request->metadata : 0;
}

static void measure_run(const struct request *request,
			const struct contender *contender, struct figures *figures)
{
	const char *disk = contender->is_stock ? request->stock_disk :
						 request->machine.disk;
	const struct device *device = &request->machine.device;
	struct disk_traffic before;
	struct outcome outcome;
	unsigned long refaults;

	use_contender(request, contender);
	refaults = device_number(device, "stats/refaults");
	before = disk_count(disk);
	outcome = run_program(request, !contender->is_stock,
			      limit_of(request, contender), false);
	figures->seconds = outcome.child.seconds;
	figures->traffic = disk_since(disk, before);
	figures->memory = cgroup_peak();
	if (contender->is_stock) {
		figures->misses = outcome.child.usage.ru_majflt;
	} else {
		machine_check_policy(&request->machine, contender->name);
		figures->misses = device_number(device, "stats/refaults") -
				  refaults;
		figures->memory += request->metadata;
		if (!request->memory)
			figures->memory += to_bytes(request->comparison.frames);
	}
	progress_step(&progress, contender->name, figures->seconds);
}

static const struct contender *first_of(const struct comparison *comparison,
					bool is_stock)
{
	int i;

	for (i = 0; i < comparison->nr; i++)
		if (comparison->contenders[i].is_stock == is_stock)
			return &comparison->contenders[i];
	return NULL;
}

/* "50%" is 50, anything else 0. */
static unsigned long parse_percents(const char *option, const char *text)
{
	size_t length = strlen(text);
	char number[16];

	if (!length || text[length - 1] != '%' || length > sizeof(number))
		return 0;
	memcpy(number, text, length - 1);
	number[length - 1] = '\0';
	return option_number(option, number, 1, 100);
}

/* "4096", or percents of the pages that the program has on the device. */
static unsigned long parse_frames(const char *text, unsigned long pages)
{
	unsigned long percents = parse_percents("--frames", text);

	if (!percents)
		return option_pages("--frames", text, DEVICE_MIN_FRAMES);
	pages = pages * percents / 100;
	return pages < DEVICE_MIN_FRAMES ? DEVICE_MIN_FRAMES : pages;
}

/* "64M", or percents of all pages that the program has; whole pages, in bytes. */
static unsigned long long parse_memory(const char *text, unsigned long pages)
{
	unsigned long percents = parse_percents("--memory", text);
	unsigned long long bytes;

	bytes = percents ? to_bytes(pages) * percents / 100 : option_size("--memory", text);
	bytes &= -sysconf(_SC_PAGESIZE);
	if (bytes < to_bytes(DEVICE_MIN_FRAMES))
		errx(2, "--memory %s is less than the %d frames that a device needs", text,
		     DEVICE_MIN_FRAMES);
	return bytes;
}

static void count_metadata(struct request *request, const struct outcome *outcome)
{
	unsigned long frames = request->comparison.frames;

	request->metadata = frames * FRAME_BYTES;
	if (outcome->device_pages > frames)
		request->metadata += SWAPPED_BYTES * (outcome->device_pages - frames);
}

/* Two runs on the device with its frames find the memory that it needs beside them. */
static void fix_frames(struct request *request, const struct contender *policy,
		       const struct outcome *outcome)
{
	struct comparison *comparison = &request->comparison;
	struct figures figures;

	comparison->frames = parse_frames(request->frames, outcome->device_pages);
	machine_set_frames(&request->machine, comparison->frames);
	count_metadata(request, outcome);
	measure_run(request, policy, &figures);
	measure_run(request, policy, &figures);
	comparison->memory = figures.memory & -sysconf(_SC_PAGESIZE);
	fprintf(stderr, "swaplab compare: %lu frames, %.1f MiB in all\n",
		comparison->frames, comparison->memory / (1024.0 * 1024));
}

/* All memory of the program is limited, so it need not be found. */
static void fix_memory(struct request *request, const struct contender *policy,
		       const struct outcome *outcome)
{
	struct comparison *comparison = &request->comparison;
	unsigned long pages = outcome->device_pages + outcome->other_pages;
	struct figures figures;

	comparison->memory = parse_memory(request->memory, pages);
	comparison->frames = comparison->memory / sysconf(_SC_PAGESIZE);
	count_metadata(request, outcome);
	budget_begin(&request->machine.device, comparison->memory);
	fprintf(stderr, "swaplab compare: %.1f MiB in all\n",
		comparison->memory / (1024.0 * 1024));
	measure_run(request, policy, &figures);
}

/* Runs that are thrown away find the memory of both sides. */
static void work_out_memory(struct request *request)
{
	struct comparison *comparison = &request->comparison;
	const struct contender *policy = first_of(comparison, false);
	const struct contender *stock = first_of(comparison, true);
	struct figures figures;
	struct outcome outcome;

	if (!policy)
		errx(2, "no policy to compare");
	progress_begin(&progress, (request->memory ? 2 : 3) + !!stock +
				  comparison->nr * comparison->repeats);
	use_contender(request, policy);
	outcome = run_program(request, true, 0, true);
	progress_step(&progress, policy->name, outcome.child.seconds);
	fprintf(stderr, "swaplab compare: %lu pages on the device, %lu others\n",
		outcome.device_pages, outcome.other_pages);
	if (request->memory)
		fix_memory(request, policy, &outcome);
	else
		fix_frames(request, policy, &outcome);
	if (stock)
		measure_run(request, stock, &figures);
}

static void measure_all(struct request *request)
{
	struct comparison *comparison = &request->comparison;
	int i, j;

	for (j = 0; j < comparison->repeats; j++)
		for (i = 0; i < comparison->nr; i++)
			measure_run(request, &comparison->contenders[i],
				    &comparison->contenders[i].figures[j]);
}

static void check_disks(const struct request *request)
{
	const char *difference;

	if (!first_of(&request->comparison, true))
		return;
	if (!request->stock_disk)
		errx(2, "the kernel needs a disk to overwrite and swap to: --stock-disk FILE");
	difference = disk_difference(request->machine.disk, request->stock_disk);
	if (difference)
		errx(1, "%s, %s: no disks of one kind: their %s differs",
		     request->machine.disk, request->stock_disk, difference);
}

static void set_up_machine(struct request *request)
{
	struct machine *machine = &request->machine;
	const char *stock_disk = NULL;

	machine_lock();
	machine_check(machine);
	check_disks(request);
	/* Without one of the kernel's own, its disk stays as it is. */
	if (first_of(&request->comparison, true))
		stock_disk = machine_disk(request->stock_disk, machine->overwrite);
	machine_begin();
	machine_attach(machine);
	check_params(request);
	if (stock_disk)
		kernel_swap_begin(stock_disk);
}

static int report_results(const struct request *request)
{
	const struct comparison *comparison = &request->comparison;
	int unequal = comparison_unequal(comparison);
	struct utsname name;

	uname(&name);
	printf("%s: Linux %s, ", comparison->title, name.release);
	if (request->memory)
		printf("%.1f MiB", comparison->memory / (1024.0 * 1024));
	else
		printf("%lu frames", comparison->frames);
	printf(", %d repeats; ratio: to the best of the kernel's own\n", comparison->repeats);
	comparison_print(comparison);
	if (request->csv)
		comparison_write_csv(comparison, request->csv);
	if (unequal) {
		warnx("refused, as unequal: the peak memory of %d runs is not within 1 %% of\n"
		      "%.2f MiB;\n"
		      "a program that never needs it all cannot be compared (fewer --frames), nor\n"
		      "one that needs more at one time than at another", unequal,
		      comparison->memory / (1024.0 * 1024));
		return 1;
	}
	if (request->svg)
		comparison_draw(comparison, request->svg);
	return 0;
}

static void add_param(struct request *request, char *text)
{
	if (!strchr(text, '=') || *text == '=' || strchr(text, '/'))
		option_wrong(&compare_verb, "--param %s: PARAMETER=VALUE is wanted", text);
	if (request->nr_params == MAX_PARAMS)
		option_wrong(&compare_verb, "--param: %d at most", MAX_PARAMS);
	request->params[request->nr_params++] = text;
}

static void parse_request(struct request *request, int argc, char **argv)
{
	int key;

	while ((key = option_next(&compare_verb, argc, argv)) != -1) {
		switch (key) {
		case DEVICE:
			request->device_name = optarg;
			break;
		case POLICY:
			request->policies = optarg;
			break;
		case STOCK:
			request->stock = optarg;
			break;
		case FRAMES:
			request->frames = optarg;
			break;
		case MEMORY:
			request->memory = optarg;
			break;
		case REPEATS:
			request->comparison.repeats =
				option_number("--repeats", optarg, 1, 1000);
			break;
		case DISK:
			request->machine.disk = optarg;
			break;
		case STOCK_DISK:
			request->stock_disk = optarg;
			break;
		case CSV:
			request->csv = optarg;
			break;
		case SVG:
			request->svg = optarg;
			break;
		case PARAM:
			add_param(request, optarg);
			break;
		default:
			request->machine.overwrite = true;
		}
	}
	request->argv = argv + optind;
	if (optind == argc)
		option_wrong(&compare_verb, "there is no program to run");
	if (request->frames && request->memory)
		option_wrong(&compare_verb, "--memory is instead of --frames");
	if (!request->frames)
		request->frames = "50%";
	parse_frames(request->frames, DEVICE_MIN_FRAMES);
	if (request->memory)
		parse_memory(request->memory, 100 * DEVICE_MIN_FRAMES);
}

static int run_compare(int argc, char **argv)
{
	struct request request = {
		.device_name = "swaplab0",
		.policies = "aging",
		.stock = "lru,mglru",
		.comparison = { .repeats = 3 },
	};

	program_begin();
	parse_request(&request, argc, argv);
	if (geteuid())
		errx(1, "swap, cgroups and policies are for root to change: use sudo");
	request.machine.device = device_named(request.device_name);
	request.comparison.title = request.argv[0];
	program_check(request.argv[0]);
	option_writable(request.csv);
	option_writable(request.svg);
	comparison_add(&request.comparison, request.policies, false);
	comparison_add(&request.comparison, request.stock, true);
	set_up_machine(&request);
	work_out_memory(&request);
	measure_all(&request);
	return report_results(&request);
}

static const struct swaplab_option compare_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "policy", "NAME,...", POLICY, "policies of the device: aging unless given" },
	{ "param", "PARAMETER=VALUE", PARAM,
	  "set a parameter of all policies that have it; as often as you like" },
	{ "stock", "{lru|mglru|none},...", STOCK,
	  "of the kernel's own: lru, mglru, or such as mglru-5 for a\n"
	  "page-cluster of 5 instead of 3; \"lru,mglru\" unless given; or none" },
	{ "frames", "N|P%", FRAMES,
	  "frames of the device, a size, or percents of the pages that the\n"
	  "program has there at its peak: 50% unless given" },
	{ "memory", "SIZE|P%", MEMORY,
	  "instead of --frames: limit all memory of the program, on the device and\n"
	  "beside it, or percents of what it has at its peak" },
	{ "repeats", "N", REPEATS, "runs of each: 3 unless given" },
	{ "disk", "FILE", DISK,
	  "block device or file that the device pages to, if none is attached" },
	{ "stock-disk", "FILE", STOCK_DISK,
	  "that the kernel swaps to, of the same kind" },
	{ "overwrite", NULL, OVERWRITE,
	  "use the disks though they have content, which is lost" },
	{ "csv", "FILE", CSV, "write the figures of all runs there" },
	{ "svg", "FILE", SVG, "draw the times there" },
	{}
};

const struct swaplab_verb compare_verb = {
	.name = "compare",
	.arguments = "[--] PROGRAM [ARGUMENT]...",
	.summary = "compare policies, and the kernel's own swap, by a program",
	.description =
"Runs PROGRAM with its memory on a device, with each policy, and with ordinary memory\n"
"that the kernel swaps, all with the same allocator, memory (within 1 %) and kind of\n"
"disk. Prints time, misses, MiB read and written. The output of PROGRAM has to be\n"
"the same each time, and is not shown; its input is a file, or empty. Children that it\n"
"leaves behind are killed when it ends. As root, on a machine that does nothing else.\n"
"All settings are put back afterwards, also if a signal ends it. Signals that were\n"
"ignored when it began, as by nohup, are ignored, by PROGRAM too.\n"
"Ends with 125 if there is no result. See Documentation/run.rst.\n",
	.options = compare_options,
	.takes_program = true,
	.usage_status = PROGRAM_FAILED,
	.run = run_compare,
};
