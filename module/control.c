// SPDX-License-Identifier: GPL-2.0
/*
 * Making and removing devices: at load, and by /sys/class/swaplab-control/. Also
 * the shrinker, since it goes over all of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cdev.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "attach.h"
#include "charge.h"
#include "compat.h"
#include "control.h"
#include "daemon.h"
#include "device.h"
#include "frame.h"
#include "pcp.h"
#include "names.h"
#include "pagein.h"
#include "pageout.h"
#include "pool.h"
#include "registry.h"
#include "sysfs.h"

#define MAX_DEVICES	256

/* Protects: pools. Outside of every lock of a pool. */
static DEFINE_MUTEX(control_lock);
static DEFINE_IDR(pools);
static dev_t first_devt;
static struct shrinker *shrinker;

static struct class swaplab_class = {
	.name = "swaplab",
	.dev_groups = swaplab_groups,
};

/* The last reference to the device: no file in /sys or /dev is in use. */
static void pool_release(struct device *dev)
{
	kfree(container_of(dev, struct swaplab_pool, dev));
}

static int pool_start(struct swaplab_pool *pool)
{
	int err;

	err = swaplab_daemon_start(pool);
	if (err)
		return err;
	err = cdev_device_add(&pool->cdev, &pool->dev);
	if (err)
		swaplab_daemon_stop(pool);
	else
		swaplab_registry_start_pool(pool);
	return err;
}

/* Makes swaplab<id>; the caller has reserved the number. */
static struct swaplab_pool *pool_create(int id)
{
	struct swaplab_pool *pool;
	int err;

	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	err = swaplab_pool_init(pool, id);
	if (err) {
		kfree(pool);
		return ERR_PTR(err);
	}
	swaplab_pageout_init(pool);
	device_initialize(&pool->dev);
	pool->dev.class = &swaplab_class;
	pool->dev.release = pool_release;
	pool->dev.devt = first_devt + id;
	cdev_init(&pool->cdev, &swaplab_fops);
	pool->cdev.owner = THIS_MODULE;

	err = dev_set_name(&pool->dev, "%s", pool->name);
	if (err)
		goto destroy;
	swaplab_registry_add_pool(pool);
	err = pool_start(pool);
	if (!err)
		return pool;
	swaplab_registry_del_pool(pool);
destroy:
	swaplab_pool_destroy(pool);
	put_device(&pool->dev);
	return ERR_PTR(err);
}

/* The pool is dead, so it has no region, and nothing is attached again. */
static void detach_for_good(struct swaplab_pool *pool)
{
	mutex_lock(&pool->config);
	WARN_ON_ONCE(swaplab_detach(pool));
	mutex_unlock(&pool->config);
}

static void pool_remove(struct swaplab_pool *pool)
{
	swaplab_names_end(pool);
	swaplab_registry_del_pool(pool);
	cdev_device_del(&pool->cdev, &pool->dev);
	swaplab_daemon_stop(pool);
	swaplab_pageout_destroy(pool);
	swaplab_pagein_flush();
	detach_for_good(pool);
	WARN_ON_ONCE(swaplab_charge_end(pool));
	swaplab_pool_destroy(pool);
	put_device(&pool->dev);
}

/* From here on the pool cannot be opened. Fails if it, or a recorder of it, is in use. */
static int pool_retire(struct swaplab_pool *pool)
{
	int err = 0;

	spin_lock(&pool->lock);
	if (pool->nr_regions != pool->nr_idle || pool->recording.reserved)
		err = -EBUSY;
	else
		WRITE_ONCE(pool->dead, true);
	spin_unlock(&pool->lock);
	return err;
}

static int add_device(void)
{
	struct swaplab_pool *pool;
	int id;

	lockdep_assert_held(&control_lock);
	id = idr_alloc(&pools, NULL, 0, MAX_DEVICES, GFP_KERNEL);
	if (id < 0)
		return id;
	pool = pool_create(id);
	if (IS_ERR(pool)) {
		idr_remove(&pools, id);
		return PTR_ERR(pool);
	}
	idr_replace(&pools, pool, id);
	return id;
}

static int remove_device(int id)
{
	struct swaplab_pool *pool = idr_find(&pools, id);
	int err;

	lockdep_assert_held(&control_lock);
	if (!pool)
		return -ENODEV;
	err = pool_retire(pool);
	if (err)
		return err;
	idr_remove(&pools, id);
	pool_remove(pool);
	return 0;
}

static ssize_t hot_add_show(SWAPLAB_CLASS_CONST struct class *class,
			    SWAPLAB_CLASS_CONST struct class_attribute *attr,
			    char *buf)
{
	int id;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (mutex_lock_interruptible(&control_lock))
		return -ERESTARTSYS;
	id = add_device();
	mutex_unlock(&control_lock);
	return id < 0 ? id : sysfs_emit(buf, "%d\n", id);
}

static struct class_attribute class_attr_hot_add =
	__ATTR(hot_add, 0400, hot_add_show, NULL);

static ssize_t hot_remove_store(SWAPLAB_CLASS_CONST struct class *class,
				SWAPLAB_CLASS_CONST struct class_attribute *attr,
				const char *buf, size_t len)
{
	unsigned int id;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kstrtouint(buf, 10, &id);
	if (err)
		return err;
	if (id >= MAX_DEVICES)
		return -ENODEV;
	if (mutex_lock_interruptible(&control_lock))
		return -ERESTARTSYS;
	err = remove_device(id);
	mutex_unlock(&control_lock);
	return err ? err : len;
}
static CLASS_ATTR_WO(hot_remove);

static struct attribute *control_attrs[] = {
	&class_attr_hot_add.attr,
	&class_attr_hot_remove.attr,
	NULL
};
ATTRIBUTE_GROUPS(control);

static struct class control_class = {
	.name = "swaplab-control",
	.class_groups = control_groups,
};

/* Both run in direct reclaim, maybe that of add_device(): trylock only. */
static unsigned long shrink_count(struct shrinker *s, struct shrink_control *sc)
{
	struct swaplab_pool *pool;
	unsigned long nr = 0;
	int id;

	if (!mutex_trylock(&control_lock))
		return 0;
	idr_for_each_entry(&pools, pool, id) {
		if (!swaplab_charge_is_asked(pool, sc))
			continue;
		nr += READ_ONCE(pool->free.nr_cached) +
		      swaplab_pcp_nr_frames(pool);
		if (swaplab_pool_has_store(pool))
			nr += atomic_long_read(&pool->nr_resident);
	}
	mutex_unlock(&control_lock);
	return nr;
}

static unsigned long shrink_scan(struct shrinker *s, struct shrink_control *sc)
{
	struct swaplab_pool *pool, *waits = NULL;
	unsigned long given = 0;
	int id;

	if (!mutex_trylock(&control_lock))
		return SHRINK_STOP;
	idr_for_each_entry(&pools, pool, id) {
		if (given >= sc->nr_to_scan || !swaplab_charge_is_asked(pool, sc))
			continue;
		given += swaplab_frame_shrink(pool, swaplab_charge_portion(pool, sc->nr_to_scan -
									 given));
		if (!waits && swaplab_charge_may_wait(pool)) {
			waits = pool;
			get_device(&waits->dev);
		}
	}
	mutex_unlock(&control_lock);
	if (!waits)
		return given;
	if (!given)
		given = swaplab_charge_wait(waits);
	put_device(&waits->dev);
	return given;
}

static int start_shrinker(void)
{
	int err;

	shrinker = shrinker_alloc(SHRINKER_MEMCG_AWARE, "swaplab");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = shrink_count;
	shrinker->scan_objects = shrink_scan;
	shrinker->seeks = DEFAULT_SEEKS;
	err = swaplab_shrinker_register(shrinker, "swaplab");
	if (err) {
		kfree(shrinker);
		return err;
	}
	err = swaplab_charge_init(shrinker);
	if (err)
		shrinker_free(shrinker);
	return err;
}

static void remove_all(void)
{
	struct swaplab_pool *pool;
	int id;

	mutex_lock(&control_lock);
	idr_for_each_entry(&pools, pool, id) {
		/* When loading fails, a task may have just opened it. */
		while (remove_device(id) == -EBUSY)
			msleep(20);
	}
	mutex_unlock(&control_lock);
}

static int add_some(unsigned int nr)
{
	int id = 0;

	mutex_lock(&control_lock);
	while (nr-- && id >= 0)
		id = add_device();
	mutex_unlock(&control_lock);
	return min(id, 0);
}

/**
 * swaplab_control_init() - make the first devices
 * @nr_devices: how many
 *
 * Return: 0 or -errno.
 */
int swaplab_control_init(unsigned int nr_devices)
{
	int err;

	if (!nr_devices || nr_devices > MAX_DEVICES) {
		pr_err("nr_devices must be 1 to %d\n", MAX_DEVICES);
		return -EINVAL;
	}
	err = alloc_chrdev_region(&first_devt, 0, MAX_DEVICES, "swaplab");
	if (err)
		return err;
	err = class_register(&swaplab_class);
	if (err)
		goto unregister_chrdev;
	err = start_shrinker();
	if (err)
		goto unregister_class;
	err = class_register(&control_class);
	if (err)
		goto free_shrinker;
	err = add_some(nr_devices);
	if (!err)
		return 0;

	class_unregister(&control_class);
	remove_all();
free_shrinker:
	shrinker_free(shrinker);
	swaplab_charge_exit();
unregister_class:
	class_unregister(&swaplab_class);
unregister_chrdev:
	unregister_chrdev_region(first_devt, MAX_DEVICES);
	return err;
}

/**
 * swaplab_control_exit() - remove all devices
 *
 * The module is being unloaded, so no file of a device is open.
 */
void swaplab_control_exit(void)
{
	class_unregister(&control_class);
	shrinker_free(shrinker);
	remove_all();
	swaplab_charge_exit();
	class_unregister(&swaplab_class);
	unregister_chrdev_region(first_devt, MAX_DEVICES);
	idr_destroy(&pools);
}
