/* SPDX-License-Identifier: GPL-2.0 */
/* The ioctls of a region. */
#ifndef _SWAPLAB_IOCTL_H
#define _SWAPLAB_IOCTL_H

struct file;

long swaplab_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* _SWAPLAB_IOCTL_H */
