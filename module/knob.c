// SPDX-License-Identifier: GPL-2.0
/* Files in sysfs that only a writer with CAP_SYS_ADMIN can write to. */
#include <linux/capability.h>
#include "knob.h"

/**
 * swaplab_knob_store() - write to the file
 * @dev: of the pool
 * @attr: of a struct swaplab_knob
 * @buf: the text
 * @len: of it
 *
 * The writer needs CAP_SYS_ADMIN, even if another task has opened the file.
 *
 * Return: @len or -errno.
 */
ssize_t swaplab_knob_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	struct swaplab_knob *knob = container_of(attr, struct swaplab_knob, attr);

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return knob->store(dev, attr, buf, len);
}
