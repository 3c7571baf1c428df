/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A BPF policy at work in one pool: its lists, ghosts, parameters and data. The module and the
 * simulator share this and instance.c and kfuncs.c.
 *
 * The second word of a frame tells whose it is: the number of the instance, how the frame
 * may be used, and the list that it is on, or was on last. The program can write to the first
 * word alone.
 */
#ifndef _SWAPLAB_BPF_INSTANCE_H
#define _SWAPLAB_BPF_INSTANCE_H

#include <swaplab/bpf.h>
#include <swaplab/policy_ghost.h>

/* In a frame's words. */
enum { INSTANCE_PROGRAM, INSTANCE_STATE };

#define INSTANCE_LIST_MASK	(SWAPLAB_BPF_LISTS - 1)
#define INSTANCE_ON		0x10	/* on a list */
#define INSTANCE_COMING		0x20	/* on none so far, and may be put on one */
#define INSTANCE_STATE_BITS	8

/**
 * struct instance_list - frames in the order that the program gave them
 * @frames: by their links
 * @nr: of them
 */
struct instance_list {
	struct list_head frames;
	u64 nr;
};

/**
 * struct instance - data of a policy
 * @program: its callbacks
 * @id: of the instance, as in its frames' words
 * @nr_steps: in lists, by the callback under way
 * @may_evict: victim() is under way, and has given up no frame so far
 * @is_wrong: the program has asked for what it must not; told with the next victim
 * @victim: given up by the call of victim() under way
 * @params: values, which sysfs may change at any time
 * @stats: values
 * @lists: of frames
 * @ghosts: memory of all ghosts
 * @lost: lists of ghosts
 * @data: of the program
 *
 * The pool's lock guards all but @params.
 */
struct instance {
	const struct swaplab_bpf_ops *program;
	u32 id;
	unsigned int nr_steps;
	bool may_evict;
	bool is_wrong;
	struct swaplab_frame *victim;
	unsigned int params[SWAPLAB_BPF_PARAMS];
	unsigned long stats[SWAPLAB_BPF_STATS];
	struct instance_list lists[SWAPLAB_BPF_LISTS];
	struct swaplab_ghosts ghosts;
	struct swaplab_ghost_list lost[SWAPLAB_BPF_GHOSTS];
	u64 data[SWAPLAB_BPF_DATA / sizeof(u64)];
};

/**
 * struct instance_policy - a BPF policy as the core knows it
 * @ops: registered
 * @program: callbacks of the program, which outlive this
 * @params: for @ops, with the names of @program
 * @stats: likewise
 */
struct instance_policy {
	struct swaplab_policy_ops ops;
	const struct swaplab_bpf_ops *program;
	struct swaplab_policy_param params[SWAPLAB_BPF_PARAMS + 1];
	struct swaplab_policy_stat stats[SWAPLAB_BPF_STATS + 1];
};

bool instance_program_is_valid(const struct swaplab_bpf_ops *program);
void instance_policy_init(struct instance_policy *policy,
			  const struct swaplab_bpf_ops *program);
int instance_init(struct swaplab_policy *policy);

static inline u32 instance_state(struct instance *instance, u32 bits)
{
	return instance->id << INSTANCE_STATE_BITS | bits;
}

static inline u32 instance_list_of(struct swaplab_frame *frame)
{
	return frame->word[INSTANCE_STATE] & INSTANCE_LIST_MASK;
}

/* Has this instance the frame, in one of these ways? */
static inline bool instance_has(struct instance *instance, struct swaplab_frame *frame,
				u32 ways)
{
	u32 state = frame->word[INSTANCE_STATE];

	return state >> INSTANCE_STATE_BITS == instance->id && state & ways;
}

/* Off its list; the state still tells which one it was. */
static inline void instance_unlink(struct instance *instance, struct swaplab_frame *frame)
{
	u32 list = instance_list_of(frame);

	list_del(&frame->link);
	instance->lists[list].nr--;
	frame->word[INSTANCE_STATE] = instance_state(instance, list);
}

#endif /* _SWAPLAB_BPF_INSTANCE_H */
