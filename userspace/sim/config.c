// SPDX-License-Identifier: GPL-2.0
/* How pools work: what the command line says, in numbers for a trace. */

#include "config.h"
#include "memory.h"

static struct schedule make_schedule(const struct options *options,
				     const struct trace *trace)
{
	struct schedule schedule = {
		.resizes = memory_array(options->nr_resizes, sizeof(*schedule.resizes)),
		.nr_resizes = options->nr_resizes,
	};
	unsigned int i;

	for (i = 0; i < options->nr_resizes; i++)
		schedule.resizes[i] = (struct resize){
			.at = options_resolve(&options->resizes[i].at, trace),
			.nr_frames = options_resolve(&options->resizes[i].frames, trace),
		};
	if (options->warm_up.number)
		schedule.warm_up = options_resolve(&options->warm_up, trace);
	if (schedule.warm_up >= trace->nr)
		errx(1, "--warm-up: %s has only %lu references", trace->name, trace->nr);
	return schedule;
}

/**
 * config_make() - how pools work on a trace
 * @options: the command line
 * @trace: the trace
 *
 * Ends the program with a message if the trace is too short for its warm-up.
 *
 * Return: that, to be given to config_destroy().
 */
struct pool_config config_make(const struct options *options, const struct trace *trace)
{
	return (struct pool_config){
		.visibility = options->visibility,
		.tick = options_resolve(&options->tick, trace),
		.schedule = make_schedule(options, trace),
		.settings = options->settings,
	};
}

/**
 * config_destroy() - undo config_make()
 * @config: that
 */
void config_destroy(struct pool_config *config)
{
	free(config->schedule.resizes);
}
