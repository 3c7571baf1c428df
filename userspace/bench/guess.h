/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether to read the neighbours of a page that no stream has: while more than half of
 * those that were read are used. One miss in PROBE_PERIOD finds out whether that changed.
 */
#ifndef _BENCH_GUESS_H
#define _BENCH_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#define PROBE_PERIOD	32
#define NR_REMEMBERED	256

struct guess {
	uint32_t nr_used;
	uint32_t nr_unused;
	uint32_t nr_misses;
};

static inline bool guess_is_wanted(struct guess *guess)
{
	if (guess->nr_used > guess->nr_unused)
		return true;
	return ++guess->nr_misses % PROBE_PERIOD == 0;
}

static inline void guess_learn(struct guess *guess, bool was_used)
{
	if (was_used)
		guess->nr_used++;
	else
		guess->nr_unused++;
	if (guess->nr_used + guess->nr_unused == NR_REMEMBERED) {
		guess->nr_used /= 2;
		guess->nr_unused /= 2;
	}
}

#endif /* _BENCH_GUESS_H */
