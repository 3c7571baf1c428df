/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms of durations, from latency/ of a device. */
#ifndef SWAPLAB_HISTOGRAM_H
#define SWAPLAB_HISTOGRAM_H

#include "device.h"

#define HISTOGRAM_BUCKETS	40
/* A duration as histogram_format() writes it. */
#define HISTOGRAM_TEXT		8

/**
 * struct histogram - durations of one cause
 * @counts: by bucket: bucket b has those below 2^b ns that bucket b - 1 has not
 * @total: all of them
 * @max: the longest, in ns
 */
struct histogram {
	unsigned long counts[HISTOGRAM_BUCKETS];
	unsigned long total;
	unsigned long long max;
};

struct histogram histogram_read(const struct device *device, const char *cause);
struct histogram histogram_since(const struct histogram *from,
				 const struct histogram *to);
unsigned long long histogram_percentile(const struct histogram *histogram,
					double percent);
const char *histogram_format(unsigned long long ns, char text[HISTOGRAM_TEXT]);

#endif /* SWAPLAB_HISTOGRAM_H */
