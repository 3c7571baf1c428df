// SPDX-License-Identifier: GPL-2.0
/* FIFO that gives frames up when it may not, and puts those on lists that it has not. */
#include <swaplab/bpf.h>

static void grab(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	swaplab_bpf_add(policy, frame, 3);
	swaplab_bpf_evict(policy, frame);
	swaplab_bpf_add_tail(policy, frame, 4);
	swaplab_bpf_add(policy, frame, SWAPLAB_BPF_LISTS);
	swaplab_bpf_next(policy, frame);
	swaplab_bpf_ghost_add(policy, frame, 0, 8);
	swaplab_bpf_ghost_add(policy, frame, SWAPLAB_BPF_GHOSTS, 8);
	swaplab_bpf_count(policy, SWAPLAB_BPF_STATS, 1);
	frame->word[0] = 0xffffffff;
}

SWAPLAB_BPF_OP(void, misuse_admit, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	grab(policy, frame);
}

SWAPLAB_BPF_OP(void, misuse_remove, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	grab(policy, frame);
}

SWAPLAB_BPF_OP(void, misuse_putback, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	grab(policy, frame);
	swaplab_bpf_add_tail(policy, frame, 4);
}

SWAPLAB_BPF_OP(void, misuse_refault, struct swaplab_policy *policy, struct swaplab_frame *frame,
	       u32 distance)
{
	grab(policy, frame);
}

SWAPLAB_BPF_OP(void, misuse_advise, struct swaplab_policy *policy, struct swaplab_frame *frame,
	       u32 advice)
{
	grab(policy, frame);
}

/* Beyond the region, and backwards. */
SWAPLAB_BPF_OP(int, misuse_readahead, struct swaplab_policy *policy,
	       struct swaplab_readahead *ahead)
{
	ahead->start = ahead->is_hit ? 1UL << 63 : ahead->index;
	ahead->step = -0x7fffffff;
	ahead->nr = 0xffffffff;
	return 1;
}

SWAPLAB_BPF_OP(int, misuse_tick, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = swaplab_bpf_first(policy, 4);

	if (frame)
		swaplab_bpf_evict(policy, frame);
	return 0;
}

SWAPLAB_BPF_OP(int, misuse_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = swaplab_bpf_first(policy, 4), *next;

	if (!frame)
		return 0;
	next = swaplab_bpf_next(policy, frame);
	swaplab_bpf_evict(policy, frame);
	swaplab_bpf_evict(policy, frame);
	grab(policy, frame);
	if (next)
		grab(policy, next);
	return SWAPLAB_BPF_AGAIN;
}

SWAPLAB_BPF_POLICY(rogue_misuse,
	.admit = (void *)misuse_admit, .victim = (void *)misuse_victim,
	.remove = (void *)misuse_remove, .putback = (void *)misuse_putback,
	.refault = (void *)misuse_refault, .advise = (void *)misuse_advise,
	.readahead = (void *)misuse_readahead, .tick = (void *)misuse_tick,
	.needs_references = 1, .ghosts_percent = 50);
