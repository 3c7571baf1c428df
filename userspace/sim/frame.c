// SPDX-License-Identifier: GPL-2.0
/* What a policy may see of a frame: the core's functions, for the simulator. */

#include "frame.h"

/**
 * swaplab_frame_region_id() - the region of the page in a frame
 * @frame: a frame that the policy holds, or is about to get
 *
 * Return: the number of the trace, from 1 on, if several are replayed together; else 0.
 */
u32 swaplab_frame_region_id(struct swaplab_frame *frame)
{
	/* The pool makes it a number: nothing is behind it. */
	return (uintptr_t)frame->region;
}

/**
 * swaplab_frame_dirty() - is the page newer than its copy in the store?
 * @frame: a frame that the policy holds, or is about to get
 *
 * Each write shows at once, and a page that is read only has no copy to be written.
 *
 * Return: whether it was written to since it came in.
 */
bool swaplab_frame_dirty(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & FRAME_DIRTY;
}

static u32 read_cost = FRAME_READ_COST;

/**
 * frame_set_read_cost() - choose what a read costs, before there is a pool
 * @ns: in nanoseconds
 */
void frame_set_read_cost(u32 ns)
{
	read_cost = ns;
}

/**
 * swaplab_frame_read_cost() - what does it cost to have the page again, once it is evicted?
 * @frame: a frame that the policy holds, or is about to get
 *
 * Return: the same for all pages, always, in ns.
 */
u32 swaplab_frame_read_cost(struct swaplab_frame *frame)
{
	return read_cost;
}
