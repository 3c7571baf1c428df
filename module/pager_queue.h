/* SPDX-License-Identifier: GPL-2.0 */
/* What faults ask of a pager. */
#ifndef _SWAPLAB_PAGER_QUEUE_H
#define _SWAPLAB_PAGER_QUEUE_H

#include <linux/swaplab.h>
#include <linux/types.h>

struct swaplab_pager;
struct swaplab_transfer;

void swaplab_pager_init_requests(struct swaplab_pager *pager);
void swaplab_pager_end_requests_locked(struct swaplab_pager *pager);

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
void swaplab_pager_supplied(struct swaplab_pager *pager, pgoff_t index, bool is_new);
void swaplab_pager_begin_transfer(struct swaplab_pager *pager,
				  struct swaplab_transfer *transfer);
void swaplab_pager_end_transfer(struct swaplab_pager *pager,
				struct swaplab_transfer *transfer);

#endif /* _SWAPLAB_PAGER_QUEUE_H */
