// SPDX-License-Identifier: GPL-2.0
/*
 * Advice of programs on pages: that they will be needed, or will not be for a while.
 *
 * Of madvise(), MADV_WILLNEED comes here, as fadvise() of the file. MADV_COLD and
 * MADV_PAGEOUT skip pages that are on none of the kernel's LRU lists, which ours are not, so
 * SWAPLAB_ADVISE takes their place. MADV_RANDOM and MADV_SEQUENTIAL set flags of the VMA, at
 * which each fault looks: see fault.c and readahead.c.
 */
#include <linux/fadvise.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include "advise.h"
#include "family.h"
#include "fork.h"
#include "policy.h"
#include "pte.h"
#include "readahead.h"

/* Entries looked at in one RCU read-side section: the pages are told in one hold of a lock. */
#define ADVISE_BATCH	64

/*
 * Tells the policy of the next resident pages. Those that other processes have since a
 * fork() are left out, if it is told that they are not needed: it does not know of these.
 * Returns false if there are no more.
 */
static bool advise_some(struct swaplab_region *region, unsigned long *first, pgoff_t last,
			enum swaplab_advice advice, unsigned long *nr_told)
{
	struct swaplab_frame *frames[ADVISE_BATCH];
	pgoff_t indexes[ADVISE_BATCH];
	unsigned int nr_seen, nr = 0;
	bool more = true;
	void *entry;

	rcu_read_lock();
	for (nr_seen = 0; more && nr_seen < ADVISE_BATCH; nr_seen++) {
		entry = xa_find(&region->pages, first, last, SWAPLAB_RESIDENT);
		if (swaplab_entry_is_frame(entry) &&
		    (advice != SWAPLAB_ADVICE_COLD ||
		     !swaplab_family_may_share(region, *first))) {
			frames[nr] = entry;
			indexes[nr++] = *first;
		}
		more = entry && (*first)++ != last;
	}
	if (nr)
		*nr_told += swaplab_policy_advise(region, frames, indexes, nr, advice);
	rcu_read_unlock();
	return more;
}

static int advise_resident(struct swaplab_region *region, unsigned long first, pgoff_t last,
			   enum swaplab_advice advice, unsigned long *nr)
{
	*nr = 0;
	while (advise_some(region, &first, last, advice, nr)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * swaplab_advise_will_need() - pages will be used soon
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @nr: set to how many pages are being read
 *
 * The policy is told of those that are resident.
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_advise_will_need(struct swaplab_region *region, pgoff_t first,
			     pgoff_t last, unsigned long *nr)
{
	int err;

	err = advise_resident(region, first, last, SWAPLAB_ADVICE_WILLNEED, nr);
	*nr = 0;
	return err ? err : swaplab_readahead_will_need(region, first, last, nr);
}

/**
 * swaplab_advise_cold() - pages will not be used for a while
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @nr: set to how many the policy was told of
 *
 * Return: 0, or -EINTR after a fatal signal.
 */
int swaplab_advise_cold(struct swaplab_region *region, pgoff_t first,
			pgoff_t last, unsigned long *nr)
{
	/* Uses of before must not turn up afterwards. */
	if (swaplab_policy_needs_references(region->pool))
		swaplab_pte_forget_uses(region, first, last);
	return advise_resident(region, first, last, SWAPLAB_ADVICE_COLD, nr);
}

/**
 * swaplab_fadvise() - file_operations.fadvise
 * @file: of a region
 * @offset: first byte
 * @length: bytes; 0: all from there on
 * @advice: POSIX_FADV_*; madvise(MADV_WILLNEED) comes as POSIX_FADV_WILLNEED, without
 *	mmap_lock, and ignores the result
 *
 * Return: 0 or -errno.
 */
int swaplab_fadvise(struct file *file, loff_t offset, loff_t length, int advice)
{
	pgoff_t first = offset >> PAGE_SHIFT, last = ULONG_MAX;
	unsigned long nr;
	struct file *own;
	int err;

	if (advice != POSIX_FADV_WILLNEED)
		return generic_fadvise(file, offset, length, advice);
	if (offset < 0 || length < 0)
		return -EINVAL;
	if (length)
		last = ((u64)offset + length - 1) >> PAGE_SHIFT;
	own = swaplab_fork_file(file, current->mm);
	if (IS_ERR(own))
		return PTR_ERR(own);
	err = swaplab_advise_will_need(own->private_data, first, last, &nr);
	fput(own);
	return err;
}
