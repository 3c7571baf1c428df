/* SPDX-License-Identifier: GPL-2.0 */
/* The descriptor of a pager: SWAPLAB_PAGER. */
#ifndef _SWAPLAB_PAGER_FILE_H
#define _SWAPLAB_PAGER_FILE_H

#include <linux/swaplab.h>

struct file;

long swaplab_pager_file_open(struct file *file,
			     const struct swaplab_pager_open __user *arg);

#endif /* _SWAPLAB_PAGER_FILE_H */
