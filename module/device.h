/* SPDX-License-Identifier: GPL-2.0 */
/* The character device. */
#ifndef _SWAPLAB_DEVICE_H
#define _SWAPLAB_DEVICE_H

#include <linux/fs.h>

extern const struct file_operations swaplab_fops;

#endif /* _SWAPLAB_DEVICE_H */
