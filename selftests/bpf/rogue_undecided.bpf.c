// SPDX-License-Identifier: GPL-2.0
/* Has frames, and looks for the best one for ever. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, undecided_victim, struct swaplab_policy *policy)
{
	return SWAPLAB_BPF_AGAIN;
}

SWAPLAB_BPF_POLICY(rogue_undecided, .victim = (void *)undecided_victim);
