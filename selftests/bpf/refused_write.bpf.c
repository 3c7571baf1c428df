// SPDX-License-Identifier: GPL-2.0
/* Writes to the word of a frame that is not its own. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(void, greedy_admit, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	frame->word[1] = 0;
}

SWAPLAB_BPF_OP(int, greedy_victim, struct swaplab_policy *policy)
{
	return 0;
}

SWAPLAB_BPF_POLICY(refused_write,
	.admit = (void *)greedy_admit, .victim = (void *)greedy_victim);
