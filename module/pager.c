// SPDX-License-Identifier: GPL-2.0
/*
 * A pager in user space (SWAPLAB_PAGER): a program that says what the absent pages of a region
 * have. It is an origin of pages, as a file is: see origin.c. A fault on an absent page makes a
 * request, drops its lock and sleeps: see pager_queue.c. The program reads the request from
 * its descriptor and answers it. The answer puts the page into a frame, and the fault finds it
 * there when it looks again. The pager decides about content, never about frames: reclaim drops
 * a page that is clean and writes a dirty one to the store, and waits for no pager.
 *
 * The pager has no reference on its region. The region has one on the pager, and keeps it when
 * the descriptor is closed: its absent pages are not zeros, and a touch of one is an error until
 * another pager takes over. Faults have references, too. pager->region is cleared at the end of
 * the region, under pager->publishing, before its pages are discarded. So a task that has found
 * the region there, and holds that lock, can publish a page in it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/slab.h>
#include "pager.h"
#include "pager_queue.h"

/**
 * swaplab_pager_create() - a pager without a region
 * @pool: of its region to be; the caller keeps it
 * @protects: it may make pages read-only
 *
 * Return: the pager with a reference, or NULL.
 */
struct swaplab_pager *swaplab_pager_create(struct swaplab_pool *pool, bool protects)
{
	struct swaplab_pager *pager;

	pager = kzalloc(sizeof(*pager), GFP_KERNEL_ACCOUNT);
	if (!pager)
		return NULL;
	refcount_set(&pager->refs, 1);
	pager->pool = pool;
	pager->protects = protects;
	init_rwsem(&pager->publishing);
	pager->may_delay_kernel = capable(CAP_SYS_PTRACE);
	swaplab_pager_init_requests(pager);
	return pager;
}

/** swaplab_pager_get() - take a reference; the caller knows of one that stays meanwhile */
void swaplab_pager_get(struct swaplab_pager *pager)
{
	refcount_inc(&pager->refs);
}

/** swaplab_pager_put() - give a reference back; NULL has none */
void swaplab_pager_put(struct swaplab_pager *pager)
{
	/* A request that is not free has a fault, which has a reference. */
	if (pager && refcount_dec_and_test(&pager->refs))
		kfree(pager);
}

static bool is_closed(struct swaplab_pager *pager)
{
	bool closed;

	spin_lock(&pager->lock);
	closed = pager->is_closed;
	spin_unlock(&pager->lock);
	return closed;
}

/**
 * swaplab_pager_attach() - a region gets a pager
 * @pager: new
 * @region: the caller keeps it
 *
 * Under the xa_lock no page comes into being: a page of zeros is there before, and the region is
 * not empty, or its touch asks the pager.
 *
 * Return: 0; -EBUSY if the region has another one, or has VMAs without page_mkwrite(), which this
 * pager needs; -ENOTEMPTY if it never had one, and has pages.
 */
int swaplab_pager_attach(struct swaplab_pager *pager, struct swaplab_region *region)
{
	struct swaplab_pager *old;
	int err = 0;

	xa_lock(&region->pages);
	old = region->pager;
	if ((old && !is_closed(old)) ||
	    (pager->protects && region->was_mapped && !region->protects)) {
		err = -EBUSY;
	} else if (!old && !xa_empty(&region->pages)) {
		err = -ENOTEMPTY;
	} else {
		swaplab_pager_get(pager);
		pager->region = region;
		pager->region_id = region->id;
		WRITE_ONCE(region->pager, pager);
		if (pager->protects)
			WRITE_ONCE(region->protects, true);
	}
	xa_unlock(&region->pages);
	if (!err)
		swaplab_pager_put(old);
	return err;
}

/** swaplab_pager_state() - has a region a pager? A snapshot */
enum swaplab_pager_state swaplab_pager_state(struct swaplab_region *region)
{
	enum swaplab_pager_state state = SWAPLAB_PAGER_NONE;

	xa_lock(&region->pages);
	if (region->pager)
		state = is_closed(region->pager) ? SWAPLAB_PAGER_CLOSED :
						   SWAPLAB_PAGER_OPEN;
	xa_unlock(&region->pages);
	return state;
}

/** swaplab_pager_pool() - its pool, for a task that has the descriptor */
struct swaplab_pool *swaplab_pager_pool(struct swaplab_pager *pager)
{
	return pager->pool;
}

/**
 * swaplab_pager_enter() - keep the region of a pager
 * @pager: the pager
 *
 * Return: the region, which does not end before swaplab_pager_leave(); the caller waits for
 * nothing but memory until then. NULL if it is gone.
 */
struct swaplab_region *swaplab_pager_enter(struct swaplab_pager *pager)
{
	down_read(&pager->publishing);
	if (pager->region)
		return pager->region;
	up_read(&pager->publishing);
	return NULL;
}

/** swaplab_pager_leave() - after swaplab_pager_enter() has returned a region */
void swaplab_pager_leave(struct swaplab_pager *pager)
{
	up_read(&pager->publishing);
}

/* False if there was none. Waits for pages that are being published. */
static bool forget_region(struct swaplab_pager *pager)
{
	bool had_region;

	down_write(&pager->publishing);
	had_region = pager->region;
	pager->region = NULL;
	up_write(&pager->publishing);
	return had_region;
}

/**
 * swaplab_pager_detach() - a region is about to end
 * @region: nothing maps or opens it any more; its pages have not been discarded yet
 */
void swaplab_pager_detach(struct swaplab_region *region)
{
	struct swaplab_pager *pager = region->pager;

	if (!pager)
		return;
	forget_region(pager);
	spin_lock(&pager->lock);
	WRITE_ONCE(pager->is_gone, true);
	swaplab_pager_end_requests_locked(pager);
	spin_unlock(&pager->lock);
}

/**
 * swaplab_pager_close() - the descriptor of a pager is closed
 * @pager: no task reads from it or answers; the descriptor's reference is given back
 */
void swaplab_pager_close(struct swaplab_pager *pager)
{
	spin_lock(&pager->lock);
	WRITE_ONCE(pager->is_closed, true);
	swaplab_pager_end_requests_locked(pager);
	spin_unlock(&pager->lock);
	if (forget_region(pager))
		pr_warn_ratelimited("%s: the pager of region %u has gone: a task that touches a page which it has not supplied gets SIGBUS\n",
				    pager->pool->name, pager->region_id);
	swaplab_pager_put(pager);
}

/**
 * swaplab_pager_may_delay_kernel() - may a fault wait that does not come from user mode?
 * @pager: the pager
 *
 * As for userfaultfd, a task without privileges must not decide how long a system call takes to
 * copy its arguments. Its pager serves user mode alone.
 */
bool swaplab_pager_may_delay_kernel(struct swaplab_pager *pager)
{
	return pager->may_delay_kernel;
}

/** swaplab_pager_protects() - may it make pages read-only? */
bool swaplab_pager_protects(struct swaplab_pager *pager)
{
	return pager->protects;
}
