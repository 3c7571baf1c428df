// SPDX-License-Identifier: GPL-2.0
/* Histograms of durations, from latency/ of a device. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "histogram.h"

static int bucket_of(unsigned long long bound)
{
	int bucket = 0;

	while (bucket < HISTOGRAM_BUCKETS - 1 && 1ULL << bucket < bound)
		bucket++;
	return bucket;
}

/**
 * histogram_read() - read a histogram
 * @device: the device
 * @cause: the name of the file in latency/
 *
 * A file that cannot be read ends the program.
 *
 * Return: the histogram.
 */
struct histogram histogram_read(const struct device *device, const char *cause)
{
	struct histogram histogram = {};
	char file[64], *text, *line, *rest;
	unsigned long long bound;
	unsigned long count;

	snprintf(file, sizeof(file), "latency/%s", cause);
	text = device_value(device, file);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "max %llu", &histogram.max) == 1)
			break;
		if (sscanf(line, "%llu %lu", &bound, &count) != 2)
			continue;
		histogram.counts[bucket_of(bound)] += count;
		histogram.total += count;
	}
	free(text);
	return histogram;
}

/**
 * histogram_since() - what was added between two times
 * @from: at the first
 * @to: at the second
 *
 * Return: the difference, with the longest of all; @to after a reset.
 */
struct histogram histogram_since(const struct histogram *from,
				 const struct histogram *to)
{
	struct histogram since = *to;
	int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (from->counts[i] > to->counts[i])
			return *to;
		since.counts[i] -= from->counts[i];
	}
	since.total -= from->total;
	return since;
}

/**
 * histogram_percentile() - the duration that so many percent do not exceed
 * @histogram: that has any
 * @percent: of its durations
 *
 * Return: the bound of their bucket, or the longest duration if that is less; in ns.
 */
unsigned long long histogram_percentile(const struct histogram *histogram,
					double percent)
{
	unsigned long seen = 0;
	int i;

	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += histogram->counts[i];
		if (seen && seen >= percent / 100 * histogram->total)
			break;
	}
	return 1ULL << i < histogram->max && i < HISTOGRAM_BUCKETS - 1 ?
		1ULL << i : histogram->max;
}

/**
 * histogram_format() - a duration for people
 * @ns: the duration
 * @text: gets at most 7 characters, such as "16.4us"
 *
 * Return: @text.
 */
const char *histogram_format(unsigned long long ns, char text[HISTOGRAM_TEXT])
{
	static const char * const units[] = { "ns", "us", "ms", "s" };
	double value = ns;
	int unit = 0;

	for (; value >= 999.5 && unit < 3; unit++)
		value /= 1000;
	if (value > 99999)
		value = 99999;
	snprintf(text, HISTOGRAM_TEXT, "%.*f%s", unit && value < 99.95, value,
		 units[unit]);
	return text;
}
