/* SPDX-License-Identifier: GPL-2.0 */
/* stats/ and latency/ of a device. */
#ifndef _SWAPLAB_STATS_FILES_H
#define _SWAPLAB_STATS_FILES_H

#include <linux/sysfs.h>

extern const struct attribute_group swaplab_stats_group;
extern const struct attribute_group swaplab_latency_group;

#endif /* _SWAPLAB_STATS_FILES_H */
