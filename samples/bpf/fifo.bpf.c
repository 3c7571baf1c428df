// SPDX-License-Identifier: GPL-2.0
/* FIFO in BPF: without admit() each page goes to the end of list 0. */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(int, fifo_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = swaplab_bpf_first(policy, 0);

	return frame ? swaplab_bpf_evict(policy, frame) : 0;
}

SWAPLAB_BPF_POLICY(bpf_fifo,
	.victim = (void *)fifo_victim,
	.victim_looks = 1);
