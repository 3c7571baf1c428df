/* SPDX-License-Identifier: GPL-2.0 */
/* Which policies there are, and which one each pool is bound to. */
#ifndef _SWAPLAB_REGISTRY_H
#define _SWAPLAB_REGISTRY_H

#include "pool.h"

int swaplab_registry_bind(struct swaplab_pool *pool, const char *name);
void swaplab_registry_bind_default(struct swaplab_pool *pool);
ssize_t swaplab_registry_ejected(struct swaplab_pool *pool, char *buf);
ssize_t swaplab_registry_list(struct swaplab_pool *pool, char *buf);

void swaplab_registry_add_pool(struct swaplab_pool *pool);
void swaplab_registry_start_pool(struct swaplab_pool *pool);
void swaplab_registry_del_pool(struct swaplab_pool *pool);

#endif /* _SWAPLAB_REGISTRY_H */
