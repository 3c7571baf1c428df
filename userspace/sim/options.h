/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "format.h"
#include "pool.h"
#include "space.h"
#include "steps.h"

/* A number, or a share of a trace's pages. */
struct size {
	double number;
	bool is_share;
};

/* A new size of the pools, after so many references. */
struct resize_option {
	struct size frames;
	struct size at;
};

/**
 * struct options - the command line
 * @traces: names of files
 * @nr_traces: how many
 * @policies: names, the optimum last
 * @nr_policies: how many
 * @spaces: policies without frames
 * @nr_spaces: how many
 * @opt_wanted: was the optimum among them, or added to compare with?
 * @frames: sizes of pools
 * @nr_frames: how many
 * @resizes: new sizes on the way
 * @nr_resizes: how many
 * @warm_up: references that do not count in results
 * @visibility: how policies see references
 * @tick: references from tick to tick
 * @settings: parameters of policies
 * @fault_time: references that a miss takes, in space-time products
 * @is_together: do the traces share the frames?
 * @quantum: references of a turn of each
 * @is_shared_out: does each have frames of its own then?
 * @has_allocation: was it said whether they do?
 * @format: of the traces; NULL: to be guessed
 * @nr_threads: how many
 * @is_json: are results printed as JSON?
 * @is_stack: are stack distances wanted in place of results?
 * @steps: is a table of each reference wanted in place of results, and of which form?
 * @csv: a file's name, "-" or NULL
 * @svg: a file's name or NULL
 */
struct options {
	char **traces;
	unsigned int nr_traces;
	const char **policies;
	unsigned int nr_policies;
	const struct space_policy **spaces;
	unsigned int nr_spaces;
	bool opt_wanted;
	struct size *frames;
	unsigned int nr_frames;
	struct resize_option *resizes;
	unsigned int nr_resizes;
	struct size warm_up;
	enum visibility visibility;
	struct size tick;
	struct settings settings;
	uint64_t fault_time;
	bool is_together;
	uint64_t quantum;
	bool is_shared_out;
	bool has_allocation;
	const struct format *format;
	unsigned int nr_threads;
	bool is_json;
	bool is_stack;
	enum steps_form steps;
	const char *csv;
	const char *svg;
};

void options_begin(struct options *options);
void options_set(struct options *options, const char *name, char *value);
uint64_t options_whole(const char *option, const char *text, double max);
bool options_parse(struct options *options, int argc, char **argv);
void options_destroy(struct options *options);
uint64_t options_resolve(const struct size *size, const struct trace *trace);

#endif /* SIM_OPTIONS_H */
