// SPDX-License-Identifier: GPL-2.0
/* swaplab latency: how long faults, evictions and writes take. */

#include <err.h>
#include <stdio.h>
#include <string.h>
#include "histogram.h"
#include "json.h"
#include "option.h"
#include "verb.h"

enum { DEVICE = 'd', JSON = 'j', ON = 1, OFF, RESET };

#define NR_PERCENTS	4

static const double percents[NR_PERCENTS] = { 50, 90, 99, 99.9 };
static const char * const percent_names[NR_PERCENTS] = { "p50", "p90", "p99", "p99.9" };

#define NR_CAUSES	8

static const char * const causes[NR_CAUSES] = {
	"zero", "resident", "disk", "frame_wait", "write_wait", "copy",
	"eviction", "write_out",
};

static void print_numbers(const char *cause, const struct histogram *histogram)
{
	char text[HISTOGRAM_TEXT];
	int i;

	printf("%-10s %12lu", cause, histogram->total);
	for (i = 0; i < NR_PERCENTS; i++)
		printf(" %9s", !histogram->total ? "-" :
		       histogram_format(histogram_percentile(histogram, percents[i]), text));
	printf(" %9s\n", histogram->total ? histogram_format(histogram->max, text) : "-");
}

/* A character for each bucket: the darker, the more of the durations are in it. */
static void print_picture(const char *cause, const struct histogram *histogram)
{
	static const char shades[] = ".:-=+*#%@";
	unsigned long most = 1;
	int i, nr = strlen(shades);

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->counts[i] > most)
			most = histogram->counts[i];
	printf("%-10s |", cause);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		putchar(histogram->counts[i] ?
			shades[(int)((nr - 1) * (double)histogram->counts[i] / most)] : ' ');
	puts("|");
}

static void print_histograms(const struct histogram *histograms)
{
	int i;

	printf("%-10s %12s", "", "count");
	for (i = 0; i < NR_PERCENTS; i++)
		printf(" %9s", percent_names[i]);
	printf(" %9s\n", "max");
	for (i = 0; i < NR_CAUSES; i++)
		print_numbers(causes[i], &histograms[i]);
	/* 2^10, 2^20 and 2^30 ns. */
	printf("\n%-10s  %10s%10s%10s\n", "", "1us", "1ms", "1s");
	for (i = 0; i < NR_CAUSES; i++)
		if (histograms[i].total)
			print_picture(causes[i], &histograms[i]);
}

static void write_histogram(struct json *json, const char *cause,
			    const struct histogram *histogram)
{
	char name[16];
	int i;

	json_object(json, cause);
	json_number(json, "count", histogram->total);
	for (i = 0; i < NR_PERCENTS && histogram->total; i++) {
		snprintf(name, sizeof(name), "%s_ns", percent_names[i]);
		json_number(json, name, histogram_percentile(histogram, percents[i]));
	}
	json_number(json, "max_ns", histogram->max);
	json_array(json, "buckets");
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!histogram->counts[i])
			continue;
		json_object(json, NULL);
		json_number(json, "below_ns", 1LL << i);
		json_number(json, "count", histogram->counts[i]);
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

static void write_histograms(const struct device *device, bool is_on,
			     const struct histogram *histograms)
{
	struct json json = { .file = stdout };
	unsigned int i;

	json_object(&json, NULL);
	json_text(&json, "device", device->path);
	json_number(&json, "measure_latency", is_on);
	for (i = 0; i < NR_CAUSES; i++)
		write_histogram(&json, causes[i], &histograms[i]);
	json_end(&json);
}

static void show_latency(const struct device *device, bool is_json)
{
	bool is_on = device_number(device, "measure_latency");
	struct histogram histograms[NR_CAUSES];
	unsigned long total = 0;
	unsigned int i;

	for (i = 0; i < NR_CAUSES; i++) {
		histograms[i] = histogram_read(device, causes[i]);
		total += histograms[i].total;
	}
	if (is_json)
		write_histograms(device, is_on, histograms);
	else if (total)
		print_histograms(histograms);
	else if (is_on)
		printf("%s: nothing has happened since it began to measure\n", device->path);
	else
		printf("%s: nothing is measured: sudo swaplab latency -d %s --on\n", device->path,
		       device->name);
}

static int run_latency(int argc, char **argv)
{
	bool is_json = false, is_change = false, reset = false;
	const char *on = NULL, *chosen = NULL;
	struct device device;
	int option;

	while ((option = option_next(&latency_verb, argc, argv)) != -1) {
		is_json |= option == JSON;
		reset |= option == RESET;
		if (option == ON || option == OFF)
			on = option == ON ? "1" : "0";
		if (option == DEVICE)
			chosen = optarg;
	}
	chosen = option_device(chosen, argv);
	if (optind < argc)
		option_wrong(&latency_verb, "%s is too much", argv[optind]);
	device = device_named(chosen);
	is_change = on || reset;
	if (is_change && is_json)
		option_wrong(&latency_verb, "--json shows, the others change");
	if (on)
		device_set(&device, "measure_latency", on);
	if (reset)
		device_set(&device, "latency/reset", "1");
	if (!is_change)
		show_latency(&device, is_json);
	return 0;
}

static const struct swaplab_option latency_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "on", NULL, ON, "measure from now on" },
	{ "off", NULL, OFF, "do not measure any more" },
	{ "reset", NULL, RESET, "forget what was measured" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb latency_verb = {
	.name = "latency",
	.arguments = "[DEVICE]",
	.summary = "show how long faults, evictions and writes take",
	.description =
"How long they have taken since --on or --reset, by cause:\n"
"\n"
"  zero        a fault fills a page with zeros\n"
"  resident    a fault finds its page in memory\n"
"  disk        a fault waits for its page to be read, or for a pager\n"
"  frame_wait  a fault waits for a free frame, or for its turn (load_turn_ms)\n"
"  write_wait  a fault waits until its page is written\n"
"  copy        a copy of a page that a fork() has shared, or from a file\n"
"  eviction    from the choice of a page to its free frame\n"
"  write_out   a write to the swap file\n"
"\n"
"Durations are counted by powers of two: p99 is the least of these that 99 % do\n"
"not exceed, or max if that is less. In the picture each character is such a\n"
"power; the darker it is, the more are in it.\n",
	.options = latency_options,
	.run = run_latency,
};
