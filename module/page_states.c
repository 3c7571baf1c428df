// SPDX-License-Identifier: GPL-2.0
/* The states of pages, for SWAPLAB_PAGE_STATES and SWAPLAB_PROCESS_STATES. */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swaplab.h>
#include <linux/uaccess.h>
#include "fork.h"
#include "frame.h"
#include "page_states.h"
#include "pte.h"
#include "region.h"

/* Under RCU, or the frame may be gone. */
static u8 state_of(void *entry)
{
	struct swaplab_frame *frame = entry;
	unsigned int flags;
	u8 state = 0;

	if (!entry)
		return 0;
	if (xa_is_value(entry))
		return SWAPLAB_PAGE_SWAPPED;
	flags = atomic_read(&frame->flags);
	if (flags & SWAPLAB_FRAME_TRANSIT)
		state |= SWAPLAB_PAGE_TRANSIT;
	if (flags & SWAPLAB_FRAME_READING)
		return state | SWAPLAB_PAGE_SWAPPED;
	state |= SWAPLAB_PAGE_RESIDENT;
	if (flags & SWAPLAB_FRAME_MLOCKED)
		state |= SWAPLAB_PAGE_LOCKED;
	if (flags & SWAPLAB_FRAME_REFERENCED)
		state |= SWAPLAB_PAGE_REFERENCED;
	if (swaplab_frame_is_dirty(frame))
		state |= SWAPLAB_PAGE_DIRTY;
	return state;
}

/**
 * swaplab_page_states_tell() - tell the states of pages
 * @region: their region
 * @first: the first page
 * @last: the last one
 * @states: filled in with one byte a page, of SWAPLAB_PAGE_*
 *
 * Return: 0, -EFAULT, or -EINTR after a fatal signal.
 */
int swaplab_page_states_tell(struct swaplab_region *region, pgoff_t first,
			     pgoff_t last, u8 __user *states)
{
	u8 some[256];
	pgoff_t index = first;
	unsigned int nr;

	swaplab_pte_collect_dirty(region, first, last);
	while (index <= last) {
		rcu_read_lock();
		for (nr = 0; nr < sizeof(some) && index <= last; nr++, index++)
			some[nr] = state_of(swaplab_region_load(region, index));
		rcu_read_unlock();
		if (copy_to_user(states, some, nr))
			return -EFAULT;
		states += nr;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/*
 * May the caller trace the process? The uids must be equal, as for ptrace(), or the caller
 * has CAP_SYS_PTRACE. ptrace_may_access() is not exported; the gids and the dumpable flag are
 * not looked at.
 */
static bool may_trace(struct task_struct *task)
{
	const struct cred *cred = get_task_cred(task);
	kuid_t uid = current_uid();
	bool may;

	may = (uid_eq(cred->uid, uid) && uid_eq(cred->euid, uid) &&
	       uid_eq(cred->suid, uid)) ||
	      ns_capable(cred->user_ns, CAP_SYS_PTRACE);
	put_cred(cred);
	return may;
}

/*
 * The reference on the address space keeps its VMAs, and so its region in the family, until
 * there is one on the file. No lock is held at mmput(), which may end the VMAs.
 */
static struct file *file_of_task(struct file *file, struct task_struct *task)
{
	struct mm_struct *mm;
	struct file *own;

	if (!may_trace(task))
		return ERR_PTR(-EPERM);
	mm = get_task_mm(task);
	if (!mm)
		return ERR_PTR(-ESRCH);
	own = swaplab_fork_file(file, mm);
	mmput(mm);
	return own;
}

/**
 * swaplab_page_states_file() - the file of the region that another process means
 * @file: of a region; the process may have inherited it
 * @nr: the process, as the caller sees it
 *
 * Return: the file, with a reference; ERR_PTR(-ESRCH), ERR_PTR(-EPERM), or ERR_PTR(-EBUSY) as
 * from swaplab_fork_file().
 */
struct file *swaplab_page_states_file(struct file *file, pid_t nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	struct file *own = ERR_PTR(-ESRCH);

	put_pid(pid);
	if (task) {
		own = file_of_task(file, task);
		put_task_struct(task);
	}
	return own;
}
