// SPDX-License-Identifier: GPL-2.0
/*
 * Static slots: each page of a region has its slot reserved by mmap().
 *
 * mmap() reserves an area of slots for each run of pages that has none yet. Areas do not
 * overlap, so region->areas has each of them by the index of its last page: the first
 * one from a page on has that page, or begins behind it. An area stays until its region
 * is destroyed, so a look-up needs RCU only while it is in the xarray.
 */
#include <linux/list.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "static_slots.h"
#include "region.h"
#include "store.h"
#include "user.h"

/* Set on areas that are complete; xa_find() skips the reserved entries of others. */
#define AREA_PRESENT	XA_MARK_0

/**
 * struct swaplab_area - pages of a region with fixed slots
 * @link: on the list of the mmap() that makes it
 * @first: index of the first page
 * @last: index of the last page
 * @slot: of the first page
 */
struct swaplab_area {
	struct list_head link;
	pgoff_t first;
	pgoff_t last;
	u32 slot;
};

static u32 area_nr_pages(const struct swaplab_area *area)
{
	return area->last - area->first + 1;
}

/* The area that has a page, else the next one, else NULL. */
static struct swaplab_area *area_find(struct swaplab_region *region, pgoff_t index)
{
	return xa_find(&region->areas, &index, ULONG_MAX, AREA_PRESENT);
}

static void area_free(struct swaplab_region *region, struct swaplab_area *area)
{
	swaplab_store_free(region->pool->store, area->slot, area_nr_pages(area));
	kfree(area);
}

/* An area with slots, and with an entry reserved, so that area_publish() cannot fail. */
static struct swaplab_area *area_create(struct swaplab_region *region,
					pgoff_t first, pgoff_t last)
{
	struct swaplab_store *store = READ_ONCE(region->pool->store);
	struct swaplab_area *area;

	if (!store || last - first >= store->nr_slots)
		return ERR_PTR(-ENOSPC);
	area = kmalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);
	if (!area)
		return ERR_PTR(-ENOMEM);
	area->first = first;
	area->last = last;
	area->slot = swaplab_store_reserve(store, area_nr_pages(area));
	if (!area->slot) {
		kfree(area);
		return ERR_PTR(-ENOSPC);
	}
	if (xa_reserve(&region->areas, last, GFP_KERNEL_ACCOUNT)) {
		area_free(region, area);
		return ERR_PTR(-ENOMEM);
	}
	return area;
}

static void area_publish(struct swaplab_region *region, struct swaplab_area *area)
{
	xa_store(&region->areas, area->last, area, 0);
	xa_set_mark(&region->areas, area->last, AREA_PRESENT);
}

static void area_undo(struct swaplab_region *region, struct swaplab_area *area)
{
	xa_release(&region->areas, area->last);
	area_free(region, area);
}

/* Adds areas for the pages of a range that have none to @areas. */
static int areas_fill_gaps(struct swaplab_region *region, pgoff_t first,
			   pgoff_t end, struct list_head *areas)
{
	struct swaplab_area *area;

	for (; first < end; first = area->last + 1) {
		area = area_find(region, first);
		if (area && area->first <= first)
			continue;
		area = area_create(region, first,
				   area && area->first < end ? area->first - 1 : end - 1);
		if (IS_ERR(area))
			return PTR_ERR(area);
		list_add_tail(&area->link, areas);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * swaplab_static_slots_reserve() - make sure that pages may come into being
 * @region: the region; with static slots, they get theirs
 * @file: of the region, to be mapped
 * @first: index of the first page
 * @nr: how many
 *
 * The user is charged after the slots have been taken and before the region gets them.
 * If the charge fails, or the task is killed, the slots are freed, and no fault has seen
 * them: it finds only areas that are published, and no other task adds any meanwhile.
 *
 * Return: 0, or -ENOSPC, -ENOMEM, or -EINTR after a fatal signal, and then nothing was
 * reserved or charged.
 */
int swaplab_static_slots_reserve(struct swaplab_region *region, struct file *file,
				 pgoff_t first, unsigned long nr)
{
	struct swaplab_area *area, *next;
	LIST_HEAD(areas);
	int err;

	if (!region->static_slots)
		return swaplab_user_charge(region, file, first + nr);
	mutex_lock(&region->areas_lock);
	err = areas_fill_gaps(region, first, first + nr, &areas);
	if (!err)
		err = swaplab_user_charge(region, file, first + nr);
	list_for_each_entry_safe(area, next, &areas, link) {
		if (!err)
			area_publish(region, area);
		else
			area_undo(region, area);
		cond_resched();
	}
	mutex_unlock(&region->areas_lock);
	return err;
}

/**
 * swaplab_static_slots_find() - the slot that is always this page's
 * @region: with static slots
 * @index: of the page
 *
 * Return: the slot, 0 if the page is beyond the reserved area.
 */
u32 swaplab_static_slots_find(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_area *area = area_find(region, index);

	if (!area || area->first > index)
		return 0;
	return area->slot + (index - area->first);
}

/**
 * swaplab_static_slots_free_all() - free all static slots
 * @region: without pages; no task looks a slot up
 */
void swaplab_static_slots_free_all(struct swaplab_region *region)
{
	struct swaplab_area *area;
	unsigned long last;

	xa_for_each(&region->areas, last, area) {
		area_free(region, area);
		cond_resched();
	}
	xa_destroy(&region->areas);
}
