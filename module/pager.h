/* SPDX-License-Identifier: GPL-2.0 */
/* Pagers in user space: SWAPLAB_PAGER. */
#ifndef _SWAPLAB_PAGER_H
#define _SWAPLAB_PAGER_H

#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/swaplab.h>
#include <linux/wait.h>
#include "region.h"

enum request_state {
	REQUEST_FREE,
	REQUEST_PENDING,
	REQUEST_READ,
	REQUEST_ENDED,
};

/**
 * struct pager_request - what some faults wait for; the pager's lock guards all of it
 * @id: of the request; its place is @id modulo SWAPLAB_PAGER_MAX_REQUESTS
 * @index: of the page
 * @kind: SWAPLAB_PAGER_READ, WRITE or UPGRADE, of the first fault
 * @state: may be read without the lock by a fault that waits
 * @err: its result: 0 or -EREMOTEIO
 * @nr_faults: that wait for it, or have still to see that it has ended
 * @deadline: in jiffies
 * @link: on the list of pending requests
 * @faults: they sleep here
 */
struct pager_request {
	u64 id;
	pgoff_t index;
	u32 kind;
	enum request_state state;
	int err;
	unsigned int nr_faults;
	unsigned long deadline;
	struct list_head link;
	wait_queue_head_t faults;
};

/**
 * struct swaplab_transfer - pages that a pager supplies or takes back just now
 * @link: on the pager's list of these
 * @first: index of the first page
 * @last: index of the last page
 * @takes_back: or else it supplies them
 * @is_readonly: it supplies them so
 * @stale_first: pages from here on have been taken back since it began, or are about to be; its
 *	content of them may be old. Above @stale_last if there are none
 * @stale_last: up to here
 */
struct swaplab_transfer {
	struct list_head link;
	pgoff_t first;
	pgoff_t last;
	bool takes_back;
	bool is_readonly;
	pgoff_t stale_first;
	pgoff_t stale_last;
};

/**
 * struct swaplab_pager - a pager and its requests
 * @refs: of the descriptor, the region, and faults
 * @pool: of the region; it stays while the descriptor is open
 * @region: NULL before it is attached, and when the region is gone; changes under @publishing
 * @region_id: of the region, for the log
 * @publishing: Protects: @region. Held for reading while a page comes into the region, with no
 *	wait but for memory, or is taken back, which also waits for a folio lock or a tick
 * @may_delay_kernel: faults from the kernel may wait
 * @protects: it may make pages read-only
 * @lock: Protects: the members from here on. No other lock is taken under it but those of
 *	wait queues
 * @is_closed: the descriptor has been closed
 * @is_gone: the region is gone
 * @last_id: of the last request
 * @used: which requests are not free
 * @pending: requests that have not been read
 * @transfers: that are under way
 * @readers: tasks that wait for requests
 * @askers: faults that wait for a free request
 * @requests: all of them
 */
struct swaplab_pager {
	refcount_t refs;
	struct swaplab_pool *pool;
	struct swaplab_region *region;
	unsigned int region_id;
	struct rw_semaphore publishing;	/* see above */
	bool may_delay_kernel;
	bool protects;
	spinlock_t lock;		/* see above */
	bool is_closed;
	bool is_gone;
	u64 last_id;
	DECLARE_BITMAP(used, SWAPLAB_PAGER_MAX_REQUESTS);
	struct list_head pending;
	struct list_head transfers;
	wait_queue_head_t readers;
	wait_queue_head_t askers;
	struct pager_request requests[SWAPLAB_PAGER_MAX_REQUESTS];
};

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

/* Is what the transfer has for a page of before the pager took it back? */
static inline bool swaplab_pager_is_stale(const struct swaplab_transfer *transfer, pgoff_t index)
{
	return index >= READ_ONCE(transfer->stale_first) &&
	       index <= READ_ONCE(transfer->stale_last);
}

struct swaplab_pager *swaplab_pager_create(struct swaplab_pool *pool, bool protects);
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
bool swaplab_pager_protects(struct swaplab_pager *pager);

#endif /* _SWAPLAB_PAGER_H */
