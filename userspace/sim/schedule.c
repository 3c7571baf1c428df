// SPDX-License-Identifier: GPL-2.0
/* The schedule of a pool. It is short, so it is searched. */

#include "schedule.h"

/**
 * schedule_frames() - does the pool get a new size here?
 * @schedule: the schedule
 * @done: references so far
 *
 * Return: the size, 0 if it stays as it is.
 */
unsigned long schedule_frames(const struct schedule *schedule, uint64_t done)
{
	unsigned long nr_frames = 0;
	unsigned int i;

	for (i = 0; i < schedule->nr_resizes; i++)
		if (schedule->resizes[i].at == done)
			nr_frames = schedule->resizes[i].nr_frames;
	return nr_frames;
}

/**
 * schedule_next() - how far can the trace be replayed without a look at the schedule?
 * @schedule: the schedule
 * @done: references so far
 *
 * Return: references until something happens, UINT64_MAX if nothing does.
 */
uint64_t schedule_next(const struct schedule *schedule, uint64_t done)
{
	uint64_t next = UINT64_MAX, at;
	unsigned int i;

	if (schedule->warm_up > done)
		next = schedule->warm_up - done;
	for (i = 0; i < schedule->nr_resizes; i++) {
		at = schedule->resizes[i].at;
		if (at > done && at - done < next)
			next = at - done;
	}
	return next;
}
