// SPDX-License-Identifier: GPL-2.0
/* Results: as a table, as CSV, as JSON, and as a picture that gnuplot draws. */

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "report.h"

static bool is_listed(const struct report *report, unsigned int i)
{
	return report->opt_wanted || (i + 1) % report->nr_policies;
}

/* The optimum of the same trace and size. */
static const struct job *opt_of(const struct report *report, unsigned int i)
{
	return &report->jobs[i - i % report->nr_policies + report->nr_policies - 1];
}

static double miss_ratio(const struct job *job)
{
	return (double)job->result.misses / job->result.references;
}

/**
 * report_table() - print a table
 * @report: the results
 */
void report_table(const struct report *report)
{
	const struct job *job;
	unsigned int i;

	printf("%-16s %9s %-13s %11s %10s %8s %15s\n", "trace", "frames",
	       "policy", "misses", "miss ratio", "vs opt", "dirty evictions");
	for (i = 0; i < report->nr; i++) {
		if (!is_listed(report, i))
			continue;
		job = &report->jobs[i];
		printf("%-16s %9lu %-13s %11lu %10.6f %8.3f %15lu\n",
		       job->trace->name, job->nr_frames, job->policy,
		       job->result.misses, miss_ratio(job),
		       (double)job->result.misses / opt_of(report, i)->result.misses,
		       job->result.dirty_evictions);
		if (job->result.policy_errors)
			warnx("policy %s gave no valid victim %lu times",
			      job->policy, job->result.policy_errors);
	}
}

static double opt_ratio(const struct report *report, unsigned int i)
{
	return (double)report->jobs[i].result.misses / opt_of(report, i)->result.misses;
}

/* The optimum sees all that comes. */
static const char *visibility_of(const struct report *report, const struct job *job)
{
	bool is_sampled = report->visibility == VISIBILITY_SAMPLED &&
			  registry_find(job->policy);

	return is_sampled ? "sampled" : "full";
}

/* Each parameter with its value, with blanks between. */
static void put_params(const struct report *report, const struct job *job, FILE *file)
{
	const struct swaplab_policy_ops *ops = registry_find(job->policy);
	const struct swaplab_policy_param *param = ops ? ops->params : NULL;

	for (; param && param->name; param++)
		fprintf(file, "%s%s=%u", param == ops->params ? "" : " ", param->name,
			registry_value(param, &report->settings));
}

/**
 * report_csv() - write comma-separated values
 * @report: the results
 * @file: where to
 */
void report_csv(const struct report *report, FILE *file)
{
	const struct job *job;
	unsigned int i;

	fputs("trace,frames,policy,references,misses,dirty_evictions,miss_ratio,", file);
	fputs("opt_ratio,visibility,tick,parameters,version,seconds\n", file);
	for (i = 0; i < report->nr; i++) {
		job = &report->jobs[i];
		if (!is_listed(report, i))
			continue;
		fprintf(file, "%s,%lu,%s,%lu,%lu,%lu,%.6f,", job->trace->name,
			job->nr_frames, job->policy, job->result.references,
			job->result.misses, job->result.dirty_evictions, miss_ratio(job));
		/* After a warm-up there may be no misses. */
		if (opt_of(report, i)->result.misses)
			fprintf(file, "%.6f", opt_ratio(report, i));
		fprintf(file, ",%s,%lu,", visibility_of(report, job), job->tick);
		put_params(report, job, file);
		fprintf(file, "," VERSION ",%.6f\n", job->seconds);
	}
}

static void write_params(const struct report *report, const struct job *job,
			 struct json *json)
{
	const struct swaplab_policy_ops *ops = registry_find(job->policy);
	const struct swaplab_policy_param *param = ops ? ops->params : NULL;

	json_object(json, "parameters");
	for (; param && param->name; param++)
		json_number(json, param->name, registry_value(param, &report->settings));
	json_end(json);
}

static void write_job(const struct report *report, unsigned int i, struct json *json)
{
	const struct job *job = &report->jobs[i];

	json_object(json, NULL);
	json_text(json, "trace", job->trace->name);
	json_number(json, "frames", job->nr_frames);
	json_text(json, "policy", job->policy);
	json_number(json, "references", job->result.references);
	json_number(json, "misses", job->result.misses);
	json_number(json, "dirty_evictions", job->result.dirty_evictions);
	json_real(json, "miss_ratio", miss_ratio(job));
	if (opt_of(report, i)->result.misses)
		json_real(json, "opt_ratio", opt_ratio(report, i));
	json_text(json, "visibility", visibility_of(report, job));
	json_number(json, "tick", job->tick);
	write_params(report, job, json);
	json_text(json, "version", VERSION);
	json_real(json, "seconds", job->seconds);
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
	unsigned int i;

	json_array(&json, NULL);
	for (i = 0; i < report->nr; i++)
		if (is_listed(report, i))
			write_job(report, i, &json);
	json_end(&json);
}

/* Between single quotes gnuplot runs no commands; a newline would end the string. */
static void put_string(FILE *gnuplot, const char *text)
{
	fputc('\'', gnuplot);
	for (; *text; text++) {
		if (*text == '\'')
			fputc('\'', gnuplot);
		fputc((unsigned char)*text < ' ' ? '?' : *text, gnuplot);
	}
	fputc('\'', gnuplot);
}

static bool is_curve(const struct report *report, unsigned int i,
		     const struct trace *trace, unsigned int policy)
{
	return report->jobs[i].trace == trace &&
	       i % report->nr_policies == policy;
}

static void plot_points(const struct report *report, FILE *gnuplot,
			const struct trace *trace, unsigned int policy)
{
	unsigned int i;

	fprintf(gnuplot, "$curve%u << end\n", policy);
	for (i = 0; i < report->nr; i++)
		if (is_curve(report, i, trace, policy))
			fprintf(gnuplot, "%lu %f\n", report->jobs[i].nr_frames,
				miss_ratio(&report->jobs[i]));
	fputs("end\n", gnuplot);
}

static void plot_trace(const struct report *report, FILE *gnuplot,
		       const struct trace *trace)
{
	unsigned int policy;

	for (policy = 0; policy < report->nr_policies; policy++)
		plot_points(report, gnuplot, trace, policy);
	fputs("set title ", gnuplot);
	put_string(gnuplot, trace->name);
	fputs(" noenhanced\nplot ", gnuplot);
	for (policy = 0; policy < report->nr_policies; policy++) {
		if (!is_listed(report, policy))
			continue;
		fprintf(gnuplot, "$curve%u with linespoints title ", policy);
		put_string(gnuplot, report->jobs[policy].policy);
		fputs(" noenhanced, ", gnuplot);
	}
	fputc('\n', gnuplot);
}

static unsigned int nr_traces(const struct report *report)
{
	unsigned int i, nr = 1;

	for (i = 1; i < report->nr; i++)
		nr += report->jobs[i].trace != report->jobs[i - 1].trace;
	return nr;
}

/**
 * report_svg() - draw a curve of miss ratios for each policy and trace
 * @report: the results
 * @path: of the picture
 */
void report_svg(const struct report *report, const char *path)
{
	unsigned int i, nr = nr_traces(report);
	FILE *gnuplot;

	/* If the shell cannot write the picture, it does not read. */
	signal(SIGPIPE, SIG_IGN);
	setenv("SWAPLAB_SVG", path, 1);
	gnuplot = popen("gnuplot > \"$SWAPLAB_SVG\"", "w");
	if (!gnuplot)
		err(1, "gnuplot");
	fprintf(gnuplot, "set terminal svg size 800,%u dynamic background 'white'\n",
		450 * nr);
	fprintf(gnuplot, "set multiplot layout %u,1\n", nr);
	fputs("set xlabel 'frames'\nset ylabel 'miss ratio'\n"
	      "set logscale x\nset yrange [0:*]\nset key outside\nset grid\n",
	      gnuplot);
	for (i = 0; i < report->nr; i++)
		if (!i || report->jobs[i].trace != report->jobs[i - 1].trace)
			plot_trace(report, gnuplot, report->jobs[i].trace);
	fputs("unset multiplot\n", gnuplot);
	if (pclose(gnuplot))
		errx(1, "%s: gnuplot could not draw it", path);
}
