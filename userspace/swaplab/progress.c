// SPDX-License-Identifier: GPL-2.0
/* How far work is, on standard error. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "progress.h"

#define BAR_WIDTH	40

/**
 * progress_begin() - begin steps
 * @progress: to be set up
 * @nr: how many there will be
 */
void progress_begin(struct progress *progress, unsigned int nr)
{
	*progress = (struct progress){ .nr = nr };
	clock_gettime(CLOCK_MONOTONIC, &progress->begin);
}

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin->tv_sec + (now.tv_nsec - begin->tv_nsec) / 1e9;
}

/* The others are taken to need as long as those that are done, with what is between. */
static double seconds_left(const struct progress *progress)
{
	return seconds_since(&progress->begin) / progress->done *
	       (progress->nr - progress->done);
}

/**
 * progress_step() - tell of a step that is done, and when all will be
 * @progress: the steps
 * @name: of this one
 * @seconds: that it took
 */
void progress_step(struct progress *progress, const char *name, double seconds)
{
	progress->done++;
	fprintf(stderr, "%s: run %u of %u: %s: %.3f s", program_invocation_short_name,
		progress->done, progress->nr, name, seconds);
	if (progress->done < progress->nr)
		fprintf(stderr, "; about %.0f s left", seconds_left(progress));
	fputc('\n', stderr);
}

/**
 * progress_bar() - show a bar of the steps that are done, on a terminal
 * @progress: the steps; the bar goes away when all are done
 */
void progress_bar(const struct progress *progress)
{
	int width = BAR_WIDTH * progress->done / progress->nr;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r[%.*s%*s] %u of %u", width,
		"########################################", BAR_WIDTH - width, "",
		progress->done, progress->nr);
	if (progress->done)
		fprintf(stderr, ", about %.0f s left\033[K", seconds_left(progress));
	if (progress->done == progress->nr)
		fputs("\r\033[K", stderr);
}

/**
 * progress_percent() - show which part of a file is written, on a terminal
 * @name: of the file
 * @done: bytes written
 * @all: bytes to be written; the line ends when all are
 */
void progress_percent(const char *name, unsigned long long done, unsigned long long all)
{
	static int shown;
	int percent = all ? 100 * done / all : 100;

	if (!isatty(STDERR_FILENO) || (done && percent == shown))
		return;
	shown = percent;
	fprintf(stderr, "\r%s: writing %llu MiB of zeros: %d %%%s", name, all >> 20,
		percent, done == all ? "\n" : "");
}
