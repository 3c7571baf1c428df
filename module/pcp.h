/* SPDX-License-Identifier: GPL-2.0 */
/* Free frames that each CPU has set aside for its faults, as the kernel's pcp lists. */
#ifndef _SWAPLAB_PCP_H
#define _SWAPLAB_PCP_H

#include "pool.h"

int swaplab_pcp_init(struct swaplab_pool *pool);
void swaplab_pcp_destroy(struct swaplab_pool *pool);

struct swaplab_frame *swaplab_pcp_take(struct swaplab_pool *pool);
void swaplab_pcp_fill(struct swaplab_pool *pool);
void swaplab_pcp_empty(struct swaplab_pool *pool);
unsigned long swaplab_pcp_nr_frames(struct swaplab_pool *pool);

#endif /* _SWAPLAB_PCP_H */
