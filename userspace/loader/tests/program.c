// SPDX-License-Identifier: GPL-2.0
/*
 * A program with more text and data than a device has frames, to be run by the loader.
 * Prints what it finds in its text and data, some times.
 *
 * Usage: program read|write ROUNDS
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pages.h"

#define NR_ZEROS	(512 * NR_BSS)

static unsigned long zeros[NR_ZEROS];

static unsigned long wrong_words(const unsigned long *words, size_t nr, unsigned long plus)
{
	unsigned long wrong = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		wrong += words[i] != i + plus;
	return wrong;
}

static unsigned long wrong_code(void)
{
	unsigned long wrong = 0;
	int i;

	for (i = 0; i < NR_CODE; i++)
		wrong += ((int (*)(void))(code + i * PAGE))() != i;
	return wrong;
}

static unsigned long wrong_zeros(unsigned long value)
{
	unsigned long wrong = 0;
	size_t i;

	for (i = 0; i < NR_ZEROS; i++)
		wrong += zeros[i] != value;
	return wrong;
}

static void add(unsigned long *words, size_t nr, unsigned long plus)
{
	size_t i;

	for (i = 0; i < nr; i++)
		words[i] += plus;
}

static void report(const char *when, unsigned long plus)
{
	printf("%s: wrong constants %lu, code %lu, variables %lu, others %lu\n", when,
	       wrong_words(constants, 512 * NR_CONST, 0), wrong_code(),
	       wrong_words(variables, 512 * NR_DATA, plus), wrong_zeros(plus));
	fflush(stdout);
}

static void change(unsigned long plus)
{
	add(variables, 512 * NR_DATA, plus);
	add(zeros, NR_ZEROS, plus);
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[2]) : 0, round, status;
	pid_t child;

	if (!rounds)
		errx(2, "Usage: program read|write ROUNDS");
	for (round = 0; round < rounds; round++)
		report("as it began", 0);
	if (strcmp(argv[1], "write"))
		return 0;
	change(5);
	for (round = 0; round < rounds; round++)
		report("changed", 5);
	child = fork();
	if (!child) {
		change(2);
		report("child", 7);
		return 0;
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		err(1, "child");
	report("parent", 5);
	return status;
}
