/* SPDX-License-Identifier: GPL-2.0 */
/* The private filesystem, with one inode for each region. */
#ifndef _SWAPLAB_SUPER_H
#define _SWAPLAB_SUPER_H

#include <linux/fs.h>

int swaplab_super_mount(void);
void swaplab_super_unmount(void);
struct inode *swaplab_super_inode(void);
struct file *swaplab_super_file(struct inode *inode, const char *name,
				const struct file_operations *fops);

#endif /* _SWAPLAB_SUPER_H */
