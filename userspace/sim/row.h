/* SPDX-License-Identifier: GPL-2.0 */
/* A line of results: of a job, or of a part of a merged trace in it. */
#ifndef SIM_ROW_H
#define SIM_ROW_H

#include "report.h"

/**
 * struct row - a line of results
 * @job: that it is of
 * @opt: the optimum of the same trace and size; NULL: there is none to compare with
 * @trace: the job's, or the part
 * @result: counts
 * @nr_frames: of the pool, or of the part if it has its own
 * @is_part: is it of a part?
 */
struct row {
	const struct job *job;
	const struct job *opt;
	const struct trace *trace;
	const struct pool_result *result;
	unsigned long nr_frames;
	bool is_part;
};

typedef void row_print(const struct report *report, const struct row *row, void *data);

bool row_is_listed(const struct report *report, unsigned int i);
double row_miss_ratio(const struct row *row);
double row_mean_resident(const struct job *job);
uint64_t row_space_time(const struct report *report, const struct job *job);
void row_each(const struct report *report, row_print *print, void *data);
void row_each_space(const struct report *report, row_print *print, void *data);

#endif /* SIM_ROW_H */
