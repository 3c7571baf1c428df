// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptive: learns how long pages of a class stay unused, and duels with LRU to decide
 * whether that helps.
 *
 * Time is counted in pages that came in; a generation is an eighth of the memory. The age
 * of a page is the time since its last known use. Its class is its history: new, came back
 * (soon or late), or found used so many times. The policy learns the worth of a page of
 * each class and age (worth.c), also from pages that were evicted and came back (gone.c),
 * and evicts the page worth least. In a loop that does not fit, the pages used last are
 * worth least; after a scan, the new pages; and often the oldest: there are no special
 * cases.
 *
 * Two small samples of pages have their own share of frames. One sample always evicts its
 * oldest page, the other the page worth least; the remaining pages follow the sample that
 * has fewer pages come back.
 *
 * N. Beckmann, H. Chen, A. Cidon, "LHD: improving cache hit rate by maximizing hit
 * density", NSDI 2018: worth by class and age. J. C. Gittins, "Bandit processes and
 * dynamic allocation indices", 1979: the best time to wait. Y. Smaragdakis, S. Kaplan,
 * P. Wilson, "EELRU: simple and effective adaptive page replacement", SIGMETRICS 1999:
 * learning from pages that are out of memory. M. K. Qureshi et al., "Adaptive
 * insertion policies for high performance caching", ISCA 2007: the duel. J. Yang et
 * al., "FIFO queues are all you need for cache eviction", SOSP 2023: probation.
 *
 * Deviations: accessed bits are sampled, so:
 * - A victim found used was used at some age up to its own; see worth.c.
 * - The first look at a new page finds the use that brought it in. Unless a tick comes
 *   before, the page is therefore offered as a victim early, once a sixteenth of the
 *   memory is newer, and is judged when its turn comes.
 * Pages that go without a copy in the store, as those of files do until they are written to,
 * are new whenever they come in: nothing is learned from their coming back.
 *
 * Memory: the frame's link and words; 16 to 32 bytes a frame for pages that are
 * out of memory; 20 KiB for lists and histograms.
 */
#include <swaplab/policy.h>
#include "adaptive/gone.h"
#include "adaptive/groups.h"
#include "adaptive/worth.h"

/* At least so many pages a generation: they share the cost of a turn. */
#define ADAPTIVE_SPAN		8
/* The part of a group that is on probation. */
#define ADAPTIVE_PROBATION	16
/* One in so many victims is the oldest: else nothing is learned of pages that stay. */
#define ADAPTIVE_EXPLORE	16
/* A sample is one page, or block, in so many: a prime, so that no stride of a program hits it. */
#define ADAPTIVE_SAMPLE		17
/*
 * Large samples have pages in blocks. The sample's pages are evicted at other times than their
 * neighbours, so each block cuts a write of neighbours, and later the read of a stream, in two.
 */
#define ADAPTIVE_BLOCK		8
#define ADAPTIVE_LEAST_BLOCKS	16
/* Frames without which a sample says nothing. */
#define ADAPTIVE_LEAST		8
/* Generations that a duel looks back on, about. */
#define ADAPTIVE_MEMORY		64

/**
 * struct adaptive - the policy's data
 * @groups: the frames
 * @worth: their worth
 * @gone: pages that were given up
 * @nr_admitted: in this generation
 * @nr_chosen: victims
 * @nr_to_pass: frames to be looked at in a search under way; 0: there is none
 * @returns: pages that came back, ADAPTIVE_PAGE each, fading
 * @lru: the sample of the oldest does better
 * @returned: the page to be admitted did, ...
 * @distance: ... so many evictions after it went
 */
struct adaptive {
	struct adaptive_groups groups;
	struct adaptive_worth worth;
	struct adaptive_gone gone;
	unsigned long nr_admitted;
	unsigned long nr_chosen;
	unsigned long nr_to_pass;
	unsigned long returns[NR_GROUPS];
	bool lru;
	bool returned;
	u32 distance;
};

/* Frames that each sample has; 0 if memory is too small for a duel. */
static unsigned long adaptive_quota(struct swaplab_policy *policy)
{
	unsigned long quota = READ_ONCE(policy->nr_frames) / ADAPTIVE_SAMPLE;

	return quota < ADAPTIVE_LEAST ? 0 : quota;
}

static bool adaptive_takes_oldest(struct swaplab_policy *policy,
				  enum adaptive_group_id id)
{
	struct adaptive *adaptive = policy->data;

	if (id == REST)
		return adaptive->lru && adaptive_quota(policy);
	return id == OLDEST;
}

/* Changes sides only for a difference of twice the deviation of the counts. */
static void adaptive_judge(struct adaptive *adaptive)
{
	unsigned long *oldest = &adaptive->returns[OLDEST];
	unsigned long *cheapest = &adaptive->returns[CHEAPEST];
	unsigned long more;

	*oldest -= *oldest / ADAPTIVE_MEMORY;
	*cheapest -= *cheapest / ADAPTIVE_MEMORY;
	more = max(*oldest, *cheapest) - min(*oldest, *cheapest);
	if (more / ADAPTIVE_PAGE * more > 4 * (*oldest + *cheapest))
		adaptive->lru = *oldest < *cheapest;
}

static enum adaptive_group_id adaptive_choose_group(struct swaplab_policy *policy,
						    struct swaplab_frame *frame)
{
	unsigned long quota = adaptive_quota(policy);
	unsigned long rest = swaplab_frame_index(frame);

	if (!quota)
		return REST;
	if (quota >= ADAPTIVE_LEAST_BLOCKS * ADAPTIVE_BLOCK)
		rest /= ADAPTIVE_BLOCK;
	rest %= ADAPTIVE_SAMPLE;
	return rest == 0 ? OLDEST : rest == ADAPTIVE_SAMPLE / 2 ? CHEAPEST : REST;
}

/* The sample that has more than its share, else the rest. */
static enum adaptive_group_id adaptive_debtor(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	unsigned long quota = adaptive_quota(policy);

	if (adaptive_groups_nr(&adaptive->groups, OLDEST) > quota)
		return OLDEST;
	if (adaptive_groups_nr(&adaptive->groups, CHEAPEST) > quota)
		return CHEAPEST;
	if (adaptive_groups_nr(&adaptive->groups, REST))
		return REST;
	/* Others can only be had of a sample. */
	return adaptive_groups_nr(&adaptive->groups, OLDEST) ? OLDEST : CHEAPEST;
}

static unsigned long adaptive_span(struct swaplab_policy *policy)
{
	return max_t(unsigned long, READ_ONCE(policy->nr_frames) / ADAPTIVE_FINE,
		     ADAPTIVE_SPAN);
}

/* A generation begins. */
static void adaptive_turn(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;

	adaptive->nr_admitted = 0;
	adaptive_groups_turn(&adaptive->groups);
	adaptive_worth_learn(&adaptive->worth, READ_ONCE(policy->nr_frames));
	adaptive_judge(adaptive);
}

/* Learns from a page that came back. Return: the class that it is of now. */
static unsigned long adaptive_return(struct swaplab_policy *policy,
				     struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	unsigned long class, age, span = adaptive_span(policy);

	if (!adaptive_gone_take(&adaptive->gone, frame, &class, &age))
		return BACK + 2;
	age += (adaptive->distance + span / 2) / span;
	adaptive_worth_return(&adaptive->worth, class, age);
	return BACK + min(age / ADAPTIVE_FINE, 2UL);
}

static void adaptive_admit(struct swaplab_policy *policy,
			   struct swaplab_frame *frame)
{
	enum adaptive_group_id id = adaptive_choose_group(policy, frame);
	struct adaptive *adaptive = policy->data;
	unsigned long class = NEW;

	if (++adaptive->nr_admitted >= adaptive_span(policy))
		adaptive_turn(policy);
	if (adaptive->returned) {
		adaptive->returns[id] += ADAPTIVE_PAGE;
		class = adaptive_return(policy, frame);
	}
	adaptive->returned = false;
	adaptive_groups_add_fresh(&adaptive->groups, id, frame, class);
}

static void adaptive_refault(struct swaplab_policy *policy,
			     struct swaplab_frame *frame, u32 distance)
{
	struct adaptive *adaptive = policy->data;

	adaptive->returned = true;
	adaptive->distance = distance;
}

static void adaptive_remove(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;

	adaptive_groups_remove(&adaptive->groups, frame);
}

/* A page is found used: into the class of such ones, as young as can be. */
static void adaptive_use(struct adaptive *adaptive, struct swaplab_frame *frame)
{
	unsigned long class = adaptive_groups_class(frame);

	adaptive_worth_found(&adaptive->worth, class,
			     adaptive_groups_age(&adaptive->groups, frame));
	class = class < USED ? USED : min_t(unsigned long, class + 1, NR_CLASSES - 1);
	adaptive_groups_set_class(frame, class);
	adaptive_groups_set_age(&adaptive->groups, frame, 0);
	adaptive_groups_add(&adaptive->groups, frame);
}

static void adaptive_limit_age(struct adaptive *adaptive,
			       struct swaplab_frame *frame, unsigned long max)
{
	if (adaptive_groups_age(&adaptive->groups, frame) > max)
		adaptive_groups_set_age(&adaptive->groups, frame, max);
}

/*
 * Looks at a page in its turn. If probation took long because nothing was evicted, how
 * long the page was not used is not known, only which came first.
 */
static void adaptive_look(struct adaptive *adaptive, struct swaplab_frame *frame)
{
	adaptive_groups_remove(&adaptive->groups, frame);
	if (swaplab_frame_test_clear_referenced(frame)) {
		adaptive_use(adaptive, frame);
		return;
	}
	if (adaptive_groups_is_fresh(frame))
		adaptive_limit_age(adaptive, frame, 1);
	adaptive_groups_add(&adaptive->groups, frame);
}

/* Found used on the first look, by the use that brought it in; or busy. */
static void adaptive_putback_fresh(struct swaplab_policy *policy,
				   struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	bool is_oldest = adaptive_takes_oldest(policy, adaptive_groups_id(frame));

	adaptive_limit_age(adaptive, frame, is_oldest ? 0 : 1);
	adaptive_groups_add(&adaptive->groups, frame);
}

static void adaptive_putback(struct swaplab_policy *policy,
			     struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	bool used = swaplab_frame_test_clear_referenced(frame);
	unsigned long class, age;

	if (adaptive_gone_take(&adaptive->gone, frame, &class, &age))
		adaptive_worth_take_back(&adaptive->worth, class);
	if (adaptive_groups_is_fresh(frame)) {
		adaptive_putback_fresh(policy, frame);
	} else if (used) {
		adaptive_use(adaptive, frame);
	} else {
		adaptive_groups_set_age(&adaptive->groups, frame, 0);
		adaptive_groups_add(&adaptive->groups, frame);
	}
}

/* The first of those of an age worth least, if less than @least; else NULL. */
static struct swaplab_frame *adaptive_cheapest_of(struct adaptive *adaptive,
						  enum adaptive_group_id id,
						  unsigned long age,
						  unsigned long *least)
{
	unsigned long class, worth;
	unsigned int classes = adaptive_groups_classes(&adaptive->groups, id, age);
	struct swaplab_frame *frame = NULL;

	for (class = 0; classes >> class; class++) {
		worth = adaptive_worth_of(&adaptive->worth, class, age);
		if (worth >= *least || !(classes & BIT(class)))
			continue;
		*least = worth;
		frame = adaptive_groups_first(&adaptive->groups, id, class, age);
	}
	return frame;
}

/* The one worth least; the oldest unless another is worth less than half of it. */
static struct swaplab_frame *adaptive_cheapest(struct adaptive *adaptive,
					       enum adaptive_group_id id)
{
	struct swaplab_frame *frame = adaptive_groups_oldest(&adaptive->groups, id);
	struct swaplab_frame *other;
	unsigned long age, least;

	if (!frame || ++adaptive->nr_chosen % ADAPTIVE_EXPLORE == 0)
		return frame;
	age = adaptive_groups_age(&adaptive->groups, frame);
	least = adaptive_worth_of(&adaptive->worth, adaptive_groups_class(frame), age) / 2;
	for (age++; age-- && least; ) {
		other = adaptive_cheapest_of(adaptive, id, age, &least);
		if (other)
			frame = other;
	}
	return frame;
}

/*
 * Ends probation where it has been long enough, for no longer than to a first look. Looks at
 * @left frames at most.
 */
static struct swaplab_frame *adaptive_probe(struct adaptive *adaptive,
					    struct adaptive_group *group,
					    unsigned int *left)
{
	struct swaplab_frame *frame;

	for (; *left; --*left) {
		if (group->nr_fresh <= (group->nr + group->nr_fresh) / ADAPTIVE_PROBATION)
			return NULL;
		frame = list_first_entry(&group->fresh, struct swaplab_frame, link);
		if (group->nr && !swaplab_frame_referenced(frame)) {
			adaptive_groups_remove(&adaptive->groups, frame);
			return frame;
		}
		adaptive_look(adaptive, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/* A search looks at each frame of a group once; if all are used, it takes the last one. */
static void adaptive_begin_search(struct adaptive *adaptive, unsigned long nr)
{
	if (!adaptive->nr_to_pass)
		adaptive->nr_to_pass = nr;
}

/* Does the search end with this frame? */
static bool adaptive_ends_search(struct adaptive *adaptive,
				 struct swaplab_frame *frame)
{
	return !--adaptive->nr_to_pass ||
	       !swaplab_frame_test_clear_referenced(frame);
}

static struct swaplab_frame *adaptive_victim_cheapest(struct swaplab_policy *policy,
						      enum adaptive_group_id id)
{
	struct adaptive *adaptive = policy->data;
	struct adaptive_group *group = &adaptive->groups.group[id];
	unsigned int left = SWAPLAB_POLICY_STEP;
	struct swaplab_frame *frame = adaptive_probe(adaptive, group, &left);

	if (frame || !group->nr)
		return frame;
	adaptive_begin_search(adaptive, group->nr);
	for (; left; left--) {
		frame = adaptive_cheapest(adaptive, id);
		adaptive_remove(policy, frame);
		if (adaptive_ends_search(adaptive, frame))
			return frame;
		adaptive_use(adaptive, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/* As LRU would: fresh pages have no probation, and are as old as they are. */
static struct swaplab_frame *adaptive_victim_oldest(struct swaplab_policy *policy,
						    enum adaptive_group_id id)
{
	struct adaptive *adaptive = policy->data;
	unsigned long nr = adaptive_groups_nr(&adaptive->groups, id);
	struct swaplab_frame *frame;
	unsigned int i;

	if (!nr)
		return NULL;
	adaptive_begin_search(adaptive, nr);
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = adaptive_groups_oldest_or_fresh(&adaptive->groups, id);
		adaptive_remove(policy, frame);
		if (adaptive_ends_search(adaptive, frame))
			return frame;
		if (adaptive_groups_is_fresh(frame))
			adaptive_putback_fresh(policy, frame);
		else
			adaptive_use(adaptive, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static struct swaplab_frame *adaptive_victim(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	enum adaptive_group_id id = adaptive_debtor(policy);
	struct swaplab_frame *frame;

	if (adaptive_takes_oldest(policy, id))
		frame = adaptive_victim_oldest(policy, id);
	else
		frame = adaptive_victim_cheapest(policy, id);
	if (!frame || frame == SWAPLAB_VICTIM_AGAIN)
		return frame;
	adaptive->nr_to_pass = 0;
	adaptive_gone_follow(&adaptive->gone, READ_ONCE(policy->nr_frames));
	adaptive_gone_put(&adaptive->gone, frame, adaptive_groups_class(frame),
			  adaptive_groups_age(&adaptive->groups, frame));
	adaptive_worth_give_up(&adaptive->worth, adaptive_groups_class(frame));
	return frame;
}

static bool adaptive_tick(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	adaptive_groups_begin_tick(&adaptive->groups);
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = adaptive_groups_unseen(&adaptive->groups);
		if (frame)
			adaptive_look(adaptive, frame);
		else if (!adaptive_groups_next_list(&adaptive->groups))
			return false;
	}
	return true;
}

static int adaptive_init(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	int err;

	err = adaptive_gone_create(&adaptive->gone, policy->nr_frames);
	if (err)
		return err;
	adaptive_groups_init(&adaptive->groups);
	adaptive->lru = true;
	adaptive_turn(policy);
	return 0;
}

static int adaptive_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct adaptive *adaptive = policy->data;

	return adaptive_gone_reserve(&adaptive->gone, nr_frames);
}

static void adaptive_exit(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;

	adaptive_gone_destroy(&adaptive->gone);
}

static const struct swaplab_policy_stat adaptive_stats[] = {
	{ "oldest_returned", offsetof(struct adaptive, returns[OLDEST]) },
	{ "cheapest_returned", offsetof(struct adaptive, returns[CHEAPEST]) },
	{ }
};

static struct swaplab_policy_ops adaptive_ops = {
	.admit = adaptive_admit,
	.victim = adaptive_victim,
	.remove = adaptive_remove,
	.putback = adaptive_putback,
	.refault = adaptive_refault,
	.tick = adaptive_tick,
	.resize = adaptive_resize,
	.init = adaptive_init,
	.exit = adaptive_exit,
	.needs_references = true,
	.data_size = sizeof(struct adaptive),
	.stats = adaptive_stats,
	.name = "adaptive",
	.owner = THIS_MODULE,
};
module_swaplab_policy(adaptive_ops, "adaptive");

MODULE_DESCRIPTION("swaplab policy: learned worth by class and age, in a duel with LRU");
MODULE_LICENSE("GPL");
