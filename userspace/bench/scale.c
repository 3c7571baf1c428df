// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a swaplab device, laid out as the options say, and commands on them from
 * standard input, one a line. Each command prints one line when it is done, most often
 * of microseconds. run-scale says which commands make which figure.
 *
 * Pages are touched in an order in which none is a neighbour of the last, so nothing
 * is read, filled or unmapped in runs, and each page has the cost of a single one.
 */

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../module/include/uapi/linux/swaplab.h"
#include "clock.h"
#include "content.h"
#include "layout.h"

#define NR_SAMPLES	1001	/* of which the median is printed */
#define NR_BATCHES	16	/* of an eviction phase */
#define SETTLE_US	250000	/* more than the interval of samples, see run-scale */
#define BATCH_US	2000	/* more than a write takes */

/**
 * struct samples - figures in microseconds
 * @us: the last of them
 * @nr: how many were added
 * @sum: of all
 */
struct samples {
	double us[NR_SAMPLES];
	size_t nr;
	double sum;
};

static int daemon_time = -1, evictions = -1;

static void samples_add(struct samples *samples, double us)
{
	samples->us[samples->nr++ % NR_SAMPLES] = us;
	samples->sum += us;
}

static int compare_us(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median, the largest, and the mean. */
static void samples_print(struct samples *samples)
{
	size_t nr = samples->nr < NR_SAMPLES ? samples->nr : NR_SAMPLES;

	if (!nr) {
		puts("- - -");
		return;
	}
	qsort(samples->us, nr, sizeof(samples->us[0]), compare_us);
	printf("%.3f %.3f %.3f\n", samples->us[nr / 2], samples->us[nr - 1],
	       samples->sum / samples->nr);
}

static int open_counter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

/* The first number of a file of sysfs or procfs, as it is now. */
static unsigned long long read_number(int fd)
{
	char text[128];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len <= 0)
		err(2, "read");
	text[len] = '\0';
	return strtoull(text, NULL, 10);
}

/* Waits until the daemon has used no CPU for a while. */
static void await_daemon(unsigned int us)
{
	unsigned long long before, after = read_number(daemon_time);

	do {
		before = after;
		usleep(us);
		after = read_number(daemon_time);
	} while (after != before);
}

static double touch_first(void)
{
	size_t page = layout_page(layout.next++);
	double start = now_us();

	if (layout.next > layout.pages)
		errx(2, "out of pages");
	*layout_address(page) = page + 1;
	return now_us() - start;
}

static double touch_again(size_t page)
{
	double start = now_us();

	if (*layout_address(page) != page + 1)
		errx(1, "page %zu has wrong content", page);
	return now_us() - start;
}

/* First touches. */
static void command_fill(size_t nr)
{
	struct samples samples = { .nr = 0 };

	while (nr--)
		samples_add(&samples, touch_first());
	await_daemon(BATCH_US);
	samples_print(&samples);
}

/* Clean pages that go without a write. */
static void command_read(size_t nr)
{
	size_t page;

	for (page = 0; page < nr; page++)
		if (*layout_address(page))
			errx(1, "page %zu has wrong content", page);
	puts("done");
}

/* Makes all resident pages used, and dirty. */
static void command_use(size_t nr)
{
	uint8_t *states = layout_states();
	size_t page;

	for (page = nr = 0; page < layout.pages; page++) {
		if (!(states[page] & SWAPLAB_PAGE_RESIDENT))
			continue;
		*layout_address(page) = page + 1;
		nr++;
	}
	free(states);
	printf("%zu\n", nr);
}

static void command_settle(size_t nr)
{
	await_daemon(SETTLE_US);
	puts("done");
}

/* CPU time of the daemon by the pages evicted since @time and @count were read. */
static double eviction_us(unsigned long long time, unsigned long long count)
{
	count = read_number(evictions) - count;
	return count ? (read_number(daemon_time) - time) / 1e3 / count : 0;
}

/* Evicts by first touches. */
static void command_evict(size_t nr)
{
	struct samples samples = { .nr = 0 };
	size_t batch, i;

	for (batch = 0; batch < NR_BATCHES; batch++) {
		unsigned long long time = read_number(daemon_time);
		unsigned long long count = read_number(evictions);
		double us;

		for (i = 0; i < nr / NR_BATCHES; i++)
			touch_first();
		await_daemon(BATCH_US);
		us = eviction_us(time, count);
		if (us)
			samples_add(&samples, us);
	}
	samples_print(&samples);
}

/*
 * Touches swapped pages, spread over all swapped ones. The first number is of the
 * evictions meanwhile.
 */
static void command_refault(size_t nr)
{
	unsigned long long time = read_number(daemon_time), count = read_number(evictions);
	struct samples samples = { .nr = 0 };
	uint8_t *states = layout_states();
	size_t i;

	for (i = 0; i < layout.next && samples.nr < nr; i++)
		if (states[layout_page(i)] == SWAPLAB_PAGE_SWAPPED)
			samples_add(&samples, touch_again(layout_page(i)));
	await_daemon(BATCH_US);
	free(states);
	printf("%.3f ", eviction_us(time, count));
	samples_print(&samples);
}

/*
 * The time of an end of all pages, by the number of those that were there. For a trace,
 * a call of getppid() comes before the end, and one after.
 */
static void print_end(double us, const uint8_t *states)
{
	size_t page, nr = 0, resident = 0;

	for (page = 0; page < layout.pages; page++) {
		nr += states[page] != 0;
		resident += !!(states[page] & SWAPLAB_PAGE_RESIDENT);
	}
	printf("%.3f %zu %zu\n", us / nr, nr, resident);
}

static void command_discard(size_t nr)
{
	struct swaplab_range range = { .length = layout.pages * PAGE_BYTES };
	uint8_t *states = layout_states();
	double start;

	getppid();
	start = now_us();
	if (ioctl(layout.regions[0], SWAPLAB_DISCARD, &range))
		err(2, "SWAPLAB_DISCARD");
	getppid();
	print_end(now_us() - start, states);
	free(states);
	layout.next = 0;
}

/* As in exit(): the last mapping and descriptor of a region go. */
static void command_exit(size_t nr)
{
	uint8_t *states = layout_states();
	double start;
	size_t i;

	getppid();
	start = now_us();
	munmap(layout.start, (layout.pages + layout.pieces) * PAGE_BYTES);
	for (i = 0; i < layout.nr_regions; i++)
		close(layout.regions[i]);
	getppid();
	print_end(now_us() - start, states);
	free(states);
}

static const struct command {
	const char *name;
	void (*run)(size_t nr);
} commands[] = {
	{ "fill", command_fill },
	{ "read", command_read },
	{ "use", command_use },
	{ "settle", command_settle },
	{ "evict", command_evict },
	{ "refault", command_refault },
	{ "discard", command_discard },
	{ "exit", command_exit },
	{ NULL, NULL }
};

static void run_command(const char *name, size_t nr)
{
	const struct command *command = commands;

	while (command->name && strcmp(name, command->name))
		command++;
	if (!command->name)
		errx(2, "no command: %s", name);
	command->run(nr);
	fflush(stdout);
}

static const struct option options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "daemon", required_argument, NULL, 'p' },
	{ "pages", required_argument, NULL, 'n' },
	{ "others", required_argument, NULL, 'o' },
	{ "children", required_argument, NULL, 'c' },
	{ "regions", required_argument, NULL, 'r' },
	{ "vmas", required_argument, NULL, 'v' },
	{ "areas", required_argument, NULL, 'a' },
	{ NULL, 0, NULL, 0 }
};

/**
 * struct settings - the options that are no part of the layout
 * @device: such as swaplab0
 * @daemon: PID of the device's daemon
 * @others: idle processes
 * @children: idle processes that have been forked off, with the region
 * @areas: of static slots; 0: as mmap() makes them
 */
struct settings {
	const char *device;
	const char *daemon;
	size_t others;
	size_t children;
	size_t areas;
};

static void parse_options(int argc, char **argv, struct settings *settings)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			settings->device = optarg;
			break;
		case 'p':
			settings->daemon = optarg;
			break;
		case 'n':
			layout.pages = strtoul(optarg, NULL, 10);
			break;
		case 'o':
			settings->others = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			settings->children = strtoul(optarg, NULL, 10);
			layout.is_private = true;
			break;
		case 'r':
			layout.nr_regions = strtoul(optarg, NULL, 10);
			layout.pieces = layout.nr_regions;
			break;
		case 'v':
			layout.pieces = strtoul(optarg, NULL, 10);
			break;
		case 'a':
			settings->areas = strtoul(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
	if (!settings->daemon || !layout.pages || !layout.pieces)
		errx(2, "usage: scale --daemon PID --pages N [--device NAME] [--others N] %s",
		     "[--children N] [--regions N | --vmas N] [--areas N]");
}

static void open_counters(const struct settings *settings)
{
	static char path[128];

	snprintf(path, sizeof(path), "/proc/%s/schedstat", settings->daemon);
	daemon_time = open_counter(path);
	snprintf(path, sizeof(path), "/sys/class/swaplab/%s/stats/evictions", settings->device);
	evictions = open_counter(path);
	snprintf(path, sizeof(path), "/dev/%s", settings->device);
	layout.path = path;
}

int main(int argc, char **argv)
{
	struct settings settings = { .device = "swaplab0" };
	char name[16];
	size_t nr;

	parse_options(argc, argv, &settings);
	open_counters(&settings);
	layout_start_others(settings.others);
	layout_map(settings.areas);
	layout_start_children(settings.children);
	puts("ready");
	fflush(stdout);
	while (scanf("%15s %zu", name, &nr) == 2)
		run_command(name, nr);
	return 0;
}
