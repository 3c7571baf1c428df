// SPDX-License-Identifier: GPL-2.0
/*
 * policy_params/<name>: made from the policy's table when it is bound, removed
 * before it goes. Removal waits for readers and writers, so they can trust the
 * policy without a lock; its callbacks see a new value whenever they look next.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "params.h"

struct param_file {
	struct device_attribute attr;
	const struct swaplab_policy_param *param;
	unsigned int *value;
};

/**
 * struct swaplab_params - the files of one bound policy
 * @dev: they are in its directory
 * @group: the directory
 * @attrs: of @group, ended by NULL
 * @files: one a tunable
 */
struct swaplab_params {
	struct device *dev;
	struct attribute_group group;
	struct attribute **attrs;
	struct param_file files[];
};

static ssize_t param_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct param_file *file = container_of(attr, struct param_file, attr);

	return sysfs_emit(buf, "%u\n", READ_ONCE(*file->value));
}

static ssize_t param_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	struct param_file *file = container_of(attr, struct param_file, attr);
	unsigned int value;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kstrtouint(buf, 0, &value);
	if (!err && (value < file->param->min || value > file->param->max))
		err = -EINVAL;
	if (err) {
		pr_err("%s: policy_params/%s: it is a number from %u to %u\n",
		       dev_name(dev), file->param->name, file->param->min,
		       file->param->max);
		return err;
	}
	WRITE_ONCE(*file->value, value);
	return len;
}

static void param_file_init(struct param_file *file,
			    const struct swaplab_policy_param *param,
			    void *data)
{
	sysfs_attr_init(&file->attr.attr);
	file->attr.attr.name = param->name;
	file->attr.attr.mode = 0644;
	file->attr.show = param_show;
	file->attr.store = param_store;
	file->param = param;
	file->value = data + param->offset;
}

static void params_free(struct swaplab_params *params)
{
	kfree(params->attrs);
	kfree(params);
}

/**
 * swaplab_params_create() - show a policy's tunables
 * @dev: the device
 * @policy: to be bound, or NULL
 *
 * Return: the files, NULL if there are no tunables, or an error, mostly -ENOMEM.
 */
struct swaplab_params *swaplab_params_create(struct device *dev,
					     struct swaplab_policy *policy)
{
	const struct swaplab_policy_param *param;
	struct swaplab_params *params;
	unsigned int nr = 0, i;
	int err = -ENOMEM;

	for (param = policy ? policy->ops->params : NULL; param && param->name;
	     param++)
		nr++;
	if (!nr)
		return NULL;
	params = kzalloc(struct_size(params, files, nr), GFP_KERNEL);
	if (!params)
		return ERR_PTR(-ENOMEM);
	params->attrs = kcalloc(nr + 1, sizeof(*params->attrs), GFP_KERNEL);
	if (!params->attrs)
		goto free;
	params->dev = dev;
	params->group.name = "policy_params";
	params->group.attrs = params->attrs;
	for (i = 0; i < nr; i++) {
		param_file_init(&params->files[i], &policy->ops->params[i],
				policy->data);
		params->attrs[i] = &params->files[i].attr.attr;
	}
	err = sysfs_create_group(&dev->kobj, &params->group);
	if (!err)
		return params;
free:
	params_free(params);
	return ERR_PTR(err);
}

/**
 * swaplab_params_destroy() - remove the files, and wait for their users
 * @params: of swaplab_params_create(), or NULL
 */
void swaplab_params_destroy(struct swaplab_params *params)
{
	if (!params)
		return;
	sysfs_remove_group(&params->dev->kobj, &params->group);
	params_free(params);
}
