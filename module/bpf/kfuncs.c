// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that a BPF policy can call. Each checks what it is given: the verifier only
 * sees to it that pointers are those of a callback or of these functions.
 */
#include <linux/btf.h>
#include "instance.h"

/* Takes a step in a list; false if the callback has taken too many. */
static bool take_step(struct instance *instance)
{
	if (instance->nr_steps++ < SWAPLAB_BPF_STEPS)
		return true;
	instance->is_wrong = true;
	return false;
}

static struct swaplab_frame *frame_after(struct instance_list *list, struct list_head *link)
{
	if (link->next == &list->frames)
		return NULL;
	return list_entry(link->next, struct swaplab_frame, link);
}

/* Where the frame may be linked from now on; NULL if it is not to be had, or the list. */
static struct instance_list *move_begin(struct instance *instance,
					struct swaplab_frame *frame, u32 list)
{
	if (list >= SWAPLAB_BPF_LISTS || !take_step(instance) ||
	    !instance_has(instance, frame, INSTANCE_ON | INSTANCE_COMING))
		return NULL;
	if (instance_has(instance, frame, INSTANCE_ON))
		instance_unlink(instance, frame);
	frame->word[INSTANCE_STATE] = instance_state(instance, INSTANCE_ON | list);
	instance->lists[list].nr++;
	return &instance->lists[list];
}

__bpf_kfunc_start_defs();

/**
 * swaplab_bpf_first() - the first frame of a list
 * @policy: the callback's
 * @list: its number
 *
 * Return: the frame, which stays where it is; NULL if there is none.
 */
__bpf_kfunc struct swaplab_frame *swaplab_bpf_first(struct swaplab_policy *policy, u32 list)
{
	struct instance *instance = policy->data;

	if (list >= SWAPLAB_BPF_LISTS || !take_step(instance))
		return NULL;
	return frame_after(&instance->lists[list], &instance->lists[list].frames);
}

/**
 * swaplab_bpf_next() - the frame after another one
 * @policy: the callback's
 * @frame: on a list
 *
 * Return: the next frame of that list, NULL if @frame is the last, or on none.
 */
__bpf_kfunc struct swaplab_frame *swaplab_bpf_next(struct swaplab_policy *policy,
						   struct swaplab_frame *frame)
{
	struct instance *instance = policy->data;

	if (!instance_has(instance, frame, INSTANCE_ON) || !take_step(instance))
		return NULL;
	return frame_after(&instance->lists[instance_list_of(frame)], &frame->link);
}

/**
 * swaplab_bpf_add() - make a frame the first of a list
 * @policy: the callback's
 * @frame: on a list, which it leaves; or just given to admit() or putback()
 * @list: number of the list, from 0 to SWAPLAB_BPF_LISTS - 1
 *
 * Return: 0, -EINVAL if @frame is neither, or there is no such list.
 */
__bpf_kfunc int swaplab_bpf_add(struct swaplab_policy *policy, struct swaplab_frame *frame,
				u32 list)
{
	struct instance_list *to = move_begin(policy->data, frame, list);

	if (!to)
		return -EINVAL;
	list_add(&frame->link, &to->frames);
	return 0;
}

/**
 * swaplab_bpf_add_tail() - make a frame the last of a list
 * @policy: the callback's
 * @frame: as for swaplab_bpf_add()
 * @list: as for swaplab_bpf_add()
 *
 * Return: 0 or -EINVAL, as swaplab_bpf_add() does.
 */
__bpf_kfunc int swaplab_bpf_add_tail(struct swaplab_policy *policy,
				     struct swaplab_frame *frame, u32 list)
{
	struct instance_list *to = move_begin(policy->data, frame, list);

	if (!to)
		return -EINVAL;
	list_add_tail(&frame->link, &to->frames);
	return 0;
}

/**
 * swaplab_bpf_evict() - give up a frame; for victim()
 * @policy: the callback's
 * @frame: on a list, which it leaves
 *
 * Return: 0, -EINVAL if @frame is on no list, another one was given up in this call, or
 * this is not victim(). That counts as a wrong victim.
 */
__bpf_kfunc int swaplab_bpf_evict(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct instance *instance = policy->data;

	if (!instance->may_evict || !instance_has(instance, frame, INSTANCE_ON)) {
		instance->is_wrong = true;
		return -EINVAL;
	}
	instance_unlink(instance, frame);
	instance->may_evict = false;
	instance->victim = frame;
	return 0;
}

/**
 * swaplab_bpf_nr() - the length of a list
 * @policy: the callback's
 * @list: number of the list
 *
 * Return: how many frames are on it; 0 if there is no such list.
 */
__bpf_kfunc u64 swaplab_bpf_nr(struct swaplab_policy *policy, u32 list)
{
	struct instance *instance = policy->data;

	return list < SWAPLAB_BPF_LISTS ? instance->lists[list].nr : 0;
}

/**
 * swaplab_bpf_list() - where a frame is
 * @frame: any that the callback was given
 *
 * Return: the number of the list that it is on, or was on last; 0 in admit().
 */
__bpf_kfunc u32 swaplab_bpf_list(struct swaplab_frame *frame)
{
	return instance_list_of(frame);
}

/**
 * swaplab_bpf_referenced() - was the page used since the flag was cleared?
 * @frame: any that the callback was given
 *
 * Return: 1 if it was, else 0.
 */
__bpf_kfunc int swaplab_bpf_referenced(struct swaplab_frame *frame)
{
	return swaplab_frame_referenced(frame);
}

/**
 * swaplab_bpf_test_clear_referenced() - read the flag and clear it
 * @frame: any that the callback was given
 *
 * Return: 1 if the page was used since the flag was cleared, else 0.
 */
__bpf_kfunc int swaplab_bpf_test_clear_referenced(struct swaplab_frame *frame)
{
	return swaplab_frame_test_clear_referenced(frame);
}

/**
 * swaplab_bpf_dirty() - is the page newer than its copy in the store?
 * @frame: any that the callback was given
 *
 * Return: 1 if it is known to be, else 0, as swaplab_frame_dirty() has it.
 */
__bpf_kfunc int swaplab_bpf_dirty(struct swaplab_frame *frame)
{
	return swaplab_frame_dirty(frame);
}

/**
 * swaplab_bpf_index() - which page of its region the frame holds
 * @frame: any that the callback was given
 *
 * Return: its index.
 */
__bpf_kfunc u64 swaplab_bpf_index(struct swaplab_frame *frame)
{
	return swaplab_frame_index(frame);
}

/**
 * swaplab_bpf_region_id() - the region of the page in a frame
 * @frame: any that the callback was given
 *
 * Return: its number, as swaplab_frame_region_id() has it.
 */
__bpf_kfunc u32 swaplab_bpf_region_id(struct swaplab_frame *frame)
{
	return swaplab_frame_region_id(frame);
}

/**
 * swaplab_bpf_ghost_drop() - forget a page that was given up
 * @policy: the callback's
 * @frame: with the page
 *
 * Return: 0 if the page has no ghost; else the number of the list of ghosts that it has left,
 * plus 1.
 */
__bpf_kfunc int swaplab_bpf_ghost_drop(struct swaplab_policy *policy,
				       struct swaplab_frame *frame)
{
	struct instance *instance = policy->data;
	struct swaplab_ghost *ghost;
	int list;

	if (!instance->program->ghosts_percent)
		return 0;
	ghost = swaplab_ghost_find(&instance->ghosts, frame);
	if (!ghost)
		return 0;
	list = ghost->list - instance->lost + 1;
	swaplab_ghost_drop(&instance->ghosts, ghost);
	return list;
}

/**
 * swaplab_bpf_ghost_add() - remember a page that is given up
 * @policy: the callback's
 * @frame: with the page; a ghost that it has is dropped first
 * @ghosts: number of the list of ghosts that it joins, as the youngest
 * @limit: how many that list may have: the oldest are forgotten, at most 64 of them a call
 *
 * Return: 0, -ENOSPC if there is no memory for ghosts, -EINVAL if there is no such list.
 */
__bpf_kfunc int swaplab_bpf_ghost_add(struct swaplab_policy *policy,
				      struct swaplab_frame *frame, u32 ghosts, u64 limit)
{
	struct instance *instance = policy->data;
	struct swaplab_ghost *ghost;

	if (ghosts >= SWAPLAB_BPF_GHOSTS)
		return -EINVAL;
	if (!instance->program->ghosts_percent || !take_step(instance))
		return -ENOSPC;
	swaplab_bpf_ghost_drop(policy, frame);
	ghost = swaplab_ghost_add(&instance->ghosts, &instance->lost[ghosts], frame);
	swaplab_ghosts_trim(&instance->ghosts, &instance->lost[ghosts], 0, limit);
	return ghost ? 0 : -ENOSPC;
}

/**
 * swaplab_bpf_param() - the value of a parameter
 * @policy: the callback's
 * @number: of the parameter, from 0 on
 *
 * Return: its value, 0 if there is no such parameter.
 */
__bpf_kfunc u32 swaplab_bpf_param(struct swaplab_policy *policy, u32 number)
{
	struct instance *instance = policy->data;

	return number < SWAPLAB_BPF_PARAMS ? READ_ONCE(instance->params[number]) : 0;
}

/**
 * swaplab_bpf_count() - change a statistic
 * @policy: the callback's
 * @number: of the statistic, from 0 on
 * @change: added to it; a negative number takes away
 *
 * Return: 0, -EINVAL if there is no such statistic.
 */
__bpf_kfunc int swaplab_bpf_count(struct swaplab_policy *policy, u32 number, u64 change)
{
	struct instance *instance = policy->data;

	if (number >= SWAPLAB_BPF_STATS || !instance->program->stats[number].name[0])
		return -EINVAL;
	instance->stats[number] += change;
	return 0;
}

/**
 * swaplab_bpf_data() - the program's data for this pool
 * @policy: the callback's
 * @rdwr_buf_size: how many bytes are wanted, a constant
 *
 * Return: the data, 0 before the first callback; NULL if it is not so large.
 */
__bpf_kfunc u32 *swaplab_bpf_data(struct swaplab_policy *policy, const u32 rdwr_buf_size)
{
	struct instance *instance = policy->data;

	return rdwr_buf_size <= sizeof(instance->data) ? (u32 *)instance->data : NULL;
}

__bpf_kfunc_end_defs();
