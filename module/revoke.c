// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that a pager takes back (SWAPLAB_PAGER_REVOKE): they become absent, or read-only, and the
 * pager gets the content of those that were written to. Pages are taken one by one, in the task
 * that calls.
 *
 * A resident page is in transit, its folio is locked and unmapped, and MOVING keeps faults from
 * it, as in move.c. Its content is copied to the pager in the same hold of the xa_lock in which
 * its entry goes, or its frame becomes read-only, while the reference count is frozen. All PTEs
 * are gone then, and a fault looks at the flag under the folio lock before it sets one that can be
 * written to. So no write comes between the two: a task writes to the page before the copy, or asks
 * the pager for it afterwards. If the memory that is copied to is not there, nothing has happened,
 * and the task brings it in and tries again. A swapped page is read in first.
 *
 * The task may sleep for long at two places, and holds nothing of the region there: where it
 * brings in the memory that it copies to, and where it waits for a frame and a read. Elsewhere
 * it keeps the region, whose end waits for it, and waits itself for memory, for locks that faults
 * and unmapping take, or for a tick or so.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "frame.h"
#include "origin.h"
#include "pagein.h"
#include "pager.h"
#include "pager_queue.h"
#include "policy.h"
#include "removal.h"
#include "revoke.h"
#include "unmap.h"

/* For so long references are looked at again before they are taken for those of a pin. */
#define PIN_MS		20

/* How often memory may be gone again that was brought in. */
#define COPY_TRIES	100

/* A task that has waited for a page has so long to use it, in each call. */
#define PATIENCE_MS	10

/**
 * struct revoke - a request to take pages back
 * @pager: of the task
 * @origin: of the pages that it may take: the pager
 * @request: as the task has sent it
 * @first: index of the first page
 * @nr: number of pages
 * @done: pages that are not there any more, or read-only
 * @written: a bit for each of them that was written to
 * @deadline: until then, pages stay that no task has used yet
 * @tries: to copy the next page
 * @was_read: the next page was read in for this: no task waits to use it
 */
struct revoke {
	struct swaplab_pager *pager;
	struct swaplab_origin origin;
	struct swaplab_revoke request;
	pgoff_t first;
	unsigned int nr;
	unsigned int done;
	u64 written;
	unsigned long deadline;
	unsigned int tries;
	bool was_read;
};

static pgoff_t next_index(const struct revoke *revoke)
{
	return revoke->first + revoke->done;
}

static char __user *next_buffer(const struct revoke *revoke)
{
	return u64_to_user_ptr(revoke->request.address) +
	       ((size_t)revoke->done << PAGE_SHIFT);
}

static bool keeps(const struct revoke *revoke)
{
	return revoke->request.flags & SWAPLAB_REVOKE_READONLY;
}

/*
 * The frame is in transit by the caller, and MOVING. Its folio is locked afterwards. If this fails,
 * the page is as before.
 */
static int take_page(struct revoke *revoke, struct swaplab_frame *frame)
{
	struct swaplab_region *region = frame->region;
	struct folio *folio = frame->folio;
	unsigned long deadline = jiffies + msecs_to_jiffies(PIN_MS) + 1;
	bool written;
	int err;

	for (;;) {
		folio_lock(folio);
		if (folio_mapped(folio))
			swaplab_unmap_pages(region, next_index(revoke), 1);
		err = swaplab_removal_revoke(frame, &revoke->origin, next_buffer(revoke),
					     &written, keeps(revoke));
		if (!err)
			break;
		folio_unlock(folio);
		if (err != -EBUSY || time_after(jiffies, deadline) ||
		    fatal_signal_pending(current))
			return err;
		/* A munmap() that has not flushed yet has a reference, as a fault that waits. */
		usleep_range(20, 50);
	}
	if (written)
		revoke->written |= BIT_ULL(revoke->done);
	swaplab_region_free_slot(region, frame->slot);
	swaplab_stat_inc(&region->pool->stats, pager_revokes);
	return 0;
}

/* As take_page(), with the policy's part of it. */
static int remove_page(struct revoke *revoke, struct swaplab_frame *frame)
{
	struct swaplab_pool *pool = frame->region->pool;
	int err;

	swaplab_policy_forget(pool, &frame, 1, SWAPLAB_REASON_DISCARD);
	err = take_page(revoke, frame);
	if (err) {
		swaplab_policy_readmit(pool, &frame, 1, SWAPLAB_REASON_PUTBACK);
		return err;
	}
	swaplab_removal_release(frame);
	swaplab_frame_put(pool, frame);
	return 0;
}

/* The slot is in the hands of the owner of the transit, as the frame's. */
static int protect_page(struct revoke *revoke, struct swaplab_frame *frame)
{
	int err = take_page(revoke, frame);

	if (err)
		return err;
	frame->slot = 0;
	folio_unlock(frame->folio);
	if (revoke->was_read)
		atomic_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags);
	swaplab_region_settle(frame, SWAPLAB_FRAME_MOVING);
	return 0;
}

static int revoke_resident(struct revoke *revoke, struct swaplab_region *region,
			   struct swaplab_frame *frame)
{
	int err;

	err = swaplab_region_claim(region, next_index(revoke), frame);
	if (err == -EBUSY)
		swaplab_region_wait_until(region, next_index(revoke), frame,
					  SWAPLAB_FRAME_TRANSIT, jiffies + 1);
	if (err)
		return -EAGAIN;
	if (atomic_read(&frame->flags) & SWAPLAB_FRAME_MLOCKED) {
		swaplab_region_settle(frame, 0);
		return -EBUSY;
	}
	atomic_or(SWAPLAB_FRAME_MOVING, &frame->flags);
	err = keeps(revoke) ? protect_page(revoke, frame) : remove_page(revoke, frame);
	if (err)
		swaplab_region_settle(frame, SWAPLAB_FRAME_MOVING);
	return err;
}

static bool has_page(struct revoke *revoke, struct swaplab_region *region)
{
	bool has;

	xa_lock(&region->pages);
	has = xa_load(&region->pages, next_index(revoke)) &&
	      swaplab_origin_is(region, next_index(revoke), &revoke->origin);
	xa_unlock(&region->pages);
	return has;
}

/*
 * Under the xa_lock, or the frame may be another page's by now. No answer makes the page writable
 * while this call goes on.
 */
static bool is_readonly(struct revoke *revoke, struct swaplab_region *region,
			struct swaplab_frame *frame)
{
	bool is_readonly;

	xa_lock(&region->pages);
	is_readonly = xa_load(&region->pages, next_index(revoke)) == frame &&
		      atomic_read(&frame->flags) & SWAPLAB_FRAME_READONLY;
	xa_unlock(&region->pages);
	return is_readonly;
}

/*
 * 0 if the next page is as it should be, or never was there, or is a file's; -ENODATA if it has to
 * be read in; -EAGAIN to look at it again.
 */
static int revoke_entry(struct revoke *revoke, struct swaplab_region *region)
{
	unsigned int flags;
	void *entry;

	if (!has_page(revoke, region))
		return 0;
	entry = swaplab_region_peek(region, next_index(revoke), &flags);
	if (!entry)
		return 0;
	if (!swaplab_entry_is_frame(entry))
		return -ENODATA;
	if (keeps(revoke) && is_readonly(revoke, region, entry))
		return 0;
	if (flags & SWAPLAB_FRAME_UNUSED && !revoke->was_read &&
	    time_before(jiffies, revoke->deadline)) {
		schedule_timeout_killable(1);
		return -EAGAIN;
	}
	return revoke_resident(revoke, region, entry);
}

/* Reads a swapped page in; it may be gone again when this returns 0. */
static int bring_in(struct revoke *revoke)
{
	struct swaplab_pool *pool = swaplab_pager_pool(revoke->pager);
	struct swaplab_io *io = ERR_PTR(-EAGAIN);
	struct swaplab_frame *frame;
	struct swaplab_region *region;
	void *entry;

	frame = swaplab_frame_take_or_wait(pool, GFP_USER);
	if (IS_ERR(frame))
		return PTR_ERR(frame);
	region = swaplab_pager_enter(revoke->pager);
	entry = region ? swaplab_region_load(region, next_index(revoke)) : NULL;
	if (entry && !swaplab_entry_is_frame(entry))
		io = swaplab_pagein_begin(region, next_index(revoke), entry, frame);
	else
		swaplab_frame_put(pool, frame);
	if (region)
		swaplab_pager_leave(revoke->pager);
	if (IS_ERR(io))
		return PTR_ERR(io);
	/* The region does not end before the read has. */
	swaplab_pagein_submit(io);
	revoke->was_read = true;
	return swaplab_pagein_finish(io);
}

static int revoke_page(struct revoke *revoke)
{
	struct swaplab_region *region;
	int err;

	/* Without writing to it: a page that was not written to is not copied. */
	if (fault_in_safe_writeable(next_buffer(revoke), PAGE_SIZE))
		return -EFAULT;
	region = swaplab_pager_enter(revoke->pager);
	if (!region)
		return -ESTALE;
	err = revoke_entry(revoke, region);
	swaplab_pager_leave(revoke->pager);
	if (err == -ENODATA)
		err = bring_in(revoke) ?: -EAGAIN;
	else if (err == -EFAULT && ++revoke->tries < COPY_TRIES)
		err = -EAGAIN;
	return err;
}

static int revoke_pages(struct revoke *revoke)
{
	int err = 0;

	while (!err && revoke->done < revoke->nr) {
		err = revoke_page(revoke);
		if (!err) {
			revoke->done++;
			revoke->tries = 0;
			revoke->was_read = false;
		} else if (err == -EAGAIN) {
			err = 0;
		}
		if (!err && revoke->done < revoke->nr && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int read_request(struct revoke *revoke, const struct swaplab_revoke __user *arg)
{
	u64 flags = swaplab_pager_protects(revoke->pager) ? SWAPLAB_REVOKE_READONLY : 0;
	struct swaplab_revoke *request = &revoke->request;
	u64 end;

	if (copy_from_user(request, arg, sizeof(*request)))
		return -EFAULT;
	if (request->flags & ~flags || !request->length ||
	    request->length > SWAPLAB_REVOKE_MAX_PAGES << PAGE_SHIFT ||
	    !PAGE_ALIGNED(request->offset | request->length) ||
	    check_add_overflow(request->offset, request->length, &end))
		return -EINVAL;
	if (!request->address)
		return -EFAULT;
	revoke->first = request->offset >> PAGE_SHIFT;
	revoke->nr = request->length >> PAGE_SHIFT;
	return 0;
}

static int write_answer(const struct revoke *revoke, struct swaplab_revoke __user *arg)
{
	u64 done = (u64)revoke->done << PAGE_SHIFT;

	if (copy_to_user(&arg->done, &done, sizeof(done)) ||
	    copy_to_user(&arg->written, &revoke->written, sizeof(revoke->written)))
		return -EFAULT;
	return 0;
}

/**
 * swaplab_revoke() - SWAPLAB_PAGER_REVOKE
 * @pager: of the task
 * @arg: the request
 *
 * Return: 0 or -errno.
 */
int swaplab_revoke(struct swaplab_pager *pager, struct swaplab_revoke __user *arg)
{
	struct revoke revoke = {
		.pager = pager,
		.origin = { .pager = pager },
		.deadline = jiffies + msecs_to_jiffies(PATIENCE_MS) + 1,
	};
	struct swaplab_transfer transfer = { .takes_back = true };
	int err;

	err = read_request(&revoke, arg);
	if (err)
		return err;
	/* No page is taken if the answer cannot be given. */
	err = write_answer(&revoke, arg);
	if (err)
		return err;
	transfer.first = revoke.first;
	transfer.last = revoke.first + revoke.nr - 1;
	swaplab_pager_begin_transfer(pager, &transfer);
	err = revoke_pages(&revoke);
	swaplab_pager_end_transfer(pager, &transfer);
	return write_answer(&revoke, arg) ?: err;
}
