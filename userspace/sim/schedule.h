/* SPDX-License-Identifier: GPL-2.0 */
/* The schedule of a pool: new sizes, and the end of its warm-up, by reference. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include <stdint.h>

/**
 * struct resize - a new size
 * @at: references before it
 * @nr_frames: of the pool from there on, at least 1
 */
struct resize {
	uint64_t at;
	unsigned long nr_frames;
};

/**
 * struct schedule - changes while a trace is replayed
 * @resizes: new sizes, in any order; of two at the same reference the last one counts
 * @nr_resizes: how many
 * @warm_up: references before the first that counts in results
 */
struct schedule {
	struct resize *resizes;
	unsigned int nr_resizes;
	uint64_t warm_up;
};

unsigned long schedule_frames(const struct schedule *schedule, uint64_t done);
uint64_t schedule_next(const struct schedule *schedule, uint64_t done);

#endif /* SIM_SCHEDULE_H */
