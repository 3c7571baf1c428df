// SPDX-License-Identifier: GPL-2.0
/* S3-FIFO in BPF: module/policies/s3fifo.c tells how it works, and its source. */
#include <swaplab/bpf.h>

enum { SMALL = 1, MAIN };	/* Lists; the search has none under way while it is in list 0. */

static void count_uses(struct swaplab_frame *frame, u32 uses)
{
	uses += frame->word[0];
	frame->word[0] = uses < 3 ? uses : 3;
}

/* Puts a frame from the head of its queue in its new place; false if it is a victim. */
static bool keep(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	bool is_main = swaplab_bpf_list(frame) == MAIN;

	if (swaplab_bpf_test_clear_referenced(frame))
		count_uses(frame, 2);
	if (frame->word[0] < (is_main ? 1 : 2))
		return false;
	frame->word[0] = is_main ? frame->word[0] - 1 : 0;
	return !swaplab_bpf_add_tail(policy, frame, MAIN);
}

SWAPLAB_BPF_OP(void, s3fifo_admit, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	swaplab_bpf_add_tail(policy, frame, swaplab_bpf_ghost_drop(policy, frame) ? MAIN : SMALL);
}

SWAPLAB_BPF_OP(void, s3fifo_putback, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	swaplab_bpf_ghost_drop(policy, frame);
	if (!keep(policy, frame))
		swaplab_bpf_add_tail(policy, frame, swaplab_bpf_list(frame));
}

SWAPLAB_BPF_OP(void, s3fifo_access, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	count_uses(frame, 1);
}

SWAPLAB_BPF_OP(int, s3fifo_victim, struct swaplab_policy *policy)
{
	u64 nr = policy->nr_frames, nr_main = nr - nr * swaplab_bpf_param(policy, 0) / 100;
	u32 i, *list = swaplab_bpf_data(policy, sizeof(*list));
	struct swaplab_frame *frame;

	for (i = 0; list && i < SWAPLAB_POLICY_STEP; i++) {
		if (!swaplab_bpf_nr(policy, *list))
			*list = swaplab_bpf_nr(policy, MAIN) > nr_main ||
				!swaplab_bpf_nr(policy, SMALL) ? MAIN : SMALL;
		frame = swaplab_bpf_first(policy, *list);
		if (!frame)
			return 0;
		if (keep(policy, frame))
			continue;
		if (*list == SMALL)
			swaplab_bpf_ghost_add(policy, frame, 0, nr_main ? nr_main : 1);
		*list = 0;
		return swaplab_bpf_evict(policy, frame);
	}
	return SWAPLAB_BPF_AGAIN;
}

SWAPLAB_BPF_POLICY(bpf_s3fifo,
	.admit = (void *)s3fifo_admit, .victim = (void *)s3fifo_victim,
	.putback = (void *)s3fifo_putback, .access = (void *)s3fifo_access,
	.needs_references = 1, .ghosts_percent = 100,
	.params = { { "small_percent", 1, 99, 10 } });
