/* SPDX-License-Identifier: GPL-2.0 */
/* Attaching a pool to a store, and detaching it. */
#ifndef _SWAPLAB_ATTACH_H
#define _SWAPLAB_ATTACH_H

#include <linux/types.h>

struct swaplab_pool;

int swaplab_attach(struct swaplab_pool *pool, const char *path);
int swaplab_detach(struct swaplab_pool *pool);
ssize_t swaplab_attach_show(struct swaplab_pool *pool, char *buf);

#endif /* _SWAPLAB_ATTACH_H */
