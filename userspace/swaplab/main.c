// SPDX-License-Identifier: GPL-2.0
/* swaplab: finds the verb and lets it run. */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nearest.h"
#include "option.h"
#include "verb.h"

static const struct swaplab_verb help_verb;

static const struct swaplab_verb *const all_verbs[] = {
	&attach_verb,
	&detach_verb,
	&status_verb,
	&watch_verb,
	&latency_verb,
	&ages_verb,
	&map_verb,
	&walk_verb,
	&policy_verb,
	&set_verb,
	&get_verb,
	&reset_verb,
	&add_verb,
	&remove_verb,
	&unlink_verb,
	&run_verb,
	&compare_verb,
	&score_verb,
	&with_verb,
	&workload_verb,
	&record_verb,
	&sim_verb,
	&tune_verb,
	&experiment_verb,
	&help_verb,
	NULL
};

static int print_usage(FILE *file, int status)
{
	const struct swaplab_verb *const *verb;

	fputs("Usage: swaplab VERB [OPTION]... [ARGUMENT]...\n"
	      "Pages by policies of your choice, on /dev/swaplab0.\n\n", file);
	for (verb = all_verbs; *verb; verb++)
		fprintf(file, "  %-10s %s\n", (*verb)->name, (*verb)->summary);
	fputs("\n"
	      "  --help         show this; with a verb, its arguments and options\n"
	      "  -V, --version  show the version\n", file);
	return status;
}

static const struct swaplab_verb *find_verb(const char *name)
{
	struct nearest nearest = { .text = name };
	const struct swaplab_verb *const *verb;

	for (verb = all_verbs; *verb; verb++) {
		if (!strcmp((*verb)->name, name))
			return *verb;
		nearest_try(&nearest, (*verb)->name);
	}
	errx(2, "%s: there is no such verb%s\nFor those there are: swaplab --help", name,
	     nearest_hint(&nearest));
}

static int call_verb(const struct swaplab_verb *verb, int argc, char **argv)
{
	static char name[64];

	snprintf(name, sizeof(name), "swaplab %s", verb->name);
	program_invocation_short_name = name;
	argv[0] = name;
	return verb->run(argc, argv);
}

/* The simulator and the recorder have help of their own. */
static int run_help(int argc, char **argv)
{
	char option[] = "--help", *help[] = { NULL, option, NULL };

	while (option_next(&help_verb, argc, argv) != -1)
		;
	if (argc - optind > 1)
		option_wrong(&help_verb, "one verb");
	if (optind == argc)
		return print_usage(stdout, 0);
	argv += optind;
	optind = 0;
	return call_verb(find_verb(*argv), 2, help);
}

static const struct swaplab_verb help_verb = {
	.name = "help",
	.arguments = "[VERB]",
	.summary = "show the arguments and options of a verb",
	.run = run_help,
};

static int run_command(int argc, char **argv)
{
	if (argc < 2)
		return print_usage(stderr, 2);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_usage(stdout, 0);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return puts("swaplab " VERSION) < 0;
	return call_verb(find_verb(argv[1]), argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status;

	program_invocation_short_name = "swaplab";
	/* While it is ignored, children leave no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	status = run_command(argc, argv);
	if (fflush(stdout) || ferror(stdout))
		err(1, "stdout");
	return status;
}
