// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls. Those on a range own the state of some pages at a time, and end after a
 * fatal signal: a range may be as long as the caller likes. None allocates memory by its
 * length.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/swaplab.h>
#include <linux/uaccess.h>
#include "advise.h"
#include "back.h"
#include "family.h"
#include "fork.h"
#include "frame.h"
#include "ioctl.h"
#include "mlock.h"
#include "move.h"
#include "names.h"
#include "origin.h"
#include "page_states.h"
#include "pagein.h"
#include "pageout.h"
#include "pager_file.h"
#include "pager_queue.h"
#include "policy.h"
#include "quota.h"
#include "record.h"
#include "region.h"
#include "removal.h"
#include "user.h"

static int bring_in_zero(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_frame *frame;

	frame = swaplab_frame_take_or_wait(region->pool, GFP_USER | __GFP_ZERO);
	if (IS_ERR(frame))
		return PTR_ERR(frame);
	return swaplab_pagein_zero(region, index, frame, GFP_KERNEL);
}

static int bring_in_origin(struct swaplab_region *region, pgoff_t index,
			   const struct swaplab_origin *origin)
{
	struct folio *from = swaplab_origin_find(origin);
	struct swaplab_frame *frame;
	int err;

	if (IS_ERR(from))
		return PTR_ERR(from);
	if (!from)
		return swaplab_origin_read(origin);
	frame = swaplab_frame_take_or_wait(region->pool, GFP_USER);
	err = PTR_ERR_OR_ZERO(frame);
	if (!err)
		err = swaplab_pagein_origin(region, index, frame, origin, from);
	folio_put(from);
	return err;
}

static int bring_in_absent(struct file *file, pgoff_t index)
{
	struct swaplab_region *region = file->private_data;
	struct swaplab_origin origin;
	int err;

	if (!swaplab_region_make_room(region, file, index))
		return -ENOSPC;
	if (!swaplab_origin_get(region, index, &origin))
		return bring_in_zero(region, index);
	if (origin.pager)
		err = swaplab_pager_ask(origin.pager, index, SWAPLAB_PAGER_READ, false);
	else
		err = bring_in_origin(region, index, &origin);
	swaplab_origin_put(&origin);
	return err == -EREMOTEIO ? -EIO : err;
}

static int bring_in_swapped(struct swaplab_region *region, pgoff_t index, void *entry)
{
	struct swaplab_frame *frame = swaplab_frame_take_or_wait(region->pool, GFP_USER);
	struct swaplab_io *io;

	if (IS_ERR(frame))
		return PTR_ERR(frame);
	io = swaplab_pagein_start(region, index, entry, frame);
	return IS_ERR(io) ? PTR_ERR(io) : swaplab_pagein_finish(io);
}

/* Brings one page in; it may be gone again when this returns 0, or not be there yet. */
static int bring_in(struct file *file, pgoff_t index)
{
	struct swaplab_region *region = file->private_data;
	void *entry = swaplab_region_load(region, index);
	int err;

	if (swaplab_entry_is_frame(entry))
		return 0;
	err = entry ? bring_in_swapped(region, index, entry) :
		      bring_in_absent(file, index);
	return err == -EAGAIN || err == -EEXIST ? 0 : err;
}

/*
 * Could these pages be mlocked if all of them were resident? Asked before the first of them
 * is brought in. The region's mlocked pages may be among them, and count once.
 */
static int check_mlock_limits(struct swaplab_region *region, unsigned long nr)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct swaplab_pool *pool = region->pool;
	unsigned long of_pool, of_user, lockable;

	spin_lock(&pool->lock);
	nr -= min_t(unsigned long, nr, atomic_long_read(&region->nr_mlocked));
	of_pool = nr + pool->nr_mlocked;
	of_user = nr + region->user->nr_mlocked;
	lockable = swaplab_frame_mlock_limit(pool->nr_room);
	spin_unlock(&pool->lock);
	if (!nr)
		return 0;
	if (of_pool > lockable)
		return -ENOMEM;
	return of_user > limit && !capable(CAP_IPC_LOCK) ? -ENOMEM : 0;
}

/* Applies the limit of the caller to the mlocked pages in all regions of the user. */
static int mlock_run(struct swaplab_run *run)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	int err = swaplab_mlock_set(run, limit);

	if (err && capable(CAP_IPC_LOCK))
		err = swaplab_mlock_set(run, ULONG_MAX);
	swaplab_run_settle(run);
	return err;
}

/* Mlocks the pages of a range, and marks those that were not mlocked before. */
static int mlock_pages(struct file *file, pgoff_t first, pgoff_t last)
{
	struct swaplab_run run;
	int err = 0;

	swaplab_run_init(&run, file->private_data, first);
	while (!err && run.more) {
		swaplab_run_claim(&run, last);
		if (run.nr)
			err = mlock_run(&run);
		else if (run.busy)
			err = swaplab_run_wait(&run);
		else if (run.more)
			err = bring_in(file, run.next);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* Munlocks the next mlocked pages that have a mark; false: there are no more. */
static bool munlock_run(struct swaplab_run *run, pgoff_t last, xa_mark_t mark)
{
	swaplab_run_claim_mlocked(run, last, mark);
	if (run->nr) {
		swaplab_mlock_clear(run);
		swaplab_policy_readmit(run->region->pool, run->frames, run->nr,
				       SWAPLAB_REASON_MUNLOCK);
		swaplab_run_settle(run);
	}
	if (run->busy)
		swaplab_region_wait_mlocked(run->region, run->next, run->busy);
	cond_resched();
	return run->more;
}

static void munlock_marked(struct swaplab_region *region)
{
	struct swaplab_run run;

	swaplab_run_init(&run, region, 0);
	while (munlock_run(&run, ULONG_MAX, SWAPLAB_MLOCKING))
		;
}

static void clear_marks(struct swaplab_region *region)
{
	struct swaplab_run run;

	swaplab_run_init(&run, region, 0);
	while (run.more) {
		swaplab_run_unmark(&run);
		cond_resched();
	}
}

/*
 * 0, or -ENOMEM, -ENOSPC (beyond static slots), -EIO or -EINTR, and then no page is
 * mlocked that was not before.
 */
static int mlock_range(struct file *file, pgoff_t first, pgoff_t last)
{
	struct swaplab_region *region = file->private_data;
	int err;

	err = check_mlock_limits(region, last - first + 1);
	if (err)
		return err;
	if (mutex_lock_killable(&region->mlock_lock))
		return -EINTR;
	err = mlock_pages(file, first, last);
	if (err)
		munlock_marked(region);
	clear_marks(region);
	mutex_unlock(&region->mlock_lock);
	return err;
}

static int munlock_range(struct swaplab_region *region, pgoff_t first,
			 pgoff_t last)
{
	struct swaplab_run run;

	swaplab_run_init(&run, region, first);
	while (munlock_run(&run, last, SWAPLAB_RESIDENT))
		if (fatal_signal_pending(current))
			return -EINTR;
	return 0;
}

static int ioctl_version(struct swaplab_version __user *arg)
{
	struct swaplab_version version = {
		.api = SWAPLAB_API_VERSION,
		.page_size = PAGE_SIZE,
	};

	return copy_to_user(arg, &version, sizeof(version)) ? -EFAULT : 0;
}

/* A region that is there keeps its pages when the limit is lowered. */
static bool is_beyond(struct swaplab_region *region, pgoff_t index)
{
	unsigned long max = READ_ONCE(region->pool->tunables.max_region_pages);

	return max && index >= max && index >= READ_ONCE(region->nr_charged);
}

static int check_range(struct swaplab_region *region,
		       const struct swaplab_range *range, pgoff_t *first,
		       pgoff_t *last)
{
	u64 end;

	if (range->flags || range->reserved || !range->length ||
	    !PAGE_ALIGNED(range->offset | range->length) ||
	    check_add_overflow(range->offset, range->length, &end))
		return -EINVAL;
	*first = range->offset >> PAGE_SHIFT;
	*last = (end >> PAGE_SHIFT) - 1;
	return is_beyond(region, *last) ? -EINVAL : 0;
}

static int ioctl_range(struct file *file, unsigned int cmd,
		       const struct swaplab_range __user *arg)
{
	struct swaplab_region *region = file->private_data;
	struct swaplab_range range;
	pgoff_t first, last;
	int err;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	err = check_range(region, &range, &first, &last);
	if (err)
		return err;
	switch (cmd) {
	case SWAPLAB_DISCARD:
		return swaplab_removal_check_mlocked(region, first, last) ?:
		       swaplab_removal_discard_range(region, first, last);
	case SWAPLAB_LOCK:
		if (region->family)
			return -EOPNOTSUPP;
		return mlock_range(file, first, last);
	default:
		return munlock_range(region, first, last);
	}
}

/* The regions of a move, which have no further files or slots that go with their pages. */
static int check_move(const struct swaplab_moving *moving)
{
	if (moving->from->pool != moving->to->pool)
		return -EXDEV;
	if (moving->from->static_slots || moving->to->static_slots ||
	    swaplab_family_of(moving->from) || swaplab_family_of(moving->to) ||
	    swaplab_move_has_origin(moving))
		return -EINVAL;
	return 0;
}

static int set_move_range(struct swaplab_moving *moving,
			  const struct swaplab_move *request)
{
	struct swaplab_range from = {
		.offset = request->from_offset,
		.length = request->length,
	};
	struct swaplab_range to = {
		.offset = request->to_offset,
		.length = request->length,
	};
	pgoff_t last, to_last;

	if (check_range(moving->from, &from, &moving->first, &last) ||
	    check_range(moving->to, &to, &moving->to_first, &to_last))
		return -EINVAL;
	if (moving->from == moving->to && moving->first <= to_last &&
	    moving->to_first <= last)
		return -EINVAL;
	moving->nr = last - moving->first + 1;
	return 0;
}

static int move_from(struct file *from, struct file *to,
		     const struct swaplab_move *request, u64 *moved)
{
	struct swaplab_moving moving = { .to = to->private_data, .file = to };
	int err;

	if (from->f_op != to->f_op)
		return -EINVAL;
	if (!(from->f_mode & FMODE_WRITE))
		return -EBADF;
	moving.from = from->private_data;
	err = check_move(&moving) ?: set_move_range(&moving, request) ?:
	      swaplab_move(&moving);
	*moved = (u64)moving.done << PAGE_SHIFT;
	return err;
}

static int ioctl_move(struct file *file, struct swaplab_move __user *arg)
{
	struct swaplab_move request;
	struct file *from;
	u64 moved = 0;
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	/* Nothing has moved if the answer cannot be given. */
	if (copy_from_user(&request, arg, sizeof(request)) ||
	    copy_to_user(&arg->moved, &moved, sizeof(moved)))
		return -EFAULT;
	if (request.flags || request.reserved)
		return -EINVAL;
	from = fget(request.from_fd);
	if (!from)
		return -EBADF;
	err = move_from(from, file, &request, &moved);
	fput(from);
	return copy_to_user(&arg->moved, &moved, sizeof(moved)) ? -EFAULT : err;
}

static int ioctl_back(struct swaplab_region *region,
		      const struct swaplab_back __user *arg)
{
	struct swaplab_range range = { };
	struct swaplab_back request;
	pgoff_t first, last;
	u64 end;
	int err;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	if (request.flags || request.reserved || !PAGE_ALIGNED(request.file_offset) ||
	    check_add_overflow(request.file_offset, request.length, &end) ||
	    end > MAX_LFS_FILESIZE)
		return -EINVAL;
	range.offset = request.offset;
	range.length = request.length;
	err = check_range(region, &range, &first, &last);
	return err ? err : swaplab_back(region, first, last, request.fd,
					request.file_offset >> PAGE_SHIFT);
}

static int tell_states(struct swaplab_region *region,
		       const struct swaplab_range *range, u64 states)
{
	pgoff_t first, last;
	int err;

	err = check_range(region, range, &first, &last);
	if (err)
		return err;
	return swaplab_page_states_tell(region, first, last, u64_to_user_ptr(states));
}

static int ioctl_page_states(struct swaplab_region *region,
			     const struct swaplab_page_states __user *arg)
{
	struct swaplab_page_states request;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	return tell_states(region, &request.range, request.states);
}

static int ioctl_process_states(struct file *file,
				const struct swaplab_process_states __user *arg)
{
	struct swaplab_process_states request;
	struct file *own;
	int err;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	if (request.reserved)
		return -EINVAL;
	own = swaplab_page_states_file(file, request.pid);
	if (IS_ERR(own))
		return PTR_ERR(own);
	err = tell_states(own->private_data, &request.range, request.states);
	fput(own);
	return err;
}

static int advise_range(struct swaplab_region *region, u32 advice, pgoff_t first,
			pgoff_t last, unsigned long *nr)
{
	switch (advice) {
	case SWAPLAB_ADVISE_WILLNEED:
		return swaplab_advise_will_need(region, first, last, nr);
	case SWAPLAB_ADVISE_COLD:
		return swaplab_advise_cold(region, first, last, nr);
	case SWAPLAB_ADVISE_PAGEOUT:
		return swaplab_pageout(region, first, last, nr);
	default:
		return -EINVAL;
	}
}

/* Slowing down others that have the region takes the right to write to it. */
static int ioctl_advise(struct file *file, struct swaplab_advise __user *arg)
{
	struct swaplab_advise request;
	struct swaplab_range range = { };
	unsigned long nr = 0;
	pgoff_t first, last;
	u64 pages = 0;
	int err;

	/* No advice was taken if the answer cannot be given. */
	if (copy_from_user(&request, arg, sizeof(request)) ||
	    copy_to_user(&arg->pages, &pages, sizeof(pages)))
		return -EFAULT;
	if (request.flags || request.reserved)
		return -EINVAL;
	range.offset = request.offset;
	range.length = request.length;
	err = check_range(file->private_data, &range, &first, &last);
	if (err)
		return err;
	if (request.advice != SWAPLAB_ADVISE_WILLNEED && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	err = advise_range(file->private_data, request.advice, first, last, &nr);
	pages = nr;
	return copy_to_user(&arg->pages, &pages, sizeof(pages)) ? -EFAULT : err;
}

static int ioctl_record(struct swaplab_region *region,
			const struct swaplab_record __user *arg)
{
	struct swaplab_record request;

	/* A recording shows the accesses of other users. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	return swaplab_record_start(region->pool, &request);
}

/* A request on the pages of the calling process, which may have inherited the file. */
static long ioctl_pages(struct file *file, unsigned int cmd, void __user *arg)
{
	struct file *own;
	int err;

	/* Others that have the region feel all but these. */
	if (cmd != SWAPLAB_PAGE_STATES && cmd != SWAPLAB_ADVISE && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	own = swaplab_fork_file(file, current->mm);
	if (IS_ERR(own))
		return PTR_ERR(own);
	if (cmd == SWAPLAB_PAGE_STATES)
		err = ioctl_page_states(own->private_data, arg);
	else if (cmd == SWAPLAB_ADVISE)
		err = ioctl_advise(own, arg);
	else if (cmd == SWAPLAB_BACK)
		err = ioctl_back(own->private_data, arg);
	else
		err = ioctl_range(own, cmd, arg);
	fput(own);
	return err;
}

static int ioctl_fork_private(struct swaplab_region *region)
{
	/* Others may open a region with a name, and their processes share its pages. */
	if (region->static_slots || region->named)
		return -EINVAL;
	return swaplab_family_create(region);
}

/* Quotas are the program's that writes to the region, as others may have it, too. */
static int ioctl_quota(struct file *file, const struct swaplab_quota __user *arg)
{
	struct swaplab_quota request;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	if (request.flags || request.reserved)
		return -EINVAL;
	if (request.max && (request.max < SWAPLAB_QUOTA_LEAST_MAX || request.max < request.min))
		return -EINVAL;
	return swaplab_quota_set_bounds(file->private_data, request.min, request.max,
					file_ns_capable(file, &init_user_ns, CAP_SYS_RESOURCE));
}

/**
 * swaplab_ioctl() - file_operations.unlocked_ioctl
 * @file: of a region
 * @cmd: SWAPLAB_*
 * @arg: address of the request
 *
 * Return: 0, a file descriptor from SWAPLAB_RECORD, SWAPLAB_OPEN or SWAPLAB_PAGER, or -errno.
 */
long swaplab_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case SWAPLAB_VERSION:
		return ioctl_version(user);
	case SWAPLAB_DISCARD:
	case SWAPLAB_LOCK:
	case SWAPLAB_UNLOCK:
	case SWAPLAB_PAGE_STATES:
	case SWAPLAB_ADVISE:
	case SWAPLAB_BACK:
		return ioctl_pages(file, cmd, user);
	case SWAPLAB_PROCESS_STATES:
		return ioctl_process_states(file, user);
	case SWAPLAB_MOVE:
		return ioctl_move(file, user);
	case SWAPLAB_FORK_PRIVATE:
		return ioctl_fork_private(file->private_data);
	case SWAPLAB_PAGER:
		return swaplab_pager_file_open(file, user);
	case SWAPLAB_QUOTA:
		return ioctl_quota(file, user);
	case SWAPLAB_RECORD:
		return ioctl_record(file->private_data, user);
	case SWAPLAB_OPEN:
		return swaplab_names_open(file, user);
	case SWAPLAB_UNLINK:
		return swaplab_names_unlink(file, user);
	case SWAPLAB_NEXT_NAME:
		return swaplab_names_next(file, user);
	default:
		return -ENOTTY;
	}
}
