/* SPDX-License-Identifier: GPL-2.0 */
/* A pool: the frames of one device, how many are free, and who waits for one. */
#ifndef _SWAPLAB_POOL_H
#define _SWAPLAB_POOL_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <swaplab/policy.h>
#include "stats.h"

struct swaplab_pcp;
struct swaplab_params;
struct swaplab_reclaim;
struct swaplab_recorder;
struct swaplab_store;
struct swaplab_writeback;

/*
 * A frame's flags, beside SWAPLAB_FRAME_REFERENCED. TRANSIT is a lock on the
 * state of the page that the frame holds: its owner alone changes the region's
 * entry, the slot, and whether the policy has the frame. It is claimed under
 * the region's xa_lock (by index) or under the pool's lock (by a frame that the
 * policy had), and may be held across I/O. Faults go on without it unless the
 * frame is being READ.
 */
#define SWAPLAB_FRAME_TRANSIT	BIT(1)  /* somebody changes the page's state */
#define SWAPLAB_FRAME_READING	BIT(2)  /* in transit; content not there yet */
#define SWAPLAB_FRAME_WRITING	BIT(3)  /* in transit; content goes to slot */
#define SWAPLAB_FRAME_RESCUED	BIT(4)  /* faulted on while WRITING */
#define SWAPLAB_FRAME_ADMITTED	BIT(5)  /* the policy has it; pool lock */
#define SWAPLAB_FRAME_GENERATION BIT(6) /* pool->generation on admission */
#define SWAPLAB_FRAME_FRESH	BIT(7)  /* came in, not seen by a sample yet */
#define SWAPLAB_FRAME_UNUSED	BIT(8)  /* came in, not mapped by a fault yet */
#define SWAPLAB_FRAME_YOUNG	BIT(9)  /* found accessed by the last look */
#define SWAPLAB_FRAME_MLOCKED	BIT(10) /* SWAPLAB_LOCK; policy has it not */
#define SWAPLAB_FRAME_AHEAD	BIT(11) /* read ahead, not touched yet */
#define SWAPLAB_FRAME_VICTIM	BIT(12) /* chosen by the policy; pool lock */
#define SWAPLAB_FRAME_ALONE	BIT(13) /* a write with others has failed */

#define SWAPLAB_MIN_FRAMES	16
#define SWAPLAB_DEFAULT_FRAMES	1024

/* Frames share a page of metadata, so one can be told from a stray pointer. */
#define SWAPLAB_CHUNK_FRAMES	(PAGE_SIZE / sizeof(struct swaplab_frame))

/**
 * struct swaplab_tally - victims since the last one that went
 * @nr_seen: all of them
 * @nr_young: stayed because they were in use
 * @nr_busy: stayed because somebody held them
 * @nr_failed: stayed because the device refused the write
 * @nr_full: stayed because there was no slot
 * @busy_since: when it was first found that nothing could go, in jiffies; 0: it
 *	can
 */
struct swaplab_tally {
	unsigned long nr_seen;
	unsigned long nr_young;
	unsigned long nr_busy;
	unsigned long nr_failed;
	unsigned long nr_full;
	unsigned long busy_since;
};

/*
 * struct swaplab_pool: one device.
 *
 * Lock order, here and in Documentation/locking.rst:
 *
 *   mmap_lock / VMA lock
 *     page in transit (SWAPLAB_FRAME_TRANSIT; may sleep, held across I/O)
 *       mmap_lock by trylock
 *       folio lock
 *         record_lock
 *           mms_lock
 *             i_mmap_rwsem, page table lock (the kernel's)
 *               a recorder's lock
 *       region's xa_lock
 *       pool lock: every policy callback
 *         store lock
 *         a pcp's lock
 *       streams lock
 *       users' xa_lock
 *   registry of policies, config: outside of these, in this order; never taken
 *   by a fault or the daemon
 */
struct swaplab_pool {
	int id;
	char name[16];
	struct cdev cdev;
	struct device dev;		/* its release frees the pool */
	struct list_head policies_link;	/* registry.c: all pools */

	/*
	 * Protects: everything down to @mms_lock, the ADMITTED and GENERATION
	 * flags, the policy's structures.
	 */
	spinlock_t lock;
	unsigned long nr_frames;	/* budget */
	unsigned long nr_held;		/* taken and not put back, or in per-CPU lists */
	unsigned long nr_admitted;	/* of them, with the policy */
	unsigned long nr_mlocked;	/* of them, by SWAPLAB_LOCK */
	unsigned long watermark_low;	/* 0: automatic */
	unsigned long watermark_high;	/* 0: automatic */
	unsigned long automatic_low;	/* see watermark.c */
	bool strained;			/* frames were missing; a hint, unlocked */
	unsigned long nr_pressure;	/* folios the machine wants back */
	struct list_head cached;	/* free frames with a folio */
	struct list_head bare;		/* free frames without one */
	unsigned long nr_cached;
	struct swaplab_pcp __percpu *pcp; /* they have locks of their own */
	unsigned int nr_regions;
	bool dead;			/* no more regions: being removed */
	bool recorded;			/* there is a recorder, or will be */
	bool complained;		/* told the log that frames ran out */
	unsigned long pass_started;	/* reclaim passes over the whole pool */
	unsigned long pass_stuck;	/* the last that found nothing to free */
	struct swaplab_policy *policy;	/* NULL: the plain scan */
	struct swaplab_policy *old_policy; /* while pages move to @policy */
	unsigned int generation;	/* a flag; frames without it are old */
	unsigned long hand;		/* of the plain scan: a frame number */
	struct swaplab_store *store;	/* NULL: no swap file */
	u32 nr_evicted;			/* clock of the refault distance; the daemon writes */

	/* Protects: @spaces, see mm.c. No memory is allocated under it. */
	struct mutex mms_lock;
	struct list_head spaces;

	/*
	 * Protects: the next two, and the recorder's window. Taken by faults while
	 * they are recorded exactly, never by the daemon: page tables are allocated
	 * under it.
	 */
	struct mutex record_lock;
	struct swaplab_recorder __rcu *recorder;
	unsigned int recording;		/* SWAPLAB_RECORD_*, 0: not; READ_ONCE() */
	atomic_t nr_regions_made;	/* the last one's id */
	atomic_t nr_leaving;		/* regions that only their disk keeps */

	/* By uid, see user.c. Its lock protects what they are charged. */
	struct xarray users;

	/* Frame metadata, allocated as needed and kept for the pool's life. */
	struct xarray chunks;
	unsigned long nr_chunks;	/* pool lock */

	atomic_t nr_reading;		/* pages asked for, on their way in */
	wait_queue_head_t frame_wait;	/* faults without a frame */
	atomic_t nr_waiters;
	wait_queue_head_t daemon_wait;
	struct task_struct *daemon;
	bool daemon_kicked;		/* it has something new to look at */
	unsigned int nr_writing;	/* frames; written by the daemon alone */
	struct swaplab_reclaim *reclaim; /* these four: the daemon's alone */
	struct swaplab_tally tally;
	unsigned long nr_kept;		/* victims found in use since the last sample */
	struct swaplab_writeback *writeback;

	/* Protects: what sysfs changes, down to @params. */
	struct mutex config;
	bool policy_chosen;		/* by the administrator */
	bool default_tried;		/* its module has been asked for */
	struct swaplab_params *params;	/* files of the bound policy's tunables */

	/* Tunables, written by sysfs, read anywhere with READ_ONCE(). */
	unsigned int scan_interval_ms;
	unsigned int readahead_pages;
	unsigned int writeback_pages;
	unsigned long max_region_pages;
	unsigned long max_user_pages;
	bool static_slots;
	bool discard_slots;
	bool soft_sampling;

	/* Set by the daemon when nobody uses his pages, cleared by a page-in. */
	bool sampling_idle;

	atomic_long_t nr_resident;
	atomic_long_t nr_swapped;
	struct swaplab_stats stats;
};

#define swaplab_pool_err(pool, fmt, ...) \
	pr_err("%s: " fmt, (pool)->name, ##__VA_ARGS__)

int swaplab_pool_init(struct swaplab_pool *pool, int id);
void swaplab_pool_destroy(struct swaplab_pool *pool);

struct swaplab_frame *swaplab_pool_take(struct swaplab_pool *pool, gfp_t gfp);
void swaplab_pool_put(struct swaplab_pool *pool, struct swaplab_frame *frame);
bool swaplab_pool_owns(struct swaplab_pool *pool, struct swaplab_frame *frame);
struct swaplab_frame *swaplab_pool_frame(struct swaplab_pool *pool,
					 unsigned long number);
unsigned long swaplab_pool_nr_numbers(struct swaplab_pool *pool);

int swaplab_pool_wait(struct swaplab_pool *pool);
void swaplab_pool_stuck(struct swaplab_pool *pool, unsigned long pass);

int swaplab_pool_set_frames(struct swaplab_pool *pool, unsigned long nr);
unsigned long swaplab_pool_shrink(struct swaplab_pool *pool, unsigned long nr);

static inline bool swaplab_frame_is_mlocked(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_MLOCKED;
}

/*
 * Frames that any CPU could take now. Negative while a pool that was made smaller still
 * has to evict. Without the pool's lock the answer is a snapshot.
 */
static inline long swaplab_pool_nr_free(struct swaplab_pool *pool)
{
	return (long)READ_ONCE(pool->nr_frames) - (long)READ_ONCE(pool->nr_held);
}

/* A page that was read ahead of its use has been used. */
static inline void swaplab_pool_count_hit(struct swaplab_pool *pool,
					  struct swaplab_frame *frame)
{
	if (!(atomic_read(&frame->flags) & SWAPLAB_FRAME_AHEAD))
		return;
	atomic_andnot(SWAPLAB_FRAME_AHEAD, &frame->flags);
	swaplab_stat_inc(&pool->stats, readahead_hits);
}

/* From any context; ordered by wq_has_sleeper() against the daemon's check. */
static inline void swaplab_pool_wake_daemon(struct swaplab_pool *pool)
{
	WRITE_ONCE(pool->daemon_kicked, true);
	if (wq_has_sleeper(&pool->daemon_wait))
		wake_up(&pool->daemon_wait);
}

#endif /* _SWAPLAB_POOL_H */
