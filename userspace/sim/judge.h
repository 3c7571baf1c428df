/* SPDX-License-Identifier: GPL-2.0 */
/* Which settings are better than others, and which differences are noise. */
#ifndef SIM_JUDGE_H
#define SIM_JUDGE_H

#include "trial.h"

/**
 * struct judgement - what the trials say
 * @best: the trial with the fewest misses
 * @noise: by trial: how much worse than @best it may be by chance, as the logarithm of a
 *	ratio of misses
 * @is_noise: by trial: is it no worse than that?
 * @gain: the logarithm of the misses of the best to those of the defaults
 * @held_out: the same, where settings are chosen on one half of each trace and judged on
 *	the other: the mean of both ways
 */
struct judgement {
	unsigned int best;
	double *noise;
	bool *is_noise;
	double gain;
	double held_out;
};

bool judge_is_better(const struct trials *trials, unsigned int trial, unsigned int than);
double judge_compare(const struct trials *trials, unsigned int trial, unsigned int with);
double judge_opt_ratio(const struct trials *trials, unsigned int trial);
void judge_all(const struct trials *trials, struct judgement *judgement);
void judge_destroy(struct judgement *judgement);

#endif /* SIM_JUDGE_H */
