/* SPDX-License-Identifier: GPL-2.0 */
/* Attaching and detaching what a store pages to. */
#ifndef _SWAPLAB_SWAPFILE_H
#define _SWAPLAB_SWAPFILE_H

#include "store.h"

int swaplab_swapfile_attach(struct swaplab_pool *pool, const char *path);
int swaplab_swapfile_detach(struct swaplab_pool *pool);
ssize_t swaplab_swapfile_show(struct swaplab_pool *pool, char *buf);

#endif /* _SWAPLAB_SWAPFILE_H */
