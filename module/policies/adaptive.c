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
 * There are two small samples of pages. Of one sample, the oldest page is always evicted, of the
 * other the page worth least. The sample that has fewer pages come back is listed with the
 * remaining pages, and victims are chosen among all of these in its way. The other sample has
 * its own share of frames.
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
#include "adaptive/duel.h"
#include "adaptive/gone.h"
#include "adaptive/groups.h"
#include "adaptive/worth.h"

/* At least so many pages a generation: they share the cost of a turn. */
#define ADAPTIVE_SPAN		8
/* The part of a group that is on probation. */
#define ADAPTIVE_PROBATION	16
/* One in so many victims is the oldest: else nothing is learned of pages that stay. */
#define ADAPTIVE_EXPLORE	16
/* Frames that victim() looks at: most are victims. */
#define ADAPTIVE_LOOKS		4

/**
 * struct adaptive_list - a list of a group
 * @worth: of each page there
 * @class: of the pages
 * @age: of the pages
 */
struct adaptive_list {
	unsigned long worth;
	unsigned long class;
	unsigned long age;
};

/**
 * struct adaptive - the policy's data
 * @groups: the frames
 * @worth: their worth
 * @gone: pages that were given up
 * @cheapest: of each group, the list whose pages are worth least
 * @duel: of the samples
 * @nr_admitted: in this generation
 * @nr_chosen: victims
 * @searched: the group that was searched last
 * @nr_to_pass: of it, frames to be looked at in a search under way; 0: there is none
 * @returned: the page to be admitted did, ...
 * @distance: ... so many evictions after it went
 */
struct adaptive {
	struct adaptive_groups groups;
	struct adaptive_worth worth;
	struct adaptive_gone gone;
	struct adaptive_list cheapest[NR_GROUPS];
	struct adaptive_duel duel;
	unsigned long nr_admitted;
	unsigned long nr_chosen;
	enum adaptive_group_id searched;
	unsigned long nr_to_pass;
	bool returned;
	u32 distance;
};

static void adaptive_add(struct adaptive *adaptive, struct swaplab_frame *frame)
{
	adaptive_groups_add(&adaptive->groups, adaptive_duel_group(&adaptive->duel, frame),
			    frame);
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
	adaptive_duel_judge(&adaptive->duel);
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
	struct adaptive *adaptive = policy->data;
	unsigned long class = NEW;

	if (++adaptive->nr_admitted >= adaptive_span(policy))
		adaptive_turn(policy);
	if (adaptive->returned) {
		adaptive_duel_return(&adaptive->duel, frame);
		class = adaptive_return(policy, frame);
	}
	adaptive->returned = false;
	adaptive_groups_add_fresh(&adaptive->groups,
				  adaptive_duel_group(&adaptive->duel, frame), frame, class);
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
	adaptive_add(adaptive, frame);
}

static void adaptive_limit_age(struct adaptive *adaptive,
			       struct swaplab_frame *frame, unsigned long max)
{
	if (adaptive_groups_age(&adaptive->groups, frame) > max)
		adaptive_groups_set_age(&adaptive->groups, frame, max);
}

/*
 * Lists a page again that was looked at in its turn. If probation took long because nothing was
 * evicted, how long the page was not used is not known, only which came first.
 */
static void adaptive_list_again(struct adaptive *adaptive, struct swaplab_frame *frame,
				bool used)
{
	if (used) {
		adaptive_use(adaptive, frame);
		return;
	}
	if (adaptive_groups_is_fresh(frame))
		adaptive_limit_age(adaptive, frame, 1);
	adaptive_add(adaptive, frame);
}

/* Found used on the first look, by the use that brought it in; or busy. */
static void adaptive_putback_fresh(struct adaptive *adaptive, struct swaplab_frame *frame)
{
	bool is_oldest = adaptive_duel_takes_oldest(&adaptive->duel,
						    adaptive_groups_id(frame));

	adaptive_limit_age(adaptive, frame, is_oldest ? 0 : 1);
	adaptive_add(adaptive, frame);
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
		adaptive_putback_fresh(adaptive, frame);
	} else if (used) {
		adaptive_use(adaptive, frame);
	} else {
		adaptive_groups_set_age(&adaptive->groups, frame, 0);
		adaptive_add(adaptive, frame);
	}
}

/* Goes on to the lists of an age, of a group. */
static void adaptive_compare_age(struct adaptive *adaptive, enum adaptive_group_id id,
				 unsigned long age, struct adaptive_list *cheapest)
{
	unsigned long classes = adaptive_groups_classes(&adaptive->groups, id, age);
	unsigned long class, worth;

	for (; classes; classes &= classes - 1) {
		class = __ffs(classes);
		worth = adaptive_worth_of(&adaptive->worth, class, age);
		if (worth < cheapest->worth)
			*cheapest = (struct adaptive_list){ worth, class, age };
	}
}

/* The list of a group whose pages are worth least: as before unless another one has pages. */
static struct adaptive_list *adaptive_cheapest_list(struct adaptive *adaptive,
						    enum adaptive_group_id id)
{
	struct adaptive_list *cheapest = &adaptive->cheapest[id];
	unsigned long ages;

	if (!adaptive_groups_test_clear_changed(&adaptive->groups, id))
		return cheapest;
	cheapest->worth = ULONG_MAX;
	for (ages = adaptive_groups_ages(&adaptive->groups, id); ages; ages &= ages - 1)
		adaptive_compare_age(adaptive, id, adaptive_groups_first_age(ages), cheapest);
	return cheapest;
}

/* The one worth least; the oldest unless another is worth less than half of it. */
static struct swaplab_frame *adaptive_cheapest(struct adaptive *adaptive,
					       enum adaptive_group_id id)
{
	struct swaplab_frame *frame = adaptive_groups_oldest(&adaptive->groups, id);
	struct adaptive_list *list;
	unsigned long worth;

	if (!frame || ++adaptive->nr_chosen / adaptive->duel.block % ADAPTIVE_EXPLORE == 0)
		return frame;
	worth = adaptive_worth_of(&adaptive->worth, adaptive_groups_class(frame),
				  adaptive_groups_age(&adaptive->groups, frame));
	list = adaptive_cheapest_list(adaptive, id);
	if (list->worth < worth / 2)
		frame = adaptive_groups_first(&adaptive->groups, id, list->class, list->age);
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
	bool used;

	for (; *left; --*left) {
		if (group->nr_fresh <= (group->nr + group->nr_fresh) / ADAPTIVE_PROBATION)
			return NULL;
		frame = list_first_entry(&group->fresh, struct swaplab_frame, link);
		adaptive_groups_remove(&adaptive->groups, frame);
		used = swaplab_frame_test_clear_referenced(frame);
		if (!used && group->nr)
			return frame;
		adaptive_list_again(adaptive, frame, used);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/*
 * A search looks at each frame of a group once; if all are used, it takes the last one. Frames of
 * a sample may leave the group on the way, because the sample has begun to do better.
 */
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

static struct swaplab_frame *adaptive_victim_cheapest(struct adaptive *adaptive,
						      enum adaptive_group_id id)
{
	struct adaptive_group *group = &adaptive->groups.group[id];
	unsigned int left = ADAPTIVE_LOOKS;
	struct swaplab_frame *frame = adaptive_probe(adaptive, group, &left);

	if (frame)
		return frame;
	/* Those that were on probation may have gone to the rest. */
	if (!group->nr)
		return adaptive_groups_nr(&adaptive->groups, REST) ? SWAPLAB_VICTIM_AGAIN : NULL;
	adaptive_begin_search(adaptive, group->nr);
	for (; left; left--) {
		frame = adaptive_cheapest(adaptive, id);
		if (!frame)
			break;
		adaptive_groups_remove(&adaptive->groups, frame);
		if (adaptive_ends_search(adaptive, frame))
			return frame;
		adaptive_use(adaptive, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

/* As LRU would: fresh pages have no probation, and are as old as they are. */
static struct swaplab_frame *adaptive_victim_oldest(struct adaptive *adaptive,
						    enum adaptive_group_id id)
{
	unsigned long nr = adaptive_groups_nr(&adaptive->groups, id);
	struct swaplab_frame *frame;
	unsigned int i;

	if (!nr)
		return NULL;
	adaptive_begin_search(adaptive, nr);
	for (i = 0; i < ADAPTIVE_LOOKS; i++) {
		frame = adaptive_groups_oldest_or_fresh(&adaptive->groups, id);
		if (!frame)
			break;
		adaptive_groups_remove(&adaptive->groups, frame);
		if (adaptive_ends_search(adaptive, frame))
			return frame;
		if (adaptive_groups_is_fresh(frame))
			adaptive_putback_fresh(adaptive, frame);
		else
			adaptive_use(adaptive, frame);
	}
	return SWAPLAB_VICTIM_AGAIN;
}

static struct swaplab_frame *adaptive_victim(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	struct swaplab_frame *frame;
	enum adaptive_group_id id;

	adaptive_duel_follow(&adaptive->duel, READ_ONCE(policy->nr_frames));
	id = adaptive_duel_debtor(&adaptive->duel, &adaptive->groups);
	/* A search goes on in its group alone. */
	if (id != adaptive->searched)
		adaptive->nr_to_pass = 0;
	adaptive->searched = id;
	if (adaptive_duel_takes_oldest(&adaptive->duel, id))
		frame = adaptive_victim_oldest(adaptive, id);
	else
		frame = adaptive_victim_cheapest(adaptive, id);
	if (!frame || frame == SWAPLAB_VICTIM_AGAIN)
		return frame;
	adaptive->nr_to_pass = 0;
	adaptive_gone_follow(&adaptive->gone, READ_ONCE(policy->nr_frames));
	adaptive_gone_put(&adaptive->gone, frame, adaptive_groups_class(frame),
			  adaptive_groups_age(&adaptive->groups, frame));
	adaptive_worth_give_up(&adaptive->worth, adaptive_groups_class(frame));
	return frame;
}

static void adaptive_look(struct adaptive *adaptive, struct swaplab_frame *frame)
{
	adaptive_groups_remove(&adaptive->groups, frame);
	adaptive_list_again(adaptive, frame, swaplab_frame_test_clear_referenced(frame));
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
	adaptive_duel_init(&adaptive->duel);
	adaptive_duel_follow(&adaptive->duel, policy->nr_frames);
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
	{ "oldest_returned", offsetof(struct adaptive, duel.returns[OLDEST]) },
	{ "cheapest_returned", offsetof(struct adaptive, duel.returns[CHEAPEST]) },
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
	.victim_looks = ADAPTIVE_LOOKS,
	.needs_references = true,
	.data_size = sizeof(struct adaptive),
	.stats = adaptive_stats,
	.name = "adaptive",
	.owner = THIS_MODULE,
};
module_swaplab_policy(adaptive_ops, "adaptive");

MODULE_DESCRIPTION("swaplab policy: learned worth by class and age, in a duel with LRU");
MODULE_LICENSE("GPL");
