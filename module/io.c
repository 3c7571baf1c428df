// SPDX-License-Identifier: GPL-2.0
/*
 * Transfers. The back end of a store sees the slots, the frames and the flags of a
 * transfer; all others see that it starts and is done.
 */
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include "bad_slots.h"
#include "io.h"

/* One in so many reads of a CPU is timed: to read the clock twice takes a while. */
#define READS_A_SAMPLE	16

/* A sample moves the estimate by this part of the way. */
#define READ_COST_SHARE	8

static DEFINE_PER_CPU(unsigned int, nr_reads);

/**
 * swaplab_io_start() - begin a transfer
 * @io: idle
 * @store: the store
 * @slot: of the first page
 * @flags: SWAPLAB_IO_*
 */
void swaplab_io_start(struct swaplab_io *io, struct swaplab_store *store,
		      u32 slot, unsigned int flags)
{
	io->pool = store->pool;
	io->store = store;
	io->flags = flags;
	io->slot = slot;
	io->nr = 0;
	io->max = min(store->ops->nr_neighbours(store, slot), SWAPLAB_IO_PAGES);
	if (flags & SWAPLAB_IO_WRITE && swaplab_bad_slots_is_suspect(store, slot)) {
		io->flags |= SWAPLAB_IO_ALONE;
		io->max = 1;
	}
	io->err = 0;
	io->start = 0;
	atomic_set(&io->state, 0);
}

/**
 * swaplab_io_add() - add a page to a transfer
 * @io: begun
 * @frame: in transit, with its slot
 *
 * Return: false if the transfer is full, the page lies elsewhere, or its slot must be
 * written alone.
 */
bool swaplab_io_add(struct swaplab_io *io, struct swaplab_frame *frame)
{
	if (io->nr == io->max || frame->slot != io->slot + io->nr)
		return false;
	if (io->nr && io->flags & SWAPLAB_IO_WRITE &&
	    swaplab_bad_slots_is_suspect(io->store, frame->slot))
		return false;
	io->frames[io->nr++] = frame;
	return true;
}

/* Is it to be timed? Only what a task waits for is a cost, and the first one always. */
static bool is_sample(struct swaplab_io *io)
{
	if (io->flags & (SWAPLAB_IO_WRITE | SWAPLAB_IO_AHEAD))
		return false;
	return !READ_ONCE(io->store->read_ns) ||
	       !(this_cpu_inc_return(nr_reads) % READS_A_SAMPLE);
}

/* Reads that end at the same time may each move the same estimate: one is lost then. */
static void note_read(struct swaplab_store *store, u64 ns)
{
	long old = READ_ONCE(store->read_ns), new = min_t(u64, ns, INT_MAX);

	if (old)
		new = old + (new - old) / READ_COST_SHARE;
	WRITE_ONCE(store->read_ns, max(new, 1L));
}

/**
 * swaplab_io_submit() - give a transfer to its store
 * @io: with at least one page
 * @done: called at the end, possibly in interrupt context
 */
void swaplab_io_submit(struct swaplab_io *io,
		       void (*done)(struct swaplab_io *io))
{
	io->done = done;
	if (is_sample(io))
		io->start = ktime_get_ns();
	io->store->ops->submit(io);
}

/**
 * swaplab_io_done() - the back end has finished a transfer
 * @io: not the back end's any more; may be gone afterwards
 * @err: 0 or -errno
 *
 * In any context. The unloading of the module and the end of a task wait for this
 * section: the code of @io->done, and a task that it wakes, are there until its end.
 */
void swaplab_io_done(struct swaplab_io *io, int err)
{
	rcu_read_lock();
	if (io->start && !err && !(io->flags & SWAPLAB_IO_WRITE))
		note_read(io->store, ktime_get_ns() - io->start);
	io->err = err;
	io->done(io);
	rcu_read_unlock();
}

/**
 * swaplab_io_account() - tell the store how a transfer went
 * @io: done; its frames are still in transit
 *
 * Not in interrupt context.
 */
void swaplab_io_account(struct swaplab_io *io)
{
	bool write = io->flags & SWAPLAB_IO_WRITE;

	if (io->err)
		swaplab_bad_slots_failed(io->store, io->slot, io->nr, write);
	else
		swaplab_bad_slots_worked(io->store, io->slot, io->nr, write);
}
