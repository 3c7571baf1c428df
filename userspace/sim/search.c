// SPDX-License-Identifier: GPL-2.0
/*
 * All combinations of values, if there are runs enough for them. Else one parameter at a
 * time is tried with all its values, while the others keep those that were best so far,
 * until no parameter changes any more. That finds the best of all where parameters do not
 * depend on each other, and something good where they do.
 */

#include "judge.h"
#include "memory.h"
#include "search.h"

/* Parameters that are not swept keep their values. */
static void set_combination(const struct sweep *sweep, uint64_t number, unsigned int *values)
{
	const struct axis *axis;
	unsigned int i;

	for (i = 0; i < sweep->nr; i++) {
		axis = &sweep->axes[i];
		if (!axis->nr)
			continue;
		values[i] = axis->values[number % axis->nr];
		number /= axis->nr;
	}
}

static void search_grid(struct trials *trials, const struct sweep *sweep, unsigned int *values)
{
	uint64_t i, nr = sweep_count(sweep);

	for (i = 0; i < nr; i++) {
		set_combination(sweep, i, values);
		trials_add(trials, values);
	}
	trials_run(trials);
}

/* Changes @values to the best that there are for this parameter; false if runs are missing. */
static bool search_axis(struct trials *trials, const struct axis *axis, unsigned int *values,
			unsigned int param, uint64_t max_trials)
{
	unsigned int best = trials_find(trials, values), i, trial;
	bool is_complete = true;

	for (i = 0; i < axis->nr; i++) {
		values[param] = axis->values[i];
		if (trials_find(trials, values) < trials->nr || trials->nr < max_trials)
			trials_add(trials, values);
		else
			is_complete = false;
	}
	trials_run(trials);
	for (i = 0; i < axis->nr; i++) {
		values[param] = axis->values[i];
		trial = trials_find(trials, values);
		if (trial < trials->nr && judge_is_better(trials, trial, best))
			best = trial;
	}
	values[param] = trials->all[best].values[param];
	return is_complete;
}

/* Changes @values to the best that are found; false if runs are missing. */
static bool search_axes(struct trials *trials, const struct sweep *sweep, unsigned int *values,
			uint64_t max_trials)
{
	unsigned int i, nr;

	trials_run(trials);
	do {
		nr = trials->nr;
		for (i = 0; i < sweep->nr; i++) {
			if (sweep->axes[i].nr &&
			    !search_axis(trials, &sweep->axes[i], values, i, max_trials))
				return false;
		}
	} while (trials->nr > nr);
	return true;
}

/**
 * search_run() - try settings
 * @trials: with the defaults, which are not run yet
 * @sweep: values of parameters
 * @max_runs: at most, and enough for one setting
 *
 * Return: how they were chosen.
 */
struct search search_run(struct trials *trials, const struct sweep *sweep, uint64_t max_runs)
{
	unsigned int *values = memory_array(sweep->nr, sizeof(*values)), i;
	uint64_t max_trials = max_runs / trials->nr_runs;
	/* The defaults may not be among them. */
	struct search search = { .is_grid = sweep_count(sweep) + 1 <= max_trials };

	for (i = 0; i < sweep->nr; i++)
		values[i] = sweep->ops->params[i].initial;
	if (search.is_grid)
		search_grid(trials, sweep, values);
	else
		search.is_cut = !search_axes(trials, sweep, values, max_trials);
	free(values);
	return search;
}
