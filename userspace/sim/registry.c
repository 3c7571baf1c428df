// SPDX-License-Identifier: GPL-2.0
/* The policies that were compiled in: each registers before main() begins. */

#include <stdio.h>
#include <string.h>
#include "memory.h"
#include "nearest.h"
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

/**
 * registry_hint() - the end of an error
 * @name: of no policy
 *
 * Return: as of nearest_hint().
 */
const char *registry_hint(const char *name)
{
	struct nearest nearest = { .text = name };
	struct swaplab_policy_ops *ops;

	list_for_each_entry(ops, &policies, list)
		nearest_try(&nearest, ops->name);
	return nearest_hint(&nearest);
}

static void print_params(const struct swaplab_policy_ops *ops)
{
	const struct swaplab_policy_param *param;
	struct wrap wrap = { .indent = 16, .column = 16 };
	char text[96];

	for (param = ops->params; param && param->name; param++) {
		snprintf(text, sizeof(text), "%s=%u (%u to %u) ", param->name,
			 param->initial, param->min, param->max);
		text[strlen(text) - !param[1].name] = '\0';
		wrap_word(&wrap, text);
	}
}

/**
 * registry_print() - all policies and their parameters, one in a line or more
 */
void registry_print(void)
{
	struct swaplab_policy_ops *ops;

	list_for_each_entry(ops, &policies, list) {
		printf("  %-*s", ops->params ? 14 : 0, ops->name);
		print_params(ops);
		putchar('\n');
	}
}

static bool is_of(const struct setting *setting, const struct swaplab_policy_param *param)
{
	return (int)strlen(param->name) == setting->name_length &&
	       !strncmp(param->name, setting->name, setting->name_length);
}

static const struct swaplab_policy_param *
find_param(const struct swaplab_policy_ops *ops, const struct setting *setting)
{
	const struct swaplab_policy_param *param;

	for (param = ops->params; param && param->name; param++)
		if (is_of(setting, param))
			return param;
	return NULL;
}

/**
 * registry_value() - the value of a parameter
 * @param: of a policy
 * @settings: those that were set; the last one counts
 *
 * Return: its value, which is the initial one if it was not set.
 */
unsigned int registry_value(const struct swaplab_policy_param *param,
			    const struct settings *settings)
{
	unsigned int value = param->initial, i;

	for (i = 0; i < settings->nr; i++)
		if (is_of(&settings->all[i], param))
			value = settings->all[i].value;
	return value;
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
 * registry_check() - is that a parameter of a policy, and its value in range?
 * @setting: the parameter
 *
 * Ends the program with a message if not.
 */
void registry_check(const struct setting *setting)
{
	const struct swaplab_policy_param *param;
	struct swaplab_policy_ops *ops;
	bool found = false;

	list_for_each_entry(ops, &policies, list) {
		param = find_param(ops, setting);
		if (!param)
			continue;
		found = true;
		if (setting->value < param->min || setting->value > param->max)
			errx(2, "--param %s: %s takes %u to %u", setting->name,
			     ops->name, param->min, param->max);
	}
	if (!found)
		errx(2, "--param %s: no policy has such a parameter",
		     setting->name);
}

static void set_params(struct swaplab_policy *policy,
		       const struct settings *settings)
{
	const struct swaplab_policy_param *param;
	char *data = policy->data;
	unsigned int value;

	for (param = policy->ops->params; param && param->name; param++) {
		value = registry_value(param, settings);
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
