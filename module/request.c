// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to evict pages now. The daemons do it as in a shortage of so many frames, by the
 * choice of the policy, while the task that asked sleeps. The memory then goes back to the
 * machine.
 *
 * One request is under way at a time, so each page that goes is one of it. A page that
 * went in the moment before it may count, too: the batch is counted after its end.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "frame.h"
#include "request.h"

/* Passes that free nothing, though there is hope, before the request fails. */
#define REQUEST_TRIES	16

static void request_begin(struct swaplab_pool *pool, unsigned long nr)
{
	struct swaplab_request *request = &pool->request;

	spin_lock(&pool->lock);
	/* What a pass that has begun knows may be older than the request. */
	request->pass = pool->waiters.pass_started + 1;
	request->tries = REQUEST_TRIES;
	request->nr_missed = 0;
	WRITE_ONCE(request->nr, nr);
	spin_unlock(&pool->lock);
	swaplab_pool_wake_daemon(pool);
}

/* Returns how many pages were not evicted. */
static unsigned long request_end(struct swaplab_pool *pool)
{
	struct swaplab_request *request = &pool->request;
	unsigned long left;

	spin_lock(&pool->lock);
	left = request->nr + request->nr_missed;
	WRITE_ONCE(request->nr, 0);
	spin_unlock(&pool->lock);
	return left;
}

/**
 * swaplab_request_evict() - evict pages, and wait until they are gone
 * @pool: the pool
 * @nr: how many
 *
 * Return: 0; -EAGAIN if fewer could be evicted, -EINTR after a fatal signal, and in both
 * cases some may have been.
 */
int swaplab_request_evict(struct swaplab_pool *pool, unsigned long nr)
{
	struct swaplab_request *request = &pool->request;
	unsigned long left;
	int err;

	/* No pool has more. */
	nr = min(nr, totalram_pages());
	if (!nr)
		return 0;
	if (mutex_lock_killable(&request->lock))
		return -EINTR;
	request_begin(pool, nr);
	err = wait_event_killable(request->queue, !READ_ONCE(request->nr));
	left = request_end(pool);
	mutex_unlock(&request->lock);
	swaplab_frame_give_back(pool, nr - left);
	if (err)
		return -EINTR;
	return left ? -EAGAIN : 0;
}

/**
 * swaplab_request_subtract() - pages were evicted while there was a request
 * @pool: the pool
 * @nr: how many
 */
void swaplab_request_subtract(struct swaplab_pool *pool, unsigned long nr)
{
	struct swaplab_request *request = &pool->request;
	bool is_done;

	spin_lock(&pool->lock);
	WRITE_ONCE(request->nr, request->nr - min(nr, request->nr));
	is_done = !request->nr;
	spin_unlock(&pool->lock);
	if (is_done)
		wake_up(&request->queue);
}

/**
 * swaplab_request_end_pass() - a pass has freed nothing
 * @pool: the pool
 * @pass: its number
 * @has_hope: another one may free something
 */
void swaplab_request_end_pass(struct swaplab_pool *pool, unsigned long pass,
			      bool has_hope)
{
	struct swaplab_request *request = &pool->request;
	bool is_over = false;

	if (!READ_ONCE(request->nr))
		return;
	spin_lock(&pool->lock);
	if ((long)(pass - request->pass) >= 0)
		is_over = !has_hope || !--request->tries;
	if (is_over) {
		request->nr_missed = request->nr;
		WRITE_ONCE(request->nr, 0);
	}
	spin_unlock(&pool->lock);
	if (is_over)
		wake_up(&request->queue);
}

/**
 * swaplab_request_init() - begin without a request
 * @pool: the pool
 */
void swaplab_request_init(struct swaplab_pool *pool)
{
	mutex_init(&pool->request.lock);
	init_waitqueue_head(&pool->request.queue);
}
