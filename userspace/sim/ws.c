// SPDX-License-Identifier: GPL-2.0
/*
 * Working set: the pages of the last tau references are resident.
 *
 * P. J. Denning, "The working set model for program behavior", Communications of the ACM
 * 11(5), 1968. W(t, tau) is the set of distinct pages among the tau references that end
 * with reference t (P. J. Denning and S. C. Schwartz, "Properties of the working-set
 * model", Communications of the ACM 15(3), 1972). Reference t misses if its page is not
 * in W(t - 1, tau): if its last use was more than tau references ago.
 *
 * Only one page can leave at a reference: that of the reference tau ago, if it was not
 * used since.
 */

#include "space.h"

static void ws_refer(struct space *space, uint32_t page)
{
	unsigned int tau = space->values[0];
	uint32_t oldest;

	if (!space->pages[page].is_resident)
		space_add(space, page);
	space->pages[page].last = space->now;
	if (space->now < tau)
		return;
	oldest = TRACE_PAGE(space->trace->references[space->now - tau]);
	if (space->pages[oldest].last == space->now - tau)
		space_drop(space, oldest);
}

static const struct swaplab_policy_param ws_params[] = {
	{ .name = "tau", .min = 1, .max = 4000000000U, .initial = 1000 },
	{ }
};

const struct space_policy ws_policy = {
	.name = "ws",
	.params = ws_params,
	.refer = ws_refer,
};
