// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab compare: a program on a device, with one policy or more, and on the
 * kernel's own swap, with the same memory, allocator and kind of disk.
 *
 * The memory of a program on the device is the frames, what is known of them, and
 * what the program has besides: stacks, page tables, its file's cache, as a cgroup
 * counts it. The kernel's side gets a cgroup with a limit of the sum. Each run's
 * peak has to be within 1 % of it, or the comparison is refused: a program that
 * never reaches the limit is not paging at it, either.
 *
 * To know the sum takes three runs that are thrown away: how many pages the program
 * has, and twice what it has besides them, as the first time finds files uncached and
 * tables not grown. There is one on the kernel's side, too. Then all take turns.
 */

#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "contest.h"
#include "device.h"
#include "launch.h"
#include "option.h"
#include "program.h"
#include "setting.h"
#include "swapfile.h"
#include "verb.h"

enum {
	DEVICE = 'd', POLICY = 'p', STOCK = 1, FRAMES = 'f', REPEATS = 'r',
	DISK = 2, STOCK_DISK = 3, CSV = 4, SVG = 5, OVERWRITE = 6,
};

#define THP		"/sys/kernel/mm/transparent_hugepage/enabled"
/* What the module knows of a frame, and of a page that is swapped: make bench. */
#define FRAME_BYTES	64
#define SWAPPED_BYTES	9

struct request {
	const char *device_name;
	const char *policies;
	const char *stock;
	const char *frames;
	const char *disk;
	const char *stock_disk;
	const char *csv;
	const char *svg;
	bool overwrite;
	char **argv;
	struct device device;
	char *policy_file;
	char *frames_file;
	unsigned long long metadata;
	struct contest contest;
};

/* What the program writes, and what it wrote the first time. */
struct output {
	int pipe[2];
	pthread_t reader;
	unsigned long long hash;
};

static volatile sig_atomic_t is_stopped;

static void request_stop(int number)
{
	is_stopped = number;
}

/* What ends a program otherwise; those that it runs have the default again. */
static void catch_signals(void)
{
	static const int caught[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, 0
	};
	int i;

	for (i = 0; caught[i]; i++)
		signal(caught[i], request_stop);
}

static void stop_if_asked(void)
{
	if (is_stopped)
		errx(128 + is_stopped, "interrupted");
}

static void *read_output(void *arg)
{
	struct output *output = arg;
	unsigned char bytes[65536];
	ssize_t length, i;

	/* FNV-1a */
	output->hash = 0xcbf29ce484222325;
	while ((length = read(output->pipe[0], bytes, sizeof(bytes))) > 0)
		for (i = 0; i < length; i++)
			output->hash = (output->hash ^ bytes[i]) * 0x100000001b3;
	return NULL;
}

static void begin_output(struct output *output)
{
	if (pipe2(output->pipe, O_CLOEXEC))
		err(1, "pipe");
	if (pthread_create(&output->reader, NULL, read_output, output))
		errx(1, "no thread to read what the program writes");
}

/* It is the same each time: wrong bytes make a figure void. */
static void check_output(struct output *output)
{
	static unsigned long long first;
	static bool is_known;

	close(output->pipe[1]);
	pthread_join(output->reader, NULL);
	close(output->pipe[0]);
	if (is_known && first != output->hash)
		errx(1, "the program's output differs from that of its first run: if it does so\n"
		     "without swaplab, too, it cannot be compared; else bytes went wrong");
	first = output->hash;
	is_known = true;
}

/* A file as input is read from its beginning each time. */
static void rewind_input(void)
{
	int null;

	if (lseek(STDIN_FILENO, 0, SEEK_SET) >= 0)
		return;
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		err(1, "/dev/null");
	close(null);
}

static struct outcome run_program(const struct request *request, bool on_device,
				  unsigned long long limit, bool is_watched)
{
	struct launch launch = {
		.argv = request->argv,
		.device = on_device ? &request->device : NULL,
		.cgroup = stock_cgroup(limit),
		.is_watched = is_watched,
	};
	struct outcome outcome;
	struct output output;

	stop_if_asked();
	rewind_input();
	begin_output(&output);
	launch.output = output.pipe[1];
	outcome = launch_run(&launch);
	if (outcome.interrupted)
		is_stopped = outcome.interrupted;
	stop_if_asked();
	if (outcome.status)
		errx(1, "%s ended with status %d %s", request->argv[0],
		     outcome.status,
		     on_device ? "on the device" : "on the kernel's own swap");
	check_output(&output);
	if (!outcome.heap.processes)
		errx(1, "%s did not load the heap: it cannot be compared",
		     request->argv[0]);
	return outcome;
}

/* Anew each time: what a policy remembers is sized by the frames that there are. */
static void use_contender(const struct request *request,
			  const struct contender *contender)
{
	if (contender->is_stock) {
		stock_use(&contender->stock);
		return;
	}
	setting_change(request->policy_file, "none");
	if (!setting_try(request->policy_file, contender->name))
		err(1, "policy %s: see swaplab policy for those there are",
		    contender->name);
}

static void measure(const struct request *request,
		    const struct contender *contender, struct figures *figures)
{
	const char *disk = contender->is_stock ? request->stock_disk :
						 request->disk;
	const struct device *device = &request->device;
	struct disk_traffic before;
	struct outcome outcome;
	unsigned long refaults;

	use_contender(request, contender);
	refaults = device_number(device, "stats/refaults");
	before = disk_count(disk);
	outcome = run_program(request, !contender->is_stock,
			      contender->is_stock ? request->contest.memory : 0,
			      false);
	figures->seconds = outcome.seconds;
	figures->traffic = disk_since(disk, before);
	figures->memory = stock_peak();
	if (contender->is_stock) {
		figures->misses = outcome.usage.ru_majflt;
	} else {
		figures->misses = device_number(device, "stats/refaults") -
				  refaults;
		figures->memory += request->metadata +
				   request->contest.frames *
				   (unsigned long long)sysconf(_SC_PAGESIZE);
	}
	fprintf(stderr, "swaplab compare: %s: %.3f s\n", contender->name,
		figures->seconds);
}

static const struct contender *first_of(const struct contest *contest,
					bool is_stock)
{
	int i;

	for (i = 0; i < contest->nr; i++)
		if (contest->contenders[i].is_stock == is_stock)
			return &contest->contenders[i];
	return NULL;
}

/* "4096", or "50%" of the pages that the program has. */
static unsigned long parse_frames(const char *text, unsigned long pages)
{
	size_t length = strlen(text);
	char number[16];

	if (!length || text[length - 1] != '%' || length > sizeof(number))
		return option_number("--frames", text, DEVICE_MIN_FRAMES, 1UL << 40);
	memcpy(number, text, length - 1);
	number[length - 1] = '\0';
	pages = pages * option_number("--frames", number, 1, 100) / 100;
	return pages < DEVICE_MIN_FRAMES ? DEVICE_MIN_FRAMES : pages;
}

/* The runs that are thrown away. */
static void work_out_memory(struct request *request)
{
	struct contest *contest = &request->contest;
	const struct contender *policy = first_of(contest, false);
	const struct contender *stock = first_of(contest, true);
	struct figures figures;
	struct outcome outcome;

	if (!policy)
		errx(2, "no policy to compare");
	use_contender(request, policy);
	outcome = run_program(request, true, 0, true);
	contest->frames = parse_frames(request->frames, outcome.device_pages);
	setting_number(request->frames_file, contest->frames);
	request->metadata = contest->frames * FRAME_BYTES;
	if (outcome.device_pages > contest->frames)
		request->metadata += SWAPPED_BYTES *
				     (outcome.device_pages - contest->frames);
	measure(request, policy, &figures);
	measure(request, policy, &figures);
	contest->memory = figures.memory & -sysconf(_SC_PAGESIZE);
	fprintf(stderr, "swaplab compare: %lu pages on the device, %lu others\n",
		outcome.device_pages, outcome.other_pages);
	fprintf(stderr, "swaplab compare: %lu frames, %.1f MiB in all\n",
		contest->frames, contest->memory / (1024.0 * 1024));
	if (stock)
		measure(request, stock, &figures);
}

static void measure_all(struct request *request)
{
	struct contest *contest = &request->contest;
	int i, j;

	for (j = 0; j < contest->repeats; j++)
		for (i = 0; i < contest->nr; i++)
			measure(request, &contest->contenders[i],
				&contest->contenders[i].figures[j]);
}

static char *path_of(const struct device *device, const char *file)
{
	char *path;

	if (asprintf(&path, DEVICE_CLASS "/%s/%s", device->name, file) < 0)
		err(1, "memory");
	return path;
}

static const char *policy_file;

static void unbind_policy(void)
{
	setting_try(policy_file, "none");
}

/* A disk that may be overwritten; not one that is made of a wrong name. */
static struct swapfile prepare_disk(const struct request *request,
				    const char *path)
{
	struct swapfile file = { .overwrite = request->overwrite };

	if (access(path, F_OK))
		err(1, "%s", path);
	swapfile_prepare(&file, path);
	return file;
}

static void check_device(struct request *request, char *attached)
{
	if (!request->disk && strcmp(attached, "none"))
		request->disk = attached;
	if (!request->disk)
		errx(1, "%s has nothing to page to: give it --disk",
		     request->device.path);
	if (strcmp(attached, "none") && strcmp(attached, request->disk))
		errx(1, "%s pages to %s already; to change that: swaplab detach %s",
		     request->device.path, attached, request->device.name);
	if (device_number(&request->device, "stats/resident") +
	    device_number(&request->device, "stats/swapped"))
		errx(1, "%s is in use: its frames have to be the program's alone",
		     request->device.path);
}

static void check_disks(const struct request *request)
{
	const char *difference;

	if (!first_of(&request->contest, true))
		return;
	if (!request->stock_disk)
		errx(2, "which disk may the kernel overwrite and swap to? --stock-disk FILE");
	difference = disk_difference(request->disk, request->stock_disk);
	if (difference)
		errx(1, "%s, %s: no disks of one kind: their %s differs",
		     request->disk, request->stock_disk, difference);
}

static void attach_disk(const struct request *request)
{
	struct swapfile file = prepare_disk(request, request->disk);

	setting_remember(path_of(&request->device, "swap_file"));
	swapfile_attach(&file, &request->device);
}

/* Frames are put back before the policy, which is then bound anew. */
static void remember_device(struct request *request)
{
	request->policy_file = path_of(&request->device, "policy");
	request->frames_file = path_of(&request->device, "nr_frames");
	setting_remember(request->policy_file);
	setting_remember(request->frames_file);
	policy_file = request->policy_file;
	atexit(unbind_policy);
}

static void set_up(struct request *request)
{
	char *attached = device_value(&request->device, "swap_file");
	struct swapfile stock_disk = {};

	check_device(request, attached);
	check_disks(request);
	if (request->stock_disk)
		stock_disk = prepare_disk(request, request->stock_disk);
	catch_signals();
	setting_put_back_at_exit();
	if (!strcmp(attached, "none"))
		attach_disk(request);
	remember_device(request);
	if (!access(THP, F_OK))
		setting_change(THP, "never");
	if (first_of(&request->contest, true))
		stock_begin(stock_disk.path);
}

static int report(const struct request *request)
{
	const struct contest *contest = &request->contest;
	int unequal = contest_unequal(contest);
	struct utsname name;

	uname(&name);
	printf("%s: Linux %s, %lu frames, %d repeats; ratio: to the best of the kernel's own\n",
	       contest->title, name.release, contest->frames, contest->repeats);
	contest_print(contest, stdout);
	if (request->csv)
		contest_write_csv(contest, request->csv);
	if (unequal) {
		warnx("refused: the peak memory of %d runs is not within 1 %% of %.2f MiB;\n"
		      "a program that never needs it all cannot be compared (fewer --frames), nor\n"
		      "one that needs more at one time than at another", unequal,
		      contest->memory / (1024.0 * 1024));
		return 1;
	}
	if (request->svg)
		contest_draw(contest, request->svg);
	return 0;
}

static void parse(struct request *request, int argc, char **argv)
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
		case REPEATS:
			request->contest.repeats =
				option_number("--repeats", optarg, 1, 1000);
			break;
		case DISK:
			request->disk = optarg;
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
		default:
			request->overwrite = true;
		}
	}
	request->argv = argv + optind;
	if (optind == argc)
		option_wrong(&compare_verb, "there is no program to run");
	parse_frames(request->frames, DEVICE_MIN_FRAMES);
}

static int compare(int argc, char **argv)
{
	struct request request = {
		.device_name = "swaplab0",
		.policies = "aging",
		.stock = "lru,mglru",
		.frames = "50%",
		.contest = { .repeats = 3 },
	};

	parse(&request, argc, argv);
	if (geteuid())
		errx(1, "swap, cgroups and policies are for root to change: use sudo");
	request.device = device_named(request.device_name);
	request.contest.title = request.argv[0];
	program_check(request.argv[0]);
	contest_add(&request.contest, request.policies, false);
	contest_add(&request.contest, request.stock, true);
	set_up(&request);
	work_out_memory(&request);
	measure_all(&request);
	return report(&request);
}

static const struct swaplab_option options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "policy", "LIST", POLICY,
	  "policies of the device, with commas between: aging unless given" },
	{ "stock", "LIST", STOCK,
	  "of the kernel's own: lru, mglru, or such as mglru-5 for a\n"
	  "page-cluster of 5 instead of 3; \"lru,mglru\" unless given; or none" },
	{ "frames", "N|P%", FRAMES,
	  "frames of the device, or percents of the pages that the program has\n"
	  "there at its peak: 50% unless given" },
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
"Runs PROGRAM with its heap on a device, with each policy, and with ordinary memory\n"
"that the kernel swaps, all with the same allocator, memory (within 1 %) and kind of\n"
"disk. Prints time, misses, what was read and written. The output of PROGRAM has to be\n"
"the same each time, and is not shown; its input is a file, or empty. As root, on a\n"
"machine that does nothing else. What is set is set back afterwards.\n"
"See Documentation/run.rst.\n",
	.options = options,
	.takes_program = true,
	.run = compare,
};
