/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of the programs that print microseconds. */
#ifndef _BENCH_CLOCK_H
#define _BENCH_CLOCK_H

#include <time.h>

static inline double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

#endif /* _BENCH_CLOCK_H */
