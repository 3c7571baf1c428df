// SPDX-License-Identifier: GPL-2.0
/*
 * VMIN: after each reference, its page stays resident if it is used again within tau
 * references, and goes at once if not.
 *
 * B. G. Prieve and R. S. Fabry, "VMIN - an optimal variable-space page replacement
 * algorithm", Communications of the ACM 19(5), 1976. If a miss costs as much as tau
 * references of a page in memory, no policy that brings pages in when they are used
 * costs less. VMIN misses as often as the working set of the same tau does, as both
 * keep a page from one use to the next if these are tau references apart or less. It
 * never has more pages: the working set keeps each for tau references after its last
 * use. It needs to know the next use.
 */

#include "space.h"

/* A page that does not stay goes before the next reference, as it is used in its own. */
static void vmin_refer(struct space *space, uint32_t page)
{
	const struct trace *trace = space->trace;
	uint64_t before = space->now - 1;

	if (space->now && trace->next[before] > space->values[0])
		space_drop(space, TRACE_PAGE(trace->references[before]));
	if (!space->pages[page].is_resident)
		space_add(space, page);
}

/* TRACE_NEVER is more. */
static const struct swaplab_policy_param vmin_params[] = {
	{ .name = "tau", .min = 1, .max = 4000000000U, .initial = 1000 },
	{ }
};

const struct space_policy vmin_policy = {
	.name = "vmin",
	.params = vmin_params,
	.refer = vmin_refer,
};
