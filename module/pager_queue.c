// SPDX-License-Identifier: GPL-2.0
/*
 * What faults ask of a pager, and its answers. The number of requests is fixed, and their
 * memory is allocated with the pager. Faults on one page share a request. A fault that finds no
 * free request waits for one. A request ends by an answer, by its deadline, when the descriptor
 * is closed, when its last fault is killed, or when its page is supplied without it. Its place is
 * free when the last of its faults has left. Its number is not used again, so a late answer finds
 * that it has ended.
 *
 *   free --ask--> pending --read()--> read --answer--> ended --last fault leaves--> free
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include "pager.h"
#include "pager_queue.h"
#include "wait_state.h"

#define NR_REQUESTS	SWAPLAB_PAGER_MAX_REQUESTS

/**
 * swaplab_pager_init_requests() - a pager is made
 * @pager: new; zeroed memory
 */
void swaplab_pager_init_requests(struct swaplab_pager *pager)
{
	unsigned int i;

	spin_lock_init(&pager->lock);
	INIT_LIST_HEAD(&pager->pending);
	INIT_LIST_HEAD(&pager->transfers);
	init_waitqueue_head(&pager->readers);
	init_waitqueue_head(&pager->askers);
	for (i = 0; i < NR_REQUESTS; i++)
		init_waitqueue_head(&pager->requests[i].faults);
}

/* Ids begin behind NR_REQUESTS, so 0 is none. */
static struct pager_request *find_request(struct swaplab_pager *pager, u64 id)
{
	struct pager_request *request = &pager->requests[id % NR_REQUESTS];

	lockdep_assert_held(&pager->lock);
	if (request->id != id || (request->state != REQUEST_PENDING &&
				  request->state != REQUEST_READ))
		return NULL;
	return request;
}

static struct pager_request *find_page(struct swaplab_pager *pager, pgoff_t index)
{
	struct pager_request *request;
	unsigned int i;

	lockdep_assert_held(&pager->lock);
	for_each_set_bit(i, pager->used, NR_REQUESTS) {
		request = &pager->requests[i];
		if (request->index == index && request->state != REQUEST_ENDED)
			return request;
	}
	return NULL;
}

/* Its faults wake up and look. */
static void end_request(struct pager_request *request, int err)
{
	if (request->state == REQUEST_PENDING)
		list_del(&request->link);
	request->err = err;
	WRITE_ONCE(request->state, REQUEST_ENDED);
	wake_up(&request->faults);
}

/**
 * swaplab_pager_end_requests_locked() - all requests fail: the pager is closed, or its region gone
 * @pager: the pager, locked, and marked so
 */
void swaplab_pager_end_requests_locked(struct swaplab_pager *pager)
{
	unsigned int i;

	lockdep_assert_held(&pager->lock);
	for_each_set_bit(i, pager->used, NR_REQUESTS)
		if (pager->requests[i].state != REQUEST_ENDED)
			end_request(&pager->requests[i], -EREMOTEIO);
	wake_up_all(&pager->askers);
	wake_up_all(&pager->readers);
}

static struct pager_request *begin_request(struct swaplab_pager *pager, pgoff_t index,
					   u32 kind, unsigned long deadline)
{
	unsigned int place = find_first_zero_bit(pager->used, NR_REQUESTS);
	struct pager_request *request = &pager->requests[place];

	if (place == NR_REQUESTS)
		return NULL;
	__set_bit(place, pager->used);
	pager->last_id += NR_REQUESTS;
	request->id = pager->last_id + place;
	request->index = index;
	request->kind = kind;
	request->state = REQUEST_PENDING;
	request->deadline = deadline;
	list_add_tail(&request->link, &pager->pending);
	swaplab_stat_inc(&pager->pool->stats, pager_requests);
	wake_up(&pager->readers);
	return request;
}

/* A request for the page, with this fault; NULL if none is free; ERR_PTR(-EREMOTEIO). */
static struct pager_request *join_request(struct swaplab_pager *pager, pgoff_t index,
					  u32 kind, unsigned long deadline)
{
	struct pager_request *request = ERR_PTR(-EREMOTEIO);

	spin_lock(&pager->lock);
	if (!pager->is_closed && !pager->is_gone) {
		request = find_page(pager, index) ?:
			  begin_request(pager, index, kind, deadline);
		if (request)
			request->nr_faults++;
	}
	spin_unlock(&pager->lock);
	return request;
}

static void free_request(struct swaplab_pager *pager, struct pager_request *request)
{
	if (request->state == REQUEST_PENDING)
		list_del(&request->link);
	request->state = REQUEST_FREE;
	__clear_bit(request - pager->requests, pager->used);
	if (wq_has_sleeper(&pager->askers))
		wake_up(&pager->askers);
}

static void report_timeout(struct swaplab_pager *pager)
{
	swaplab_stat_inc(&pager->pool->stats, pager_timeouts);
	pr_warn_ratelimited("%s: the pager of region %u did not answer in time: the task that touched the page gets SIGBUS\n",
			    pager->pool->name, pager->region_id);
}

/* Returns the result of the request, or -EINTR: the fault was killed. */
static int leave_request(struct swaplab_pager *pager, struct pager_request *request,
			 bool is_late)
{
	int err = -EINTR;

	spin_lock(&pager->lock);
	if (request->state != REQUEST_ENDED && is_late) {
		end_request(request, -EREMOTEIO);
		report_timeout(pager);
	}
	if (request->state == REQUEST_ENDED)
		err = request->err;
	if (!--request->nr_faults)
		free_request(pager, request);
	spin_unlock(&pager->lock);
	return err;
}

static long time_left(unsigned long deadline)
{
	return max_t(long, deadline - jiffies, 0);
}

static int wait_for_answer(struct swaplab_pager *pager, struct pager_request *request,
			   unsigned int state)
{
	long left;

	left = swaplab_wait_in_state(request->faults,
				     READ_ONCE(request->state) == REQUEST_ENDED, state,
				     time_left(request->deadline));
	return leave_request(pager, request, !left);
}

/* -EREMOTEIO: none was free in time. */
static int wait_for_place(struct swaplab_pager *pager, unsigned long deadline,
			  unsigned int state)
{
	long left;

	left = swaplab_wait_in_state(pager->askers,
				     READ_ONCE(pager->is_closed) ||
				     READ_ONCE(pager->is_gone) ||
				     !bitmap_full(pager->used, NR_REQUESTS),
				     state, time_left(deadline));
	if (left < 0)
		return -EINTR;
	return left ? 0 : -EREMOTEIO;
}

/**
 * swaplab_pager_ask() - ask for a page, and wait for the answer
 * @pager: the caller has a reference
 * @index: of the page
 * @kind: SWAPLAB_PAGER_READ, WRITE or UPGRADE
 * @is_freezable: the caller holds no lock: a suspend need not wait for it
 *
 * Return: 0: the page is there, was there, or has another origin: look again; -EREMOTEIO: the
 * pager has said that there is no such page, or has not answered in time, or is closed; -EINTR
 * after a fatal signal.
 */
int swaplab_pager_ask(struct swaplab_pager *pager, pgoff_t index, u32 kind,
		      bool is_freezable)
{
	unsigned int state = TASK_KILLABLE | (is_freezable ? TASK_FREEZABLE : 0);
	unsigned long deadline = jiffies +
		msecs_to_jiffies(READ_ONCE(pager->pool->tunables.pager_timeout_ms));
	struct pager_request *request;
	int err;

	for (;;) {
		request = join_request(pager, index, kind, deadline);
		if (IS_ERR(request))
			return PTR_ERR(request);
		if (request)
			return wait_for_answer(pager, request, state);
		err = wait_for_place(pager, deadline, state);
		if (err)
			return err;
	}
}

/**
 * swaplab_pager_has_request() - is there a request to be read?
 * @pager: the pager
 * @is_gone: set to whether there will be no more of them
 */
bool swaplab_pager_has_request(struct swaplab_pager *pager, bool *is_gone)
{
	bool has;

	spin_lock(&pager->lock);
	has = !list_empty(&pager->pending);
	*is_gone = pager->is_gone;
	spin_unlock(&pager->lock);
	return has;
}

/**
 * swaplab_pager_wait_request() - wait for a request, or for the end of the region
 * @pager: the pager
 *
 * A request wakes one task. That one, or another one, takes all that it finds.
 *
 * Return: 0, or -ERESTARTSYS after a signal.
 */
int swaplab_pager_wait_request(struct swaplab_pager *pager)
{
	return wait_event_interruptible_exclusive(pager->readers,
						  !list_empty_careful(&pager->pending) ||
						  READ_ONCE(pager->is_gone));
}

/** swaplab_pager_readers() - where tasks wait for requests */
struct wait_queue_head *swaplab_pager_readers(struct swaplab_pager *pager)
{
	return &pager->readers;
}

/**
 * swaplab_pager_take_request() - take the oldest request that has not been read
 * @pager: the pager
 * @taken: filled in
 *
 * Return: false if there is none.
 */
bool swaplab_pager_take_request(struct swaplab_pager *pager,
				struct swaplab_pager_request *taken)
{
	struct pager_request *request;

	spin_lock(&pager->lock);
	request = list_first_entry_or_null(&pager->pending, struct pager_request, link);
	if (request) {
		list_del(&request->link);
		WRITE_ONCE(request->state, REQUEST_READ);
		*taken = (struct swaplab_pager_request){
			.id = request->id,
			.offset = (u64)request->index << PAGE_SHIFT,
			.length = PAGE_SIZE,
			.kind = request->kind,
		};
	}
	spin_unlock(&pager->lock);
	return request;
}

/**
 * swaplab_pager_return_request() - a request could not be given to its reader
 * @pager: the pager
 * @id: of swaplab_pager_take_request(); it is the oldest one again, unless it has ended
 */
void swaplab_pager_return_request(struct swaplab_pager *pager, u64 id)
{
	struct pager_request *request;

	spin_lock(&pager->lock);
	request = find_request(pager, id);
	if (request) {
		WRITE_ONCE(request->state, REQUEST_PENDING);
		list_add(&request->link, &pager->pending);
		wake_up(&pager->readers);
	}
	spin_unlock(&pager->lock);
}

/**
 * swaplab_pager_check() - is this an answer to a request?
 * @pager: the pager
 * @id: of the request
 * @first: index of the first page of the answer
 * @last: index of the last page
 *
 * Return: 0; -ESTALE if there is no such request, or it has ended; -EINVAL if the page that it
 * asks for is not among them.
 */
int swaplab_pager_check(struct swaplab_pager *pager, u64 id, pgoff_t first, pgoff_t last)
{
	struct pager_request *request;
	int err = 0;

	spin_lock(&pager->lock);
	request = find_request(pager, id);
	if (!request)
		err = -ESTALE;
	else if (request->index < first || request->index > last)
		err = -EINVAL;
	spin_unlock(&pager->lock);
	return err;
}

/**
 * swaplab_pager_fail() - end a request: there is no such page
 * @pager: the pager
 * @id: of the request
 *
 * Return: 0 or -ESTALE.
 */
int swaplab_pager_fail(struct swaplab_pager *pager, u64 id)
{
	struct pager_request *request;

	spin_lock(&pager->lock);
	request = find_request(pager, id);
	if (request)
		end_request(request, -EREMOTEIO);
	spin_unlock(&pager->lock);
	return request ? 0 : -ESTALE;
}

/**
 * swaplab_pager_supplied() - a page need not be asked for any more
 * @pager: the pager
 * @index: of the page: it is there, or has another origin
 * @is_new: it came by this answer, or was made writable by it; else it was there, and a task that
 *	wants to write to it goes on waiting
 */
void swaplab_pager_supplied(struct swaplab_pager *pager, pgoff_t index, bool is_new)
{
	struct pager_request *request;

	spin_lock(&pager->lock);
	request = find_page(pager, index);
	if (request && (is_new || request->kind != SWAPLAB_PAGER_UPGRADE))
		end_request(request, 0);
	spin_unlock(&pager->lock);
}

/* Pages that one takes back are stale for the other, which supplies them. */
static void mark_stale(struct swaplab_transfer *supply, const struct swaplab_transfer *revoke)
{
	pgoff_t first = max(supply->first, revoke->first);
	pgoff_t last = min(supply->last, revoke->last);

	if (first > last)
		return;
	WRITE_ONCE(supply->stale_first, min(supply->stale_first, first));
	WRITE_ONCE(supply->stale_last, max(supply->stale_last, last));
}

static void end_requests_of(struct swaplab_pager *pager, pgoff_t first, pgoff_t last)
{
	struct pager_request *request;
	unsigned int i;

	for_each_set_bit(i, pager->used, NR_REQUESTS) {
		request = &pager->requests[i];
		if (request->index >= first && request->index <= last &&
		    request->state != REQUEST_ENDED)
			end_request(request, 0);
	}
}

/**
 * swaplab_pager_begin_transfer() - pages are about to be supplied, or taken back
 * @pager: the pager
 * @transfer: with its range; swaplab_pager_end_transfer() has to follow
 *
 * An answer that began before a page is taken back, or meanwhile, may have its content of before.
 * That would take the place of what was written to the page. So the two find each other here. The
 * pages are marked before the first of them goes, and the answer looks at the mark under the
 * xa_lock, under which the page goes. Requests for these pages end: the faults ask again.
 */
void swaplab_pager_begin_transfer(struct swaplab_pager *pager,
				  struct swaplab_transfer *transfer)
{
	struct swaplab_transfer *other;

	transfer->stale_first = ULONG_MAX;
	transfer->stale_last = 0;
	spin_lock(&pager->lock);
	list_for_each_entry(other, &pager->transfers, link) {
		if (transfer->takes_back && !other->takes_back)
			mark_stale(other, transfer);
		else if (!transfer->takes_back && other->takes_back)
			mark_stale(transfer, other);
	}
	list_add(&transfer->link, &pager->transfers);
	if (transfer->takes_back)
		end_requests_of(pager, transfer->first, transfer->last);
	spin_unlock(&pager->lock);
}

/**
 * swaplab_pager_end_transfer() - a transfer is complete, or has failed
 * @pager: the pager
 * @transfer: of swaplab_pager_begin_transfer()
 */
void swaplab_pager_end_transfer(struct swaplab_pager *pager,
				struct swaplab_transfer *transfer)
{
	spin_lock(&pager->lock);
	list_del(&transfer->link);
	spin_unlock(&pager->lock);
}
