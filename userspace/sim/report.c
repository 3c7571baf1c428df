// SPDX-License-Identifier: GPL-2.0
/* Results: as a table, as CSV and as JSON. */

#include <err.h>
#include "json.h"
#include "row.h"

static double opt_ratio(const struct row *row)
{
	return (double)row->result->misses / row->opt->result.misses;
}

/* After a warm-up there may be no misses. */
static bool has_opt_ratio(const struct row *row)
{
	return row->opt && row->opt->result.misses;
}

static const struct swaplab_policy_param *params_of(const struct job *job)
{
	const struct swaplab_policy_ops *ops = registry_find(job->policy);

	if (job->space)
		return job->space->params;
	return ops ? ops->params : NULL;
}

/* Of the parameter @i of its policy. */
static unsigned int value_of(const struct report *report, const struct job *job,
			     unsigned int i)
{
	if (job->space)
		return job->values[i];
	return registry_value(&params_of(job)[i], &report->settings, 0);
}

/* Each parameter with its value, with blanks between. */
static void put_params(const struct report *report, const struct job *job, FILE *file)
{
	const struct swaplab_policy_param *params = params_of(job);
	unsigned int i;

	for (i = 0; params && params[i].name; i++)
		fprintf(file, "%s%s=%u", i ? " " : "", params[i].name,
			value_of(report, job, i));
}

static void print_row(const struct report *report, const struct row *row, void *data)
{
	const char *indent = row->is_part ? "  " : "";
	char ratio[32] = "";

	if (has_opt_ratio(row))
		snprintf(ratio, sizeof(ratio), "%.3f", opt_ratio(row));
	printf("%s%-*s %9lu %-13s %11lu %10.6f %8s %15lu\n", indent, row->is_part ? 14 : 16,
	       row->trace->name, row->nr_frames, row->job->policy, row->result->misses,
	       row_miss_ratio(row), ratio, row->result->dirty_evictions);
}

static void print_space(const struct report *report, const struct row *row, void *data)
{
	const struct job *job = row->job;

	printf("%-16s %-6s %11lu %10.6f %10.3f %9u %15lu  ", row->trace->name, job->policy,
	       row->result->misses, row_miss_ratio(row), row_mean_resident(job),
	       job->residence.max, row_space_time(report, job));
	put_params(report, job, stdout);
	putchar('\n');
}

static void warn_of_errors(const struct report *report, const struct row *row, void *data)
{
	if (row->result->policy_errors && !row->is_part)
		warnx("policy %s gave no valid victim %lu times", row->job->policy,
		      row->result->policy_errors);
}

/**
 * report_errors() - tell which policies gave no valid victims, on standard error
 * @report: the results
 */
void report_errors(const struct report *report)
{
	row_each(report, warn_of_errors, NULL);
}

/**
 * report_table() - print a table, and one of policies without frames
 * @report: the results
 */
void report_table(const struct report *report)
{
	if (report->nr_jobs) {
		printf("%-16s %9s %-13s %11s %10s %8s %15s\n", "trace", "frames",
		       "policy", "misses", "miss ratio", "vs opt", "dirty evictions");
		row_each(report, print_row, NULL);
	}
	if (report->nr_jobs && report->nr_spaces)
		putchar('\n');
	if (report->nr_spaces) {
		printf("%-16s %-6s %11s %10s %10s %9s %15s  %s\n", "trace", "policy", "misses",
		       "miss ratio", "mean pages", "max pages", "space-time", "parameters");
		row_each_space(report, print_space, NULL);
	}
}

/* The optimum sees all that comes, and policies without frames all that was. */
static const char *visibility_of(const struct report *report, const struct job *job)
{
	bool is_sampled = report->visibility == VISIBILITY_SAMPLED &&
			  registry_find(job->policy);

	return is_sampled ? "sampled" : "full";
}

static bool is_merged(const struct report *report)
{
	return report->traces[0].nr_parts;
}

static const char *allocation_of(const struct report *report)
{
	return report->is_shared_out ? "equal" : "global";
}

static void put_space(const struct report *report, const struct job *job, FILE *file)
{
	if (job->space)
		fprintf(file, ",%.6f,%u,%lu,%lu", row_mean_resident(job), job->residence.max,
			row_space_time(report, job), report->fault_time);
	else
		fputs(",,,,", file);
}

static void put_row(const struct report *report, const struct row *row, void *data)
{
	const struct job *job = row->job;
	FILE *file = data;

	fprintf(file, "%s,", row->trace->name);
	if (!job->space)
		fprintf(file, "%lu", row->nr_frames);
	fprintf(file, ",%s,%lu,%lu,%lu,%.6f,", job->policy, row->result->references,
		row->result->misses, row->result->dirty_evictions, row_miss_ratio(row));
	if (has_opt_ratio(row))
		fprintf(file, "%.6f", opt_ratio(row));
	fprintf(file, ",%s,", visibility_of(report, job));
	if (!job->space)
		fprintf(file, "%lu", job->tick);
	putc(',', file);
	put_params(report, job, file);
	fputs("," VERSION ",", file);
	if (!row->is_part)
		fprintf(file, "%.6f", job->seconds);
	if (report->nr_spaces)
		put_space(report, job, file);
	if (is_merged(report))
		fprintf(file, ",%s,%lu,%s", allocation_of(report), report->quantum,
			row->is_part ? job->trace->name : "");
	putc('\n', file);
}

/**
 * report_csv() - write comma-separated values
 * @report: the results
 * @file: where to
 */
void report_csv(const struct report *report, FILE *file)
{
	fputs("trace,frames,policy,references,misses,dirty_evictions,miss_ratio,", file);
	fputs("opt_ratio,visibility,tick,parameters,version,seconds", file);
	if (report->nr_spaces)
		fputs(",mean_resident,max_resident,space_time,fault_time", file);
	if (is_merged(report))
		fputs(",allocation,quantum,together", file);
	putc('\n', file);
	row_each(report, put_row, file);
	row_each_space(report, put_row, file);
}

static void write_params(const struct report *report, const struct job *job,
			 struct json *json)
{
	const struct swaplab_policy_param *params = params_of(job);
	unsigned int i;

	json_object(json, "parameters");
	for (i = 0; params && params[i].name; i++)
		json_number(json, params[i].name, value_of(report, job, i));
	json_end(json);
}

/* As the files in policy_stats/ of a device. */
static void write_stats(const struct row *row, struct json *json)
{
	const struct swaplab_policy_ops *ops = registry_find(row->job->policy);
	unsigned int i;

	json_object(json, "policy_stats");
	for (i = 0; i < row->result->nr_stats; i++)
		json_number(json, ops->stats[i].name, row->result->stats[i]);
	json_end(json);
}

static void write_space(const struct report *report, const struct job *job,
			struct json *json)
{
	json_real(json, "mean_resident", row_mean_resident(job));
	json_number(json, "max_resident", job->residence.max);
	json_number(json, "space_time", row_space_time(report, job));
	json_number(json, "fault_time", report->fault_time);
}

static void write_merged(const struct report *report, const struct row *row,
			 struct json *json)
{
	json_text(json, "allocation", allocation_of(report));
	json_number(json, "quantum", report->quantum);
	if (row->is_part)
		json_text(json, "together", row->job->trace->name);
}

static void write_row(const struct report *report, const struct row *row, void *data)
{
	const struct job *job = row->job;
	struct json *json = data;

	json_object(json, NULL);
	json_text(json, "trace", row->trace->name);
	if (!job->space)
		json_number(json, "frames", row->nr_frames);
	json_text(json, "policy", job->policy);
	json_number(json, "references", row->result->references);
	json_number(json, "misses", row->result->misses);
	json_number(json, "dirty_evictions", row->result->dirty_evictions);
	json_real(json, "miss_ratio", row_miss_ratio(row));
	if (has_opt_ratio(row))
		json_real(json, "opt_ratio", opt_ratio(row));
	json_text(json, "visibility", visibility_of(report, job));
	if (!job->space)
		json_number(json, "tick", job->tick);
	write_params(report, job, json);
	if (row->result->nr_stats)
		write_stats(row, json);
	json_text(json, "version", VERSION);
	if (!row->is_part)
		json_real(json, "seconds", job->seconds);
	if (job->space)
		write_space(report, job, json);
	if (is_merged(report))
		write_merged(report, row, json);
	json_end(json);
}

/**
 * report_json() - write JSON: an array of objects with the names of the CSV's columns
 * @report: the results
 * @file: where to
 */
void report_json(const struct report *report, FILE *file)
{
	struct json json = { .file = file };

	json_array(&json, NULL);
	row_each(report, write_row, &json);
	row_each_space(report, write_row, &json);
	json_end(&json);
}
