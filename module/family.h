/* SPDX-License-Identifier: GPL-2.0 */
/* Families: regions that have come from one another by fork(), and share pages. */
#ifndef _SWAPLAB_FAMILY_H
#define _SWAPLAB_FAMILY_H

#include "region.h"

/**
 * struct swaplab_family - regions that share pages
 * @lock: Protects: @members, their @file and @nr_vmas, and each entry that several members
 *	have. Taken outside of the members' xa_lock
 * @members: regions, by family_link
 * @forking: held for writing while a region gets the entries of another one, and for
 *	reading while pages are discarded
 * @rcu: a task that has found its region gone may still be about to drop @lock
 */
struct swaplab_family {
	spinlock_t lock;		/* members, shared entries */
	struct list_head members;
	struct rw_semaphore forking;	/* see above */
	struct rcu_head rcu;
};

/* Around the xa_lock, by tasks that change entries. */
static inline void swaplab_family_lock(struct swaplab_family *family)
{
	if (family)
		spin_lock(&family->lock);
	else
		__acquire(&family->lock);
}

static inline void swaplab_family_unlock(struct swaplab_family *family)
{
	if (family)
		spin_unlock(&family->lock);
	else
		__release(&family->lock);
}

/* False: the page has one owner. See the head of family.c. */
static inline bool swaplab_family_may_share(struct swaplab_region *region, pgoff_t index)
{
	return xa_get_mark(&region->pages, index, SWAPLAB_SHARED);
}

int swaplab_family_create(struct swaplab_region *region);
struct swaplab_family *swaplab_family_of(struct swaplab_region *region);
void swaplab_family_join(struct swaplab_region *region,
			 struct swaplab_family *family);
void swaplab_family_part(struct swaplab_region *region);
struct swaplab_region *swaplab_family_member(struct swaplab_family *family,
					     struct mm_struct *mm);
bool swaplab_family_has_other(struct swaplab_region *region, pgoff_t index,
			      void *entry);
bool swaplab_family_shares(struct swaplab_region *region, pgoff_t index,
			   void *entry);
void swaplab_family_follow(struct swaplab_family *family, pgoff_t index,
			   void *old, void *new);
void swaplab_family_count_read(struct swaplab_frame *frame);
void swaplab_family_leave(struct swaplab_region *region,
			  struct swaplab_frame *frame, void *entry);
struct swaplab_region *swaplab_family_only_owner(struct swaplab_region *region,
						 pgoff_t first, pgoff_t *last);

#endif /* _SWAPLAB_FAMILY_H */
