/* SPDX-License-Identifier: GPL-2.0 */
/* A pool: one device, with its frames, watermarks, daemon, policy and store. */
#ifndef _SWAPLAB_POOL_H
#define _SWAPLAB_POOL_H

#include <linux/bits.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <swaplab/policy.h>
#include "latency.h"
#include "stats.h"

struct mem_cgroup;
struct swaplab_pcp;
struct swaplab_policy_files;
struct swaplab_reclaim;
struct swaplab_recorder;
struct swaplab_store;
struct swaplab_token;
struct swaplab_writeback;

/*
 * A frame's flags, beside SWAPLAB_FRAME_REFERENCED. TRANSIT is a lock on the
 * state of the page that the frame holds: its owner alone changes the region's
 * entry, the slot, and whether the policy has the frame. It is claimed under
 * the region's xa_lock (by index) or under the pool's lock (by a frame that the
 * policy had), and may be held across I/O. Faults go on without it unless the
 * frame is READING or MOVING.
 */
#define SWAPLAB_FRAME_TRANSIT	BIT(1)  /* a lock on the page's state */
#define SWAPLAB_FRAME_READING	BIT(2)  /* in transit; content not there yet */
#define SWAPLAB_FRAME_WRITING	BIT(3)  /* in transit; content goes to slot */
#define SWAPLAB_FRAME_RESCUED	BIT(4)  /* faulted on while WRITING */
#define SWAPLAB_FRAME_ADMITTED	BIT(5)  /* the policy has it; pool lock */
#define SWAPLAB_FRAME_GENERATION BIT(6) /* binding.generation on admission */
#define SWAPLAB_FRAME_FRESH	BIT(7)  /* came in, not seen by a sample yet */
#define SWAPLAB_FRAME_UNUSED	BIT(8)  /* came in, or granted, and no fault has mapped it yet */
#define SWAPLAB_FRAME_YOUNG	BIT(9)  /* found accessed by the last look */
#define SWAPLAB_FRAME_MLOCKED	BIT(10) /* SWAPLAB_LOCK; policy has it not */
#define SWAPLAB_FRAME_AHEAD	BIT(11) /* read ahead, not touched yet */
#define SWAPLAB_FRAME_VICTIM	BIT(12) /* chosen by the policy; pool lock */
#define SWAPLAB_FRAME_ALONE	BIT(13) /* a write with others has failed */
#define SWAPLAB_FRAME_BARE	BIT(14) /* free, without a folio; pool lock */
#define SWAPLAB_FRAME_MOVING	BIT(15) /* in transit; see move.c, revoke.c */
#define SWAPLAB_FRAME_AROUND	BIT(16) /* AHEAD, with its neighbour */
#define SWAPLAB_FRAME_INSTANCE	GENMASK(21, 17) /* number of its instance; pool lock */
#define SWAPLAB_FRAME_READONLY	BIT(22) /* its pager is asked before a write; xa_lock */
#define SWAPLAB_FRAME_USED	GENMASK(28, 23) /* when it was last used: working_set.c */

#define SWAPLAB_MIN_FRAMES	16
#define SWAPLAB_DEFAULT_FRAMES	1024

#define SWAPLAB_MAX_DAEMONS	16

/* Of the policy, in a pool: number 0, and those of some regions. */
#define SWAPLAB_INSTANCES	17

/**
 * struct swaplab_tally - victims of all daemons since the last one that went
 * @nr_seen: all of them, counted before they are looked at
 * @nr_young: stayed because they were in use
 * @nr_busy: stayed because they had other references, or a lock was taken
 * @nr_failed: stayed because the device refused the write
 * @nr_full: stayed because there was no slot
 */
struct swaplab_tally {
	atomic_long_t nr_seen;
	atomic_long_t nr_young;
	atomic_long_t nr_busy;
	atomic_long_t nr_failed;
	atomic_long_t nr_full;
};

/**
 * struct swaplab_free - frames that no page has; the pool's lock guards them
 * @cached: with a folio
 * @bare: without one
 * @nr_cached: on @cached
 * @pcp: set aside for each CPU; these lists have locks of their own
 */
struct swaplab_free {
	struct list_head cached;
	struct list_head bare;
	unsigned long nr_cached;
	struct swaplab_pcp __percpu *pcp;
};

/**
 * struct swaplab_chunks - pages of frame metadata, see chunk.c
 * @all: by number
 * @nr: how many there are; the pool's lock guards it, like @nr_wanted
 * @nr_wanted: those with lower numbers stay
 */
struct swaplab_chunks {
	struct xarray all;
	unsigned long nr;
	unsigned long nr_wanted;
};

/**
 * struct swaplab_charge - the cgroup that frames are charged to, see charge.c
 * @memcg: NULL: none. It changes only while the pool has no region
 * @token: of charge.c; NULL without @memcg
 * @pause: evictions from one try to have more frames to the next
 * @last: the pool's eviction clock at the last try
 * @step: frames of a try
 * @refused: the cgroup has refused a frame, or asked for memory, since the last try
 * @is_least: the pool has the least that it can work with
 * @may_reclaim: one frame may have memory reclaimed from the rest of the cgroup
 * @prober: the task that does that; without the pool's lock, which guards the others
 */
struct swaplab_charge {
	struct mem_cgroup *memcg;
	struct swaplab_token *token;
	unsigned int pause;
	unsigned int last;
	unsigned int step;
	bool refused;
	bool is_least;
	bool may_reclaim;
	struct task_struct *prober;
};

/**
 * struct swaplab_watermarks - see watermark.c; the pool's lock guards them
 * @low: as set by the administrator; 0: automatic
 * @high: as set by the administrator; 0: automatic
 * @automatic_low: the low one, while it is automatic
 * @shortage: frames were missing since the leader looked; a hint, without the lock
 */
struct swaplab_watermarks {
	unsigned long low;
	unsigned long high;
	unsigned long automatic_low;
	bool shortage;
};

/**
 * struct swaplab_waiters - faults without a frame
 * @queue: they sleep here
 * @nr: how many
 * @pass_started: reclaim passes over the whole pool; the pool's lock guards it
 * @pass_stuck: the last one that found nothing to free
 */
struct swaplab_waiters {
	wait_queue_head_t queue;
	atomic_t nr;
	unsigned long pass_started;
	unsigned long pass_stuck;
};

/**
 * struct swaplab_request - a request to evict pages, see request.c
 * @lock: Protects: the request that is under way from another one
 * @queue: the task that asked sleeps here
 * @nr: pages that are still to be evicted; a hint without the pool's lock, which guards
 *	the members from here on
 * @nr_missed: that were not, and will not be
 * @pass: the first pass of reclaim that may end the request
 * @tries: passes that may yet free nothing
 */
struct swaplab_request {
	struct mutex lock;		/* see above */
	wait_queue_head_t queue;
	unsigned long nr;
	unsigned long nr_missed;
	unsigned long pass;
	unsigned int tries;
};

/* Why the core goes on without a policy. */
enum swaplab_ejection {
	SWAPLAB_EJECTED_NOT,
	SWAPLAB_EJECTED_WRONG,	/* wrong victims */
	SWAPLAB_EJECTED_LONG,	/* calls that took too long */
	SWAPLAB_EJECTED_GONE,	/* its module has taken it back */
};

/**
 * struct swaplab_instance - a policy at work on some of the frames of a pool
 * @policy: NULL: the plain scan
 * @old_policy: while pages move to @policy
 * @region: its pages come to this instance; NULL for number 0, for one that is free, and for
 *	one whose region is gone
 * @is_shared: other regions may still have pages of that region, since a fork()
 * @nr_frames: that @policy and @old_policy have
 * @quota: frames that it should have
 * @nr_reserved: frames that @policy has memory for
 * @nr_wanted: frames that it was to have memory for, at last
 * @nr_again: SWAPLAB_VICTIM_AGAIN from @policy since its last other answer
 * @target: by pff.c or working_set.c: frames that it should have; 0: not known yet
 * @nr_refaults: by pff.c: of its region, up to the last interval
 * @patience: by pff.c: intervals for which @target does not become smaller
 *
 * The pool's lock guards them. Tasks with the pool's config mutex change @policy, and set
 * @region, under both.
 */
struct swaplab_instance {
	struct swaplab_policy *policy;
	struct swaplab_policy *old_policy;
	struct swaplab_region *region;
	bool is_shared;
	unsigned long nr_frames;
	unsigned long quota;
	unsigned long nr_reserved;
	unsigned long nr_wanted;
	unsigned long nr_again;
	unsigned long target;
	unsigned long nr_refaults;
	unsigned int patience;
};

/**
 * struct swaplab_binding - the policy of a pool
 * @instances: of the policy. Number 0 has the pages of all regions that have none of their own
 * @generation: a frame's flag; frames without it are the old policy's
 * @hand: of the plain scan: a frame number
 * @nr_errors: wrong victims from the policy, by all its instances
 * @nr_long: calls of the policy that took too long
 * @forgets: the policy wants to know pages that do not come back; a hint without the lock
 * @reads_ahead: the policy says what to read ahead; likewise
 * @nr_ahead_used: pages that were read ahead and used since the policy was told of such, ...
 * @nr_ahead_wasted: ... and evicted without a use; both are counted without the lock, and
 *	only if @reads_ahead
 * @ejecting: the policy is to go, and is not asked for victims any more
 * @is_old_ejected: the policy before is not asked for victims either
 * @ejected: why the policy @ejected_name went; cleared when another one is chosen
 * @ejected_name: of that policy
 * @chosen: by the administrator
 * @default_tried: the module of the default policy has been asked for
 * @files: of the policy's parameters and statistics
 * @link: on the registry's list of pools
 * @eject: takes the policy away; queued under the pool's lock
 *
 * The pool's lock guards the members down to @ejected_name, @pool->config those down to
 * @files.
 */
struct swaplab_binding {
	struct swaplab_instance instances[SWAPLAB_INSTANCES];
	unsigned int generation;
	unsigned long hand;
	unsigned int nr_errors;
	unsigned int nr_long;
	bool forgets;
	bool reads_ahead;
	atomic_t nr_ahead_used;
	atomic_t nr_ahead_wasted;
	enum swaplab_ejection ejecting;
	bool is_old_ejected;
	enum swaplab_ejection ejected;
	char ejected_name[SWAPLAB_POLICY_NAME_LEN];
	bool chosen;
	bool default_tried;
	struct swaplab_policy_files *files;
	struct list_head link;
	struct work_struct eject;
};

/* How the frames are divided among regions. */
enum swaplab_allocation_mode {
	SWAPLAB_ALLOCATION_GLOBAL,	/* not at all: one instance of the policy */
	SWAPLAB_ALLOCATION_EQUAL,	/* equal quotas */
	SWAPLAB_ALLOCATION_PFF,		/* by the page fault frequency, see pff.c */
	SWAPLAB_ALLOCATION_WORKING_SET,	/* by the pages used lately, see working_set.c */
};

/**
 * struct swaplab_load - load control, see load.c
 * @nr_suspended: regions
 * @nr_turns: that have ended, with a region to suspend next, since all ran
 * @is_quiet: it has not helped, and no region is suspended for some time
 * @turned: when the turn began, or the quiet, in jiffies
 * @resumed: when a region went on, likewise
 */
struct swaplab_load {
	unsigned int nr_suspended;
	unsigned int nr_turns;
	bool is_quiet;
	unsigned long turned;
	unsigned long resumed;
};

/* Intervals in which a working set is counted, at most. */
#define SWAPLAB_WINDOW_MAX	16U

/* Intervals that are told apart. */
#define SWAPLAB_WINDOW_SLOTS	32

/**
 * struct swaplab_count - when working sets are counted, see working_set.c
 * @number: of the counts so far
 * @since: when the last one was, in jiffies
 * @is_on: uses of pages were noted in the last sample
 * @is_due: the sample that is under way, or was last, counts them
 *
 * The leader alone uses it.
 */
struct swaplab_count {
	unsigned long number;
	unsigned long since;
	bool is_on;
	bool is_due;
};

/* Of the frames, for mins at most: regions without one need some, too. */
#define SWAPLAB_MAX_RESERVED_PERCENT	90

/**
 * struct swaplab_allocation - how the frames are divided, see allocation.c
 * @mode: the pool's lock and its config mutex guard it; a hint without them
 * @nr_reserved: frames that regions want at least, in sum; the pool's lock
 * @adapted: when targets were, in jiffies; the pool's lock
 * @load: control of load; the pool's lock
 * @count: of working sets
 * @work: frees instances whose region is gone, and has the others allocate memory
 */
struct swaplab_allocation {
	enum swaplab_allocation_mode mode;
	unsigned long nr_reserved;
	unsigned long adapted;
	struct swaplab_load load;
	struct swaplab_count count;
	struct work_struct work;
};

/**
 * struct swaplab_recording - the recorder of the use of pages, see record.c
 * @lock: Protects: @recorder, @mode, and the recorder's window. Taken by faults while
 *	they are recorded exactly, never by the daemon: page tables are allocated
 *	under it
 * @recorder: NULL: none
 * @mode: SWAPLAB_RECORD_*, 0: off; READ_ONCE()
 * @reserved: there is a recorder, or will be; the pool's lock guards it
 */
struct swaplab_recording {
	struct mutex lock;		/* see above */
	struct swaplab_recorder __rcu *recorder;
	unsigned int mode;
	bool reserved;
};

/**
 * struct swaplab_names - the names of regions, see names.c
 * @lock: Protects: @tree, @nr, and the files of regions with names. No memory is
 *	allocated under it
 * @tree: by name
 * @nr: how many
 */
struct swaplab_names {
	struct mutex lock;		/* see above */
	struct rb_root tree;
	unsigned long nr;
};

/* Tunables, written by sysfs, read anywhere with READ_ONCE(). */
struct swaplab_tunables {
	unsigned int scan_interval_ms;
	unsigned int readahead_pages;
	unsigned int readaround_pages;
	unsigned int writeback_pages;
	unsigned long max_region_pages;
	unsigned long max_user_pages;
	unsigned int pager_timeout_ms;
	unsigned int max_reserved_percent;
	unsigned int max_user_reserved_percent;
	unsigned int pff_low;
	unsigned int pff_high;
	unsigned int load_turn_ms;
	unsigned int working_set_samples;
	bool static_slots;
	bool discard_slots;
	bool soft_sampling;
};

/**
 * struct swaplab_daemon - a thread that evicts pages
 * @pool: its pool
 * @task: the thread
 * @wait: it sleeps here
 * @kicked: there is something new for it to look at
 * @picked: when its last batch of victims was, of swaplab_latency_start()
 * @reclaim: its victims, see reclaim.c
 * @writeback: its transfers, see writeback.c
 * @tally: what became of its victims: the pool's, or its own
 * @nr_evicted: pages
 */
struct swaplab_daemon {
	struct swaplab_pool *pool;
	struct task_struct *task;
	wait_queue_head_t wait;
	bool kicked;
	u64 picked;
	struct swaplab_reclaim *reclaim;
	struct swaplab_writeback *writeback;
	struct swaplab_tally *tally;
	unsigned long nr_evicted;
};

/**
 * struct swaplab_pageout - evictions of pages that a program has named, see pageout.c
 * @lock: Protects: @daemon. Held until the pages are gone
 * @daemon: the task that evicts, in place of a thread
 * @tally: of its victims; nobody reads it
 */
struct swaplab_pageout {
	struct mutex lock;		/* see above */
	struct swaplab_daemon daemon;
	struct swaplab_tally tally;
};

/**
 * struct swaplab_daemons - the page daemons of a pool
 * @threads: the first one leads, see leader.c; those that do not run keep @wait
 * @nr: how many run; the pool's config mutex guards it
 * @sampling_idle: set by the leader when no page is in use, cleared by a page-in
 * @nr_picked: victims of the batches that they have in hand
 * @nr_writing: frames on their way to the store
 * @nr_kept: victims found in use since the last sample
 * @tally: what became of victims
 * @busy_since: when the leader first found that nothing could go, in jiffies; 0: it can
 */
struct swaplab_daemons {
	struct swaplab_daemon threads[SWAPLAB_MAX_DAEMONS];
	unsigned int nr;
	bool sampling_idle;
	atomic_t nr_picked;
	atomic_t nr_writing;
	atomic_long_t nr_kept;
	struct swaplab_tally tally;
	unsigned long busy_since;
};

/*
 * struct swaplab_pool: one device.
 *
 * Lock order, here and in Documentation/locking.rst:
 *
 *   mmap_lock / VMA lock
 *     region's areas_lock, a store's reserve_lock: outside of the store lock; by mmap() alone
 *     a family's forking: by fork() and discards
 *     a pager's publishing: by its answers, by revocations, and at the end of its region
 *     page in transit (SWAPLAB_FRAME_TRANSIT; may sleep, held across I/O)
 *       folio lock
 *         recording.lock
 *           i_mmap_rwsem, page table lock (the kernel's)
 *             a recorder's lock
 *       a family's lock: outside of the xa_locks of its regions
 *         region's xa_lock; a move takes two, in the order of the regions' addresses;
 *         fork() takes the parent's, then the clone's
 *           locality lock
 *           a pager's lock
 *         pool lock: every policy callback
 *           store lock
 *           a pcp's lock
 *           the wait queue of regions that are suspended
 *       streams lock
 *       users' xa_lock
 *   regions_lock: outside of the folio lock and those in it; taken alone, or under config
 *   names.lock: outside of the users' xa_lock and the pool lock
 *   request.lock: by the task that asks for evictions alone, which waits for a daemon
 *   pageout.lock: by the task that evicts pages of its own choice; outside of a page in transit
 *   control_lock, registry of policies, config: outside of these, in this order; never taken
 *   by a fault or the daemon
 */
struct swaplab_pool {
	int id;
	char name[16];
	struct cdev cdev;
	struct device dev;		/* its release frees the pool */

	/*
	 * Protects: everything down to @store, the ADMITTED and GENERATION flags,
	 * the policy's structures.
	 */
	spinlock_t lock;
	unsigned long nr_frames;	/* budget */
	unsigned long nr_room;		/* of them, what the cgroup has room for, see charge.c */
	unsigned long nr_held;		/* taken and not put back, or in per-CPU lists */
	unsigned long nr_admitted;	/* of them, with the policy */
	unsigned long nr_mlocked;	/* of them, by SWAPLAB_LOCK */
	unsigned long nr_pinned;	/* of them, on @pinned */
	unsigned long nr_pressure;	/* folios the machine wants back */
	struct swaplab_free free;
	struct list_head pinned;	/* their pages are gone, see pinned.c */
	struct swaplab_watermarks watermarks;
	struct swaplab_charge charge;
	struct swaplab_binding binding;
	struct swaplab_allocation allocation;
	unsigned int nr_regions;
	unsigned int nr_idle;		/* of them, without a file: they stay */
	atomic_t nr_populated;		/* of them, with resident pages; without the lock */
	bool dead;			/* no more regions: being removed */
	bool complained;		/* told the log that frames ran out */
	struct swaplab_store *store;	/* NULL: no swap file */

	atomic_t nr_evicted;		/* clock of the refault distance */

	/*
	 * Protects: regions in @regions from their end, see regions.c. No memory is
	 * allocated under it.
	 */
	struct mutex regions_lock;
	struct xarray regions;		/* by their ids */
	u32 next_region;		/* under the xa_lock of @regions */

	struct swaplab_recording recording;
	struct swaplab_names names;
	atomic_t nr_leaving;		/* regions that only their disk keeps */

	/* By uid, see user.c. Its lock protects the charges. */
	struct xarray users;

	struct swaplab_chunks chunks;

	atomic_t nr_reading;		/* pages asked for, on their way in */
	struct swaplab_waiters waiters;
	struct swaplab_request request;
	struct swaplab_daemons daemons;
	struct swaplab_pageout pageout;

	/* Protects: changes by sysfs of swap file, frames, watermarks, policy, daemons. */
	struct mutex config;
	struct swaplab_tunables tunables;

	atomic_long_t nr_resident;
	atomic_long_t nr_swapped;
	atomic_long_t nr_pages_peak;	/* of both together */
	struct swaplab_stats stats;
	struct swaplab_latency latency;
};

#define swaplab_pool_err(pool, fmt, ...) \
	pr_err("%s: " fmt, (pool)->name, ##__VA_ARGS__)

int swaplab_pool_init(struct swaplab_pool *pool, int id);
void swaplab_pool_destroy(struct swaplab_pool *pool);
int swaplab_pool_enter(struct swaplab_pool *pool);
void swaplab_pool_leave(struct swaplab_pool *pool);

/* Without the pool's lock the answer is a snapshot, unless there is a page. */
static inline bool swaplab_pool_has_store(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->store);
}

/* In frames and in the store. */
static inline long swaplab_pool_nr_pages(struct swaplab_pool *pool)
{
	return atomic_long_read(&pool->nr_resident) + atomic_long_read(&pool->nr_swapped);
}

/* The policy as such; it has the same ops in all instances. The pool's lock, or config. */
static inline const struct swaplab_policy_ops *
swaplab_pool_policy_ops(struct swaplab_pool *pool)
{
	struct swaplab_policy *policy = pool->binding.instances[0].policy;

	return policy ? policy->ops : NULL;
}

/* From any context; ordered by wq_has_sleeper() against the daemon's check. */
static inline void swaplab_pool_wake(struct swaplab_daemon *daemon)
{
	/* The daemon sees what has changed before this, when it takes the kick. */
	smp_store_release(&daemon->kicked, true);
	if (wq_has_sleeper(&daemon->wait))
		wake_up(&daemon->wait);
}

/* The one that leads: it calls the others if there is enough to do. */
static inline void swaplab_pool_wake_daemon(struct swaplab_pool *pool)
{
	swaplab_pool_wake(&pool->daemons.threads[0]);
}

#endif /* _SWAPLAB_POOL_H */
