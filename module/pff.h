/* SPDX-License-Identifier: GPL-2.0 */
/* Page fault frequency: quotas by how often regions read pages back. */
#ifndef _SWAPLAB_PFF_H
#define _SWAPLAB_PFF_H

#include "pool.h"
#include "share.h"

void swaplab_pff_divide_locked(struct swaplab_pool *pool, struct swaplab_share *shares);
bool swaplab_pff_is_due_locked(struct swaplab_pool *pool);
void swaplab_pff_adapt_locked(struct swaplab_pool *pool, const struct swaplab_share *equal);

#endif /* _SWAPLAB_PFF_H */
