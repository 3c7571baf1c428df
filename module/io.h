/* SPDX-License-Identifier: GPL-2.0 */
/* A transfer: frames in transit to or from neighbouring slots of a store. */
#ifndef _SWAPLAB_IO_H
#define _SWAPLAB_IO_H

#include <linux/llist.h>
#include <linux/workqueue.h>
#include "pool.h"
#include "store.h"

#define SWAPLAB_IO_WRITE	BIT(0)	/* else it is a read */
#define SWAPLAB_IO_ALONE	BIT(1)	/* not to be joined with other transfers */
#define SWAPLAB_IO_AHEAD	BIT(2)	/* no task has asked for these pages yet */

/* Bytes of a back end's own: struct swapfile_io is the largest. */
#define SWAPLAB_IO_PRIVATE	(SWAPLAB_IO_PAGES * 16 + 256)

/**
 * struct swaplab_io - one transfer of pages that have neighbouring slots
 * @pool: the pool of the frames
 * @store: the store of the slots
 * @done: called at the end, possibly in interrupt context
 * @flags: SWAPLAB_IO_*
 * @slot: of the first page
 * @nr: frames
 * @max: frames that it can have: so many slots from @slot on lie together
 * @err: 0 or -errno, when it is done
 * @state: of a read: which task finishes it; see pagein.c
 * @picked: of a write: when its victims were picked, as @start
 * @start: of a write, of swaplab_latency_start(); of a read that is timed, in ns; else 0
 * @starter: of a read: the task that waits for it
 * @daemon: of a write: the daemon that finishes it
 * @work: finishes a read whose starter left
 * @link: on the list of finished writes
 * @frames: in transit, owned by this transfer
 * @private: the back end's, so that a transfer needs no memory once it has this
 */
struct swaplab_io {
	struct swaplab_pool *pool;
	struct swaplab_store *store;
	void (*done)(struct swaplab_io *io);
	unsigned int flags;
	u32 slot;
	unsigned int nr;
	unsigned int max;
	int err;
	atomic_t state;
	u64 picked;
	u64 start;
	union {
		struct task_struct *starter;
		struct swaplab_daemon *daemon;
	};
	union {
		struct work_struct work;
		struct llist_node link;
	};
	struct swaplab_frame *frames[SWAPLAB_IO_PAGES];
	unsigned long private[SWAPLAB_IO_PRIVATE / sizeof(long)];
};

void swaplab_io_start(struct swaplab_io *io, struct swaplab_store *store,
		      u32 slot, unsigned int flags);
bool swaplab_io_add(struct swaplab_io *io, struct swaplab_frame *frame);
void swaplab_io_submit(struct swaplab_io *io,
		       void (*done)(struct swaplab_io *io));
void swaplab_io_done(struct swaplab_io *io, int err);
void swaplab_io_account(struct swaplab_io *io);

#endif /* _SWAPLAB_IO_H */
