// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a pool: the openers of its regions, and how many pages these may have.
 *
 * A region counts from its start to the highest page that it was mapped to, or that came
 * into being beyond. So it is charged by mmap(), once for all faults to come, and a fault
 * only compares. A fault beyond the charged pages, in a part of a mapping that mremap()
 * has added without asking the module, charges its page itself. The charge of a region is
 * given back with the region, after the last close. It does not matter which processes
 * the file was passed to, nor which users have opened a region by its name. The region
 * that a child of fork() gets is charged like its parent's, to the user that forks.
 *
 * Charges are kept while there is no limit, too, so that a limit holds from the
 * moment when it is set. It takes nothing away.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "user.h"

/*
 * The real uid, as for pipes, message queues and locked memory: a setuid program
 * uses the share of the user that runs it. In a user namespace one user can be many. All
 * of them count as the user that made the namespace, unless that is root, which gave
 * them uids of their own.
 */
static kuid_t opener_uid(void)
{
	struct user_namespace *ns;
	kuid_t uid = current_uid();

	for (ns = current_user_ns(); ns->parent; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			uid = ns->owner;
	return uid;
}

/**
 * swaplab_user_get() - note the user of a region
 * @region: new, with its pool
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_user_get(struct swaplab_region *region)
{
	struct xarray *users = &region->pool->users;
	struct swaplab_user *user, *old;

	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		return -ENOMEM;
	user->uid = opener_uid();
	xa_lock(users);
	/* May drop the lock for memory, but not after it has looked. */
	old = __xa_cmpxchg(users, __kuid_val(user->uid), NULL, user,
			   GFP_KERNEL_ACCOUNT);
	if (!xa_is_err(old)) {
		region->user = old ? old : user;
		region->user->nr_regions++;
	}
	xa_unlock(users);
	if (old)
		kfree(user);
	return xa_err(old);
}

/**
 * swaplab_user_put() - give back the charge of a region
 * @region: without pages; the caller alone has it
 */
void swaplab_user_put(struct swaplab_region *region)
{
	struct xarray *users = &region->pool->users;
	struct swaplab_user *user = region->user;
	bool last;

	xa_lock(users);
	user->nr_pages -= region->nr_charged;
	last = !--user->nr_regions;
	if (last)
		__xa_erase(users, __kuid_val(user->uid));
	xa_unlock(users);
	/* It was found under the lock alone, and kept by regions alone. */
	if (last)
		kfree(user);
}

static int grow_charge(struct swaplab_region *region, pgoff_t end,
		       unsigned long max)
{
	struct xarray *users = &region->pool->users;
	struct swaplab_user *user = region->user;
	unsigned long total;
	int err = 0;

	xa_lock(users);
	if (end <= region->nr_charged)
		goto unlock;
	if (check_add_overflow(user->nr_pages, end - region->nr_charged,
			       &total) || total > max) {
		err = -ENOSPC;
		goto unlock;
	}
	user->nr_pages = total;
	WRITE_ONCE(region->nr_charged, end);
unlock:
	xa_unlock(users);
	return err;
}

/**
 * swaplab_user_charge() - make sure that a region's pages count as its user's
 * @region: the region
 * @file: of the region, by which the pages are reached
 * @end: index behind the last of them
 *
 * The charge of a region never gets less, so a fault on a page within it needs
 * no lock. The sum of a user and the size of its region change together under the
 * lock, or not at all: of two regions that grow at once, only one can be the last
 * that fits.
 *
 * By a file that was opened with CAP_SYS_RESOURCE, a region may exceed the limit, but counts.
 * The current task does not matter: a fault may come from a kernel thread, or from
 * ptrace.
 *
 * Return: 0, or -ENOSPC, and then nothing was charged.
 */
int swaplab_user_charge(struct swaplab_region *region, struct file *file,
			pgoff_t end)
{
	unsigned long max;
	int err;

	if (end <= READ_ONCE(region->nr_charged))
		return 0;
	max = READ_ONCE(region->pool->tunables.max_user_pages);
	err = grow_charge(region, end, max ? max : ULONG_MAX);
	if (err && file_ns_capable(file, &init_user_ns, CAP_SYS_RESOURCE))
		err = grow_charge(region, end, ULONG_MAX);
	return err;
}
