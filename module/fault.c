// SPDX-License-Identifier: GPL-2.0
/*
 * The fault handler: look at the page's state, do one step, look again, until
 * the page is resident and locked. The folio lock then covers the time until the
 * PTE is set.
 *
 * The fault holds mmap_lock, or on later kernels, in its first attempt, the lock of
 * its VMA. A step that has to wait may drop it: see wait.c. Steps return 0 to look
 * again, or what the fault returns.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/psi.h>
#include "around.h"
#include "family.h"
#include "fault.h"
#include "frame.h"
#include "origin.h"
#include "pagein.h"
#include "pager.h"
#include "pager_queue.h"
#include "readahead.h"
#include "record.h"
#include "suspended.h"
#include "trace.h"
#include "wait.h"

/* May not even sleep: VM_FAULT_RETRY with the lock held. */
static bool is_nowait(struct vm_fault *vmf)
{
	return vmf->flags & FAULT_FLAG_RETRY_NOWAIT;
}

/*
 * While a recorder wants to know each page that is used, it says when the PTE is
 * set, and then the kernel has nothing left to do.
 */
static vm_fault_t map_recorded(struct vm_fault *vmf, struct swaplab_frame *frame,
			       struct folio *folio)
{
	vm_fault_t ret;

	ret = swaplab_record_map(vmf->vma, frame, vmf->flags & FAULT_FLAG_WRITE);
	if (!ret)
		return VM_FAULT_LOCKED;
	vmf->page = NULL;
	folio_unlock(folio);
	folio_put(folio);
	return ret;
}

/* @folio is the page's, locked and referenced; both go to the PTE. */
static vm_fault_t map_folio(struct vm_fault *vmf, struct swaplab_region *region,
			    struct swaplab_frame *frame, struct folio *folio)
{
	struct swaplab_stats *stats = &region->pool->stats;
	unsigned int flags = atomic_read(&frame->flags);

	if (folio_test_hwpoison(folio)) {
		folio_unlock(folio);
		folio_put(folio);
		return VM_FAULT_HWPOISON;
	}
	swaplab_wait_forget();
	/* Set under the folio lock, where the end of the write-out looks. */
	if (flags & SWAPLAB_FRAME_WRITING)
		atomic_or(SWAPLAB_FRAME_RESCUED, &frame->flags);
	if (flags & SWAPLAB_FRAME_AROUND)
		swaplab_locality_used(&region->locality, vmf->pgoff);
	swaplab_frame_count_hit(region->pool, frame);
	if (flags & SWAPLAB_FRAME_UNUSED)
		atomic_andnot(SWAPLAB_FRAME_UNUSED, &frame->flags);

	/* Now, or the core drops mmap_lock to balance dirty pages each time. */
	if (vmf->flags & FAULT_FLAG_WRITE)
		folio_mark_dirty(folio);
	swaplab_stat_inc(stats, faults);
	atomic_long_inc(&region->faults);
	trace_fault(region->pool->id, vmf->pgoff,
		    vmf->flags & FAULT_FLAG_WRITE);
	vmf->page = folio_page(folio, 0);
	if (unlikely(swaplab_record_is_exact(region->pool)))
		return map_recorded(vmf, frame, folio);
	return VM_FAULT_LOCKED;
}

/**
 * swaplab_fault_busy_flags() - which flags keep a frame from being mapped now?
 * @region: of the page
 */
unsigned int swaplab_fault_busy_flags(struct swaplab_region *region)
{
	unsigned int flags = SWAPLAB_FRAME_READING | SWAPLAB_FRAME_MOVING;

	if (swaplab_store_needs_stable_pages(region->pool))
		flags |= SWAPLAB_FRAME_WRITING;
	return flags;
}

/* A page that is being read had been evicted: for PSI, that is a stall on memory. */
static int wait_for_other_read(struct swaplab_region *region, pgoff_t index,
			       struct swaplab_frame *frame, unsigned int flags)
{
	unsigned long psi;
	int err;

	psi_memstall_enter(&psi);
	err = swaplab_region_wait(region, index, frame, flags);
	psi_memstall_leave(&psi);
	return err;
}

static vm_fault_t wait_for_transit(struct vm_fault *vmf,
				   struct swaplab_region *region,
				   struct swaplab_frame *frame, unsigned int flags,
				   enum swaplab_latency_cause cause)
{
	struct swaplab_wait wait;
	int err;

	if (is_nowait(vmf))
		return VM_FAULT_RETRY;
	swaplab_wait_init(&wait, vmf, region);
	wait.cause = cause;
	swaplab_wait_begin_disk(&wait);
	if (cause == SWAPLAB_LATENCY_disk)
		err = wait_for_other_read(region, wait.index, frame, flags);
	else
		err = swaplab_region_wait(region, wait.index, frame, flags);
	return swaplab_wait_end(&wait, err);
}

/*
 * A page of a stream: maps its other pages that have come in, in one go, and reads on.
 * Submitting a read may have to wait for the device.
 */
static vm_fault_t map_stream(struct vm_fault *vmf, struct swaplab_region *region,
			     unsigned int flags)
{
	struct swaplab_window rest, next;
	struct swaplab_asked asked;
	struct swaplab_wait wait;

	swaplab_readahead_asked_init(&asked, vmf);
	swaplab_readahead_hit(region, &asked, flags, &rest, &next);
	for (; rest.nr && swaplab_around_read(vmf, region, rest.first); rest.nr--)
		rest.first += rest.step;
	if (!next.nr)
		return 0;
	swaplab_wait_init(&wait, vmf, region);
	swaplab_wait_begin_disk(&wait);
	/* Else the fault goes on, and counts this time with the rest of its own. */
	if (wait.pin)
		wait.cause = SWAPLAB_LATENCY_resident;
	swaplab_readahead_read(region, &next);
	return swaplab_wait_end(&wait, 0);
}

static vm_fault_t wait_for_frame(struct swaplab_wait *wait)
{
	struct swaplab_pool *pool = wait->region->pool;

	if (swaplab_wait_has_failed(wait, -ENOSPC))
		return VM_FAULT_SIGBUS;
	wait->cause = SWAPLAB_LATENCY_frame_wait;
	swaplab_wait_begin(wait);
	return swaplab_wait_end(wait, swaplab_frame_wait(pool));
}

/* A frame; or NULL, and @ret is what the step returns. */
static struct swaplab_frame *take_frame(struct vm_fault *vmf,
					struct swaplab_region *region, gfp_t gfp,
					vm_fault_t *ret)
{
	struct swaplab_frame *frame = swaplab_frame_take(region->pool, gfp);
	struct swaplab_wait wait;

	if (!IS_ERR_OR_NULL(frame))
		return frame;
	if (IS_ERR(frame)) {
		*ret = VM_FAULT_OOM;
	} else if (is_nowait(vmf)) {
		*ret = VM_FAULT_RETRY;
	} else {
		swaplab_wait_init(&wait, vmf, region);
		*ret = wait_for_frame(&wait);
	}
	return NULL;
}

/* A write to a page that other regions have, too, or a touch that a write follows. */
static bool is_shared_write(struct vm_fault *vmf, struct swaplab_region *region,
			    struct swaplab_frame *frame)
{
	return (vmf->flags & FAULT_FLAG_WRITE ||
		swaplab_wait_expects_write(region, vmf->pgoff)) &&
	       swaplab_family_shares(region, vmf->pgoff, frame);
}

/*
 * Takes the page into transit, with its folio locked; so no other owner leaves it while it
 * is copied. Returns 0 with @folio; or puts @copy, and the caller must look again: after a wait
 * the region may be gone.
 */
static vm_fault_t claim_shared(struct vm_fault *vmf, struct swaplab_region *region,
			       struct swaplab_frame *frame,
			       struct swaplab_frame *copy, struct folio **folio)
{
	struct folio *old;
	bool is_bad;

	*folio = NULL;
	old = swaplab_region_lock_folio(region, vmf->pgoff, frame,
					!is_nowait(vmf));
	if (IS_ERR_OR_NULL(old)) {
		swaplab_frame_put(region->pool, copy);
		return old ? VM_FAULT_RETRY : 0;
	}
	is_bad = folio_test_hwpoison(old);
	if (!is_bad && !(atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
			 SWAPLAB_FRAME_TRANSIT)) {
		*folio = old;
		return 0;
	}
	folio_unlock(old);
	folio_put(old);
	swaplab_frame_put(region->pool, copy);
	if (is_bad)
		return VM_FAULT_HWPOISON;
	return wait_for_transit(vmf, region, frame, SWAPLAB_FRAME_TRANSIT,
				SWAPLAB_LATENCY_write_wait);
}

/**
 * swaplab_fault_copy() - copy a page, unless the others that had it have left it meanwhile
 * @region: gets the copy
 * @frame: the page's, in transit by the caller, its folio locked; the transit ends
 * @copy: the caller's; consumed
 *
 * Return: the copy's folio, locked and referenced, if it can be mapped now; else NULL or
 * an ERR_PTR().
 */
struct folio *swaplab_fault_copy(struct swaplab_region *region,
				 struct swaplab_frame *frame,
				 struct swaplab_frame *copy)
{
	struct folio *folio = NULL;

	if (swaplab_family_shares(region, frame->folio->index, frame))
		folio = swaplab_pagein_copy_and_lock(region, frame, copy);
	else
		swaplab_frame_put(region->pool, copy);
	swaplab_region_settle(frame, 0);
	return folio;
}

static vm_fault_t copy_shared(struct vm_fault *vmf, struct swaplab_region *region,
			      struct swaplab_frame *frame,
			      struct swaplab_frame *copy,
			      enum swaplab_latency_cause *cause)
{
	struct folio *old, *folio;
	vm_fault_t ret;

	ret = claim_shared(vmf, region, frame, copy, &old);
	if (!old)
		return ret;
	folio = swaplab_fault_copy(region, frame, copy);
	folio_unlock(old);
	folio_put(old);
	if (IS_ERR_OR_NULL(folio))
		return 0;
	*cause = SWAPLAB_LATENCY_copy;
	return map_folio(vmf, region, copy, folio);
}

/* A write to such a page that is resident. It has been charged: see swaplab_clone_create(). */
static vm_fault_t fault_shared(struct vm_fault *vmf, struct swaplab_region *region,
			       struct swaplab_frame *frame,
			       enum swaplab_latency_cause *cause)
{
	struct swaplab_frame *copy;
	vm_fault_t ret;

	copy = take_frame(vmf, region, GFP_USER, &ret);
	return copy ? copy_shared(vmf, region, frame, copy, cause) : ret;
}

/*
 * Afterwards the page is there, unless it was evicted again. The pager may need the lock, so
 * the fault does not keep it. A remembered error is an answer to this touch, also if the kernel
 * does not say that it is the same fault.
 */
static vm_fault_t ask_pager(struct vm_fault *vmf, struct swaplab_region *region,
			    struct swaplab_pager *pager, u32 kind)
{
	bool is_user = vmf->flags & FAULT_FLAG_USER;
	struct swaplab_wait wait;

	if (is_nowait(vmf))
		return VM_FAULT_RETRY;
	swaplab_wait_init(&wait, vmf, region);
	if (!is_user && !swaplab_pager_may_delay_kernel(pager))
		return VM_FAULT_SIGBUS;
	if (wait.failed == -EREMOTEIO || !swaplab_wait_begin_unlocked(&wait))
		return VM_FAULT_SIGBUS;
	wait.cause = SWAPLAB_LATENCY_disk;
	return swaplab_wait_end(&wait, swaplab_pager_ask(pager, wait.index, kind, is_user));
}

/*
 * A write to such a page, or a touch that a write follows; the folio is locked. A touch that was
 * refused for such a write is to end, and not to map the page and be repeated.
 */
static bool is_protected_write(struct vm_fault *vmf, struct swaplab_region *region,
			       unsigned int flags)
{
	return flags & SWAPLAB_FRAME_READONLY &&
	       (vmf->flags & FAULT_FLAG_WRITE ||
		swaplab_wait_expects_write(region, vmf->pgoff) ||
		swaplab_wait_was_refused(region, vmf));
}

/* The page was there, and read-only. If it is neither any more, the pager finds that. */
static vm_fault_t fault_protected(struct vm_fault *vmf, struct swaplab_region *region)
{
	struct swaplab_origin origin;
	vm_fault_t ret;

	/* It is the pager: SWAPLAB_BACK gives no page of this region a file. */
	if (!swaplab_origin_get(region, vmf->pgoff, &origin))
		return VM_FAULT_SIGBUS;
	ret = ask_pager(vmf, region, origin.pager, SWAPLAB_PAGER_UPGRADE);
	swaplab_origin_put(&origin);
	return ret;
}

static vm_fault_t fault_resident(struct vm_fault *vmf,
				 struct swaplab_region *region,
				 struct swaplab_frame *frame, unsigned int flags,
				 enum swaplab_latency_cause *cause)
{
	unsigned int busy = swaplab_fault_busy_flags(region);
	struct folio *folio;
	bool is_protected;
	vm_fault_t ret;

	if (flags & SWAPLAB_FRAME_AHEAD && !is_nowait(vmf) &&
	    !swaplab_readahead_is_off(vmf->vma)) {
		ret = map_stream(vmf, region, flags);
		if (ret)
			return ret;
	}
	if (flags & busy)
		return wait_for_transit(vmf, region, frame, busy,
					flags & SWAPLAB_FRAME_READING ?
						SWAPLAB_LATENCY_disk :
						SWAPLAB_LATENCY_write_wait);
	if (is_shared_write(vmf, region, frame))
		return fault_shared(vmf, region, frame, cause);
	folio = swaplab_region_lock_folio(region, vmf->pgoff, frame,
					  !is_nowait(vmf));
	if (IS_ERR(folio))
		return VM_FAULT_RETRY;
	if (!folio)
		return 0;
	/* Write-out begins under the folio lock, and there a page becomes read-only. */
	flags = atomic_read(&frame->flags);
	is_protected = is_protected_write(vmf, region, flags);
	if (flags & busy || is_protected) {
		folio_unlock(folio);
		folio_put(folio);
		return is_protected ? fault_protected(vmf, region) : 0;
	}
	/* A fault on a page that is here already is a use like any other. */
	if (!(atomic_read(&frame->flags) & SWAPLAB_FRAME_UNUSED))
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
	/* Other mappings use the page, so maybe also the pages around it. */
	if (folio_mapped(folio) && !is_nowait(vmf))
		swaplab_around_resident(vmf, region);
	return map_folio(vmf, region, frame, folio);
}

/*
 * First touch, and if it is one of a run, the next ones with it. The page's own folio
 * stays locked meanwhile: those behind it are only ever tried.
 */
static vm_fault_t fault_zero(struct vm_fault *vmf, struct swaplab_region *region)
{
	struct swaplab_frame *frame;
	struct folio *folio;
	vm_fault_t ret;

	if (!swaplab_region_make_room(region, vmf->vma->vm_file, vmf->pgoff))
		return VM_FAULT_SIGBUS;
	frame = take_frame(vmf, region, GFP_USER | __GFP_ZERO, &ret);
	if (!frame)
		return ret;
	folio = swaplab_pagein_zero_and_lock(region, vmf->pgoff, frame,
					     GFP_KERNEL);
	if (IS_ERR(folio))
		return folio == ERR_PTR(-ENOMEM) ? VM_FAULT_OOM : 0;
	if (!is_nowait(vmf) && !swaplab_readahead_is_off(vmf->vma))
		swaplab_around_zero(vmf, region);
	return map_folio(vmf, region, frame, folio);
}

/* Afterwards the page is in the page cache of its file. */
static vm_fault_t read_origin(struct vm_fault *vmf, struct swaplab_region *region,
			      const struct swaplab_origin *origin)
{
	struct swaplab_wait wait;

	if (is_nowait(vmf))
		return VM_FAULT_RETRY;
	swaplab_wait_init(&wait, vmf, region);
	if (swaplab_wait_has_failed(&wait, -EIO))
		return VM_FAULT_SIGBUS;
	wait.cause = SWAPLAB_LATENCY_disk;
	swaplab_wait_begin(&wait);
	return swaplab_wait_end(&wait, swaplab_origin_read(origin));
}

static vm_fault_t copy_origin(struct vm_fault *vmf, struct swaplab_region *region,
			      const struct swaplab_origin *origin,
			      struct folio *from)
{
	struct swaplab_frame *frame;
	struct folio *folio;
	vm_fault_t ret;

	if (!swaplab_region_make_room(region, vmf->vma->vm_file, vmf->pgoff))
		return VM_FAULT_SIGBUS;
	frame = take_frame(vmf, region, GFP_USER, &ret);
	if (!frame)
		return ret;
	folio = swaplab_pagein_origin_and_lock(region, vmf->pgoff, frame, origin,
					       from);
	if (IS_ERR(folio))
		return folio == ERR_PTR(-ENOMEM) ? VM_FAULT_OOM : 0;
	return map_folio(vmf, region, frame, folio);
}

/* First touch, or the first one since the page was dropped. */
static vm_fault_t fault_origin(struct vm_fault *vmf, struct swaplab_region *region,
			       const struct swaplab_origin *origin,
			       enum swaplab_latency_cause *cause, vm_fault_t *major)
{
	struct folio *from = swaplab_origin_find(origin);
	vm_fault_t ret;

	if (IS_ERR(from))
		return VM_FAULT_SIGBUS;
	if (!from) {
		*major = VM_FAULT_MAJOR;
		return read_origin(vmf, region, origin);
	}
	*cause = SWAPLAB_LATENCY_copy;
	ret = copy_origin(vmf, region, origin, from);
	folio_put(from);
	return ret;
}

static vm_fault_t fault_pager(struct vm_fault *vmf, struct swaplab_region *region,
			      struct swaplab_pager *pager)
{
	u32 kind = vmf->flags & FAULT_FLAG_WRITE ? SWAPLAB_PAGER_WRITE : SWAPLAB_PAGER_READ;

	if (!swaplab_region_make_room(region, vmf->vma->vm_file, vmf->pgoff))
		return VM_FAULT_SIGBUS;
	return ask_pager(vmf, region, pager, kind);
}

static vm_fault_t fault_absent(struct vm_fault *vmf, struct swaplab_region *region,
			       enum swaplab_latency_cause *cause, vm_fault_t *major)
{
	struct swaplab_origin origin;
	vm_fault_t ret;

	if (likely(!swaplab_origin_has_any(region)) ||
	    !swaplab_origin_get(region, vmf->pgoff, &origin))
		return fault_zero(vmf, region);
	if (origin.pager)
		ret = fault_pager(vmf, region, origin.pager);
	else
		ret = fault_origin(vmf, region, &origin, cause, major);
	swaplab_origin_put(&origin);
	return ret;
}

/* Waits for a read, and maps its page at once if the lock was kept meanwhile. */
static vm_fault_t finish_and_map(struct swaplab_wait *wait,
				 struct swaplab_frame *frame,
				 struct swaplab_io *io)
{
	struct folio *folio;

	if (wait->pin)
		return swaplab_wait_end(wait, swaplab_pagein_finish(io));
	folio = swaplab_pagein_finish_and_lock(io);
	if (folio == ERR_PTR(-EAGAIN)) {
		swaplab_wait_count(wait);
		return 0;
	}
	if (IS_ERR(folio))
		return swaplab_wait_end(wait, PTR_ERR(folio));
	if (!is_shared_write(wait->vmf, wait->region, frame))
		return map_folio(wait->vmf, wait->region, frame, folio);
	/* It stays clean for the others, and is copied next. */
	folio_unlock(folio);
	folio_put(folio);
	swaplab_wait_count(wait);
	return 0;
}

static vm_fault_t fault_read(struct vm_fault *vmf, struct swaplab_region *region,
			     void *entry, vm_fault_t *major)
{
	struct swaplab_asked asked;
	struct swaplab_frame *frame;
	struct swaplab_wait wait;
	struct swaplab_io *io;

	if (entry == SWAPLAB_LOST)
		return VM_FAULT_SIGBUS;
	if (is_nowait(vmf))
		return VM_FAULT_RETRY;
	swaplab_wait_init(&wait, vmf, region);
	if (swaplab_wait_has_failed(&wait, -EIO))
		return VM_FAULT_SIGBUS;
	frame = swaplab_frame_take(region->pool, GFP_USER);
	if (IS_ERR(frame))
		return VM_FAULT_OOM;
	if (!frame)
		return wait_for_frame(&wait);
	io = swaplab_pagein_start(region, wait.index, entry, frame);
	if (IS_ERR(io))
		return io == ERR_PTR(-ENOMEM) ? VM_FAULT_OOM : 0;
	*major = VM_FAULT_MAJOR;
	wait.cause = SWAPLAB_LATENCY_disk;
	/* The log has the first failure already. */
	if (wait.failed == -EIO)
		swaplab_pagein_mute(io);
	/* The VMA may be gone when the lock is. */
	swaplab_readahead_asked_init(&asked, vmf);
	/* A disk in memory may have answered by now. */
	if (!swaplab_pagein_is_done(io))
		swaplab_wait_begin_disk(&wait);
	swaplab_readahead_miss(region, &asked, swaplab_entry_evicted(entry));
	return finish_and_map(&wait, frame, io);
}

/*
 * Counts the step that has mapped the page; waits count by themselves. That includes waits
 * without the lock, which a second attempt of the same fault only brings to their end.
 */
static void count_fault(struct vm_fault *vmf, struct swaplab_region *region,
			enum swaplab_latency_cause cause, u64 start)
{
	if (cause != SWAPLAB_LATENCY_resident || !(vmf->flags & FAULT_FLAG_TRIED))
		swaplab_latency_end(&region->pool->latency, cause, 1, start);
}

/**
 * swaplab_fault() - vm_operations_struct.fault
 * @vmf: the fault
 *
 * Return: VM_FAULT_LOCKED with the page, or VM_FAULT_NOPAGE if it has been mapped;
 * VM_FAULT_MAJOR besides if it had to be read; VM_FAULT_RETRY after a wait without
 * the lock; VM_FAULT_SIGBUS if the page cannot exist or be read, if there is no
 * frame and none can be had, or after a fatal signal.
 */
vm_fault_t swaplab_fault(struct vm_fault *vmf)
{
	struct swaplab_region *region = swaplab_region_of(vmf->vma);
	enum swaplab_latency_cause cause;
	vm_fault_t ret = 0, major = 0;
	unsigned int flags;
	void *entry;
	u64 start;

	while (!ret) {
		start = swaplab_latency_start(&region->pool->latency);
		entry = swaplab_region_peek(region, vmf->pgoff, &flags);
		if (swaplab_entry_is_frame(entry)) {
			cause = SWAPLAB_LATENCY_resident;
			ret = fault_resident(vmf, region, entry, flags, &cause);
		} else if (swaplab_suspended_delays(region, vmf)) {
			ret = swaplab_suspended_wait(region, vmf);
		} else if (entry) {
			cause = SWAPLAB_LATENCY_disk;
			ret = fault_read(vmf, region, entry, &major);
		} else {
			cause = SWAPLAB_LATENCY_zero;
			ret = fault_absent(vmf, region, &cause, &major);
		}
	}
	if (!(ret & (VM_FAULT_LOCKED | VM_FAULT_NOPAGE)))
		return ret;
	count_fault(vmf, region, cause, start);
	return ret | major;
}
