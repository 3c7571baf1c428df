// SPDX-License-Identifier: GPL-2.0
/*
 * Settings are compared by the geometric mean, over all runs, of the ratios of their
 * misses: each trace and size counts alike, however many misses it has.
 *
 * The noise. The next run of a program will not be the recorded one, so a difference
 * counts only if it is larger than other stretches of such traces would make it. Each
 * trace is cut into stretches, and the difference of two settings is worked out without
 * each stretch in turn: the jackknife (J. W. Tukey, "Bias and confidence in not-quite
 * large samples", Annals of Mathematical Statistics 29, 1958). How much these values vary
 * gives the standard error of the difference. Both settings are compared on the same
 * stretches, so what is common to them is no noise.
 *
 * The best of many settings looks better than it is. The settings within the noise are
 * meant to have the one that is really best among them, in 19 of 20 sweeps (multiple
 * comparisons with the best: J. C. Hsu, Annals of Statistics 12, 1984): the limit is
 * that of Student's distribution, with the chance divided by the number of the others.
 *
 * Over-fitting. Settings are chosen on one half of each trace, and judged on the other.
 */

#include <math.h>
#include "judge.h"
#include "memory.h"

#define CHANCE		0.05
/* Degrees of freedom, as if one trace made all of the difference; odd. */
#define FREEDOM		(POOL_STRETCHES - 1)

/* Stretches of a trace. */
struct part {
	unsigned int from;
	unsigned int to;
};

static const struct part whole = { 0, POOL_STRETCHES };
static const struct part halves[] = {
	{ 0, POOL_STRETCHES / 2 },
	{ POOL_STRETCHES / 2, POOL_STRETCHES },
};

static double log_misses(double misses)
{
	/* None is half of the least that there can be otherwise. */
	return log(misses > 0 ? misses : 0.5);
}

static uint64_t misses_in(const struct pool_result *result, struct part part)
{
	uint64_t misses = 0;
	unsigned int i;

	for (i = part.from; i < part.to; i++)
		misses += result->stretches[i];
	return misses;
}

/* The logarithm of a ratio of misses: below 0, it is better. */
static double compare_in(const struct trials *trials, unsigned int trial, unsigned int with,
			 struct part part)
{
	double sum = 0;
	unsigned int run;

	for (run = 0; run < trials->nr_runs; run++)
		sum += log_misses(misses_in(&trials->all[trial].results[run], part)) -
		       log_misses(misses_in(&trials->all[with].results[run], part));
	return sum / trials->nr_runs;
}

/**
 * judge_compare() - how much worse is a setting than another?
 * @trials: the trials
 * @trial: the one
 * @with: the other
 *
 * Return: the logarithm of the geometric mean of the ratios of their misses.
 */
double judge_compare(const struct trials *trials, unsigned int trial, unsigned int with)
{
	return compare_in(trials, trial, with, whole);
}

/**
 * judge_is_better() - does a setting have fewer misses than another?
 * @trials: the trials
 * @trial: the one
 * @than: the other
 *
 * Return: whether it has.
 */
bool judge_is_better(const struct trials *trials, unsigned int trial, unsigned int than)
{
	return judge_compare(trials, trial, than) < 0;
}

/**
 * judge_opt_ratio() - how much worse is a setting than the optimum?
 * @trials: the trials
 * @trial: which one
 *
 * Return: the geometric mean of the ratios of their misses; 0 if a run has none.
 */
double judge_opt_ratio(const struct trials *trials, unsigned int trial)
{
	double sum = 0;
	unsigned int run;

	for (run = 0; run < trials->nr_runs; run++) {
		if (!trials->optimum[run])
			return 0;
		sum += log((double)trials->all[trial].results[run].misses / trials->optimum[run]);
	}
	return exp(sum / trials->nr_runs);
}

/* The best on a part of each trace; the defaults, if nothing is better. */
static unsigned int find_best(const struct trials *trials, struct part part)
{
	unsigned int best = 0, i;

	for (i = 1; i < trials->nr; i++)
		if (compare_in(trials, i, best, part) < 0)
			best = i;
	return best;
}

/* The difference of two settings in a run if a stretch were not there. */
static double compare_without(const struct pool_result *a, const struct pool_result *b,
			      unsigned int stretch)
{
	return log_misses(a->misses - a->stretches[stretch]) -
	       log_misses(b->misses - b->stretches[stretch]);
}

/* Of the mean of the sizes of a trace. */
static double trace_variance(const struct trials *trials, unsigned int trial, unsigned int with,
			     unsigned int trace)
{
	unsigned int nr = trials->options->nr_frames, first = trace * nr, run, i;
	double without[POOL_STRETCHES] = { }, mean = 0, sum = 0;

	for (i = 0; i < POOL_STRETCHES; i++) {
		for (run = first; run < first + nr; run++)
			without[i] += compare_without(&trials->all[trial].results[run],
						      &trials->all[with].results[run], i) / nr;
		mean += without[i] / POOL_STRETCHES;
	}
	for (i = 0; i < POOL_STRETCHES; i++)
		sum += (without[i] - mean) * (without[i] - mean);
	return sum * (POOL_STRETCHES - 1) / POOL_STRETCHES;
}

/* Of judge_compare(). */
static double standard_error(const struct trials *trials, unsigned int trial, unsigned int with)
{
	unsigned int i, nr = trials->options->nr_traces;
	double variance = 0;

	for (i = 0; i < nr; i++)
		variance += trace_variance(trials, trial, with, i);
	return sqrt(variance) / nr;
}

/* How likely it is that Student's t is larger; the series ends as FREEDOM is odd. */
static double tail_of(double t)
{
	double angle = atan(t / sqrt(FREEDOM)), term = cos(angle), sum = term;
	unsigned int i;

	for (i = 3; i < FREEDOM; i += 2) {
		term *= (i - 1.0) / i * cos(angle) * cos(angle);
		sum += term;
	}
	return 0.5 - (angle + sin(angle) * sum) / M_PI;
}

/* Standard errors that the best of so many others is ahead by chance. */
static double find_limit(unsigned int nr)
{
	const double exact = 0.000001;
	double low = 0, high = 1000, middle;

	while (high - low > exact) {
		middle = (low + high) / 2;
		if (tail_of(middle) > CHANCE / nr)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static double find_held_out(const struct trials *trials)
{
	return (compare_in(trials, find_best(trials, halves[0]), 0, halves[1]) +
		compare_in(trials, find_best(trials, halves[1]), 0, halves[0])) / 2;
}

/**
 * judge_all() - judge all trials
 * @trials: the trials, which have results
 * @judgement: to be set up
 */
void judge_all(const struct trials *trials, struct judgement *judgement)
{
	double limit = find_limit(max(trials->nr - 1, 1u));
	unsigned int best = find_best(trials, whole), i;

	*judgement = (struct judgement){
		.best = best,
		.noise = memory_array(trials->nr, sizeof(*judgement->noise)),
		.is_noise = memory_array(trials->nr, sizeof(*judgement->is_noise)),
		.gain = judge_compare(trials, best, 0),
		.held_out = find_held_out(trials),
	};
	for (i = 0; i < trials->nr; i++) {
		judgement->noise[i] = limit * standard_error(trials, i, best);
		judgement->is_noise[i] = judge_compare(trials, i, best) <= judgement->noise[i];
	}
}

/**
 * judge_destroy() - undo judge_all()
 * @judgement: the judgement
 */
void judge_destroy(struct judgement *judgement)
{
	free(judgement->noise);
	free(judgement->is_noise);
}
