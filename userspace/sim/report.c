// SPDX-License-Identifier: GPL-2.0
/* Results: as a table, as CSV, and as a picture that gnuplot draws. */

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

/**
 * report_csv() - write comma-separated values
 * @report: the results
 * @file: where to
 */
void report_csv(const struct report *report, FILE *file)
{
	const struct job *job;
	unsigned int i;

	fputs("trace,frames,policy,references,misses,dirty_evictions,seconds\n",
	      file);
	for (i = 0; i < report->nr; i++) {
		job = &report->jobs[i];
		if (is_listed(report, i))
			fprintf(file, "%s,%lu,%s,%lu,%lu,%lu,%.6f\n",
				job->trace->name, job->nr_frames, job->policy,
				job->result.references, job->result.misses,
				job->result.dirty_evictions, job->seconds);
	}
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
