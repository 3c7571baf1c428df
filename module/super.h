/* SPDX-License-Identifier: GPL-2.0 */
/* The private filesystem, with one inode for each region. */
#ifndef _SWAPLAB_SUPER_H
#define _SWAPLAB_SUPER_H

struct inode;

int swaplab_super_mount(void);
void swaplab_super_unmount(void);
struct inode *swaplab_super_inode(void);

#endif /* _SWAPLAB_SUPER_H */
