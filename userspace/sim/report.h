/* SPDX-License-Identifier: GPL-2.0 */
/* Results: as a table, as CSV, as JSON, and as a picture. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stdio.h>
#include "jobs.h"

/**
 * struct report - the results of all jobs
 * @traces: the traces
 * @nr_traces: how many
 * @jobs: done, for each trace in turn; all policies of a size together, the optimum last
 * @nr_jobs: of a trace
 * @spaces: those of policies without frames, done, for each trace in turn
 * @nr_spaces: of a trace
 * @nr_policies: jobs of a trace and size
 * @opt_wanted: was the optimum asked for, or is it there to compare with?
 * @visibility: how policies saw references
 * @settings: parameters of policies that were set
 * @fault_time: references that a miss takes, in space-time products
 * @quantum: references of a turn of a trace, if the trace is merged
 * @is_shared_out: did each part of it have frames of its own?
 */
struct report {
	const struct trace *traces;
	unsigned int nr_traces;
	struct job *jobs;
	unsigned int nr_jobs;
	struct job *spaces;
	unsigned int nr_spaces;
	unsigned int nr_policies;
	bool opt_wanted;
	enum visibility visibility;
	struct settings settings;
	uint64_t fault_time;
	uint64_t quantum;
	bool is_shared_out;
};

void report_errors(const struct report *report);
void report_table(const struct report *report);
void report_csv(const struct report *report, FILE *file);
void report_json(const struct report *report, FILE *file);
void report_svg(const struct report *report, const char *path);

#endif /* SIM_REPORT_H */
