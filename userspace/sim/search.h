/* SPDX-License-Identifier: GPL-2.0 */
/* The way through the settings of a policy. */
#ifndef SIM_SEARCH_H
#define SIM_SEARCH_H

#include "sweep.h"
#include "trial.h"

/**
 * struct search - how settings were chosen to be tried
 * @is_grid: each value of a parameter with each of the others; else a parameter at a time
 * @is_cut: would it have gone on, with more runs?
 */
struct search {
	bool is_grid;
	bool is_cut;
};

struct search search_run(struct trials *trials, const struct sweep *sweep, uint64_t max_runs);

#endif /* SIM_SEARCH_H */
