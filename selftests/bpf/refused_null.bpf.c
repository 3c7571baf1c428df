// SPDX-License-Identifier: GPL-2.0
/* Does not look whether there is a frame. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, careless_victim, struct swaplab_policy *policy)
{
	return swaplab_bpf_evict(policy, swaplab_bpf_first(policy, 0));
}

SWAPLAB_BPF_POLICY(refused_null, .victim = (void *)careless_victim);
