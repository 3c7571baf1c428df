// SPDX-License-Identifier: GPL-2.0
/* Has a parameter with a name that would be a path. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, odd_victim, struct swaplab_policy *policy)
{
	return 0;
}

SWAPLAB_BPF_POLICY(refused_param,
	.victim = (void *)odd_victim,
	.params = { { "../policy", 0, 1, 0 } });
