// SPDX-License-Identifier: GPL-2.0
/* Lines of results: which there are, in which order, and what is worked out for them. */

#include <err.h>
#include "row.h"

/**
 * row_is_listed() - is that job one that was asked for?
 * @report: the results
 * @i: which one, of those of pools
 *
 * Return: false for an optimum that the others are compared with only.
 */
bool row_is_listed(const struct report *report, unsigned int i)
{
	return report->opt_wanted || (i + 1) % report->nr_policies;
}

/**
 * row_miss_ratio() - misses to references
 * @row: the line
 *
 * Return: that; 0 if no reference counts.
 */
double row_miss_ratio(const struct row *row)
{
	if (!row->result->references)
		return 0;
	return (double)row->result->misses / row->result->references;
}

/**
 * row_mean_resident() - the mean size of the resident set
 * @job: of a policy without frames
 *
 * Return: pages, as a mean over references.
 */
double row_mean_resident(const struct job *job)
{
	return (double)job->residence.sum / job->result.references;
}

/**
 * row_space_time() - the space-time product
 * @report: says how long a miss takes
 * @job: of a policy without frames
 *
 * A reference takes the resident set for 1, and a miss for the fault time besides.
 *
 * Return: pages times references. The program ends with a message if 63 bits are too few.
 */
uint64_t row_space_time(const struct report *report, const struct job *job)
{
	uint64_t product;

	if (__builtin_mul_overflow(job->residence.at_misses, report->fault_time, &product) ||
	    __builtin_add_overflow(product, job->residence.sum, &product) ||
	    product > INT64_MAX)
		errx(1, "--fault-time %lu: the space-time product is too large",
		     report->fault_time);
	return product;
}

/* The optimum of the same trace and size. */
static const struct job *opt_of(const struct report *report, unsigned int i)
{
	return &report->jobs[i - i % report->nr_policies + report->nr_policies - 1];
}

static void print_parts(const struct report *report, const struct job *job,
			row_print *print, void *data)
{
	unsigned int i, nr = job->trace->nr_parts;
	struct row row = { .job = job, .is_part = true };

	for (i = 0; i < nr; i++) {
		row.trace = &job->trace->parts[i];
		row.result = &job->parts[i];
		row.nr_frames = report->is_shared_out ? jobs_share(job->nr_frames, i, nr) :
							job->nr_frames;
		print(report, &row, data);
	}
}

/**
 * row_each() - print the lines of pools
 * @report: the results
 * @print: called for each line; parts follow their whole
 * @data: for @print
 */
void row_each(const struct report *report, row_print *print, void *data)
{
	const struct job *job;
	struct row row;
	unsigned int i;

	for (i = 0; i < report->nr_traces * report->nr_jobs; i++) {
		if (!row_is_listed(report, i))
			continue;
		job = &report->jobs[i];
		row = (struct row){
			.job = job,
			.opt = opt_of(report, i),
			.trace = job->trace,
			.result = &job->result,
			.nr_frames = job->nr_frames,
		};
		print(report, &row, data);
		print_parts(report, job, print, data);
	}
}

/**
 * row_each_space() - print the lines of policies without frames
 * @report: the results
 * @print: called for each line
 * @data: for @print
 */
void row_each_space(const struct report *report, row_print *print, void *data)
{
	const struct job *job;
	struct row row;
	unsigned int i;

	for (i = 0; i < report->nr_traces * report->nr_spaces; i++) {
		job = &report->spaces[i];
		row = (struct row){
			.job = job,
			.trace = job->trace,
			.result = &job->result,
		};
		print(report, &row, data);
	}
}
