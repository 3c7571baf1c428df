// SPDX-License-Identifier: GPL-2.0
/* Spins for a while in some calls, as long as the verifier can be had to allow it. */
#include <swaplab/bpf.h>

#define SECOND	1000000000ULL

static u64 (*const ktime_get_ns)(void) = (void *)5;
static long (*const loop)(u32 nr, void *callback, void *context, u64 flags) = (void *)181;

u32 nr_calls;

static int is_over(u32 i, u64 *end)
{
	return ktime_get_ns() > *end;
}

SWAPLAB_BPF_OP(int, slow_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = swaplab_bpf_first(policy, 0);
	u64 end = ktime_get_ns() + SECOND + SECOND / 2;
	u32 i;

	if (nr_calls++ < 3)
		for (i = 0; i < 64; i++)
			loop(1 << 23, is_over, &end, 0);
	return frame ? swaplab_bpf_evict(policy, frame) : 0;
}

SWAPLAB_BPF_POLICY(rogue_slow, .victim = (void *)slow_victim);
