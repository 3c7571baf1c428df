// SPDX-License-Identifier: GPL-2.0
/*
 * How pools work: what the command line says, in numbers for a trace. Where traces that
 * run together have frames of their own, each has a pool with a schedule of its own.
 */

#include "config.h"
#include "jobs.h"
#include "memory.h"

/* Behind those that come before, or at the same time. */
static void insert_resize(struct resize *resizes, unsigned int nr, struct resize resize)
{
	for (; nr && resizes[nr - 1].at > resize.at; nr--)
		resizes[nr] = resizes[nr - 1];
	resizes[nr] = resize;
}

/*
 * In order of time: of resizes that come at different times, but at the same time of a
 * part, the last one counts.
 */
static struct schedule make_schedule(const struct options *options,
				     const struct trace *trace)
{
	struct schedule schedule = {
		.resizes = memory_array(options->nr_resizes, sizeof(*schedule.resizes)),
		.nr_resizes = options->nr_resizes,
	};
	struct resize resize;
	unsigned int i;

	for (i = 0; i < options->nr_resizes; i++) {
		resize = (struct resize){
			.at = options_resolve(&options->resizes[i].at, trace),
			.nr_frames = options_resolve(&options->resizes[i].frames, trace),
		};
		insert_resize(schedule.resizes, i, resize);
	}
	if (options->warm_up.number)
		schedule.warm_up = options_resolve(&options->warm_up, trace);
	if (schedule.warm_up >= trace->nr)
		errx(1, "--warm-up: %s has only %lu references", trace->name, trace->nr);
	return schedule;
}

/* In time of a part, and with its frames: as the schedule of all parts. */
static void share_schedule(struct pool_config *config, const struct trace *trace)
{
	uint64_t *counts = memory_array(trace->nr_parts, sizeof(*counts));
	unsigned int i, j;

	trace_count(trace, config->schedule.warm_up, counts);
	for (i = 0; i < trace->nr_parts; i++)
		config->parts[i].schedule.warm_up = counts[i];
	for (j = 0; j < config->schedule.nr_resizes; j++) {
		trace_count(trace, config->schedule.resizes[j].at, counts);
		for (i = 0; i < trace->nr_parts; i++)
			config->parts[i].schedule.resizes[j] = (struct resize){
				.at = counts[i],
				.nr_frames = jobs_share(config->schedule.resizes[j].nr_frames,
							i, trace->nr_parts),
			};
	}
	free(counts);
}

/* Each part needs a frame, always. */
static void check_shares(const struct options *options, const struct trace *trace)
{
	unsigned int i, nr = options->nr_frames + options->nr_resizes;
	const struct size *size;

	for (i = 0; i < nr; i++) {
		size = i < options->nr_frames ? &options->frames[i] :
			&options->resizes[i - options->nr_frames].frames;
		if (options_resolve(size, trace) < trace->nr_parts)
			errx(1, "--allocation equal: %lu frames are fewer than %u traces",
			     options_resolve(size, trace), trace->nr_parts);
	}
}

/* While all parts run, each has its share of the references from tick to tick. */
static void make_parts(struct pool_config *config, const struct trace *trace)
{
	unsigned int i, nr_resizes = config->schedule.nr_resizes;
	struct pool_config *part;

	config->parts = memory_array(trace->nr_parts, sizeof(*config->parts));
	for (i = 0; i < trace->nr_parts; i++) {
		part = &config->parts[i];
		*part = *config;
		part->tick = config->tick / trace->nr_parts ? : 1;
		part->schedule.resizes = memory_array(nr_resizes,
						      sizeof(*part->schedule.resizes));
	}
	share_schedule(config, trace);
}

/**
 * config_make() - how pools work on a trace
 * @options: the command line
 * @trace: the trace
 *
 * Ends the program with a message if the trace is too short for its warm-up, or has more
 * parts than there are frames for.
 *
 * Return: that, to be given to config_destroy().
 */
struct pool_config config_make(const struct options *options, const struct trace *trace)
{
	struct pool_config config = {
		.visibility = options->visibility,
		.tick = options_resolve(&options->tick, trace),
		.schedule = make_schedule(options, trace),
		.settings = options->settings,
		.is_shared_out = options->is_shared_out,
	};

	if (options->is_shared_out)
		check_shares(options, trace);
	if (trace->parts)
		make_parts(&config, trace);
	return config;
}

/**
 * config_destroy() - undo config_make()
 * @config: that
 * @trace: as for config_make()
 */
void config_destroy(struct pool_config *config, const struct trace *trace)
{
	unsigned int i;

	for (i = 0; i < trace->nr_parts; i++)
		free(config->parts[i].schedule.resizes);
	free(config->parts);
	free(config->schedule.resizes);
}
