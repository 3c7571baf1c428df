/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A region: a set of pages by index, made by one open() of the device. With a name, it has
 * several files, and may stay without one.
 *
 * region->pages holds for each page: nothing (absent), a frame (resident or in
 * transit), or a value (swapped): its slot, and the pool's eviction clock at the
 * time, for the refault distance. Entries change under the xa_lock, and one that
 * is a frame only by the owner of the frame's TRANSIT flag. Regions with private pages
 * may have entries in common: see family.c.
 */
#ifndef _SWAPLAB_REGION_H
#define _SWAPLAB_REGION_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/xarray.h>
#include "locality.h"
#include "pool.h"
#include "store.h"
#include "stream.h"

/* Set on entries that are frames: lets a sample skip pages that are not resident. */
#define SWAPLAB_RESIDENT	XA_MARK_0
/*
 * Set on pages that the SWAPLAB_LOCK under way has mlocked, or is about to;
 * region->mlock_lock.
 */
#define SWAPLAB_MLOCKING	XA_MARK_1
/* Set on pages that another region may have, too; the family's lock. */
#define SWAPLAB_SHARED		XA_MARK_2

struct swaplab_named;
struct swaplab_origin;
struct swaplab_origins;
struct swaplab_pager;

/* The states of a page. selftests/model/page.pml has the steps between them, and why. */
enum swaplab_page_state {
	SWAPLAB_STATE_ABSENT,
	SWAPLAB_STATE_READING,
	SWAPLAB_STATE_RESIDENT,
	SWAPLAB_STATE_EVICTING,
	SWAPLAB_STATE_WRITING,
	SWAPLAB_STATE_SWAPPED,
};

/**
 * struct swaplab_turn - what load control knows of a region, see load.c
 * @is_suspended: its tasks wait where they touch a page that is not resident
 * @takes_turns: it has been suspended, or may be in place of a region that is
 * @prepages: it goes on, and the first task that does is to read its pages
 * @nr_waiting: tasks
 * @nr_short: intervals in which it had too few frames, one after the other
 * @since: when it was suspended, went on, or began, in jiffies
 * @evicted: the pool's eviction clock when it was suspended
 */
struct swaplab_turn {
	bool is_suspended;
	bool takes_turns;
	bool prepages;
	unsigned int nr_waiting;
	unsigned int nr_short;
	unsigned long since;
	u32 evicted;
};

/**
 * struct swaplab_working_set - the pages that a region has used lately, see working_set.c
 * @nr_resident: of them, as counted by the leader...
 * @counted: ...in the count of this number
 * @now: the number of the interval that is under way; READ_ONCE()
 * @nr_intervals: before it, SWAPLAB_WINDOW_MAX at most; likewise
 * @began: the pool's eviction clock at the beginning of each of the last intervals; likewise
 * @nr_gone: pages that were evicted in these though they were used lately, and are not back
 * @nr_pages: all of them, as of the last count
 * @nr_refaults: of the region, up to the last count
 * @time: for which the region has run in this interval, in ns
 *
 * The pool's lock guards the members from @now on against other writers, but for @nr_gone.
 */
struct swaplab_working_set {
	unsigned long nr_resident;
	unsigned long counted;
	unsigned int now;
	unsigned int nr_intervals;
	u32 began[SWAPLAB_WINDOW_SLOTS];
	atomic_t nr_gone[SWAPLAB_WINDOW_SLOTS];
	unsigned long nr_pages;
	unsigned long nr_refaults;
	u64 time;
};

/**
 * struct swaplab_region - a set of pages
 * @pool: its device
 * @id: its number among all that the device has had, from 1 on
 * @inode: private; every mapping of the region hangs on its i_mapping
 * @pages: page index to state
 * @static_slots: a fixed area of the store, reserved by mmap()
 * @areas_lock: Protects: additions to @areas, and so the slots they take
 * @areas: of a region with static slots, see static_slots.c
 * @file: the open file, of a region without a name; valid while it is mapped or an ioctl on it
 *	runs
 * @named: what a region with a name has beside others, see names.c; or NULL
 * @user: the user that made it
 * @nr_charged: to @user, from page 0 on; grows under pool->users' lock
 * @nr_resident: pages in frames
 * @nr_swapped: pages in the store only
 * @nr_mlocked: pages under SWAPLAB_LOCK
 * @mlock_lock: Protects: the marks of the SWAPLAB_LOCK that is under way
 * @faults: faults that were served
 * @refaults: of them, on pages that had been evicted
 * @streams: of pages read in, for readahead
 * @locality: of pages read in, for the pages around them
 * @touch_next: the page that would continue the run of first touches; a hint
 * @touch_run: how many pages that run has, those made ahead among them; a hint
 * @nr_waiting: tasks that wait for the end of a transit
 * @leave: destroys it later, if its last user could not wait for that
 * @family: regions with which it shares pages since a fork(), see family.c; NULL: all
 *	address spaces that map it have the same pages
 * @family_link: on the family's list
 * @mm: of a region in a family: the one address space that maps it, grabbed
 * @nr_vmas: of a region in a family
 * @own_file: of a region that fork() has made: the reference on @file that goes with its
 *	last VMA
 * @instance: of the policy, that its pages come to; the pool's lock
 * @quota_min: frames that it should have at least; the pool's lock
 * @quota_max: frames that it should have at most, 0: any number; likewise
 * @turn: whether it is suspended; the pool's lock
 * @working_set: with allocation "working-set"
 * @origins: files that absent pages are filled from, see origin.c; or NULL; changes under the
 *	xa_lock of @pages
 * @pager: what absent pages without a file are asked of, see pager.c; NULL: it never had one;
 *	changes likewise
 * @has_forked: of a region in a family: write faults ask whether a page is shared
 * @was_used: it cannot become a family's first region any more; xa_lock
 * @was_mapped: xa_lock
 * @protects: its pager may make pages read-only: its VMAs have page_mkwrite(); set before there
 *	are any, under the xa_lock
 */
struct swaplab_region {
	struct swaplab_pool *pool;
	unsigned int id;
	struct inode *inode;
	struct xarray pages;
	bool static_slots;
	struct mutex areas_lock;	/* additions to @areas */
	struct xarray areas;
	struct file *file;
	struct swaplab_named *named;
	struct swaplab_user *user;
	unsigned long nr_charged;
	atomic_long_t nr_resident;
	atomic_long_t nr_swapped;
	atomic_long_t nr_mlocked;
	struct mutex mlock_lock;	/* SWAPLAB_MLOCKING marks */
	atomic_long_t faults;
	atomic_long_t refaults;
	struct swaplab_streams streams;
	struct swaplab_locality locality;
	pgoff_t touch_next;
	unsigned long touch_run;
	atomic_t nr_waiting;
	struct work_struct leave;
	struct swaplab_family *family;
	struct list_head family_link;
	struct mm_struct *mm;
	unsigned long nr_vmas;
	struct file *own_file;
	unsigned int instance;
	unsigned long quota_min;
	unsigned long quota_max;
	struct swaplab_turn turn;
	struct swaplab_working_set working_set;
	struct swaplab_origins *origins;
	struct swaplab_pager *pager;
	bool has_forked;
	bool was_used;
	bool was_mapped;
	bool protects;
};

static inline void *swaplab_entry(u32 slot, u32 evicted)
{
	/* A value has one bit less than a long: the clock wraps at 31 bits. */
	return xa_mk_value(slot | (unsigned long)(evicted & INT_MAX) << 32);
}

/* A page that could not be copied for a child of fork(): its content is lost. */
#define SWAPLAB_LOST	xa_mk_value(0)

static inline u32 swaplab_entry_slot(void *entry)
{
	return xa_to_value(entry);
}

static inline u32 swaplab_entry_evicted(void *entry)
{
	return xa_to_value(entry) >> 32;
}

static inline bool swaplab_entry_is_frame(void *entry)
{
	return entry && !xa_is_value(entry);
}

/* The region that a mapping of the device shows. */
static inline struct swaplab_region *
swaplab_region_of(struct vm_area_struct *vma)
{
	return vma->vm_file->private_data;
}

/*
 * A file that is open for reading does not make a region with a name larger: its pages
 * count as those of the user that made it.
 */
static inline bool swaplab_region_may_reach(struct swaplab_region *region,
					    struct file *file, pgoff_t end)
{
	return !region->named || file->f_mode & FMODE_WRITE ||
	       end <= READ_ONCE(region->nr_charged);
}

/* The entry of a page. */
static inline void *swaplab_region_load(struct swaplab_region *region,
					pgoff_t index)
{
	return xa_load(&region->pages, index);
}

/*
 * The entry of a page and, if that is a frame, its flags. Both are a snapshot: the frame
 * may be another page's by now, or gone, unless the caller keeps it from that.
 */
static inline void *swaplab_region_peek(struct swaplab_region *region,
					pgoff_t index, unsigned int *flags)
{
	struct swaplab_frame *frame;

	rcu_read_lock();
	frame = xa_load(&region->pages, index);
	*flags = swaplab_entry_is_frame(frame) ? atomic_read(&frame->flags) : 0;
	rcu_read_unlock();
	return frame;
}

/* The copy of a page is useless from now on; a static slot stays with the page. */
static inline void swaplab_region_free_slot(struct swaplab_region *region,
					    u32 slot)
{
	if (slot && !region->static_slots)
		swaplab_store_free(region->pool->store, slot, 1);
}

/* The same for some pages. */
static inline void swaplab_region_free_slots(struct swaplab_region *region,
					     const u32 *slots, unsigned int nr)
{
	if (nr && !region->static_slots)
		swaplab_store_free_some(region->pool->store, slots, nr);
}

/* One caller alone takes the number from 0, or to 0, so each such step is counted once. */
static inline void swaplab_region_add_resident(struct swaplab_region *region, long nr)
{
	long now = atomic_long_add_return(nr, &region->nr_resident);

	if (now == nr)
		atomic_inc(&region->pool->nr_populated);
	else if (!now)
		atomic_dec(&region->pool->nr_populated);
}

/*
 * Misses no page. Pages that go, or come in, between the looks at the two numbers may be counted
 * twice.
 */
static inline void swaplab_region_note_peak(struct swaplab_pool *pool)
{
	long peak = atomic_long_read(&pool->nr_pages_peak);
	long nr = swaplab_pool_nr_pages(pool);

	while (nr > peak && !atomic_long_try_cmpxchg(&pool->nr_pages_peak, &peak, nr))
		;
}

static inline void swaplab_region_count_resident(struct swaplab_region *region,
						 long nr)
{
	swaplab_region_add_resident(region, nr);
	atomic_long_add(nr, &region->pool->nr_resident);
	if (nr > 0)
		swaplab_region_note_peak(region->pool);
}

static inline void swaplab_region_count_swapped(struct swaplab_region *region,
						long nr)
{
	atomic_long_add(nr, &region->nr_swapped);
	atomic_long_add(nr, &region->pool->nr_swapped);
}

struct swaplab_region *swaplab_region_create(struct swaplab_pool *pool);
struct swaplab_region *swaplab_region_clone(struct swaplab_region *parent,
					    struct mm_struct *mm);
void swaplab_region_destroy(struct swaplab_region *region);
bool swaplab_region_make_room(struct swaplab_region *region, struct file *file,
			      pgoff_t index);
bool swaplab_region_has_room(struct swaplab_region *region, pgoff_t index);

int swaplab_region_publish_new(struct swaplab_region *region, pgoff_t index,
			       struct swaplab_frame *frame,
			       const struct swaplab_origin *origin, gfp_t gfp);
void swaplab_region_publish_copy(struct swaplab_region *region,
				 struct swaplab_frame *old,
				 struct swaplab_frame *frame);
bool swaplab_region_claim_slot(struct swaplab_region *region, pgoff_t index,
			       void *entry, struct swaplab_frame *frame);
void swaplab_region_unclaim_slot(struct swaplab_frame *frame);
void swaplab_region_publish(struct swaplab_frame *frame);
bool swaplab_region_begin_map(struct swaplab_region *region);
int swaplab_region_claim(struct swaplab_region *region, pgoff_t index,
			 struct swaplab_frame *frame);
void swaplab_region_settle(struct swaplab_frame *frame, unsigned int flags);
void swaplab_region_wake(struct swaplab_region *region,
			 struct swaplab_frame **frames, unsigned int nr);
int swaplab_region_wait(struct swaplab_region *region, pgoff_t index,
			struct swaplab_frame *frame, unsigned int flags);
bool swaplab_region_wait_until(struct swaplab_region *region, pgoff_t index,
			       struct swaplab_frame *frame, unsigned int flags,
			       unsigned long deadline);
void swaplab_region_wait_mlocked(struct swaplab_region *region, pgoff_t index,
				 struct swaplab_frame *frame);
struct folio *swaplab_region_lock_folio(struct swaplab_region *region,
					pgoff_t index,
					struct swaplab_frame *frame,
					bool may_sleep);

#endif /* _SWAPLAB_REGION_H */
