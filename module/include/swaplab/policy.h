/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface between the core and a replacement policy: frames to order, and the
 * calls by which the core hands them over and asks for victims. A policy includes
 * this header, policy_ghost.h if it remembers pages, policy_pages.h if it needs other
 * memory for each frame, and no other header of swaplab but those of its own parts.
 *
 * A frame belongs to the policy from admit() or putback() until victim()
 * returns it or remove() takes it away. While it does, the policy alone uses
 * its @link and its words. The words of a victim are still there if it is put back. A policy
 * that needs more than these for each frame keeps an array: see policy_pages.h.
 *
 * Every callback but init(), exit() and resize() runs under the pool's lock: callbacks
 * of a pool are serialised, must not sleep, allocate or take a lock, and look at no more
 * than SWAPLAB_POLICY_STEP frames a call, however many there are. victim() and tick() can
 * ask for another call; the policy keeps in its own data how far they have come, and
 * must expect that frames are admitted, removed and put back before the next call. A policy
 * cannot harm data: the core checks each victim, and scans by itself when it is given none.
 * It goes on without a policy that gives wrong victims, or takes seconds, again and again.
 */
#ifndef _SWAPLAB_POLICY_H
#define _SWAPLAB_POLICY_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/module.h>

struct swaplab_region;

/* Longest name of a policy, with its final NUL. */
#define SWAPLAB_POLICY_NAME_LEN	32

/* Frames looked at in one call: faults wait for the lock meanwhile. */
#define SWAPLAB_POLICY_STEP	64

/* What victim() returns if it has looked at so many and found none to go so far. */
#define SWAPLAB_VICTIM_AGAIN	ERR_PTR(-EAGAIN)

/**
 * enum swaplab_reason - why a policy gets a frame, or loses one
 * @SWAPLAB_REASON_ZERO: admit: the page was touched for the first time, or near to such a page
 * @SWAPLAB_REASON_COPY: admit: the page was copied after fork()
 * @SWAPLAB_REASON_READ: admit: the page was read from the store, or a file, for a task that
 *	waits for it
 * @SWAPLAB_REASON_READ_AHEAD: admit: the page was read before it was asked for
 * @SWAPLAB_REASON_MUNLOCK: admit: SWAPLAB_UNLOCK
 * @SWAPLAB_REASON_PUTBACK: admit: a victim stays, and there is no putback()
 * @SWAPLAB_REASON_MLOCK: remove: SWAPLAB_LOCK
 * @SWAPLAB_REASON_DISCARD: remove: the page was discarded, or its region is gone
 * @SWAPLAB_REASON_MOVE: admit and remove: the page is moved to another index or region
 * @SWAPLAB_REASON_REBIND: admit and remove: another policy is bound
 * @SWAPLAB_REASON_SCAN: remove: the core's scan has taken the frame
 * @SWAPLAB_REASON_PAGEOUT: remove: SWAPLAB_ADVISE, to evict the page
 * @SWAPLAB_NR_REASONS: how many there are
 */
enum swaplab_reason {
	SWAPLAB_REASON_ZERO,
	SWAPLAB_REASON_COPY,
	SWAPLAB_REASON_READ,
	SWAPLAB_REASON_READ_AHEAD,
	SWAPLAB_REASON_MUNLOCK,
	SWAPLAB_REASON_PUTBACK,
	SWAPLAB_REASON_MLOCK,
	SWAPLAB_REASON_DISCARD,
	SWAPLAB_REASON_MOVE,
	SWAPLAB_REASON_REBIND,
	SWAPLAB_REASON_SCAN,
	SWAPLAB_REASON_PAGEOUT,
	SWAPLAB_NR_REASONS
};

/**
 * enum swaplab_advice - what a program says of a page
 * @SWAPLAB_ADVICE_WILLNEED: it will be used soon
 * @SWAPLAB_ADVICE_COLD: it will not be used for a while
 */
enum swaplab_advice {
	SWAPLAB_ADVICE_WILLNEED,
	SWAPLAB_ADVICE_COLD,
};

/* In swaplab_frame.flags: used since the policy last cleared it. */
#define SWAPLAB_FRAME_REFERENCED	BIT(0)

/**
 * struct swaplab_frame - one page frame of a pool
 * @link: the policy's, to keep the frame on a list of its own
 * @word: the policy's, for counters and the like; undefined on admit()
 * @long_word: the same bytes as one number, for a stamp that must not wrap
 * @folio: the core's
 * @region: the core's
 * @flags: the core's; a policy uses the helpers below
 * @slot: the core's
 */
struct swaplab_frame {
	struct list_head link;
	union {
		u32 word[2];
		u64 long_word;
	};

	struct folio *folio;
	struct swaplab_region *region;
	atomic_t flags;
	u32 slot;
};

/**
 * swaplab_frame_referenced() - was the page used since the flag was cleared?
 * @frame: a frame that the policy holds
 *
 * The core copies the hardware's accessed bits into this flag when it samples,
 * and again for each candidate just before it is evicted.
 */
static inline bool swaplab_frame_referenced(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_REFERENCED;
}

/**
 * swaplab_frame_test_clear_referenced() - read the flag and clear it
 * @frame: a frame that the policy holds
 */
static inline bool
swaplab_frame_test_clear_referenced(struct swaplab_frame *frame)
{
	if (!swaplab_frame_referenced(frame))
		return false;
	return atomic_fetch_andnot(SWAPLAB_FRAME_REFERENCED, &frame->flags) &
	       SWAPLAB_FRAME_REFERENCED;
}

/**
 * swaplab_frame_index() - which page of its region the frame holds
 * @frame: a frame that the policy holds
 */
static inline pgoff_t swaplab_frame_index(struct swaplab_frame *frame)
{
	return frame->folio->index;
}

/* For callbacks, of frames that the policy holds or is about to get. */
u32 swaplab_frame_region_id(struct swaplab_frame *frame);
bool swaplab_frame_dirty(struct swaplab_frame *frame);
u32 swaplab_frame_read_cost(struct swaplab_frame *frame);

/**
 * struct swaplab_policy_param - a tunable, shown as policy_params/<name>
 * @name: file name
 * @offset: of the unsigned int that holds it in the policy's data
 * @min: smallest valid value
 * @max: largest valid value
 * @initial: value before init()
 */
struct swaplab_policy_param {
	const char *name;
	size_t offset;
	unsigned int min;
	unsigned int max;
	unsigned int initial;
};

/**
 * struct swaplab_policy_stat - a counter or a gauge, shown as policy_stats/<name>
 * @name: file name
 * @offset: of the unsigned long that holds it in the policy's data; callbacks that run
 *	under the pool's lock change it, and it is read under that lock
 */
struct swaplab_policy_stat {
	const char *name;
	size_t offset;
};

/**
 * struct swaplab_readahead - a page that a task asks for, and those to be read with it
 * @region: the number of its region, as of swaplab_frame_region_id()
 * @index: of the page
 * @first: index of the first page of the mapping through which it is asked for
 * @last: of its last
 * @is_hit: it was read ahead, and may still be on its way; else it has to be read
 * @in_order: the program has advised MADV_SEQUENTIAL
 * @max: pages that may be read ahead now, SWAPLAB_POLICY_STEP at most; a longer window is
 *	cut
 * @nr_used: pages of the pool that were read ahead and turned out to be used, since the last
 *	call
 * @nr_wasted: that were evicted without a use, since then
 * @start: the answer: the first page to read
 * @step: the answer: from one page to the next, may be negative; 1 unless it is set
 * @nr: the answer: how many pages; 0, none, unless it is set
 */
struct swaplab_readahead {
	u32 region;
	pgoff_t index;
	pgoff_t first;
	pgoff_t last;
	bool is_hit;
	bool in_order;
	unsigned int max;
	unsigned int nr_used;
	unsigned int nr_wasted;

	pgoff_t start;
	int step;
	unsigned int nr;
};

/**
 * struct swaplab_policy - a policy at work in one pool
 * @ops: the algorithm
 * @data: its private data, @ops->data_size bytes, zeroed before init()
 * @nr_frames: frames the pool may hold, as of the last change; advisory
 * @reason: of the call of admit(), or of remove(), that is under way
 */
struct swaplab_policy {
	const struct swaplab_policy_ops *ops;
	void *data;
	unsigned long nr_frames;
	enum swaplab_reason reason;
};

/**
 * struct swaplab_policy_ops - a replacement algorithm
 * @admit: a page came in: order its frame (required)
 * @victim: choose a frame, take it off the policy's lists and return it; NULL
 *	if there is none; SWAPLAB_VICTIM_AGAIN after a look at @victim_looks frames
 *	to be called again for the rest, other callbacks in between. A policy that asks
 *	for many more calls than its frames take is answered by the core's scan (required)
 * @remove: a frame goes for another reason: forget it (required)
 * @putback: a victim could not go, because it was used again (its referenced
 *	flag says so) or busy: order it anew; admit() if absent (optional)
 * @refault: called before admit() for a page that was evicted @distance
 *	evictions ago, but not for one that went without a copy in the store, as it was
 *	never written to (optional)
 * @forget: an evicted page is not to come back: it was discarded, its region is gone, or it
 *	has moved to another index or region. The page is told as @region, which is not to be
 *	followed, and @index. Another page may have come in there by then (optional)
 * @advise: a program has given advice on a page, by SWAPLAB_ADVISE: order its frame anew. By
 *	then its referenced flag is set, or clear for SWAPLAB_ADVICE_COLD, and that is all
 *	that is done if this is absent (optional)
 * @readahead: a task asks for a page that has to be read, or that was read ahead: say which
 *	pages to read with it, and return true; false leaves that to the core. Of these pages
 *	the core reads those of the region that are in the store only, as far as there are
 *	frames to spare. A page may be told more than once. Not for mappings with MADV_RANDOM.
 *	The simulator reads nothing ahead, and never calls it (optional)
 * @access: a page was used, told at once and in order, with its referenced flag
 *	left alone: by the simulator where each reference is seen, never by the
 *	module; a policy that has it must do without, too (optional)
 * @tick: a sample of accessed bits is complete: do an aging step, or a part of
 *	it (SWAPLAB_POLICY_STEP frames), and return true to be called again for the rest,
 *	other callbacks in between; a policy that asks for more calls than there are
 *	frames waits for the next sample (optional)
 * @resize: the pool is about to grow to @nr_frames: allocate memory for so many; may
 *	sleep, and runs beside other callbacks; returns 0, or -errno, and the pool
 *	does not grow (optional)
 * @init: set up @data; may sleep; returns 0 or -errno (optional)
 * @exit: undo init(); may sleep; no frame is left (optional)
 * @victim_looks: frames that victim() looks at, at most, the one that it returns
 *	included: the core asks for some victims at a time, as long as they take no more than
 *	SWAPLAB_POLICY_STEP looks together; 0: SWAPLAB_POLICY_STEP (optional)
 * @needs_references: the policy reads referenced flags; without it the core
 *	neither samples nor looks at a victim again before it goes
 * @data_size: bytes of private data
 * @params: tunables, ended by an entry without a name (optional)
 * @stats: counters and gauges, ended likewise (optional)
 * @name: as written to the attribute "policy"
 * @owner: THIS_MODULE
 * @get: take a reference on the ops, false if they are about to go: for a policy that
 *	its module can take back while the module stays; must not sleep (optional)
 * @put: drop a reference of get(); present if get() is
 * @list: the registry's
 */
struct swaplab_policy_ops {
	void (*admit)(struct swaplab_policy *policy,
		      struct swaplab_frame *frame);
	struct swaplab_frame *(*victim)(struct swaplab_policy *policy);
	void (*remove)(struct swaplab_policy *policy,
		       struct swaplab_frame *frame);
	void (*putback)(struct swaplab_policy *policy,
			struct swaplab_frame *frame);
	void (*refault)(struct swaplab_policy *policy,
			struct swaplab_frame *frame, u32 distance);
	void (*forget)(struct swaplab_policy *policy,
		       const struct swaplab_region *region, pgoff_t index);
	void (*advise)(struct swaplab_policy *policy, struct swaplab_frame *frame,
		       enum swaplab_advice advice);
	bool (*readahead)(struct swaplab_policy *policy,
			  struct swaplab_readahead *readahead);
	void (*access)(struct swaplab_policy *policy,
		       struct swaplab_frame *frame);
	bool (*tick)(struct swaplab_policy *policy);

	int (*resize)(struct swaplab_policy *policy, unsigned long nr_frames);
	int (*init)(struct swaplab_policy *policy);
	void (*exit)(struct swaplab_policy *policy);

	unsigned int victim_looks;
	bool needs_references;
	size_t data_size;
	const struct swaplab_policy_param *params;
	const struct swaplab_policy_stat *stats;
	const char *name;
	struct module *owner;
	bool (*get)(const struct swaplab_policy_ops *ops);
	void (*put)(const struct swaplab_policy_ops *ops);
	struct list_head list;
};

/* Frames that victim() looks at in a call, at most. */
static inline unsigned int
swaplab_policy_victim_looks(const struct swaplab_policy *policy)
{
	return min_t(unsigned int, policy->ops->victim_looks ?: SWAPLAB_POLICY_STEP,
		     SWAPLAB_POLICY_STEP);
}

int swaplab_policy_register(struct swaplab_policy_ops *ops);
void swaplab_policy_unregister(struct swaplab_policy_ops *ops);

/* Init and exit of a module that holds one policy, loaded by its name. */
#define module_swaplab_policy(policy_ops, policy_name)			\
	static int __init policy_ops##_init(void)			\
	{								\
		return swaplab_policy_register(&(policy_ops));		\
	}								\
	module_init(policy_ops##_init);					\
	static void __exit policy_ops##_exit(void)			\
	{								\
		swaplab_policy_unregister(&(policy_ops));		\
	}								\
	module_exit(policy_ops##_exit);					\
	MODULE_ALIAS("swaplab-policy-" policy_name)

#endif /* _SWAPLAB_POLICY_H */
