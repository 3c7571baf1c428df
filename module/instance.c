// SPDX-License-Identifier: GPL-2.0
/*
 * Policies at work: made ready, and ended. Each has the data of its own that the ops work on,
 * and a reference on these.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "instance.h"

/**
 * swaplab_instance_get_ops() - take a reference on a policy
 * @ops: the policy
 *
 * On its module, and on the ops if they have references.
 *
 * Return: false if it is about to go.
 */
bool swaplab_instance_get_ops(const struct swaplab_policy_ops *ops)
{
	if (!try_module_get(ops->owner))
		return false;
	if (!ops->get || ops->get(ops))
		return true;
	module_put(ops->owner);
	return false;
}

/**
 * swaplab_instance_put_ops() - drop a reference on a policy
 * @ops: of swaplab_instance_get_ops(); after the last reference there may be none any more
 */
void swaplab_instance_put_ops(const struct swaplab_policy_ops *ops)
{
	struct module *owner = ops->owner;

	if (ops->put)
		ops->put(ops);
	module_put(owner);
}

static void init_params(struct swaplab_policy *policy)
{
	const struct swaplab_policy_param *param;

	for (param = policy->ops->params; param && param->name; param++)
		*(unsigned int *)(policy->data + param->offset) = param->initial;
}

/**
 * swaplab_instance_create() - make a policy ready to work
 * @ops: the policy
 * @nr_frames: that it is to have memory for
 *
 * Return: the policy, with a reference on @ops; -ENOENT if that is about to go, -ENOMEM, or
 * an error of its init().
 */
struct swaplab_policy *swaplab_instance_create(const struct swaplab_policy_ops *ops,
					       unsigned long nr_frames)
{
	struct swaplab_policy *policy;
	int err = -ENOMEM;

	if (!swaplab_instance_get_ops(ops))
		return ERR_PTR(-ENOENT);
	policy = kzalloc(sizeof(*policy), GFP_KERNEL);
	if (!policy)
		goto put_ops;
	policy->ops = ops;
	policy->nr_frames = nr_frames;
	policy->data = kvzalloc(max_t(size_t, ops->data_size, 1), GFP_KERNEL);
	if (!policy->data)
		goto free_policy;
	init_params(policy);
	err = ops->init ? ops->init(policy) : 0;
	if (!err)
		return policy;

	kvfree(policy->data);
free_policy:
	kfree(policy);
put_ops:
	swaplab_instance_put_ops(ops);
	return ERR_PTR(err);
}

/**
 * swaplab_instance_destroy() - end a policy
 * @policy: without frames, and not called any more; or NULL
 */
void swaplab_instance_destroy(struct swaplab_policy *policy)
{
	const struct swaplab_policy_ops *ops;

	if (!policy)
		return;
	ops = policy->ops;
	if (ops->exit)
		ops->exit(policy);
	kvfree(policy->data);
	kfree(policy);
	swaplab_instance_put_ops(ops);
}

/**
 * swaplab_instance_copy_params() - have the values of parameters that another one has
 * @to: ready to work; or NULL
 * @from: NULL, or of another policy: then nothing is done
 *
 * The caller holds the lock under which parameters are set.
 */
void swaplab_instance_copy_params(struct swaplab_policy *to,
				  const struct swaplab_policy *from)
{
	const struct swaplab_policy_param *param;

	if (!to || !from || to->ops != from->ops)
		return;
	for (param = to->ops->params; param && param->name; param++)
		WRITE_ONCE(*(unsigned int *)(to->data + param->offset),
			   *(unsigned int *)(from->data + param->offset));
}
