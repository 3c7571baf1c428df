// SPDX-License-Identifier: GPL-2.0
/* Which values of which parameters are tried. A wrong one ends the program with status 2. */

#include <ctype.h>
#include <string.h>
#include "memory.h"
#include "nearest.h"
#include "opt.h"
#include "space.h"
#include "sweep.h"

/* Values that a range stands for, unless told, and the most of a parameter. */
#define RANGE_VALUES	9
#define MAX_VALUES	10000
/* A range whose ends are so many times each other has its values at equal ratios. */
#define WIDE_RATIO	16
/* Doublings of a default, in each direction. */
#define DOUBLINGS	3

/* It chooses the numbers that are drawn, and is no setting. */
#define SEED	"seed"

static void try_policy(void *data, const char *name)
{
	if (registry_find(name)->params)
		nearest_try(data, name);
}

static void refuse_policy(const char *name)
{
	struct nearest nearest = { .text = name };

	if (space_find(name))
		errx(2, "%s: it has no number of frames; swaplab sim runs it with lists of values",
		     name);
	registry_list(try_policy, &nearest);
	errx(2, "%s: there is no such policy%s", name,
	     nearest.word ? nearest_hint(&nearest) : "; see --help");
}

/**
 * sweep_create() - begin with no parameter swept
 * @sweep: to be set up
 * @policy: its name
 *
 * Ends the program with a message if there is no such policy, or it has no parameters.
 */
void sweep_create(struct sweep *sweep, const char *policy)
{
	*sweep = (struct sweep){ .ops = registry_find(policy) };
	if (!sweep->ops && strcmp(policy, OPT_NAME))
		refuse_policy(policy);
	if (!sweep->ops || !sweep->ops->params)
		errx(2, "%s: it has no parameters; --help lists the policies that do", policy);
	while (sweep->ops->params[sweep->nr].name)
		sweep->nr++;
	sweep->axes = memory_array(sweep->nr, sizeof(*sweep->axes));
}

static void add_value(struct axis *axis, unsigned int value)
{
	unsigned int i;

	for (i = 0; i < axis->nr; i++)
		if (axis->values[i] == value)
			return;
	axis->values = memory_resize(axis->values, axis->nr + 1, sizeof(*axis->values));
	axis->values[axis->nr++] = value;
}

static unsigned int parse_value(const char *param, const char *text, const char **end)
{
	unsigned long value;
	char *after;

	value = strtoul(text, &after, 10);
	if (!isdigit((unsigned char)*text) || value > UINT_MAX)
		errx(2, "--param %s: not a number, nor a range such as 1..9", param);
	*end = after;
	return value;
}

/* Of @nr values from @low to @high, at equal ratios or at equal distances. */
static unsigned int value_between(unsigned int low, unsigned int high, unsigned int i,
				  unsigned int nr)
{
	double part = (double)i / (nr - 1);

	if (low && high / low >= WIDE_RATIO && nr <= high - low)
		return __builtin_floor(low * __builtin_pow((double)high / low, part) + 0.5);
	return low + __builtin_floor((high - low) * part + 0.5);
}

/* LOW..HIGH or LOW..HIGH:NUMBER, behind LOW. */
static const char *add_range(struct axis *axis, const char *param, unsigned int low,
			     const char *text)
{
	unsigned int high = parse_value(param, text + strlen(".."), &text);
	unsigned int i, nr = RANGE_VALUES;

	if (low > high)
		errx(2, "--param %s: %u is more than %u", param, low, high);
	if (*text == ':')
		nr = parse_value(param, text + 1, &text);
	if (nr < 2 || nr > MAX_VALUES)
		errx(2, "--param %s: a range stands for 2 to %u values", param, MAX_VALUES);
	for (i = 0; i < nr; i++)
		add_value(axis, value_between(low, high, i, nr));
	return text;
}

/* Values and ranges, with commas between. */
static void parse_values(struct axis *axis, const char *param, const char *text)
{
	unsigned int value;

	for (;; text++) {
		value = parse_value(param, text, &text);
		if (!strncmp(text, "..", 2))
			text = add_range(axis, param, value, text);
		else
			add_value(axis, value);
		if (!*text)
			return;
		if (*text != ',')
			errx(2, "--param %s: not a list of numbers and ranges", param);
	}
}

/* The first @length characters of @text are its name. */
static unsigned int find_param(const struct sweep *sweep, const char *text, size_t length)
{
	const struct swaplab_policy_param *params = sweep->ops->params;
	struct nearest nearest = { .text = strndupa(text, length) };
	unsigned int i;

	for (i = 0; i < sweep->nr; i++) {
		if (!strcmp(params[i].name, nearest.text))
			return i;
		nearest_try(&nearest, params[i].name);
	}
	errx(2, "--param %s: policy %s has no such parameter%s", text, sweep->ops->name,
	     nearest.word ? nearest_hint(&nearest) : "; see --help");
}

/**
 * sweep_add() - sweep a parameter
 * @sweep: those that are swept so far
 * @text: NAME=VALUES, where VALUES are numbers and ranges
 *
 * Ends the program with a message if the policy does not have it, it is swept already, or
 * a value is not in range.
 */
void sweep_add(struct sweep *sweep, const char *text)
{
	const char *equals = strchr(text, '=');
	const struct swaplab_policy_param *param;
	struct axis *axis;
	unsigned int i;

	if (!equals || equals == text)
		errx(2, "--param %s: not of the form PARAMETER=VALUES", text);
	i = find_param(sweep, text, equals - text);
	axis = &sweep->axes[i];
	param = &sweep->ops->params[i];
	if (axis->nr)
		errx(2, "--param %s: %s is given twice", text, param->name);
	parse_values(axis, text, equals + 1);
	for (i = 0; i < axis->nr; i++)
		if (axis->values[i] < param->min || axis->values[i] > param->max)
			errx(2, "--param %s: %s takes %u to %u", text, param->name, param->min,
			     param->max);
}

/* The default, its halves and doubles; 0 if that has a meaning. */
static void add_ladder(struct axis *axis, const struct swaplab_policy_param *param)
{
	uint64_t value;
	int i;

	if (!param->min)
		add_value(axis, 0);
	for (i = -DOUBLINGS; i <= DOUBLINGS; i++) {
		value = i < 0 ? param->initial >> -i : (uint64_t)param->initial << i;
		value = max_t(uint64_t, value, param->min);
		add_value(axis, min_t(uint64_t, value, param->max));
	}
}

/**
 * sweep_fill() - sweep all parameters, around their defaults
 * @sweep: with none swept so far
 *
 * Ends the program with a message if there is nothing to sweep.
 */
void sweep_fill(struct sweep *sweep)
{
	const struct swaplab_policy_param *params = sweep->ops->params;
	unsigned int i, nr = 0;

	for (i = 0; i < sweep->nr; i++) {
		if (!strcmp(params[i].name, SEED))
			continue;
		add_ladder(&sweep->axes[i], &params[i]);
		nr++;
	}
	if (!nr)
		errx(2, "%s: its only parameter chooses random numbers, and is no setting",
		     sweep->ops->name);
}

/**
 * sweep_count() - how many settings are there, if each goes with each?
 * @sweep: the parameters
 *
 * Return: the number.
 */
double sweep_count(const struct sweep *sweep)
{
	double nr = 1;
	unsigned int i;

	for (i = 0; i < sweep->nr; i++)
		nr *= sweep->axes[i].nr ? : 1;
	return nr;
}

/**
 * sweep_destroy() - undo sweep_create()
 * @sweep: the parameters
 */
void sweep_destroy(struct sweep *sweep)
{
	unsigned int i;

	for (i = 0; i < sweep->nr; i++)
		free(sweep->axes[i].values);
	free(sweep->axes);
}
