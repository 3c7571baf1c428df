// SPDX-License-Identifier: GPL-2.0
/* Counts two things by one name. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, odd_victim, struct swaplab_policy *policy)
{
	return 0;
}

SWAPLAB_BPF_POLICY(refused_stat,
	.victim = (void *)odd_victim,
	.stats = { { "uses" }, { "uses" } });
