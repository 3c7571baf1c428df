// SPDX-License-Identifier: GPL-2.0
/* stats/ and latency/ of a device: what it has, has done, and how long that took. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/string.h>
#include <linux/sysfs.h>
#include "frame.h"
#include "knob.h"
#include "latency.h"
#include "pcp.h"
#include "region.h"
#include "stats_files.h"
#include "store.h"

struct stat_file {
	struct device_attribute attr;
	enum swaplab_stat stat;
};

static ssize_t stat_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct stat_file *file = container_of(attr, struct stat_file, attr);

	return sysfs_emit(buf, "%lu\n",
			  swaplab_stats_read(&swaplab_knob_pool(dev)->stats, file->stat));
}

static struct stat_file stat_files[] = {
#define STAT(name)						\
	[SWAPLAB_STAT_##name] = {				\
		.attr = __ATTR(name, 0444, stat_show, NULL),	\
		.stat = SWAPLAB_STAT_##name,			\
	},
	SWAPLAB_STATS(STAT)
#undef STAT
};

static ssize_t resident_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%ld\n",
			  atomic_long_read(&swaplab_knob_pool(dev)->nr_resident));
}
static DEVICE_ATTR_RO(resident);

static ssize_t swapped_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%ld\n",
			  atomic_long_read(&swaplab_knob_pool(dev)->nr_swapped));
}
static DEVICE_ATTR_RO(swapped);

static int parse_one(const char *buf)
{
	unsigned int value;
	int err;

	err = kstrtouint(buf, 0, &value);
	if (err)
		return err;
	return value == 1 ? 0 : -EINVAL;
}

static ssize_t pages_peak_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%ld\n",
			  atomic_long_read(&swaplab_knob_pool(dev)->nr_pages_peak));
}

static ssize_t pages_peak_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t len)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	int err = parse_one(buf);

	if (err)
		return err;
	atomic_long_set(&pool->nr_pages_peak, 0);
	swaplab_region_note_peak(pool);
	return len;
}
static KNOB_ATTR_RW(pages_peak);

static ssize_t free_frames_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%ld\n",
			  max(swaplab_frame_nr_free(swaplab_knob_pool(dev)), 0L));
}
static DEVICE_ATTR_RO(free_frames);

static ssize_t room_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(swaplab_knob_pool(dev)->nr_room));
}
static DEVICE_ATTR_RO(room);

static ssize_t cpu_frames_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  swaplab_pcp_nr_frames(swaplab_knob_pool(dev)));
}
static DEVICE_ATTR_RO(cpu_frames);

static ssize_t pinned_frames_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(swaplab_knob_pool(dev)->nr_pinned));
}
static DEVICE_ATTR_RO(pinned_frames);

static ssize_t metadata_bytes_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  READ_ONCE(swaplab_knob_pool(dev)->chunks.nr) * PAGE_SIZE);
}
static DEVICE_ATTR_RO(metadata_bytes);

static ssize_t bad_slots_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	struct swaplab_pool *pool = swaplab_knob_pool(dev);
	u32 nr;

	spin_lock(&pool->lock);
	nr = pool->store ? READ_ONCE(pool->store->nr_bad) : 0;
	spin_unlock(&pool->lock);
	return sysfs_emit(buf, "%u\n", nr);
}
static DEVICE_ATTR_RO(bad_slots);

static ssize_t names_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(swaplab_knob_pool(dev)->names.nr));
}
static DEVICE_ATTR_RO(names);

static ssize_t reset_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	int err = parse_one(buf);

	if (err)
		return err;
	swaplab_stats_reset(&swaplab_knob_pool(dev)->stats);
	return len;
}
static KNOB_ATTR_WO(reset);

static struct attribute *stats_attrs[] = {
	&dev_attr_resident.attr,
	&dev_attr_swapped.attr,
	&dev_attr_pages_peak.attr.attr,
	&dev_attr_free_frames.attr,
	&dev_attr_room.attr,
	&dev_attr_cpu_frames.attr,
	&dev_attr_pinned_frames.attr,
	&dev_attr_metadata_bytes.attr,
	&dev_attr_bad_slots.attr,
	&dev_attr_names.attr,
	&dev_attr_reset.attr.attr,
#define STAT(name) (&stat_files[SWAPLAB_STAT_##name].attr.attr),
	SWAPLAB_STATS(STAT)
#undef STAT
	NULL
};

const struct attribute_group swaplab_stats_group = {
	.name = "stats",
	.attrs = stats_attrs,
};

struct latency_file {
	struct device_attribute attr;
	enum swaplab_latency_cause cause;
};

static ssize_t latency_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct latency_file *file = container_of(attr, struct latency_file, attr);

	return swaplab_latency_show(&swaplab_knob_pool(dev)->latency, file->cause, buf);
}

static struct latency_file latency_files[] = {
#define LATENCY(name)						\
	[SWAPLAB_LATENCY_##name] = {				\
		.attr = __ATTR(name, 0444, latency_show, NULL),	\
		.cause = SWAPLAB_LATENCY_##name,		\
	},
	SWAPLAB_LATENCIES(LATENCY)
#undef LATENCY
};

static ssize_t latency_reset_store(struct device *dev, struct device_attribute *attr,
				   const char *buf, size_t len)
{
	int err = parse_one(buf);

	if (err)
		return err;
	swaplab_latency_reset(&swaplab_knob_pool(dev)->latency);
	return len;
}

static struct swaplab_knob latency_reset = {
	.attr = __ATTR(reset, 0200, NULL, swaplab_knob_store),
	.store = latency_reset_store,
};

static struct attribute *latency_attrs[] = {
	&latency_reset.attr.attr,
#define LATENCY(name) (&latency_files[SWAPLAB_LATENCY_##name].attr.attr),
	SWAPLAB_LATENCIES(LATENCY)
#undef LATENCY
	NULL
};

const struct attribute_group swaplab_latency_group = {
	.name = "latency",
	.attrs = latency_attrs,
};
