// SPDX-License-Identifier: GPL-2.0
/*
 * The answers of a pager. Pages are copied into frames one by one, in the task that answers, and
 * published in the region; the faults that wait for them look again.
 *
 * The task may sleep at three places, and holds nothing of the region or the pool at the first
 * two: where the memory that it copies from is not there, and where no frame is free. So it may
 * copy from pages of the device. Where it publishes a page it waits for memory only, and the end
 * of the region waits for that.
 *
 * What an answer finds there is newer, or another task's answer: it is left alone. A page that
 * has been written to and was evicted is not absent. A page that the pager takes back becomes
 * absent; an answer that began before then leaves it alone, too: see
 * swaplab_pager_begin_transfer(). So no answer takes the place of a write.
 *
 * A page may come in read-only: its frame says so, and all mappings of the region ask before a
 * write. It has no slot and is clean, so it is dropped like any page of the pager that was not
 * written to. A later answer makes it writable, if the pager has not taken it back meanwhile.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "frame.h"
#include "pagein.h"
#include "pager.h"
#include "pager_queue.h"
#include "supply.h"

/**
 * struct supply - an answer
 * @pager: of the task
 * @request: as the task has sent it
 * @transfer: makes it known to a task that takes pages back
 * @first: index of the first page
 * @nr: number of pages
 * @from: address of their content; NULL: zeros
 * @grants: they are there, and become writable
 * @done: pages that are there
 */
struct supply {
	struct swaplab_pager *pager;
	struct swaplab_supply request;
	struct swaplab_transfer transfer;
	pgoff_t first;
	unsigned long nr;
	const char __user *from;
	bool grants;
	unsigned long done;
};

/* False if the memory is not there just now. */
static bool fill_frame(struct swaplab_frame *frame, const char __user *from)
{
	void *to = kmap_local_folio(frame->folio, 0);
	bool filled = !copy_from_user_nofault(to, from, PAGE_SIZE);

	kunmap_local(to);
	if (filled)
		flush_dcache_folio(frame->folio);
	return filled;
}

/* A frame; ERR_PTR(-EAGAIN) if the caller must try again. */
static struct swaplab_frame *take_filled(struct swaplab_pool *pool, const char __user *from)
{
	struct swaplab_frame *frame;

	if (fault_in_readable(from, PAGE_SIZE))
		return ERR_PTR(-EFAULT);
	frame = swaplab_frame_take_or_wait(pool, GFP_USER);
	if (IS_ERR(frame) || fill_frame(frame, from))
		return frame;
	swaplab_frame_put(pool, frame);
	return ERR_PTR(-EAGAIN);
}

static struct swaplab_frame *take_content(struct supply *supply)
{
	struct swaplab_pool *pool = swaplab_pager_pool(supply->pager);

	if (supply->from)
		return take_filled(pool, supply->from + (supply->done << PAGE_SHIFT));
	return swaplab_frame_take_or_wait(pool, GFP_USER | __GFP_ZERO);
}

/* 0 if the page is absent, -EEXIST if it is there. */
static int check_page(struct supply *supply, pgoff_t index)
{
	struct swaplab_region *region = swaplab_pager_enter(supply->pager);
	int err = 0;

	if (!region)
		return -ESTALE;
	if (swaplab_region_load(region, index))
		err = -EEXIST;
	else if (!swaplab_region_has_room(region, index))
		err = -ENXIO;
	swaplab_pager_leave(supply->pager);
	return err;
}

static int publish_page(struct supply *supply, pgoff_t index, struct swaplab_frame *frame)
{
	struct swaplab_pager *pager = supply->pager;
	struct swaplab_region *region = swaplab_pager_enter(pager);
	int err;

	if (!region) {
		swaplab_frame_put(swaplab_pager_pool(pager), frame);
		return -ESTALE;
	}
	err = swaplab_pagein_supply(region, index, frame, pager, &supply->transfer);
	swaplab_pager_leave(pager);
	return err;
}

/*
 * Under the xa_lock: the flag of an entry's frame is that of its page. A task that has waited is to
 * use the page before it is taken back, as one that was supplied.
 */
static void make_writable(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	if (!(atomic_read(&frame->flags) & SWAPLAB_FRAME_READONLY))
		return;
	atomic_or(SWAPLAB_FRAME_UNUSED, &frame->flags);
	atomic_andnot(SWAPLAB_FRAME_READONLY, &frame->flags);
	swaplab_stat_inc(&pool->stats, pager_grants);
}

/* -ENOENT if the page is absent. Nothing is done to one that is taken back meanwhile. */
static int grant_page(struct supply *supply, pgoff_t index)
{
	struct swaplab_region *region = swaplab_pager_enter(supply->pager);
	void *entry;
	int err = 0;

	if (!region)
		return -ESTALE;
	xa_lock(&region->pages);
	if (!swaplab_pager_is_stale(&supply->transfer, index)) {
		entry = xa_load(&region->pages, index);
		if (!entry)
			err = -ENOENT;
		else if (swaplab_entry_is_frame(entry))
			make_writable(region->pool, entry);
	}
	xa_unlock(&region->pages);
	swaplab_pager_leave(supply->pager);
	return err;
}

/*
 * 0 if the page is there, or was and has gone; -EEXIST if it was there and stays read-only;
 * -EAGAIN if the caller must try again.
 */
static int bring_page(struct supply *supply, pgoff_t index)
{
	struct swaplab_frame *frame;
	int err;

	err = check_page(supply, index);
	if (!err) {
		frame = take_content(supply);
		err = IS_ERR(frame) ? PTR_ERR(frame) :
				      publish_page(supply, index, frame);
	}
	if (err == -EEXIST && !supply->transfer.is_readonly)
		err = grant_page(supply, index);
	return err == -ENOENT ? 0 : err;
}

static int supply_page(struct supply *supply)
{
	pgoff_t index = supply->first + supply->done;
	int err;

	err = supply->grants ? grant_page(supply, index) : bring_page(supply, index);
	if (!err || err == -EEXIST)
		swaplab_pager_supplied(supply->pager, index, !err);
	return err == -EEXIST ? 0 : err;
}

static int supply_pages(struct supply *supply)
{
	int err = 0;

	while (!err && supply->done < supply->nr) {
		err = supply_page(supply);
		if (!err)
			supply->done++;
		else if (err == -EAGAIN)
			err = 0;
		if (!err && supply->done < supply->nr && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* @flags: that the answer may have. */
static int read_supply(struct supply *supply, struct swaplab_pager *pager,
		       const struct swaplab_supply __user *arg, u64 flags)
{
	struct swaplab_supply *request = &supply->request;
	u64 end;

	if (copy_from_user(request, arg, sizeof(*request)))
		return -EFAULT;
	if (request->flags & ~flags || !request->length ||
	    !PAGE_ALIGNED(request->offset | request->length) ||
	    check_add_overflow(request->offset, request->length, &end))
		return -EINVAL;
	supply->pager = pager;
	supply->first = request->offset >> PAGE_SHIFT;
	supply->nr = request->length >> PAGE_SHIFT;
	supply->from = NULL;
	supply->grants = false;
	supply->done = 0;
	supply->transfer.is_readonly = request->flags & SWAPLAB_SUPPLY_READONLY;
	return 0;
}

static int check_request(const struct supply *supply)
{
	return swaplab_pager_check(supply->pager, supply->request.id, supply->first,
				   supply->first + supply->nr - 1);
}

static int answer_request(struct supply *supply, struct swaplab_supply __user *arg)
{
	u64 done = 0;
	int err;

	if (supply->request.id) {
		err = check_request(supply);
		if (err)
			return err;
	}
	/* No page is supplied if the answer cannot be given. */
	if (copy_to_user(&arg->done, &done, sizeof(done)))
		return -EFAULT;
	err = supply_pages(supply);
	done = (u64)supply->done << PAGE_SHIFT;
	return copy_to_user(&arg->done, &done, sizeof(done)) ? -EFAULT : err;
}

static int answer(struct supply *supply, struct swaplab_supply __user *arg)
{
	struct swaplab_transfer *transfer = &supply->transfer;
	int err;

	transfer->first = supply->first;
	transfer->last = supply->first + supply->nr - 1;
	transfer->takes_back = false;
	swaplab_pager_begin_transfer(supply->pager, transfer);
	err = answer_request(supply, arg);
	swaplab_pager_end_transfer(supply->pager, transfer);
	return err;
}

static u64 flags_of(struct swaplab_pager *pager)
{
	return swaplab_pager_protects(pager) ? SWAPLAB_SUPPLY_READONLY : 0;
}

/**
 * swaplab_supply_data() - SWAPLAB_PAGER_SUPPLY
 * @pager: of the task
 * @arg: the answer
 *
 * Return: 0 or -errno.
 */
int swaplab_supply_data(struct swaplab_pager *pager, struct swaplab_supply __user *arg)
{
	struct supply supply;
	int err;

	err = read_supply(&supply, pager, arg, flags_of(pager));
	if (err)
		return err;
	supply.from = u64_to_user_ptr(supply.request.address);
	if (!supply.from)
		return -EFAULT;
	return answer(&supply, arg);
}

/**
 * swaplab_supply_zeros() - SWAPLAB_PAGER_UNAVAILABLE
 * @pager: of the task
 * @arg: the answer
 *
 * Return: 0 or -errno.
 */
int swaplab_supply_zeros(struct swaplab_pager *pager, struct swaplab_supply __user *arg)
{
	struct supply supply;
	int err;

	err = read_supply(&supply, pager, arg, flags_of(pager));
	if (err)
		return err;
	return supply.request.address ? -EINVAL : answer(&supply, arg);
}

/**
 * swaplab_supply_grant() - SWAPLAB_PAGER_GRANT
 * @pager: of the task
 * @arg: the answer
 *
 * Return: 0 or -errno.
 */
int swaplab_supply_grant(struct swaplab_pager *pager, struct swaplab_supply __user *arg)
{
	struct supply supply;
	int err;

	err = read_supply(&supply, pager, arg, 0);
	if (err)
		return err;
	supply.grants = true;
	return supply.request.address ? -EINVAL : answer(&supply, arg);
}

/**
 * swaplab_supply_error() - SWAPLAB_PAGER_ERROR
 * @pager: of the task
 * @arg: the answer
 *
 * Return: 0 or -errno.
 */
int swaplab_supply_error(struct swaplab_pager *pager, struct swaplab_supply __user *arg)
{
	struct supply supply;
	int err;

	err = read_supply(&supply, pager, arg, 0);
	if (err)
		return err;
	if (supply.request.address)
		return -EINVAL;
	return check_request(&supply) ?: swaplab_pager_fail(pager, supply.request.id);
}
