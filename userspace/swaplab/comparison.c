// SPDX-License-Identifier: GPL-2.0
/* The ways to page that are compared, the figures of their runs, and the report. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "comparison.h"
#include "libexec.h"
#include "xstrdup.h"

/*
 * Memory may differ by one part in TOLERANCE, or by the 64 pages that the kernel
 * charges to a cgroup ahead for each CPU.
 */
#define TOLERANCE	100
#define BATCH_PAGES	64

/**
 * comparison_add() - add ways to page
 * @comparison: the comparison
 * @list: names with commas between; "none": no names
 * @is_stock: they are ways of the kernel's own
 *
 * An unknown name ends the program.
 */
void comparison_add(struct comparison *comparison, const char *list, bool is_stock)
{
	char *rest = xstrdup(list), *name;
	struct contender *contender;

	if (is_stock && !strcmp(list, "none"))
		return;
	while ((name = strsep(&rest, ","))) {
		if (comparison->nr == COMPARISON_MAX)
			errx(2, "more than %d to compare", COMPARISON_MAX);
		contender = &comparison->contenders[comparison->nr++];
		*contender = (struct contender){ .name = name, .is_stock = is_stock };
		if (!is_stock && !*name)
			errx(2, "--policy %s: one of them has no name", list);
		if (is_stock && !kernel_swap_parse(&contender->stock, name))
			errx(2, "--stock %s: not lru or mglru, nor such as lru-5", list);
		contender->figures = calloc(comparison->repeats,
					    sizeof(*contender->figures));
		if (!contender->figures)
			err(1, "memory");
	}
}

static bool is_unequal(const struct comparison *comparison,
		       const struct figures *figures)
{
	long long more = figures->memory - comparison->memory;
	long long allowed = comparison->memory / TOLERANCE;
	long long batch = BATCH_PAGES * sysconf(_SC_PAGESIZE);

	return llabs(more) > (allowed > batch ? allowed : batch);
}

/**
 * comparison_unequal() - did all runs have the same memory?
 * @comparison: the finished comparison
 *
 * Return: how many runs were not within 1 % of the memory that each may have.
 */
int comparison_unequal(const struct comparison *comparison)
{
	int i, j, nr = 0;

	for (i = 0; i < comparison->nr; i++)
		for (j = 0; j < comparison->repeats; j++)
			nr += is_unequal(comparison,
					 &comparison->contenders[i].figures[j]);
	return nr;
}

static void write_figures(const struct figures *figures, FILE *file)
{
	const struct disk_traffic *traffic = &figures->traffic;

	fprintf(file, "%.6f,%lu,%lu,%lu,%lu,%lu,%llu\n", figures->seconds,
		figures->misses, traffic->reads, traffic->writes,
		traffic->read_kb, traffic->written_kb, figures->memory);
}

static void write_rows(const struct comparison *comparison, FILE *file)
{
	const struct contender *contender;
	int i, j;

	fputs("configuration,stock,repeat,frames,seconds,misses,", file);
	fputs("reads,writes,read_kb,written_kb,memory_bytes\n", file);
	for (i = 0; i < comparison->nr; i++) {
		contender = &comparison->contenders[i];
		for (j = 0; j < comparison->repeats; j++) {
			fprintf(file, "%s,%d,%d,%lu,", contender->name, contender->is_stock,
				j + 1, comparison->frames);
			write_figures(&contender->figures[j], file);
		}
	}
}

/* The shell sees the program, path and title as variables, and interprets none. */
static void run_report(const struct comparison *comparison, const char *options)
{
	char *program = libexec_find("swaplab-report"), command[128];
	FILE *report;

	setenv("SWAPLAB_REPORT", program, 1);
	snprintf(command, sizeof(command), "exec \"$SWAPLAB_REPORT\" %s",
		 options);
	report = popen(command, "we");
	if (!report)
		err(1, "%s", program);
	write_rows(comparison, report);
	if (pclose(report))
		exit(1);
	free(program);
}

/**
 * comparison_print() - print a table
 * @comparison: the finished comparison
 */
void comparison_print(const struct comparison *comparison)
{
	if (fflush(stdout))
		err(1, "stdout");
	run_report(comparison, "");
}

/**
 * comparison_write_csv() - write all figures
 * @comparison: the finished comparison
 * @path: of the file
 */
void comparison_write_csv(const struct comparison *comparison, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		err(1, "%s", path);
	write_rows(comparison, file);
	if (fclose(file))
		err(1, "%s", path);
}

/**
 * comparison_draw() - draw the times as bars
 * @comparison: the finished comparison
 * @path: of the SVG
 */
void comparison_draw(const struct comparison *comparison, const char *path)
{
	setenv("SWAPLAB_SVG", path, 1);
	setenv("SWAPLAB_TITLE", comparison->title, 1);
	run_report(comparison,
		   "--svg \"$SWAPLAB_SVG\" --title \"$SWAPLAB_TITLE\"");
}
