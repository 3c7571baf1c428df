/* SPDX-License-Identifier: GPL-2.0 */
/* How far work is, for those who wait. */
#ifndef SWAPLAB_PROGRESS_H
#define SWAPLAB_PROGRESS_H

#include <time.h>

/**
 * struct progress - steps that take about as long as each other
 * @nr: how many
 * @done: of these
 * @begin: when the first began
 */
struct progress {
	unsigned int nr;
	unsigned int done;
	struct timespec begin;
};

void progress_begin(struct progress *progress, unsigned int nr);
void progress_step(struct progress *progress, const char *name, double seconds);
void progress_bar(const struct progress *progress);
void progress_percent(const char *name, unsigned long long done, unsigned long long all);

#endif /* SWAPLAB_PROGRESS_H */
