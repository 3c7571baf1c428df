/* SPDX-License-Identifier: GPL-2.0 */
/* The character device. */
#ifndef _SWAPLAB_DEVICE_H
#define _SWAPLAB_DEVICE_H

#include <linux/fs.h>

extern const struct file_operations swaplab_fops;

int swaplab_device_init(void);
void swaplab_device_exit(void);

#endif /* _SWAPLAB_DEVICE_H */
