// SPDX-License-Identifier: GPL-2.0
/*
 * First in, first out, with readahead in BPF: along the step from page to page that has the
 * most votes, one from each page that is asked for (R. S. Boyer and J S. Moore, "MJRTY: a fast
 * majority vote algorithm", 1981). How far depends on how many pages that were read so were
 * used, as in Leap (H. Al Maruf and M. Chowdhury, ATC 2020).
 */
#include <swaplab/bpf.h>

#define MOST_VOTES	8	/* So that another trend can win soon. */
#define MOST_PAGES	32

struct trend {
	u32 region;	/* of the page that was asked for last */
	u32 index;
	int step;	/* of the trend */
	u32 votes;
	u32 window;	/* pages to read */
	u32 nr_used;	/* that were read, since the window was sized */
};

static void vote(struct swaplab_policy *policy, struct trend *trend, int step)
{
	if (step == trend->step) {
		trend->votes += trend->votes < MOST_VOTES;
	} else if (trend->votes) {
		trend->votes--;
	} else {
		trend->step = step;
		trend->votes = 1;
		swaplab_bpf_count(policy, 0, 1);
	}
}

/* After a miss: one more than were used, to the next power of 2; half of the last at least. */
static u32 size_window(struct trend *trend, bool follows)
{
	u32 size = trend->nr_used ? 2 : follows;

	while (size && size <= trend->nr_used && size < MOST_PAGES)
		size *= 2;
	trend->nr_used = 0;
	return size > trend->window / 2 ? size : trend->window / 2;
}

SWAPLAB_BPF_OP(int, trend_readahead, struct swaplab_policy *policy, struct swaplab_readahead *ahead)
{
	struct trend *trend = (void *)swaplab_bpf_data(policy, sizeof(*trend));
	int step;

	if (!trend)
		return 0;
	step = ahead->region == trend->region ? (u32)ahead->index - trend->index : 0;
	trend->region = ahead->region;
	trend->index = ahead->index;
	trend->nr_used += ahead->nr_used;
	vote(policy, trend, step);
	if (!ahead->is_hit)
		trend->window = size_window(trend, trend->step && step == trend->step);
	ahead->start = ahead->index + trend->step;
	ahead->step = trend->step;
	ahead->nr = trend->window;
	return 1;
}

SWAPLAB_BPF_OP(int, trend_victim, struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = swaplab_bpf_first(policy, 0);

	return frame ? swaplab_bpf_evict(policy, frame) : 0;
}

SWAPLAB_BPF_POLICY(bpf_trend,
	.victim = (void *)trend_victim, .readahead = (void *)trend_readahead,
	.victim_looks = 1, .stats = { { "trends" } });
