// SPDX-License-Identifier: GPL-2.0
/*
 * The files of /sys/class/swaplab/swaplabN/. Each is described in
 * Documentation/ABI/testing/sysfs-class-swaplab; each write is checked as a whole
 * before it changes anything.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "allocation.h"
#include "attach.h"
#include "charge.h"
#include "daemon.h"
#include "frame.h"
#include "knob.h"
#include "load.h"
#include "registry.h"
#include "request.h"
#include "store.h"
#include "stats_files.h"
#include "sysfs.h"
#include "watermark.h"

/* An attach holds config while it waits for a disk: a signal ends waiting for it. */
static int lock_config(struct swaplab_pool *pool)
{
	return mutex_lock_interruptible(&pool->config) ? -ERESTARTSYS : 0;
}

static ssize_t swap_file_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return swaplab_attach_show(swaplab_knob_pool(dev), buf);
}

static ssize_t swap_file_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	size_t path_len = len;
	char *path;
	int err;

	if (path_len && buf[path_len - 1] == '\n')
		path_len--;
	if (!path_len || memchr(buf, '\0', path_len))
		return -EINVAL;
	path = kmemdup_nul(buf, path_len, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	err = lock_config(pool);
	if (err)
		goto free;
	if (strcmp(path, "none"))
		err = swaplab_attach(pool, path);
	else
		err = swaplab_detach(pool);
	mutex_unlock(&pool->config);
free:
	kfree(path);
	return err ? err : len;
}
static KNOB_ATTR_RW(swap_file);

static ssize_t nr_frames_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(swaplab_knob_pool(dev)->nr_frames));
}

static ssize_t nr_frames_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	unsigned long nr;
	int err;

	err = kstrtoul(buf, 0, &nr);
	if (err)
		return err;
	err = lock_config(pool);
	if (err)
		return err;
	err = swaplab_frame_set_budget(pool, nr);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(nr_frames);

static ssize_t cgroup_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	ssize_t len;

	len = lock_config(pool);
	if (len)
		return len;
	len = swaplab_charge_show(pool, buf);
	mutex_unlock(&pool->config);
	return len;
}

static ssize_t cgroup_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	bool is_self = sysfs_streq(buf, "self");
	int err;

	if (!is_self && !sysfs_streq(buf, "none"))
		return -EINVAL;
	err = lock_config(pool);
	if (err)
		return err;
	err = is_self ? swaplab_charge_begin(pool) : swaplab_charge_end(pool);
	/* Free frames take new folios, which are charged as all others are now. */
	if (!err)
		swaplab_frame_give_back(pool, ULONG_MAX);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(cgroup);

static ssize_t watermark_low_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", swaplab_watermark_low(swaplab_knob_pool(dev)));
}

static ssize_t watermark_low_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	unsigned long low;
	int err;

	err = kstrtoul(buf, 0, &low);
	if (err)
		return err;
	err = lock_config(pool);
	if (err)
		return err;
	err = swaplab_watermark_set(pool, low, pool->watermarks.high);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(watermark_low);

static ssize_t watermark_high_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", swaplab_watermark_high(swaplab_knob_pool(dev)));
}

static ssize_t watermark_high_store(struct device *dev,
				    struct device_attribute *attr,
				    const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	unsigned long high;
	int err;

	err = kstrtoul(buf, 0, &high);
	if (err)
		return err;
	err = lock_config(pool);
	if (err)
		return err;
	err = swaplab_watermark_set(pool, pool->watermarks.low, high);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(watermark_high);

static ssize_t policy_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return swaplab_registry_list(swaplab_knob_pool(dev), buf);
}

static ssize_t policy_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	char name[SWAPLAB_POLICY_NAME_LEN];
	int err;

	if (strscpy(name, buf, sizeof(name)) < 0)
		return -EINVAL;
	err = swaplab_registry_bind(swaplab_knob_pool(dev), strim(name));
	return err ? err : len;
}
static KNOB_ATTR_RW(policy);

static ssize_t policy_ejected_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return swaplab_registry_ejected(swaplab_knob_pool(dev), buf);
}
static DEVICE_ATTR_RO(policy_ejected);

static const char * const allocations[] = {
	[SWAPLAB_ALLOCATION_GLOBAL] = "global",
	[SWAPLAB_ALLOCATION_EQUAL] = "equal",
	[SWAPLAB_ALLOCATION_PFF] = "pff",
	[SWAPLAB_ALLOCATION_WORKING_SET] = "working-set",
};

static ssize_t allocation_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	unsigned int mode = READ_ONCE(swaplab_knob_pool(dev)->allocation.mode), i;
	ssize_t len = 0;

	for (i = 0; i < ARRAY_SIZE(allocations); i++)
		len += sysfs_emit_at(buf, len, i == mode ? "%s[%s]" : "%s%s",
				     i ? " " : "", allocations[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}

static ssize_t allocation_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	int mode, err;

	mode = sysfs_match_string(allocations, buf);
	if (mode < 0)
		return mode;
	err = lock_config(pool);
	if (err)
		return err;
	err = swaplab_allocation_set(pool, mode);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(allocation);

static ssize_t daemons_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(swaplab_knob_pool(dev)->daemons.nr));
}

static ssize_t daemons_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	unsigned int nr;
	int err;

	err = kstrtouint(buf, 0, &nr);
	if (err)
		return err;
	err = lock_config(pool);
	if (err)
		return err;
	err = swaplab_daemon_set_number(pool, nr);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(daemons);

static const char * const slot_allocations[] = { "dynamic", "static" };

static ssize_t slot_allocation_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	if (READ_ONCE(swaplab_knob_pool(dev)->tunables.static_slots))
		return sysfs_emit(buf, "dynamic [static]\n");
	return sysfs_emit(buf, "[dynamic] static\n");
}

static ssize_t slot_allocation_store(struct device *dev,
				     struct device_attribute *attr,
				     const char *buf, size_t len)
{
	int i = sysfs_match_string(slot_allocations, buf);

	if (i < 0)
		return i;
	WRITE_ONCE(swaplab_knob_pool(dev)->tunables.static_slots, i);
	return len;
}
static KNOB_ATTR_RW(slot_allocation);

static ssize_t measure_latency_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n",
			  READ_ONCE(swaplab_knob_pool(dev)->latency.on));
}

static ssize_t measure_latency_store(struct device *dev,
				     struct device_attribute *attr,
				     const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	bool on;
	int err;

	err = kstrtobool(buf, &on);
	if (!err)
		err = lock_config(pool);
	if (err)
		return err;
	err = swaplab_latency_set(&pool->latency, on);
	mutex_unlock(&pool->config);
	return err ? err : len;
}
static KNOB_ATTR_RW(measure_latency);

static ssize_t reclaim_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t len)
{
	unsigned long nr;
	int err;

	err = kstrtoul(buf, 0, &nr);
	if (!err)
		err = swaplab_request_evict(swaplab_knob_pool(dev), nr);
	return err ? err : len;
}
static KNOB_ATTR_WO(reclaim);

/* A flag that takes effect when it is read next. */
#define FLAG(name)							\
	static ssize_t name##_show(struct device *dev,			\
				   struct device_attribute *attr,	\
				   char *buf)				\
	{								\
		return sysfs_emit(buf, "%d\n",				\
				  READ_ONCE(swaplab_knob_pool(dev)->tunables.name));	\
	}								\
	static ssize_t name##_store(struct device *dev,			\
				    struct device_attribute *attr,	\
				    const char *buf, size_t len)	\
	{								\
		bool value;						\
		int err = kstrtobool(buf, &value);			\
									\
		if (err)						\
			return err;					\
		WRITE_ONCE(swaplab_knob_pool(dev)->tunables.name, value);			\
		return len;						\
	}								\
	static KNOB_ATTR_RW(name)

/* Slots that are stale by now are discarded after some more have been freed. */
FLAG(discard_slots);
FLAG(soft_sampling);
#undef FLAG

/* A number that takes effect when it is read next; the daemon, and tasks that wait, read some. */
#define TUNABLE(name, min, max)						\
	static ssize_t name##_show(struct device *dev,			\
				   struct device_attribute *attr,	\
				   char *buf)				\
	{								\
		unsigned long value = READ_ONCE(swaplab_knob_pool(dev)->tunables.name);	\
									\
		return sysfs_emit(buf, "%lu\n", value);			\
	}								\
	static ssize_t name##_store(struct device *dev,			\
				    struct device_attribute *attr,	\
				    const char *buf, size_t len)	\
	{								\
		unsigned long value;					\
		int err = kstrtoul(buf, 0, &value);			\
									\
		if (err)						\
			return err;					\
		if (clamp_t(unsigned long, value, min, max) != value)	\
			return -EINVAL;					\
		WRITE_ONCE(swaplab_knob_pool(dev)->tunables.name, value);			\
		swaplab_pool_wake_daemon(swaplab_knob_pool(dev));			\
		swaplab_load_changed(swaplab_knob_pool(dev));				\
		return len;						\
	}								\
	static KNOB_ATTR_RW(name)

/* The most there may be of something; 0: any number. */
TUNABLE(max_region_pages, 0, ULONG_MAX);
TUNABLE(max_user_pages, 0, ULONG_MAX);
TUNABLE(scan_interval_ms, 1, 3600 * 1000);
TUNABLE(readahead_pages, 0, SWAPLAB_IO_PAGES);
TUNABLE(readaround_pages, 0, SWAPLAB_IO_PAGES);
TUNABLE(writeback_pages, 1, SWAPLAB_IO_PAGES);
TUNABLE(pager_timeout_ms, 1, 3600 * 1000);
TUNABLE(max_reserved_percent, 0, SWAPLAB_MAX_RESERVED_PERCENT);
TUNABLE(max_user_reserved_percent, 0, SWAPLAB_MAX_RESERVED_PERCENT);
/* Refaults per second. */
TUNABLE(pff_low, 0, 1000000);
TUNABLE(pff_high, 0, 1000000);
TUNABLE(working_set_samples, 1, SWAPLAB_WINDOW_MAX);
TUNABLE(load_turn_ms, 0, SWAPLAB_LOAD_MAX_TURN_MS);
#undef TUNABLE

static struct attribute *swaplab_attrs[] = {
	&dev_attr_swap_file.attr.attr,
	&dev_attr_nr_frames.attr.attr,
	&dev_attr_cgroup.attr.attr,
	&dev_attr_watermark_low.attr.attr,
	&dev_attr_watermark_high.attr.attr,
	&dev_attr_policy.attr.attr,
	&dev_attr_policy_ejected.attr,
	&dev_attr_allocation.attr.attr,
	&dev_attr_max_reserved_percent.attr.attr,
	&dev_attr_max_user_reserved_percent.attr.attr,
	&dev_attr_pff_low.attr.attr,
	&dev_attr_pff_high.attr.attr,
	&dev_attr_working_set_samples.attr.attr,
	&dev_attr_load_turn_ms.attr.attr,
	&dev_attr_daemons.attr.attr,
	&dev_attr_scan_interval_ms.attr.attr,
	&dev_attr_readahead_pages.attr.attr,
	&dev_attr_readaround_pages.attr.attr,
	&dev_attr_writeback_pages.attr.attr,
	&dev_attr_pager_timeout_ms.attr.attr,
	&dev_attr_slot_allocation.attr.attr,
	&dev_attr_discard_slots.attr.attr,
	&dev_attr_soft_sampling.attr.attr,
	&dev_attr_measure_latency.attr.attr,
	&dev_attr_reclaim.attr.attr,
	&dev_attr_max_region_pages.attr.attr,
	&dev_attr_max_user_pages.attr.attr,
	NULL
};

static const struct attribute_group swaplab_group = { .attrs = swaplab_attrs };

const struct attribute_group *swaplab_groups[] = {
	&swaplab_group,
	&swaplab_stats_group,
	&swaplab_latency_group,
	NULL
};
