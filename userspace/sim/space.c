// SPDX-License-Identifier: GPL-2.0
/*
 * Resident sets without a number of frames. Time is the process's own: a reference is a
 * unit of it. The size of the set at a reference is that with the page referred to, after
 * the policy has taken pages out for this reference; it counts once for each reference.
 */

#include <string.h>
#include "memory.h"
#include "space.h"

#define MAX_RUNS	10000

static const struct space_policy *const policies[] = { &pff_policy, &vmin_policy, &ws_policy };

/**
 * space_add() - bring a page in
 * @space: the resident set
 * @page: that is not in it
 */
void space_add(struct space *space, uint32_t page)
{
	space->pages[page].is_resident = true;
	space->nr_resident++;
	space->result.misses++;
}

/**
 * space_drop() - take a page out
 * @space: the resident set
 * @page: that is in it
 */
void space_drop(struct space *space, uint32_t page)
{
	space->result.dirty_evictions += space->pages[page].is_dirty;
	space->pages[page].is_dirty = false;
	space->pages[page].is_resident = false;
	space->nr_resident--;
}

/**
 * space_find() - the policy of a name
 * @name: its name
 *
 * Return: the policy, NULL if there is none.
 */
const struct space_policy *space_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (!strcmp(policies[i]->name, name))
			return policies[i];
	return NULL;
}

/**
 * space_list() - name all policies
 * @call: called with the name of each, in their order
 * @data: for @call
 */
void space_list(void (*call)(void *data, const char *name), void *data)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		call(data, policies[i]->name);
}

/**
 * space_print() - all policies and their parameters, one in a line or more
 */
void space_print(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		registry_print_policy(policies[i]->name, policies[i]->params);
}

/**
 * space_check() - is that a parameter of a policy, and are its values in range?
 * @setting: the parameter
 *
 * Ends the program with a message if a value is not in range.
 *
 * Return: whether a policy has it.
 */
bool space_check(const struct setting *setting)
{
	bool found = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (registry_check_params(policies[i]->name, policies[i]->params, setting))
			found = true;
	return found;
}

/**
 * space_count() - how often a policy runs on a trace
 * @policy: the policy
 * @settings: parameters that were set, to lists of values
 *
 * Ends the program with a message if that is too often.
 *
 * Return: the number of combinations of these values.
 */
unsigned int space_count(const struct space_policy *policy,
			 const struct settings *settings)
{
	const struct swaplab_policy_param *param;
	unsigned long count = 1;

	for (param = policy->params; param->name; param++)
		count *= registry_nr_values(param, settings);
	if (count > MAX_RUNS)
		errx(2, "--param: %lu combinations of values for %s; at most %d are possible",
		     count, policy->name, MAX_RUNS);
	return count;
}

/**
 * space_choose() - one of the combinations
 * @policy: the policy
 * @settings: as for space_count()
 * @choice: which one, from 0
 * @values: set to the values of the parameters
 *
 * Ends the program with a message if they contradict each other.
 */
void space_choose(const struct space_policy *policy, const struct settings *settings,
		  unsigned int choice, unsigned int values[SPACE_MAX_PARAMS])
{
	const struct swaplab_policy_param *param;
	unsigned int nr;

	for (param = policy->params; param->name; param++) {
		nr = registry_nr_values(param, settings);
		*values++ = registry_value(param, settings, choice % nr);
		choice /= nr;
	}
	if (policy->check)
		policy->check(values - (param - policy->params));
}

static void refer_page(struct space *space, const struct space_policy *policy,
		       uint32_t reference, struct residence *residence)
{
	struct space_page *page = &space->pages[TRACE_PAGE(reference)];
	bool is_miss = !page->is_resident;

	policy->refer(space, TRACE_PAGE(reference));
	page->is_dirty |= TRACE_IS_WRITE(reference);
	space->result.references++;
	residence->sum += space->nr_resident;
	if (is_miss)
		residence->at_misses += space->nr_resident;
	if (space->nr_resident > residence->max)
		residence->max = space->nr_resident;
}

/* For few pages: it takes memory and time for each of them. */
static void show_pages(const struct space *space, const struct watch *watch)
{
	uint32_t nr = space->trace->pages.nr, id;
	unsigned char *states = memory_array(nr, 1);

	for (id = 0; id < nr; id++)
		if (space->pages[id].is_resident)
			states[id] = POOL_RESIDENT |
				     (space->pages[id].is_dirty ? POOL_DIRTY : 0);
	watch->see(watch->data, states);
	free(states);
}

/**
 * space_run() - replay a trace
 * @trace: the trace, after trace_look_ahead()
 * @policy: says which pages are resident
 * @values: its parameters
 * @config: its warm-up and watch; the policies see each reference
 * @residence: set to how many pages were resident
 *
 * Return: the counts.
 */
struct pool_result space_run(const struct trace *trace, const struct space_policy *policy,
			     const unsigned int *values, const struct pool_config *config,
			     struct residence *residence)
{
	struct space space = {
		.trace = trace,
		.values = values,
		.pages = memory_array(trace->pages.nr + 1ul, sizeof(*space.pages)),
	};

	*residence = (struct residence){ };
	if (policy->begin)
		policy->begin(&space);
	for (; space.now < trace->nr; space.now++) {
		if (space.now && space.now == config->schedule.warm_up) {
			space.result = (struct pool_result){ };
			*residence = (struct residence){ };
		}
		refer_page(&space, policy, trace->references[space.now], residence);
		if (config->watch.see)
			show_pages(&space, &config->watch);
	}
	free(space.pages);
	return space.result;
}
