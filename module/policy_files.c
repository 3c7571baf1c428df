// SPDX-License-Identifier: GPL-2.0
/*
 * policy_params/<name> and policy_stats/<name>: made from the policy's tables when it is
 * bound, removed before it goes. Removal waits for readers and writers, so they can trust the
 * policy. Its callbacks see a new value of a parameter whenever they look next. Statistics are
 * read under the lock of the callbacks, which change them.
 *
 * A policy may be at work in several instances, which come and go under the same lock. They
 * have the same parameters; a statistic is the sum of theirs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include "policy_files.h"

/**
 * struct policy_file - a value of the policy
 * @attr: the file
 * @pool: it is bound to that
 * @param: if it is a parameter
 * @offset: of the value in the policy's data
 */
struct policy_file {
	struct device_attribute attr;
	struct swaplab_pool *pool;
	const struct swaplab_policy_param *param;
	size_t offset;
};

/**
 * struct directory - files in one directory
 * @group: the directory; without a name if there is none
 * @attrs: of @group, ended by NULL
 * @files: the values
 */
struct directory {
	struct attribute_group group;
	struct attribute **attrs;
	struct policy_file *files;
};

/**
 * struct swaplab_policy_files - the files of one bound policy
 * @dev: they are in its directory
 * @params: parameters
 * @stats: statistics
 */
struct swaplab_policy_files {
	struct device *dev;
	struct directory params;
	struct directory stats;
};

/* The value in one instance; NULL if that is not in use. */
static void *file_value_locked(struct policy_file *file, unsigned int number)
{
	struct swaplab_policy *policy = file->pool->binding.instances[number].policy;

	lockdep_assert_held(&file->pool->lock);
	return policy ? policy->data + file->offset : NULL;
}

static ssize_t param_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct policy_file *file = container_of(attr, struct policy_file, attr);
	unsigned int value;

	spin_lock(&file->pool->lock);
	value = *(unsigned int *)file_value_locked(file, 0);
	spin_unlock(&file->pool->lock);
	return sysfs_emit(buf, "%u\n", value);
}

static void param_set(struct policy_file *file, unsigned int value)
{
	unsigned int i, *at;

	spin_lock(&file->pool->lock);
	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		at = file_value_locked(file, i);
		if (at)
			WRITE_ONCE(*at, value);
	}
	spin_unlock(&file->pool->lock);
}

static ssize_t param_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	struct policy_file *file = container_of(attr, struct policy_file, attr);
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
	param_set(file, value);
	return len;
}

static ssize_t stat_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct policy_file *file = container_of(attr, struct policy_file, attr);
	unsigned long sum = 0, *at;
	unsigned int i;

	spin_lock(&file->pool->lock);
	for (i = 0; i < SWAPLAB_INSTANCES; i++) {
		at = file_value_locked(file, i);
		if (at)
			sum += *at;
	}
	spin_unlock(&file->pool->lock);
	return sysfs_emit(buf, "%lu\n", sum);
}

static void init_param(struct policy_file *file, struct swaplab_pool *pool,
		       const struct swaplab_policy_param *param)
{
	file->attr.attr.name = param->name;
	file->attr.attr.mode = 0644;
	file->attr.show = param_show;
	file->attr.store = param_store;
	file->pool = pool;
	file->param = param;
	file->offset = param->offset;
}

static void init_stat(struct policy_file *file, struct swaplab_pool *pool,
		      const struct swaplab_policy_stat *stat)
{
	file->attr.attr.name = stat->name;
	file->attr.attr.mode = 0444;
	file->attr.show = stat_show;
	file->pool = pool;
	file->offset = stat->offset;
}

/* For @nr files, which the caller fills in. */
static int directory_init(struct directory *directory, const char *name,
			  unsigned int nr)
{
	unsigned int i;

	if (!nr)
		return 0;
	directory->group.name = name;
	directory->files = kcalloc(nr, sizeof(*directory->files), GFP_KERNEL);
	directory->attrs = kcalloc(nr + 1, sizeof(*directory->attrs), GFP_KERNEL);
	directory->group.attrs = directory->attrs;
	if (!directory->files || !directory->attrs)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		directory->attrs[i] = &directory->files[i].attr.attr;
		sysfs_attr_init(directory->attrs[i]);
	}
	return 0;
}

static int init_params(struct directory *directory, struct swaplab_pool *pool,
		       const struct swaplab_policy_param *params)
{
	unsigned int nr = 0, i;
	int err;

	while (params && params[nr].name)
		nr++;
	err = directory_init(directory, "policy_params", nr);
	for (i = 0; !err && i < nr; i++)
		init_param(&directory->files[i], pool, &params[i]);
	return err;
}

static int init_stats(struct directory *directory, struct swaplab_pool *pool,
		      const struct swaplab_policy_stat *stats)
{
	unsigned int nr = 0, i;
	int err;

	while (stats && stats[nr].name)
		nr++;
	err = directory_init(directory, "policy_stats", nr);
	for (i = 0; !err && i < nr; i++)
		init_stat(&directory->files[i], pool, &stats[i]);
	return err;
}

static int directory_add(struct directory *directory, struct device *dev)
{
	if (!directory->group.name)
		return 0;
	return sysfs_create_group(&dev->kobj, &directory->group);
}

static void directory_remove(struct directory *directory, struct device *dev)
{
	if (directory->group.name)
		sysfs_remove_group(&dev->kobj, &directory->group);
}

static void free_files(struct swaplab_policy_files *files)
{
	kfree(files->params.attrs);
	kfree(files->params.files);
	kfree(files->stats.attrs);
	kfree(files->stats.files);
	kfree(files);
}

/**
 * swaplab_policy_files_create() - show a policy's parameters and statistics
 * @pool: the pool, bound to it or to none; the caller holds its config mutex
 *
 * Return: the files, NULL if there are none, or an error, mostly -ENOMEM.
 */
struct swaplab_policy_files *
swaplab_policy_files_create(struct swaplab_pool *pool)
{
	const struct swaplab_policy_ops *ops = swaplab_pool_policy_ops(pool);
	struct swaplab_policy_files *files;
	int err;

	if (!ops || (!ops->params && !ops->stats))
		return NULL;
	files = kzalloc(sizeof(*files), GFP_KERNEL);
	if (!files)
		return ERR_PTR(-ENOMEM);
	files->dev = &pool->dev;
	err = init_params(&files->params, pool, ops->params);
	if (!err)
		err = init_stats(&files->stats, pool, ops->stats);
	if (!err)
		err = directory_add(&files->params, files->dev);
	if (err)
		goto free;
	err = directory_add(&files->stats, files->dev);
	if (!err)
		return files;

	directory_remove(&files->params, files->dev);
free:
	free_files(files);
	return ERR_PTR(err);
}

/**
 * swaplab_policy_files_destroy() - remove the files, and wait for their users
 * @files: of swaplab_policy_files_create(), or NULL
 */
void swaplab_policy_files_destroy(struct swaplab_policy_files *files)
{
	if (!files)
		return;
	directory_remove(&files->stats, files->dev);
	directory_remove(&files->params, files->dev);
	free_files(files);
}
