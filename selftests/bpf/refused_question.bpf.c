// SPDX-License-Identifier: GPL-2.0
/* Changes the question of readahead() in place of its answer. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, greedy_readahead, struct swaplab_policy *policy,
	       struct swaplab_readahead *ahead)
{
	ahead->max = 64;
	return 1;
}

SWAPLAB_BPF_OP(int, greedy_victim, struct swaplab_policy *policy)
{
	return 0;
}

SWAPLAB_BPF_POLICY(refused_question,
	.readahead = (void *)greedy_readahead, .victim = (void *)greedy_victim);
