// SPDX-License-Identifier: GPL-2.0
/* Options that do not go together end the program with status 2. */

#include <err.h>
#include <string.h>
#include "check.h"

/* What is printed in place of results is in no other form, and counts all references. */
static void check_no_results(const struct options *options, const char *option)
{
	if (options->csv || options->is_json || options->svg)
		errx(2, "--%s: in place of results; no --csv, --json, --svg", option);
	if (options->visibility != VISIBILITY_FULL || options->nr_resizes ||
	    options->warm_up.number)
		errx(2, "--%s: without --visibility sampled, --resize and --warm-up", option);
}

static void check_stack(const struct options *options)
{
	check_no_results(options, "stack");
	if (options->nr_policies || options->nr_spaces || options->opt_wanted ||
	    options->nr_frames || options->steps)
		errx(2, "--stack: of LRU, for all sizes; no --policy, --frames, --steps");
	if (options->is_shared_out)
		errx(2, "--stack: of all traces together; no --allocation equal");
}

static void check_together(const struct options *options)
{
	if (!options->is_together && (options->quantum || options->has_allocation))
		errx(2, "--quantum and --allocation are for traces --together");
	if (!options->is_together)
		return;
	if (options->nr_traces < 2)
		errx(2, "--together: with a single --trace");
	if (options->nr_spaces)
		errx(2, "--together: policy %s has no frames that traces could share",
		     options->spaces[0]->name);
	if (options->steps)
		errx(2, "--together: without --steps");
}

/* Each combination of parameters, before traces take time to be read. */
static void check_spaces(const struct options *options)
{
	unsigned int values[SPACE_MAX_PARAMS], policy, choice;
	const struct space_policy *space;

	for (policy = 0; policy < options->nr_spaces; policy++) {
		space = options->spaces[policy];
		for (choice = 0; choice < space_count(space, &options->settings); choice++)
			space_choose(space, &options->settings, choice, values);
	}
}

static void check_frames(const struct options *options)
{
	bool are_needed = options->nr_policies || options->opt_wanted;

	if (!are_needed && !options->nr_spaces)
		errx(2, "which --policy? See --help");
	if (are_needed && !options->nr_frames)
		errx(2, "how many --frames? See --help");
	if (!are_needed && (options->nr_frames || options->nr_resizes))
		errx(2, "--policy %s: it has no number of frames; no --frames, --resize",
		     options->spaces[0]->name);
}

/**
 * check_options() - do the options go together?
 * @options: each is right in itself
 *
 * Ends the program with a message if not.
 */
void check_options(const struct options *options)
{
	if (!options->nr_traces)
		errx(2, "which --trace? See --help");
	check_together(options);
	if (options->is_stack) {
		check_stack(options);
		return;
	}
	if (options->steps)
		check_no_results(options, "steps");
	check_frames(options);
	check_spaces(options);
	if (options->is_json && options->csv && !strcmp(options->csv, "-"))
		errx(2, "--json and --csv - are both for stdout");
	if (options->fault_time && !options->nr_spaces)
		errx(2, "--fault-time: for policies without frames, such as ws");
}
