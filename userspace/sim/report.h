/* SPDX-License-Identifier: GPL-2.0 */
/* Results: as a table, as CSV, as JSON, and as a picture. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stdio.h>
#include "jobs.h"

/**
 * struct report - the results of all jobs
 * @jobs: done; all policies of a trace and size together, the optimum last
 * @nr: how many
 * @nr_policies: jobs of a trace and size
 * @opt_wanted: was the optimum asked for, or is it there to compare with?
 * @visibility: how policies saw references
 * @settings: parameters of policies that were set
 */
struct report {
	const struct job *jobs;
	unsigned int nr;
	unsigned int nr_policies;
	bool opt_wanted;
	enum visibility visibility;
	struct settings settings;
};

void report_table(const struct report *report);
void report_csv(const struct report *report, FILE *file);
void report_json(const struct report *report, FILE *file);
void report_svg(const struct report *report, const char *path);

#endif /* SIM_REPORT_H */
