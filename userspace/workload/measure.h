/* SPDX-License-Identifier: GPL-2.0 */
/* Time, and the pages that the device of this process reads and writes meanwhile. */
#ifndef WORKLOAD_MEASURE_H
#define WORKLOAD_MEASURE_H

enum { MEASURE_REFAULTS, MEASURE_READ, MEASURE_WRITTEN, NR_MEASURES };

/* Files in stats/. */
extern const char *const measure_names[NR_MEASURES];

/**
 * struct measure - sums over the parts of a run that are measured
 * @seconds: elapsed time
 * @pages: counters of the device, which are those of all its users
 */
struct measure {
	double seconds;
	unsigned long pages[NR_MEASURES];
};

const char *measure_device(void);
void measure_begin(struct measure *measure);
void measure_end(struct measure *measure);

#endif /* WORKLOAD_MEASURE_H */
