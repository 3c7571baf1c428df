// SPDX-License-Identifier: GPL-2.0
/* The settings, best first, and which one to take. */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include "json.h"
#include "memory.h"
#include "verdict.h"
#include "wrap.h"

/* Lines of the table; JSON has all settings. */
#define MAX_LINES	30
/* Where settings begin in a line. */
#define SETTING_COLUMN	49

enum advice {
	ADVICE_DEFAULTS_ARE_BEST,
	ADVICE_NOISE,		/* the defaults are as good */
	ADVICE_OVER_FITTED,	/* better where it was chosen only */
	ADVICE_SET,
};

static const char *const advice_names[] = {
	"defaults_are_best", "noise", "over_fitted", "set",
};

static enum advice choose_advice(const struct verdict *verdict)
{
	const struct judgement *judgement = &verdict->judgement;

	if (!judgement->best)
		return ADVICE_DEFAULTS_ARE_BEST;
	if (judgement->is_noise[0])
		return ADVICE_NOISE;
	return judgement->held_out < 0 ? ADVICE_SET : ADVICE_OVER_FITTED;
}

/* A logarithm of a ratio, as percents more. */
static double percent_of(double difference)
{
	return 100 * (exp(difference) - 1);
}

static uint64_t sum_misses(const struct trials *trials, unsigned int trial)
{
	uint64_t sum = 0;
	unsigned int run;

	for (run = 0; run < trials->nr_runs; run++)
		sum += trials->all[trial].results[run].misses;
	return sum;
}

static int compare_trials(const void *a, const void *b, void *data)
{
	unsigned int i = *(const unsigned int *)a, j = *(const unsigned int *)b;
	double difference = judge_compare(data, i, j);

	/* Of those that are alike, the one that was tried first. */
	if (!difference)
		return i < j ? -1 : 1;
	return difference < 0 ? -1 : 1;
}

/* Best first. */
static unsigned int *sort_trials(const struct trials *trials)
{
	unsigned int *order = memory_array(trials->nr, sizeof(*order)), i;

	for (i = 0; i < trials->nr; i++)
		order[i] = i;
	qsort_r(order, trials->nr, sizeof(*order), compare_trials, (void *)trials);
	return order;
}

/* Parameters that are swept, as swaplab set takes them. */
static void print_setting(const struct verdict *verdict, unsigned int trial, struct wrap *wrap)
{
	const struct trials *trials = verdict->trials;
	char text[96];
	unsigned int i;

	for (i = 0; i < trials->nr_params; i++) {
		if (!verdict->sweep->axes[i].nr)
			continue;
		snprintf(text, sizeof(text), "%s=%u", trials->ops->params[i].name,
			 trials->all[trial].values[i]);
		wrap_word(wrap, text);
	}
}

static void print_line(const struct verdict *verdict, unsigned int trial)
{
	const struct trials *trials = verdict->trials;
	const struct judgement *judgement = &verdict->judgement;
	struct wrap wrap = { .indent = SETTING_COLUMN, .column = SETTING_COLUMN };
	double opt_ratio = judge_opt_ratio(trials, trial);
	char ratio[32] = "-";

	if (opt_ratio)
		snprintf(ratio, sizeof(ratio), "%.3f", opt_ratio);
	printf("%12lu %8s %+11.2f %%  %-12s ", sum_misses(trials, trial), ratio,
	       percent_of(judge_compare(trials, trial, 0)),
	       trial == judgement->best ? "best" :
	       judgement->is_noise[trial] ? "within noise" : "");
	print_setting(verdict, trial, &wrap);
	if (!trial)
		wrap_word(&wrap, "(default)");
	putchar('\n');
}

/* The defaults are shown even if many are better. */
static void print_table(const struct verdict *verdict)
{
	unsigned int *order = sort_trials(verdict->trials), nr = verdict->trials->nr, i;
	unsigned int nr_left = 0;

	printf("%12s %8s %13s  %-12s %s\n", "misses", "vs opt", "vs default", "", "setting");
	for (i = 0; i < nr; i++) {
		if (i < MAX_LINES || !order[i])
			print_line(verdict, order[i]);
		else
			nr_left++;
	}
	if (nr_left)
		printf("%12s and %u more, which --json prints\n", "", nr_left);
	free(order);
}

/* A paragraph. */
static void __attribute__((format(printf, 1, 2))) print_note(const char *format, ...)
{
	struct wrap wrap = { };
	va_list list;
	char *text;

	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		errx(1, "out of memory");
	va_end(list);
	wrap_text(&wrap, text);
	putchar('\n');
	free(text);
}

static void print_title(const struct verdict *verdict)
{
	const struct trials *trials = verdict->trials;
	const struct options *options = trials->options;

	print_note("%s on %u trace%s, %u size%s each: %u settings, %s\n", trials->ops->name,
		   options->nr_traces, options->nr_traces > 1 ? "s" : "",
		   options->nr_frames, options->nr_frames > 1 ? "s" : "", trials->nr,
		   verdict->search.is_grid ? "all combinations" : "a parameter at a time");
}

/* A value that is best, and the last one that was tried though there are others. */
static void print_edges(const struct verdict *verdict)
{
	const struct trials *trials = verdict->trials;
	const struct swaplab_policy_param *param = trials->ops->params;
	const struct axis *axis = verdict->sweep->axes;
	unsigned int i, j, value, low, high;

	for (i = 0; i < trials->nr_params; i++, param++, axis++) {
		value = trials->all[verdict->judgement.best].values[i];
		low = value;
		high = value;
		for (j = 0; j < axis->nr; j++) {
			low = min(low, axis->values[j]);
			high = max(high, axis->values[j]);
		}
		if (low < high && ((value == low && low > param->min) ||
				   (value == high && high < param->max)))
			print_note("%s=%u is at the end of the values tried: others may be better.",
				   param->name, value);
	}
}

static void print_doubts(const struct verdict *verdict)
{
	const struct options *options = verdict->trials->options;

	if (verdict->search.is_cut)
		print_note("The search was not over: --runs allows for more.");
	print_edges(verdict);
	if (options->nr_traces == 1)
		print_note("One trace: try the setting on a recording of another run, too.");
	if (options->visibility == VISIBILITY_FULL)
		print_note("Policies saw each use; in the module not: --visibility sampled.");
}

/* In words. */
static void print_difference(const char *sentence, double difference)
{
	double percent = percent_of(difference);

	if (fabs(percent) < 0.005)
		print_note("%s as many.", sentence);
	else
		print_note("%s %.2f %% %s.", sentence, fabs(percent),
			   percent < 0 ? "fewer" : "more");
}

static void print_advice(const struct verdict *verdict)
{
	struct wrap wrap = { .indent = 8, .has_word = true };

	switch (choose_advice(verdict)) {
	case ADVICE_DEFAULTS_ARE_BEST:
		print_note("No setting is better than the defaults.");
		break;
	case ADVICE_NOISE:
		print_note("The defaults are within the noise of the best: nothing to set.");
		break;
	case ADVICE_OVER_FITTED:
		print_note("The gain does not hold where it was not sought: nothing to set.");
		break;
	case ADVICE_SET:
		wrap.column = printf("swaplab set policy=%s", verdict->trials->ops->name);
		print_setting(verdict, verdict->judgement.best, &wrap);
		putchar('\n');
	}
}

/**
 * verdict_print() - print a table, and which setting to take
 * @verdict: what came of it
 */
void verdict_print(const struct verdict *verdict)
{
	const struct judgement *judgement = &verdict->judgement;

	print_title(verdict);
	print_table(verdict);
	putchar('\n');
	if (judgement->best) {
		print_difference("Misses of the best, against those of the defaults:",
				 judgement->gain);
		print_difference("Chosen on one half of each trace, on the other half:",
				 judgement->held_out);
	}
	print_doubts(verdict);
	print_advice(verdict);
}

static void write_parameters(const struct trials *trials, unsigned int trial, struct json *json)
{
	unsigned int i;

	json_object(json, "parameters");
	for (i = 0; i < trials->nr_params; i++)
		json_number(json, trials->ops->params[i].name, trials->all[trial].values[i]);
	json_end(json);
}

static void write_runs(const struct trials *trials, unsigned int trial, struct json *json)
{
	unsigned int run;

	json_array(json, "runs");
	for (run = 0; run < trials->nr_runs; run++) {
		json_object(json, NULL);
		json_text(json, "trace", trials_trace(trials, run)->name);
		json_number(json, "frames", trials->frames[run]);
		json_number(json, "misses", trials->all[trial].results[run].misses);
		json_number(json, "opt_misses", trials->optimum[run]);
		json_end(json);
	}
	json_end(json);
}

static void write_trial(const struct verdict *verdict, unsigned int trial, struct json *json)
{
	const struct trials *trials = verdict->trials;
	const struct judgement *judgement = &verdict->judgement;
	double opt_ratio = judge_opt_ratio(trials, trial);

	json_object(json, NULL);
	write_parameters(trials, trial, json);
	json_number(json, "misses", sum_misses(trials, trial));
	if (opt_ratio)
		json_real(json, "opt_ratio", opt_ratio);
	json_real(json, "default_ratio", exp(judge_compare(trials, trial, 0)));
	json_real(json, "best_ratio", exp(judge_compare(trials, trial, judgement->best)));
	json_real(json, "noise_ratio", exp(judgement->noise[trial]));
	json_bool(json, "within_noise", judgement->is_noise[trial]);
	json_bool(json, "is_default", !trial);
	write_runs(trials, trial, json);
	json_end(json);
}

/**
 * verdict_json() - print the same as JSON
 * @verdict: what came of it
 */
void verdict_json(const struct verdict *verdict)
{
	const struct trials *trials = verdict->trials;
	const struct judgement *judgement = &verdict->judgement;
	unsigned int *order = sort_trials(trials), i;
	struct json json = { .file = stdout };

	json_object(&json, NULL);
	json_text(&json, "policy", trials->ops->name);
	json_text(&json, "version", VERSION);
	json_text(&json, "visibility",
		  trials->options->visibility == VISIBILITY_FULL ? "full" : "sampled");
	json_text(&json, "search", verdict->search.is_grid ? "grid" : "coordinates");
	json_bool(&json, "is_cut", verdict->search.is_cut);
	json_real(&json, "gain_ratio", exp(judgement->gain));
	json_real(&json, "held_out_ratio", exp(judgement->held_out));
	json_text(&json, "advice", advice_names[choose_advice(verdict)]);
	json_array(&json, "settings");
	for (i = 0; i < trials->nr; i++)
		write_trial(verdict, order[i], &json);
	json_end(&json);
	json_end(&json);
	free(order);
}
