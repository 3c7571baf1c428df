// SPDX-License-Identifier: GPL-2.0
/*
 * Static slots: each page of a region has its slot reserved by mmap().
 *
 * mmap() reserves an area of slots for each run of pages that has none yet. An area
 * stays until its region is destroyed, so a look-up needs RCU only while it follows
 * the list.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include "static_slots.h"
#include "region.h"
#include "store.h"
#include "user.h"

/**
 * struct swaplab_area - pages of a region with fixed slots
 * @link: on region->areas
 * @first: index of the first page
 * @nr: pages
 * @slot: of the first page
 */
struct swaplab_area {
	struct list_head link;
	pgoff_t first;
	unsigned long nr;
	u32 slot;
};

static void area_free(struct swaplab_region *region, struct swaplab_area *area)
{
	swaplab_store_free(region->pool->store, area->slot, area->nr);
	kfree(area);
}

/* The area of a page, or NULL and where the next one begins. */
static struct swaplab_area *area_find(struct swaplab_region *region, pgoff_t index,
				      pgoff_t *next)
{
	struct swaplab_area *area;

	*next = ULONG_MAX;
	list_for_each_entry_rcu(area, &region->areas, link,
				lockdep_is_held(&region->areas_lock)) {
		if (index >= area->first && index - area->first < area->nr)
			return area;
		if (area->first > index)
			*next = min(*next, area->first);
	}
	return NULL;
}

/* Add areas for the pages of a range that have none to @areas. */
static int areas_fill_gaps(struct swaplab_region *region, pgoff_t first,
			   pgoff_t end, struct list_head *areas)
{
	struct swaplab_store *store = READ_ONCE(region->pool->store);
	struct swaplab_area *area;
	pgoff_t next;

	for (; first < end; first = next) {
		area = area_find(region, first, &next);
		if (area) {
			next = area->first + area->nr;
			continue;
		}
		next = min(next, end);
		if (!store || next - first > store->nr_slots)
			return -ENOSPC;
		area = kmalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);
		if (!area)
			return -ENOMEM;
		area->first = first;
		area->nr = next - first;
		area->slot = swaplab_store_reserve(store, area->nr);
		if (!area->slot) {
			kfree(area);
			return -ENOSPC;
		}
		list_add_tail(&area->link, areas);
	}
	return 0;
}

/**
 * swaplab_static_slots_reserve() - make sure that pages may come into being
 * @region: the region; with static slots, they get theirs
 * @first: index of the first page
 * @nr: how many
 *
 * The user is charged after the slots have been taken and before the region gets them.
 * If the charge fails, the slots are freed, and no fault has seen them.
 *
 * Return: 0, or -ENOSPC or -ENOMEM, and then nothing was reserved or charged.
 */
int swaplab_static_slots_reserve(struct swaplab_region *region, pgoff_t first,
				 unsigned long nr)
{
	struct swaplab_area *area, *next;
	LIST_HEAD(areas);
	int err;

	if (!region->static_slots)
		return swaplab_user_charge(region, first + nr);
	mutex_lock(&region->areas_lock);
	err = areas_fill_gaps(region, first, first + nr, &areas);
	if (!err)
		err = swaplab_user_charge(region, first + nr);
	list_for_each_entry_safe(area, next, &areas, link) {
		list_del(&area->link);
		if (!err)
			list_add_tail_rcu(&area->link, &region->areas);
		else
			area_free(region, area);
	}
	mutex_unlock(&region->areas_lock);
	return err;
}

/**
 * swaplab_static_slots_find() - the slot that is always this page's
 * @region: with static slots
 * @index: of the page
 *
 * Return: the slot, 0 if the page is beyond what was reserved.
 */
u32 swaplab_static_slots_find(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_area *area;
	u32 slot = 0;
	pgoff_t next;

	rcu_read_lock();
	area = area_find(region, index, &next);
	if (area)
		slot = area->slot + (index - area->first);
	rcu_read_unlock();
	return slot;
}

/**
 * swaplab_static_slots_free_all() - free all static slots
 * @region: without pages; no task looks a slot up
 */
void swaplab_static_slots_free_all(struct swaplab_region *region)
{
	struct swaplab_area *area, *next;

	list_for_each_entry_safe(area, next, &region->areas, link)
		area_free(region, area);
}
