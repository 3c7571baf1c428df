/* SPDX-License-Identifier: GPL-2.0 */
/* One pool, in which a policy meets a trace. */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include "registry.h"
#include "schedule.h"
#include "trace.h"

/* How the policy sees references. */
enum visibility {
	VISIBILITY_FULL,	/* each, at once */
	VISIBILITY_SAMPLED,	/* accessed bits, as the module does */
};

/* The state of a page, as a watch sees it; 0: it is not resident. */
#define POOL_RESIDENT	0x1
#define POOL_REFERENCED	0x2
#define POOL_DIRTY	0x4

/**
 * struct watch - looks at a pool after each reference
 * @see: called with the state of each page, by id; NULL: nobody looks
 * @data: for @see
 */
struct watch {
	void (*see)(void *data, const unsigned char *states);
	void *data;
};

/**
 * struct pool_config - how a pool works
 * @visibility: how its policy sees references
 * @tick: references from one tick to the next
 * @schedule: when its size changes, and where results begin
 * @settings: parameters of policies
 * @watch: looks at each step
 * @parts: of a merged trace, how a pool of each of its parts alone works, with the same
 *	references in the warm-up; NULL: the trace is not merged
 * @is_shared_out: does each part have frames of its own?
 */
struct pool_config {
	enum visibility visibility;
	uint64_t tick;
	struct schedule schedule;
	struct settings settings;
	struct watch watch;
	struct pool_config *parts;
	bool is_shared_out;
};

#define POOL_MAX_STATS	32

/* Parts of the references that count, of equal length. */
#define POOL_STRETCHES	16

/**
 * struct pool_result - counts
 * @references: counted, which those of the warm-up are not
 * @misses: pages that had to come in, first uses among them
 * @dirty_evictions: pages that went after they were written
 * @stretches: the misses in each part of the counted references; of the optimum, and of
 *	a pool in shares, none
 * @policy_errors: victims that were none, or none though there were frames, or no end
 *	of SWAPLAB_VICTIM_AGAIN
 * @stats: of the policy, at the end: the first ones of its table; of a pool in shares none
 * @nr_stats: how many
 */
struct pool_result {
	uint64_t references;
	uint64_t misses;
	uint64_t dirty_evictions;
	uint64_t stretches[POOL_STRETCHES];
	uint64_t policy_errors;
	unsigned long stats[POOL_MAX_STATS];
	unsigned int nr_stats;
};

struct pool_result pool_run(const struct trace *trace,
			    const struct swaplab_policy_ops *ops,
			    unsigned long nr_frames,
			    const struct pool_config *config,
			    struct pool_result *parts);

#endif /* SIM_POOL_H */
