/* SPDX-License-Identifier: GPL-2.0 */
/* Attaching and detaching what a store pages to. */
#ifndef _SWAPLAB_SWAPFILE_H
#define _SWAPLAB_SWAPFILE_H

#include "store.h"

struct swaplab_store *swaplab_swapfile_open(struct swaplab_pool *pool,
					    const char *path);
void swaplab_swapfile_close(struct swaplab_store *store);

#endif /* _SWAPLAB_SWAPFILE_H */
