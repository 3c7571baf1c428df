/* SPDX-License-Identifier: GPL-2.0 */
/* The files of /sys/class/swaplab/swaplabN/. */
#ifndef _SWAPLAB_SYSFS_H
#define _SWAPLAB_SYSFS_H

#include "pool.h"

extern const struct attribute_group *swaplab_groups[];

#endif /* _SWAPLAB_SYSFS_H */
