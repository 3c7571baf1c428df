// SPDX-License-Identifier: GPL-2.0
/* Has frames, and gives none. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, idle_victim, struct swaplab_policy *policy)
{
	return 0;
}

SWAPLAB_BPF_POLICY(rogue_idle, .victim = (void *)idle_victim);
