/* SPDX-License-Identifier: GPL-2.0 */
/* A store that is a file or a block device. */
#ifndef _SWAPLAB_SWAPFILE_H
#define _SWAPLAB_SWAPFILE_H

struct swaplab_pool;
struct swaplab_store;

struct swaplab_store *swaplab_swapfile_open(struct swaplab_pool *pool,
					    const char *path);

#endif /* _SWAPLAB_SWAPFILE_H */
