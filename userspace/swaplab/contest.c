// SPDX-License-Identifier: GPL-2.0
/* A table of a comparison, its figures as CSV, and a chart by gnuplot. */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "contest.h"

/*
 * Memory may differ by one part in so many; and by what the kernel charges at a time
 * to a cgroup for each CPU, and keeps ready there: 64 pages.
 */
#define TOLERANCE	100
#define BATCH_PAGES	64
#define MIB		(1024.0 * 1024)

/**
 * contest_add() - let some take part
 * @contest: in what
 * @list: names with commas between; "none": nobody
 * @is_stock: they are ways of the kernel's own
 *
 * A name that is none of those ends the program.
 */
void contest_add(struct contest *contest, const char *list, bool is_stock)
{
	char *rest = strdup(list), *name;
	struct contender *contender;

	if (is_stock && !strcmp(list, "none"))
		return;
	while ((name = strsep(&rest, ","))) {
		if (contest->nr == CONTEST_MAX)
			errx(2, "more than %d to compare", CONTEST_MAX);
		contender = &contest->contenders[contest->nr++];
		*contender = (struct contender){ .name = name, .is_stock = is_stock };
		if (!is_stock && !*name)
			errx(2, "--policy %s: one of them has no name", list);
		if (is_stock && !stock_parse(&contender->stock, name))
			errx(2, "--stock %s: not lru or mglru, nor such as lru-5", list);
		contender->figures = calloc(contest->repeats,
					    sizeof(*contender->figures));
		if (!contender->figures)
			err(1, "memory");
	}
}

static bool is_unequal(const struct contest *contest,
		       const struct figures *figures)
{
	long long more = figures->memory - contest->memory;
	long long allowed = contest->memory / TOLERANCE;
	long long batch = BATCH_PAGES * sysconf(_SC_PAGESIZE);

	return llabs(more) > (allowed > batch ? allowed : batch);
}

/**
 * contest_unequal() - was there the same memory for all?
 * @contest: that is over
 *
 * Return: how many runs had 1 % more or less than they should.
 */
int contest_unequal(const struct contest *contest)
{
	int i, j, nr = 0;

	for (i = 0; i < contest->nr; i++)
		for (j = 0; j < contest->repeats; j++)
			nr += is_unequal(contest,
					 &contest->contenders[i].figures[j]);
	return nr;
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

struct spread {
	double least;
	double median;
	double most;
};

enum value { SECONDS, MISSES, READ_MIB, WRITTEN_MIB, MEMORY_MIB };

static double value_of(const struct figures *figures, enum value value)
{
	switch (value) {
	case SECONDS:
		return figures->seconds;
	case MISSES:
		return figures->misses;
	case READ_MIB:
		return figures->traffic.read_kb / 1024.0;
	case WRITTEN_MIB:
		return figures->traffic.written_kb / 1024.0;
	default:
		return figures->memory / MIB;
	}
}

static struct spread spread(const struct contest *contest,
			    const struct contender *contender, enum value value)
{
	int i, nr = contest->repeats;
	double values[nr];

	for (i = 0; i < nr; i++)
		values[i] = value_of(&contender->figures[i], value);
	qsort(values, nr, sizeof(values[0]), by_value);
	return (struct spread){ values[0], values[(nr - 1) / 2], values[nr - 1] };
}

/* The kernel's own at its best; 0: it does not take part. */
static double best_stock(const struct contest *contest)
{
	const struct contender *contender;
	double best = 0, seconds;
	int i;

	for (i = 0; i < contest->nr; i++) {
		contender = &contest->contenders[i];
		if (!contender->is_stock)
			continue;
		seconds = spread(contest, contender, SECONDS).median;
		if (!best || seconds < best)
			best = seconds;
	}
	return best;
}

static void print_row(const struct contest *contest,
		      const struct contender *contender, double best, FILE *file)
{
	struct spread seconds = spread(contest, contender, SECONDS);
	bool unequal = false;
	char text[48], ratio[16] = "-";
	int i;

	for (i = 0; i < contest->repeats; i++)
		unequal |= is_unequal(contest, &contender->figures[i]);
	snprintf(text, sizeof(text), "%.3f (%.3f-%.3f)", seconds.median,
		 seconds.least, seconds.most);
	if (best)
		snprintf(ratio, sizeof(ratio), "%.2f", seconds.median / best);
	fprintf(file, "%-14s%-28s%6s%10.0f%10.1f%13.1f%12.2f%s\n",
		contender->name, text, ratio,
		spread(contest, contender, MISSES).median,
		spread(contest, contender, READ_MIB).median,
		spread(contest, contender, WRITTEN_MIB).median,
		spread(contest, contender, MEMORY_MIB).median,
		unequal ? " unequal" : "");
}

/**
 * contest_print() - print a table
 * @contest: that is over
 * @file: where to
 */
void contest_print(const struct contest *contest, FILE *file)
{
	double best = best_stock(contest);
	int i;

	fprintf(file, "%-14s%-28s%6s%10s%10s%13s%12s\n", "",
		"seconds (least-most)", "ratio", "misses", "read MiB",
		"written MiB", "memory MiB");
	for (i = 0; i < contest->nr; i++)
		print_row(contest, &contest->contenders[i], best, file);
}

static void write_figures(const struct figures *figures, FILE *file)
{
	const struct disk_traffic *traffic = &figures->traffic;

	fprintf(file, "%.6f,%lu,%lu,%lu,%lu,%lu,%llu\n", figures->seconds,
		figures->misses, traffic->reads, traffic->writes,
		traffic->read_kb, traffic->written_kb, figures->memory);
}

/**
 * contest_write_csv() - write all figures
 * @contest: that is over
 * @path: of the file
 */
void contest_write_csv(const struct contest *contest, const char *path)
{
	FILE *file = fopen(path, "we");
	const struct figures *figures;
	int i, j;

	if (!file)
		err(1, "%s", path);
	fputs("configuration,repeat,frames,seconds,misses,", file);
	fputs("reads,writes,read_kb,written_kb,memory_bytes\n", file);
	for (i = 0; i < contest->nr; i++) {
		for (j = 0; j < contest->repeats; j++) {
			figures = &contest->contenders[i].figures[j];
			fprintf(file, "%s,%d,%lu,", contest->contenders[i].name,
				j + 1, contest->frames);
			write_figures(figures, file);
		}
	}
	if (fclose(file))
		err(1, "%s", path);
}

/**
 * contest_draw() - draw the times as bars, by gnuplot
 * @contest: that is over
 * @path: of the SVG
 */
void contest_draw(const struct contest *contest, const char *path)
{
	const struct contender *contender;
	struct spread seconds;
	FILE *gnuplot;
	int i;

	gnuplot = popen("gnuplot", "we");
	if (!gnuplot)
		err(1, "gnuplot");
	fprintf(gnuplot,
		"set terminal svg size 640,360 font \"sans,12\"\nset output \"%s\"\n"
		"set title \"%s\" noenhanced\nset ylabel \"seconds\"\nset yrange [0:*]\n"
		"set style fill solid 0.7\nset boxwidth 0.6\nset grid y\n"
		"set xtics noenhanced\n"
		"plot \"-\" using 0:2:5:xtic(1) with boxes lc rgb variable notitle, \\\n"
		"     \"-\" using 0:2:3:4 with yerrorbars lc rgb \"black\" pt 0 notitle\n",
		path, contest->title);
	for (i = 0; i < 2 * contest->nr; i++) {
		contender = &contest->contenders[i % contest->nr];
		seconds = spread(contest, contender, SECONDS);
		fprintf(gnuplot, "%s %f %f %f %d\n%s", contender->name,
			seconds.median, seconds.least, seconds.most,
			contender->is_stock ? 0xbbbbbb : 0x4477aa,
			(i + 1) % contest->nr ? "" : "e\n");
	}
	if (pclose(gnuplot))
		errx(1, "%s: gnuplot failed; is gnuplot-nox installed?", path);
}
