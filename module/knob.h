/* SPDX-License-Identifier: GPL-2.0 */
/* Files in sysfs that only a writer with CAP_SYS_ADMIN can write to. */
#ifndef _SWAPLAB_KNOB_H
#define _SWAPLAB_KNOB_H

#include <linux/device.h>
#include "pool.h"

/**
 * struct swaplab_knob - the file
 * @attr: in sysfs, with swaplab_knob_store()
 * @store: called for a writer that may
 */
struct swaplab_knob {
	struct device_attribute attr;
	ssize_t (*store)(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t len);
};

#define KNOB_ATTR_RW(name)							\
	struct swaplab_knob dev_attr_##name = {					\
		.attr = __ATTR(name, 0644, name##_show, swaplab_knob_store),	\
		.store = name##_store,						\
	}

#define KNOB_ATTR_WO(name)							\
	struct swaplab_knob dev_attr_##name = {					\
		.attr = __ATTR(name, 0200, NULL, swaplab_knob_store),		\
		.store = name##_store,						\
	}

ssize_t swaplab_knob_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len);

static inline struct swaplab_pool *swaplab_knob_pool(struct device *dev)
{
	return container_of(dev, struct swaplab_pool, dev);
}

#endif /* _SWAPLAB_KNOB_H */
