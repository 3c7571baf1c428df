// SPDX-License-Identifier: GPL-2.0
/* Results as a picture, which gnuplot draws. */

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include "row.h"

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

static double miss_ratio(const struct job *job)
{
	return (double)job->result.misses / job->result.references;
}

/* Of pools by policy, and of policies without frames by the first of their jobs. */
static void plot_pools(const struct report *report, FILE *gnuplot, unsigned int trace)
{
	const struct job *jobs = report->jobs + trace * report->nr_jobs;
	unsigned int policy, i;

	for (policy = 0; policy < report->nr_policies; policy++) {
		fprintf(gnuplot, "$curve%u << end\n", policy);
		for (i = policy; i < report->nr_jobs; i += report->nr_policies)
			fprintf(gnuplot, "%lu %f\n", jobs[i].nr_frames, miss_ratio(&jobs[i]));
		fputs("end\n", gnuplot);
	}
}

static bool is_first(const struct job *jobs, unsigned int i)
{
	return !i || jobs[i].space != jobs[i - 1].space;
}

static void plot_spaces(const struct report *report, FILE *gnuplot, unsigned int trace)
{
	const struct job *jobs = report->spaces + trace * report->nr_spaces;
	unsigned int i;

	for (i = 0; i < report->nr_spaces; i++) {
		if (is_first(jobs, i))
			fprintf(gnuplot, "%s$space%u << end\n", i ? "end\n" : "", i);
		fprintf(gnuplot, "%f %f\n", row_mean_resident(&jobs[i]), miss_ratio(&jobs[i]));
	}
	if (report->nr_spaces)
		fputs("end\n", gnuplot);
}

static void plot_curve(FILE *gnuplot, const char *curve, unsigned int i, const char *policy)
{
	fprintf(gnuplot, "$%s%u with linespoints title ", curve, i);
	put_string(gnuplot, policy);
	fputs(" noenhanced, ", gnuplot);
}

static void plot_trace(const struct report *report, FILE *gnuplot, unsigned int trace)
{
	const struct job *spaces = report->spaces + trace * report->nr_spaces;
	unsigned int i;

	plot_pools(report, gnuplot, trace);
	plot_spaces(report, gnuplot, trace);
	fputs("set title ", gnuplot);
	put_string(gnuplot, report->traces[trace].name);
	fputs(" noenhanced\nplot ", gnuplot);
	for (i = 0; i < report->nr_policies; i++)
		if (row_is_listed(report, i))
			plot_curve(gnuplot, "curve", i, report->jobs[i].policy);
	for (i = 0; i < report->nr_spaces; i++)
		if (is_first(spaces, i))
			plot_curve(gnuplot, "space", i, spaces[i].policy);
	fputc('\n', gnuplot);
}

/**
 * report_svg() - draw a curve of miss ratios for each policy and trace
 * @report: the results
 * @path: of the picture
 */
void report_svg(const struct report *report, const char *path)
{
	unsigned int i, nr = report->nr_traces;
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
	fprintf(gnuplot, "set xlabel '%s'\n",
		report->nr_spaces ? "frames, or mean of resident pages" : "frames");
	fputs("set ylabel 'miss ratio'\n"
	      "set logscale x\nset yrange [0:*]\nset key outside\nset grid\n",
	      gnuplot);
	for (i = 0; i < nr; i++)
		plot_trace(report, gnuplot, i);
	fputs("unset multiplot\n", gnuplot);
	if (pclose(gnuplot))
		errx(1, "%s: gnuplot could not draw it", path);
}
