// SPDX-License-Identifier: GPL-2.0
/* Clock in BPF, as in module/policies/clock.c: list 0 is the circle, its head the hand. */
#include <swaplab/bpf.h>

/* Putting it back grants another round, which uses up the flag. */
SWAPLAB_BPF_OP(void, clock_putback, struct swaplab_policy *policy,
	       struct swaplab_frame *frame)
{
	swaplab_bpf_test_clear_referenced(frame);
	swaplab_bpf_add_tail(policy, frame, 0);
}

/* The next victim. */
SWAPLAB_BPF_OP(void, clock_advise, struct swaplab_policy *policy, struct swaplab_frame *frame,
	       u32 advice)
{
	if (advice == SWAPLAB_ADVICE_COLD)
		swaplab_bpf_add(policy, frame, 0);
}

SWAPLAB_BPF_OP(int, clock_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame;
	u32 i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = swaplab_bpf_first(policy, 0);
		if (!frame)
			return 0;
		if (!swaplab_bpf_test_clear_referenced(frame))
			return swaplab_bpf_evict(policy, frame);
		swaplab_bpf_add_tail(policy, frame, 0);
	}
	return SWAPLAB_BPF_AGAIN;
}

SWAPLAB_BPF_POLICY(bpf_clock,
	.victim = (void *)clock_victim,
	.putback = (void *)clock_putback,
	.advise = (void *)clock_advise,
	.needs_references = 1);
