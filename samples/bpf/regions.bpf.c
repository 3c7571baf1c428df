// SPDX-License-Identifier: GPL-2.0
/*
 * Equal shares in BPF: the region with most pages gives the next victim, its oldest one. Lists
 * stand for regions, by their numbers; regions with the same list share a part.
 */
#include <swaplab/bpf.h>

SWAPLAB_BPF_OP(void, regions_admit, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	swaplab_bpf_add_tail(policy, frame, swaplab_bpf_region_id(frame) % SWAPLAB_BPF_LISTS);
}

SWAPLAB_BPF_OP(int, regions_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame;
	u32 list, longest = 0;

	for (list = 1; list < SWAPLAB_BPF_LISTS; list++)
		if (swaplab_bpf_nr(policy, list) > swaplab_bpf_nr(policy, longest))
			longest = list;
	frame = swaplab_bpf_first(policy, longest);
	return frame ? swaplab_bpf_evict(policy, frame) : 0;
}

SWAPLAB_BPF_POLICY(bpf_regions,
	.admit = (void *)regions_admit,
	.victim = (void *)regions_victim,
	.victim_looks = 1);
