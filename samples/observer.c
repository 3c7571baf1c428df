// SPDX-License-Identifier: GPL-2.0
/*
 * observer: first in, first out, and counts all that a policy is told. It shows the reasons of
 * admit() and remove(), the region and the dirty flag of a page, and statistics of a policy:
 * see policy_stats/ of a device that uses it.
 */
#include <swaplab/policy.h>

/* One for each device; zeroed before observer_init(). */
struct observer {
	struct list_head queue;	/* next victim first */
	unsigned long pages;
	unsigned long admitted[SWAPLAB_NR_REASONS];
	unsigned long removed[SWAPLAB_NR_REASONS];
	unsigned long forgotten;
	unsigned long will_need;
	unsigned long cold;
	unsigned long misses;
	unsigned long hits;
	unsigned long ahead_used;
	unsigned long ahead_wasted;
	unsigned long victims;
	unsigned long dirty_victims;
	unsigned long last_region;	/* of which a page came in */
	unsigned long read_cost;	/* of the last victim, in ns */
};

#define ADMITTED(why)	offsetof(struct observer, admitted[SWAPLAB_REASON_##why])
#define REMOVED(why)	offsetof(struct observer, removed[SWAPLAB_REASON_##why])

static const struct swaplab_policy_stat observer_stats[] = {
	{ "pages", offsetof(struct observer, pages) },
	{ "zero", ADMITTED(ZERO) },
	{ "copy", ADMITTED(COPY) },
	{ "read", ADMITTED(READ) },
	{ "read_ahead", ADMITTED(READ_AHEAD) },
	{ "munlock", ADMITTED(MUNLOCK) },
	{ "putback", ADMITTED(PUTBACK) },
	{ "moved_in", ADMITTED(MOVE) },
	{ "bound", ADMITTED(REBIND) },
	{ "mlock", REMOVED(MLOCK) },
	{ "discard", REMOVED(DISCARD) },
	{ "moved_out", REMOVED(MOVE) },
	{ "unbound", REMOVED(REBIND) },
	{ "scanned", REMOVED(SCAN) },
	{ "pageout", REMOVED(PAGEOUT) },
	{ "will_need", offsetof(struct observer, will_need) },
	{ "cold", offsetof(struct observer, cold) },
	{ "misses", offsetof(struct observer, misses) },
	{ "hits", offsetof(struct observer, hits) },
	{ "ahead_used", offsetof(struct observer, ahead_used) },
	{ "ahead_wasted", offsetof(struct observer, ahead_wasted) },
	{ "forgotten", offsetof(struct observer, forgotten) },
	{ "victims", offsetof(struct observer, victims) },
	{ "dirty_victims", offsetof(struct observer, dirty_victims) },
	{ "last_region", offsetof(struct observer, last_region) },
	{ "read_cost", offsetof(struct observer, read_cost) },
	{ }
};

static void observer_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct observer *observer = policy->data;

	list_add_tail(&frame->link, &observer->queue);
	observer->pages++;
	observer->admitted[policy->reason]++;
	observer->last_region = swaplab_frame_region_id(frame);
}

static void observer_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct observer *observer = policy->data;

	list_del(&frame->link);
	observer->pages--;
	observer->removed[policy->reason]++;
}

static void observer_forget(struct swaplab_policy *policy,
			    const struct swaplab_region *region, pgoff_t index)
{
	struct observer *observer = policy->data;

	observer->forgotten++;
}

static void observer_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
			    enum swaplab_advice advice)
{
	struct observer *observer = policy->data;

	if (advice == SWAPLAB_ADVICE_COLD) {
		list_move(&frame->link, &observer->queue);
		observer->cold++;
	} else {
		list_move_tail(&frame->link, &observer->queue);
		observer->will_need++;
	}
}

/* Leaves it to the core. */
static bool observer_readahead(struct swaplab_policy *policy,
			       struct swaplab_readahead *readahead)
{
	struct observer *observer = policy->data;

	if (readahead->is_hit)
		observer->hits++;
	else
		observer->misses++;
	observer->ahead_used += readahead->nr_used;
	observer->ahead_wasted += readahead->nr_wasted;
	return false;
}

static struct swaplab_frame *observer_victim(struct swaplab_policy *policy)
{
	struct observer *observer = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&observer->queue, struct swaplab_frame, link);
	if (!frame)
		return NULL;
	list_del(&frame->link);
	observer->pages--;
	observer->victims++;
	observer->dirty_victims += swaplab_frame_dirty(frame);
	observer->read_cost = swaplab_frame_read_cost(frame);
	return frame;
}

static int observer_init(struct swaplab_policy *policy)
{
	struct observer *observer = policy->data;

	INIT_LIST_HEAD(&observer->queue);
	return 0;
}

static struct swaplab_policy_ops observer_ops = {
	.admit = observer_admit,
	.victim = observer_victim,
	.remove = observer_remove,
	.forget = observer_forget,
	.advise = observer_advise,
	.readahead = observer_readahead,
	.init = observer_init,
	.victim_looks = 1,
	.data_size = sizeof(struct observer),
	.stats = observer_stats,
	.name = "observer",
	.owner = THIS_MODULE,
};
module_swaplab_policy(observer_ops, "observer");

MODULE_DESCRIPTION("swaplab sample policy: first in, first out, with statistics");
MODULE_LICENSE("GPL");
