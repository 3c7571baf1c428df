/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A verb of the command: its name, arguments and function. --help, the man page and
 * the completion are made of this, so that they cannot differ from the parser.
 */
#ifndef SWAPLAB_VERB_H
#define SWAPLAB_VERB_H

#include <stdbool.h>

/**
 * struct swaplab_option - an option of a verb
 * @name: behind "--"; NULL ends a table
 * @argument: its argument, in capitals; NULL: none. The completion knows
 *	DEVICE, REGION (by its name), FILE, DIRECTORY, NAME (of a policy), and {A|B} for words
 * @key: returned by option_next(); a letter is a short option, too
 * @help: its effect, in lines of any length
 */
struct swaplab_option {
	const char *name;
	const char *argument;
	int key;
	const char *help;
};

/**
 * struct swaplab_verb - a verb
 * @name: the first argument of the command
 * @arguments: its arguments without options, as in "DEVICE FILE"
 * @summary: its effect, in some words without a full stop
 * @description: sentences that say more, in lines that end with \n; those that begin
 *	with a blank stay as they are; or NULL
 * @options: its own, --help left out; may be NULL
 * @takes_program: options end at the first argument, which is a program to run
 * @usage_status: exit status for a wrong command line, if not 2
 * @run: the function; argv[0] is "swaplab NAME", and so is the prefix of err();
 *	returns the exit status: 0, or what the man page says after an error
 */
struct swaplab_verb {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *description;
	const struct swaplab_option *options;
	bool takes_program;
	int usage_status;
	int (*run)(int argc, char **argv);
};

extern const struct swaplab_verb attach_verb;
extern const struct swaplab_verb detach_verb;
extern const struct swaplab_verb add_verb;
extern const struct swaplab_verb ages_verb;
extern const struct swaplab_verb experiment_verb;
extern const struct swaplab_verb get_verb;
extern const struct swaplab_verb latency_verb;
extern const struct swaplab_verb map_verb;
extern const struct swaplab_verb policy_verb;
extern const struct swaplab_verb compare_verb;
extern const struct swaplab_verb run_verb;
extern const struct swaplab_verb record_verb;
extern const struct swaplab_verb remove_verb;
extern const struct swaplab_verb reset_verb;
extern const struct swaplab_verb score_verb;
extern const struct swaplab_verb set_verb;
extern const struct swaplab_verb sim_verb;
extern const struct swaplab_verb status_verb;
extern const struct swaplab_verb tune_verb;
extern const struct swaplab_verb unlink_verb;
extern const struct swaplab_verb walk_verb;
extern const struct swaplab_verb watch_verb;
extern const struct swaplab_verb with_verb;
extern const struct swaplab_verb workload_verb;

#endif /* SWAPLAB_VERB_H */
