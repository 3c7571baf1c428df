/* SPDX-License-Identifier: GPL-2.0 */
/* The private filesystem, with one inode for each region. */
#ifndef _SWAPLAB_SUPER_H
#define _SWAPLAB_SUPER_H

#include <linux/types.h>

struct inode;

int swaplab_super_mount(void);
void swaplab_super_unmount(void);
struct inode *swaplab_super_inode(void);
bool swaplab_super_has(struct inode *inode);

#endif /* _SWAPLAB_SUPER_H */
