/* SPDX-License-Identifier: GPL-2.0 */
/* Pagers in user space, and what faults ask of them: SWAPLAB_PAGER. */
#ifndef _SWAPLAB_PAGER_H
#define _SWAPLAB_PAGER_H

#include <linux/swaplab.h>
#include "region.h"

struct swaplab_pager;

/**
 * enum swaplab_pager_state - the pager of a region
 * @SWAPLAB_PAGER_NONE: it never had one
 * @SWAPLAB_PAGER_OPEN: it has one
 * @SWAPLAB_PAGER_CLOSED: it had one
 */
enum swaplab_pager_state {
	SWAPLAB_PAGER_NONE,
	SWAPLAB_PAGER_OPEN,
	SWAPLAB_PAGER_CLOSED,
};

struct swaplab_pager *swaplab_pager_create(struct swaplab_pool *pool);
void swaplab_pager_get(struct swaplab_pager *pager);
void swaplab_pager_put(struct swaplab_pager *pager);
int swaplab_pager_attach(struct swaplab_pager *pager, struct swaplab_region *region);
void swaplab_pager_detach(struct swaplab_region *region);
void swaplab_pager_close(struct swaplab_pager *pager);
enum swaplab_pager_state swaplab_pager_state(struct swaplab_region *region);
struct swaplab_pool *swaplab_pager_pool(struct swaplab_pager *pager);
struct swaplab_region *swaplab_pager_enter(struct swaplab_pager *pager);
void swaplab_pager_leave(struct swaplab_pager *pager);

bool swaplab_pager_may_delay_kernel(struct swaplab_pager *pager);
int swaplab_pager_ask(struct swaplab_pager *pager, pgoff_t index, u32 kind,
		      bool is_freezable);

bool swaplab_pager_has_request(struct swaplab_pager *pager, bool *is_gone);
int swaplab_pager_wait_request(struct swaplab_pager *pager);
bool swaplab_pager_take_request(struct swaplab_pager *pager,
				struct swaplab_pager_request *request);
void swaplab_pager_return_request(struct swaplab_pager *pager, u64 id);
struct wait_queue_head *swaplab_pager_readers(struct swaplab_pager *pager);
int swaplab_pager_check(struct swaplab_pager *pager, u64 id, pgoff_t first, pgoff_t last);
int swaplab_pager_fail(struct swaplab_pager *pager, u64 id);
void swaplab_pager_supplied(struct swaplab_pager *pager, pgoff_t index);

#endif /* _SWAPLAB_PAGER_H */
