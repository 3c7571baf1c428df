// SPDX-License-Identifier: GPL-2.0
/*
 * How a fault waits.
 *
 * A fault drops its lock (mmap_lock, or that of its VMA) before it waits, if the kernel
 * allows a retry. It may not touch the VMA after that, and can only return
 * VM_FAULT_RETRY: then the kernel begins a second attempt, which cannot drop the lock
 * again. So an error is remembered for the second attempt.
 *
 * A second attempt that says so, by FAULT_FLAG_TRIED, directly follows the first one of
 * the same fault, in the same task. It returns the error that was remembered: the page
 * is not read a second time in vain, and a shortage is not waited for twice.
 *
 * mlock(), MAP_POPULATE and, on older kernels, MADV_POPULATE do not say so: each of
 * their attempts looks like the first of a fault, and without a memory they would never
 * end. But such an attempt may also be a later touch of the page, if the first one
 * turned to a signal, or its mapping went away. So it does not return the old error. It
 * keeps the lock, and returns the result of its own wait.
 *
 * The memory is a small table by task. A task has one error there at most. Its next wait
 * takes it away, unless that is for another task's read and ends well; so does the next
 * page that it maps. If two tasks have the same place, the later one has it, and the
 * other waits once more.
 *
 * -EAGAIN in it is no error: a write to the page could not be done, and will be repeated
 * from its beginning, which may be a read of the page.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include "compat.h"
#include "wait.h"

#define ERRORS_SHIFT	6

/**
 * struct wait_error - the result of a wait without the lock
 * @task: that waited; NULL: none. Never followed, like @region
 * @region: of the page
 * @index: of the page
 * @start_time: of the task, since a later one may have its address
 * @err: the error
 */
struct wait_error {
	struct task_struct *task;
	struct swaplab_region *region;
	pgoff_t index;
	u64 start_time;
	int err;
};

/* Protects: @errors */
static DEFINE_SPINLOCK(errors_lock);
static struct wait_error errors[BIT(ERRORS_SHIFT)];

static struct wait_error *own_error(void)
{
	return &errors[hash_ptr(current, ERRORS_SHIFT)];
}

static void remember_error(struct swaplab_region *region, pgoff_t index, int err)
{
	struct wait_error *error = own_error();

	spin_lock(&errors_lock);
	WRITE_ONCE(error->task, current);
	error->region = region;
	error->index = index;
	error->start_time = current->start_time;
	error->err = err;
	spin_unlock(&errors_lock);
}

/* The error of this task's last wait, if that was for this page. */
static int take_error(const struct swaplab_wait *wait)
{
	struct wait_error *error = own_error();
	int err = 0;

	/* Only the task itself writes its name there. */
	if (READ_ONCE(error->task) != current)
		return 0;
	spin_lock(&errors_lock);
	if (error->task == current) {
		if (error->region == wait->region &&
		    error->index == wait->index &&
		    error->start_time == current->start_time)
			err = error->err;
		WRITE_ONCE(error->task, NULL);
	}
	spin_unlock(&errors_lock);
	return err;
}

/**
 * swaplab_wait_init() - prepare to wait
 * @wait: to be filled in
 * @vmf: the fault
 * @region: of its page
 */
void swaplab_wait_init(struct swaplab_wait *wait, struct vm_fault *vmf,
		       struct swaplab_region *region)
{
	wait->vmf = vmf;
	wait->region = region;
	wait->index = vmf->pgoff;
	wait->pin = NULL;
	wait->cause = SWAPLAB_NR_LATENCIES;
	wait->start = swaplab_latency_start(&region->pool->latency);
	wait->failed = take_error(wait);
}

/**
 * swaplab_wait_forget() - a fault of this task ends well
 *
 * A remembered error that is left concerns a page that came in by other means.
 */
void swaplab_wait_forget(void)
{
	struct wait_error *error = own_error();

	if (likely(READ_ONCE(error->task) != current))
		return;
	spin_lock(&errors_lock);
	if (error->task == current)
		WRITE_ONCE(error->task, NULL);
	spin_unlock(&errors_lock);
}

/**
 * swaplab_wait_expect_write() - this task's next fault on a page precedes a write to it
 * @region: of the page
 * @index: of the page
 */
void swaplab_wait_expect_write(struct swaplab_region *region, pgoff_t index)
{
	remember_error(region, index, -EAGAIN);
}

static bool remembers(struct swaplab_region *region, pgoff_t index, int err)
{
	struct wait_error *error = own_error();
	bool remembered;

	/* As in take_error(). */
	if (likely(READ_ONCE(error->task) != current))
		return false;
	spin_lock(&errors_lock);
	remembered = error->task == current && error->region == region &&
		     error->index == index && error->err == err;
	spin_unlock(&errors_lock);
	return remembered;
}

/**
 * swaplab_wait_expects_write() - was swaplab_wait_expect_write() called for this page?
 * @region: of the page
 * @index: of the page
 */
bool swaplab_wait_expects_write(struct swaplab_region *region, pgoff_t index)
{
	return remembers(region, index, -EAGAIN);
}

/**
 * swaplab_wait_was_refused() - has the attempt before this one asked a pager in vain?
 * @region: of the page
 * @vmf: the fault
 *
 * If that was for a write that is expected, this attempt does not say so any more.
 */
bool swaplab_wait_was_refused(struct swaplab_region *region, struct vm_fault *vmf)
{
	return vmf->flags & FAULT_FLAG_TRIED && remembers(region, vmf->pgoff, -EREMOTEIO);
}

/**
 * swaplab_wait_has_failed() - is there no use in waiting?
 * @wait: of swaplab_wait_init()
 * @err: the error that the wait can end with
 *
 * Return: true if the attempt before this one has waited for the same, and failed.
 */
bool swaplab_wait_has_failed(struct swaplab_wait *wait, int err)
{
	return wait->failed == err && wait->vmf->flags & FAULT_FLAG_TRIED;
}

/**
 * swaplab_wait_begin() - drop the lock if that is allowed
 * @wait: of swaplab_wait_init()
 *
 * swaplab_wait_end() has to follow.
 */
void swaplab_wait_begin(struct swaplab_wait *wait)
{
	struct vm_fault *vmf = wait->vmf;

	if (wait->failed || !fault_flag_allow_retry_first(vmf->flags))
		return;
	wait->pin = get_file(vmf->vma->vm_file);
	release_fault_lock(vmf);
}

/**
 * swaplab_wait_begin_disk() - drop the lock for a transfer, if that pays
 * @wait: of swaplab_wait_init()
 *
 * A second attempt costs. It gains nothing where no other task uses the address space:
 * those that look at it from outside, as khugepaged may, can wait for a transfer.
 */
void swaplab_wait_begin_disk(struct swaplab_wait *wait)
{
	if (atomic_read(&wait->vmf->vma->vm_mm->mm_users) > 1)
		swaplab_wait_begin(wait);
}

/**
 * swaplab_wait_begin_unlocked() - drop the lock for a wait that must not have it
 * @wait: of swaplab_wait_init()
 *
 * A later attempt of the fault may drop it, too: the wait has an end of its own, and a page that
 * has come in after an earlier one may be gone again.
 *
 * Return: false if the lock cannot be dropped, and nothing has begun; else swaplab_wait_end()
 * has to follow.
 */
bool swaplab_wait_begin_unlocked(struct swaplab_wait *wait)
{
	struct vm_fault *vmf = wait->vmf;

	if (!(vmf->flags & FAULT_FLAG_ALLOW_RETRY))
		return false;
	wait->pin = get_file(vmf->vma->vm_file);
	release_fault_lock(vmf);
	return true;
}

/**
 * swaplab_wait_count() - count how long a wait took
 * @wait: of swaplab_wait_init(); nothing is counted without a cause
 *
 * For a wait that swaplab_wait_end() does not end.
 */
void swaplab_wait_count(struct swaplab_wait *wait)
{
	if (wait->cause != SWAPLAB_NR_LATENCIES)
		swaplab_latency_end(&wait->region->pool->latency, wait->cause, 1,
				    wait->start);
}

/**
 * swaplab_wait_end() - the wait is over
 * @wait: of swaplab_wait_begin(), or without that: then nothing was waited for
 * @err: its result
 *
 * The kernel counts a second attempt as a major fault, but after one under the lock of
 * the VMA only if that said so. After a fatal signal there is none.
 *
 * Return: 0 if the fault can go on, else the result of the fault.
 */
vm_fault_t swaplab_wait_end(struct swaplab_wait *wait, int err)
{
	/* While the region is there. */
	swaplab_wait_count(wait);
	if (!wait->pin) {
		/* This was another wait than that of the remembered error. */
		if (!err && wait->failed)
			remember_error(wait->region, wait->index, wait->failed);
		return err ? VM_FAULT_SIGBUS : 0;
	}
	if (err && err != -EINTR)
		remember_error(wait->region, wait->index, err);
	fput(wait->pin);
	return VM_FAULT_RETRY | VM_FAULT_MAJOR;
}
