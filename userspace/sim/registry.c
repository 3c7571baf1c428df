// SPDX-License-Identifier: GPL-2.0
/* The policies that were compiled in: each registers before main() begins. */

#include <stdio.h>
#include <string.h>
#include "memory.h"
#include "registry.h"
#include "wrap.h"

static struct list_head policies = { &policies, &policies };

/* In the order of their names. */
int swaplab_policy_register(struct swaplab_policy_ops *ops)
{
	struct swaplab_policy_ops *other;

	if (!ops->admit || !ops->victim || !ops->remove || !ops->name ||
	    registry_find(ops->name))
		return -EINVAL;
	list_for_each_entry(other, &policies, list)
		if (strcmp(other->name, ops->name) > 0)
			break;
	list_add_tail(&ops->list, &other->list);
	return 0;
}

void swaplab_policy_unregister(struct swaplab_policy_ops *ops)
{
	list_del(&ops->list);
}

/**
 * registry_find() - the policy of a name
 * @name: its name
 *
 * Return: the policy, NULL if there is none.
 */
const struct swaplab_policy_ops *registry_find(const char *name)
{
	struct swaplab_policy_ops *ops;

	list_for_each_entry(ops, &policies, list)
		if (!strcmp(ops->name, name))
			return ops;
	return NULL;
}

static void print_params(const struct swaplab_policy_param *param)
{
	struct wrap wrap = { .indent = 16, .column = 16 };
	char text[96];

	for (; param && param->name; param++) {
		snprintf(text, sizeof(text), "%s=%u (%u to %u) ", param->name,
			 param->initial, param->min, param->max);
		text[strlen(text) - !param[1].name] = '\0';
		wrap_word(&wrap, text);
	}
}

/**
 * registry_print_policy() - a policy and its parameters, in a line or more
 * @name: of the policy
 * @params: the last one has no name; NULL: there are none
 */
void registry_print_policy(const char *name, const struct swaplab_policy_param *params)
{
	printf("  %-*s", params ? 14 : 0, name);
	print_params(params);
	putchar('\n');
}

/**
 * registry_print() - all policies and their parameters, one in a line or more
 */
void registry_print(void)
{
	struct swaplab_policy_ops *ops;

	list_for_each_entry(ops, &policies, list)
		registry_print_policy(ops->name, ops->params);
}

static bool is_of(const struct setting *setting, const struct swaplab_policy_param *param)
{
	return (int)strlen(param->name) == setting->name_length &&
	       !strncmp(param->name, setting->name, setting->name_length);
}

/* The last one of several counts. */
static const struct setting *find_setting(const struct swaplab_policy_param *param,
					  const struct settings *settings)
{
	unsigned int i;

	for (i = settings->nr; i-- > 0;)
		if (is_of(&settings->all[i], param))
			return &settings->all[i];
	return NULL;
}

/**
 * registry_nr_values() - how many values of a parameter were set
 * @param: of a policy
 * @settings: those that were set
 *
 * Return: that number; 1 if the parameter has its initial value.
 */
unsigned int registry_nr_values(const struct swaplab_policy_param *param,
				const struct settings *settings)
{
	const struct setting *setting = find_setting(param, settings);

	return setting ? setting->nr_values : 1;
}

/**
 * registry_value() - the value of a parameter
 * @param: of a policy
 * @settings: those that were set
 * @choice: which of the values that it was set to, from 0
 *
 * Return: its value, which is the initial one if it was not set.
 */
unsigned int registry_value(const struct swaplab_policy_param *param,
			    const struct settings *settings, unsigned int choice)
{
	const struct setting *setting = find_setting(param, settings);

	return setting ? setting->values[choice] : param->initial;
}

/**
 * registry_list() - name all policies
 * @call: called with the name of each, in their order
 * @data: for @call
 */
void registry_list(void (*call)(void *data, const char *name), void *data)
{
	struct swaplab_policy_ops *ops;

	list_for_each_entry(ops, &policies, list)
		call(data, ops->name);
}

/**
 * registry_check_params() - is that one of these parameters, and its values in range?
 * @policy: that has the parameters
 * @params: the last one has no name; NULL: there are none
 * @setting: the parameter
 *
 * Ends the program with a message if a value is not in range.
 *
 * Return: whether it is one of them.
 */
bool registry_check_params(const char *policy, const struct swaplab_policy_param *params,
			   const struct setting *setting)
{
	const struct swaplab_policy_param *param = params;
	unsigned int i;

	while (param && param->name && !is_of(setting, param))
		param++;
	if (!param || !param->name)
		return false;
	for (i = 0; i < setting->nr_values; i++)
		if (setting->values[i] < param->min || setting->values[i] > param->max)
			errx(2, "--param %s: %s takes %u to %u", setting->name, policy,
			     param->min, param->max);
	return true;
}

/**
 * registry_check() - is that a parameter of a policy, with one value, which is in range?
 * @setting: the parameter
 *
 * Ends the program with a message if the value is not.
 *
 * Return: whether a policy has the parameter.
 */
bool registry_check(const struct setting *setting)
{
	struct swaplab_policy_ops *ops;
	bool found = false;

	list_for_each_entry(ops, &policies, list) {
		if (!registry_check_params(ops->name, ops->params, setting))
			continue;
		found = true;
		if (setting->nr_values > 1)
			errx(2, "--param %s: %s takes one value", setting->name, ops->name);
	}
	return found;
}

static void set_params(struct swaplab_policy *policy,
		       const struct settings *settings)
{
	const struct swaplab_policy_param *param;
	char *data = policy->data;
	unsigned int value;

	for (param = policy->ops->params; param && param->name; param++) {
		value = registry_value(param, settings, 0);
		memcpy(data + param->offset, &value, sizeof(value));
	}
}

/**
 * registry_create() - a policy ready to work
 * @ops: which one
 * @nr_frames: of its pool
 * @settings: parameters that differ from their initial values
 *
 * Return: the policy, to be given to registry_destroy().
 */
struct swaplab_policy *registry_create(const struct swaplab_policy_ops *ops,
				       unsigned long nr_frames,
				       const struct settings *settings)
{
	struct swaplab_policy *policy = memory_array(1, sizeof(*policy));

	policy->ops = ops;
	policy->nr_frames = nr_frames;
	policy->data = memory_array(ops->data_size, 1);
	set_params(policy, settings);
	if (ops->init && ops->init(policy))
		errx(1, "policy %s does not start", ops->name);
	return policy;
}

/**
 * registry_destroy() - undo registry_create()
 * @policy: the policy, without frames
 */
void registry_destroy(struct swaplab_policy *policy)
{
	if (policy->ops->exit)
		policy->ops->exit(policy);
	free(policy->data);
	free(policy);
}
