// SPDX-License-Identifier: GPL-2.0
/* swaplab watch: the activity of a device, a line each interval, like vmstat. */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "device.h"
#include "histogram.h"
#include "json.h"
#include "option.h"
#include "verb.h"

enum { DEVICE = 'd', JSON = 'j' };

#define PAGE_LINES	20
#define NR_COLUMNS	11

/* Of disk latencies, behind the other columns; all together have 80 characters. */
#define P99_WIDTH	8

/* Present values, and counters as rates. The name is that in JSON, and the title, if NULL. */
static const struct column {
	const char *name;
	const char *title;
	const char *file;
	int width;
	bool is_rate;
} watch_columns[NR_COLUMNS] = {
	{ "resident", NULL, "stats/resident", 8, false },
	{ "swapped", NULL, "stats/swapped", 8, false },
	{ "free", NULL, "stats/free_frames", 7, false },
	{ "faults", NULL, "stats/faults", 7, true },
	{ "refaults", NULL, "stats/refaults", 9, true },
	{ "zero", NULL, "stats/zero_fills", 6, true },
	{ "in", NULL, "stats/swap_ins", 6, true },
	{ "out", NULL, "stats/swap_outs", 6, true },
	{ "evicted", "evict", "stats/evictions", 6, true },
	{ "waits", "wait", "stats/frame_waits", 5, true },
	{ "errors", "err", "stats/io_errors", 4, true },
};

struct sample {
	struct timespec time;
	unsigned long values[NR_COLUMNS];
	struct histogram disk;
};

static struct sample take_sample(const struct device *device)
{
	struct sample sample;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &sample.time);
	for (i = 0; i < NR_COLUMNS; i++)
		sample.values[i] = device_number(device, watch_columns[i].file);
	sample.disk = histogram_read(device, "disk");
	return sample;
}

static double seconds_between(const struct sample *from,
			      const struct sample *to)
{
	long seconds = to->time.tv_sec - from->time.tv_sec;

	return seconds + (to->time.tv_nsec - from->time.tv_nsec) / 1e9;
}

/* A write to stats/reset zeroes the counters. */
static double value_of_column(const struct sample *from, const struct sample *to, int i)
{
	unsigned long before = from->values[i];

	if (!watch_columns[i].is_rate)
		return to->values[i];
	if (before > to->values[i])
		before = 0;
	return (to->values[i] - before) / seconds_between(from, to);
}

static void print_titles(void)
{
	int i;

	for (i = 0; i < NR_COLUMNS; i++)
		printf("%*s", watch_columns[i].width,
		       watch_columns[i].title ? watch_columns[i].title :
						watch_columns[i].name);
	printf("%*s\n", P99_WIDTH, "p99");
}

/* Numbers that are too long end with k, M or G; the first column needs no space. */
static void print_number(int width, double value)
{
	static const char units[] = " kMG";
	char text[32];
	int unit = 0, len = snprintf(text, sizeof(text), "%.0f", value);

	while (len >= width && units[unit + 1]) {
		value /= 1000;
		len = snprintf(text, sizeof(text), "%.0f%c", value, units[++unit]);
	}
	printf("%*s", width, text);
}

static void print_p99(const struct sample *from, const struct sample *to)
{
	struct histogram disk = histogram_since(&from->disk, &to->disk);
	char text[HISTOGRAM_TEXT];

	printf("%*s\n", P99_WIDTH, !disk.total ? "-" :
	       histogram_format(histogram_percentile(&disk, 99), text));
}

static void print_line(const struct sample *from, const struct sample *to)
{
	int i;

	for (i = 0; i < NR_COLUMNS; i++)
		print_number(watch_columns[i].width, value_of_column(from, to, i));
	print_p99(from, to);
}

/* One a line, so that a reader need not wait for the end. */
static void write_object(const struct sample *from, const struct sample *to)
{
	struct histogram disk = histogram_since(&from->disk, &to->disk);
	struct json json = { .file = stdout, .is_line = true };
	int i;

	json_object(&json, NULL);
	json_real(&json, "seconds", seconds_between(from, to));
	for (i = 0; i < NR_COLUMNS; i++) {
		if (watch_columns[i].is_rate)
			json_real(&json, watch_columns[i].name, value_of_column(from, to, i));
		else
			json_number(&json, watch_columns[i].name, to->values[i]);
	}
	if (disk.total)
		json_number(&json, "disk_p99_ns", histogram_percentile(&disk, 99));
	json_end(&json);
}

static void pause_for(double seconds)
{
	struct timespec time = { .tv_sec = seconds };

	time.tv_nsec = (seconds - time.tv_sec) * 1e9;
	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

static void follow_device(const struct device *device, double interval,
			  unsigned long count, bool is_json)
{
	struct sample from = take_sample(device), to;
	unsigned long line;

	for (line = 0; !count || line < count; line++) {
		pause_for(interval);
		to = take_sample(device);
		if (is_json)
			write_object(&from, &to);
		else if (line % PAGE_LINES == 0)
			print_titles();
		if (!is_json)
			print_line(&from, &to);
		if (fflush(stdout))
			err(1, "stdout");
		from = to;
	}
}

static double parse_interval(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0.01 && seconds <= 86400))
		errx(2, "%s: not an interval from 0.01 to 86400 seconds", text);
	return seconds;
}

static int run_watch(int argc, char **argv)
{
	const char *chosen = NULL;
	struct device device;
	unsigned long count = 0;
	bool is_json = false;
	double interval = 1;
	int option;

	while ((option = option_next(&watch_verb, argc, argv)) != -1) {
		if (option == DEVICE)
			chosen = optarg;
		else
			is_json = true;
	}
	/* A number is an interval, as for vmstat. */
	if (optind < argc && !isdigit((unsigned char)*argv[optind]))
		chosen = option_device(chosen, argv);
	argc -= optind;
	argv += optind;
	if (argc > 2)
		option_wrong(&watch_verb, "%s is too much", argv[2]);
	if (argc > 0)
		interval = parse_interval(argv[0]);
	if (argc > 1)
		count = option_number("COUNT", argv[1], 1, LONG_MAX);
	device = device_named(chosen ? chosen : "swaplab0");
	follow_device(&device, interval, count, is_json);
	return 0;
}

static const struct swaplab_option watch_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "json", NULL, JSON, "print JSON lines: an object a line" },
	{}
};

const struct swaplab_verb watch_verb = {
	.name = "watch",
	.arguments = "[INTERVAL [COUNT]]",
	.summary = "show the activity of a device, a line each second",
	.description =
"A line each INTERVAL seconds (1), COUNT times (until it is interrupted). Of pages\n"
"that are resident, swapped, and of free frames there is the number; of all others\n"
"how many a second:\n"
"\n"
"  faults    that mapped a page              in        pages read\n"
"  refaults  that found it evicted           out       pages written\n"
"  zero      pages filled with zeros         evict     pages that left a frame\n"
"  wait      for a free frame                err       pages the disk failed with\n"
"\n"
"p99 is the time that 99 % of the waits for the disk did not exceed, while it is\n"
"measured: see swaplab latency.\n",
	.options = watch_options,
	.run = run_watch,
};
