// SPDX-License-Identifier: GPL-2.0
/* Goes round in its list, for many more steps than a callback has. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, walker_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame;
	u32 i;

	for (i = 0; i < SWAPLAB_BPF_STEPS; i++) {
		frame = swaplab_bpf_first(policy, 0);
		if (!frame)
			return 0;
		swaplab_bpf_add_tail(policy, frame, 0);
	}
	frame = swaplab_bpf_first(policy, 0);
	return frame ? swaplab_bpf_evict(policy, frame) : 0;
}

SWAPLAB_BPF_POLICY(rogue_walker, .victim = (void *)walker_victim);
