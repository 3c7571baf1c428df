// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptive: learns how long pages of a kind go unused, and in a duel with LRU
 * whether that helps.
 *
 * Time is counted in pages that came in; a generation is an eighth of the memory. A
 * page's age is the time since it was last known to be used, its class what is known
 * of it: new, came back (soon or late), or found used so many times. For each class
 * there is a histogram of the ages at which its pages were used again, and of those
 * that were not. From it follows what a page of each age is worth if it is not used
 * now: the most uses to be had for the frame's time, over all ages up to which one
 * could wait for them. In a loop that does not fit the pages used last are worth
 * least, after a scan the new ones, and often the oldest: no case is special.
 *
 * Pages of two small samples have their share of frames to themselves. In one the
 * oldest page goes always, in the other the one worth least; what the rest does is
 * decided by which sample has fewer pages come back.
 *
 * N. Beckmann, H. Chen, A. Cidon, "LHD: improving cache hit rate by maximizing hit
 * density", NSDI 2018: worth by class and age. J. C. Gittins, "Bandit processes and
 * dynamic allocation indices", 1979: the best time to wait. Y. Smaragdakis, S. Kaplan,
 * P. Wilson, "EELRU: simple and effective adaptive page replacement", SIGMETRICS 1999:
 * learning from pages that are out of memory. M. K. Qureshi et al., "Adaptive
 * insertion policies for high performance caching", ISCA 2007: the duel. J. Yang et
 * al., "FIFO queues are all you need for cache eviction", SOSP 2023: probation.
 *
 * Accessed bits are sampled, so:
 * - That a victim is found used says only that it was within its age. Such a use is
 *   spread over the ages up to that as the class's other uses are (B. W. Turnbull,
 *   "The empirical distribution function with arbitrarily grouped, censored and
 *   truncated data", 1976). The age of a page that comes back is exact.
 * - The first look at a new page finds the use for which it came in. Unless a tick
 *   comes before, it is therefore offered as a victim early, once a sixteenth of the
 *   memory is newer, and is looked at in earnest when its turn comes.
 *
 * Memory: the frame's link and three words; 16 to 32 bytes a frame for pages that are
 * out of memory, as of when the policy is bound; 20 KiB for lists and histograms.
 */
#include <swaplab/policy.h>
#include <linux/mm.h>
#include <linux/slab.h>

/* Generations of a memory's worth of pages: finer, few pages tell of each. */
#define ADAPTIVE_FINE		8
/* At least so many pages a generation: what a turn costs is spread over them. */
#define ADAPTIVE_SPAN		8
/* Ages told apart, four memories of pages; what is older is in one list. */
#define ADAPTIVE_AGES		32
/* Of it, each generation forgets this part: as much as is told apart is kept. */
#define ADAPTIVE_FADE		ADAPTIVE_AGES
/* The part of a group that is on probation. */
#define ADAPTIVE_PROBATION	16
/* A class is taken to be like all others until this part of memory told of it. */
#define ADAPTIVE_DOUBT		16
/* One in so many victims is the oldest: else nothing is learned of what is kept. */
#define ADAPTIVE_EXPLORE	16
/* A sample is one page in so many: a prime, for no stride of a program's. */
#define ADAPTIVE_SAMPLE		17
/* Frames without which a sample says nothing. */
#define ADAPTIVE_LEAST		8
/* Generations that a duel looks back on, about. */
#define ADAPTIVE_MEMORY		64

/* Frames or lists looked at in one call: the pool's lock is not held for long. */
#define ADAPTIVE_STEP		64

/* One page in the histograms, and one in what is worked out of them. */
#define ADAPTIVE_PAGE		256UL
#define ADAPTIVE_UNIT		65536UL

enum adaptive_class_id {
	NEW,			/* never seen */
	BACK,			/* 3: came back within one memory, two, or later */
	USED = BACK + 3,	/* 4: found used once, twice, ... */
	NR_CLASSES = USED + 4,
};

#define NR_CELLS	(NR_CLASSES * (ADAPTIVE_AGES + 1))

enum adaptive_group_id { OLDEST, CHEAPEST, REST, NR_GROUPS };

/**
 * struct adaptive_group - frames among which victims are chosen
 * @fresh: on probation, not looked at yet; oldest first
 * @nr_fresh: of them
 * @cells: the others by class and generation of last use, and those too old
 * @classes: of which there are some, a bit each, by the same
 * @nr: of them
 * @returns: pages that came back, ADAPTIVE_PAGE each, fading
 */
struct adaptive_group {
	struct list_head fresh;
	unsigned long nr_fresh;
	struct list_head cells[NR_CLASSES][ADAPTIVE_AGES + 1];
	u8 classes[ADAPTIVE_AGES + 1];
	unsigned long nr;
	unsigned long returns;
};

/**
 * struct adaptive_class - what is known of pages of a kind, ADAPTIVE_PAGE each
 * @used: again, by age
 * @lost: given up and not back
 * @found: used when looked at, by age then; since the last generation
 * @worth: of a page that is not used now, by age
 */
struct adaptive_class {
	unsigned long used[ADAPTIVE_AGES];
	unsigned long lost;
	unsigned long found[ADAPTIVE_AGES + 1];
	unsigned long worth[ADAPTIVE_AGES + 1];
};

struct adaptive {
	struct adaptive_group groups[NR_GROUPS];
	struct adaptive_class classes[NR_CLASSES];
	unsigned long now;		/* generation */
	unsigned long nr_admitted;	/* in it */
	unsigned long nr_chosen;	/* victims */
	unsigned long nr_listed;	/* frames put on a list so far, ... */
	unsigned long nr_at_tick;	/* ... and when the last tick began, ... */
	unsigned int next_list;		/* ... which is here; 0 if it is over */
	bool lru;			/* the sample of the oldest does better */
	bool returned;			/* the page to be admitted did, ... */
	u32 distance;			/* ... so many evictions after it went */
	u32 *gone;			/* by hash: tag, class and age of pages */
	unsigned long mask;
	/* Worked out of a class: its prior, and the curve of uses over time. */
	unsigned long prior[ADAPTIVE_AGES + 1];
	unsigned long uses[ADAPTIVE_AGES + 1];
	unsigned long time[ADAPTIVE_AGES + 1];
};

/* In a frame's words: where it is, and the generation of its last known use. */
enum { CLASS, BORN, PLACE };

/* In PLACE: the group, whether fresh, and how many were put on lists before. */
#define PLACE_GROUP	3UL
#define PLACE_FRESH	4UL
#define PLACE_ORDER	8UL

/* In what is remembered of a page that is gone. */
#define GONE_TAG	0x000fffffU
#define GONE_CLASS	20
#define GONE_AGE	24

static struct adaptive_group *adaptive_group(struct adaptive *adaptive,
					     struct swaplab_frame *frame)
{
	return &adaptive->groups[frame->word[PLACE] & PLACE_GROUP];
}

static unsigned long adaptive_age(struct adaptive *adaptive,
				  struct swaplab_frame *frame)
{
	return min(adaptive->now - frame->word[BORN], ADAPTIVE_AGES + 0UL);
}

/* Where frames of an age are among the cells. */
static unsigned long adaptive_slot(struct adaptive *adaptive, unsigned long age)
{
	if (age < ADAPTIVE_AGES)
		return (adaptive->now - age) % ADAPTIVE_AGES;
	return ADAPTIVE_AGES;
}

/* Frames that each sample has; 0 if memory is too small for a duel. */
static unsigned long adaptive_quota(struct swaplab_policy *policy)
{
	unsigned long quota = READ_ONCE(policy->nr_frames) / ADAPTIVE_SAMPLE;

	return quota < ADAPTIVE_LEAST ? 0 : quota;
}

static bool adaptive_takes_oldest(struct swaplab_policy *policy,
				  struct adaptive_group *group)
{
	struct adaptive *adaptive = policy->data;

	if (group == &adaptive->groups[REST])
		return adaptive->lru && adaptive_quota(policy);
	return group == &adaptive->groups[OLDEST];
}

static void adaptive_insert(struct adaptive *adaptive,
			    struct swaplab_frame *frame)
{
	struct adaptive_group *group = adaptive_group(adaptive, frame);
	unsigned long slot, class = frame->word[CLASS];

	frame->word[PLACE] &= PLACE_GROUP;
	frame->word[PLACE] |= adaptive->nr_listed++ * PLACE_ORDER;
	slot = adaptive_slot(adaptive, adaptive_age(adaptive, frame));
	list_add_tail(&frame->link, &group->cells[class][slot]);
	group->classes[slot] |= BIT(class);
	group->nr++;
}

static void adaptive_remove(struct swaplab_policy *policy,
			    struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	struct adaptive_group *group = adaptive_group(adaptive, frame);
	unsigned long slot, class = frame->word[CLASS];

	list_del(&frame->link);
	if (frame->word[PLACE] & PLACE_FRESH) {
		group->nr_fresh--;
		return;
	}
	slot = adaptive_slot(adaptive, adaptive_age(adaptive, frame));
	if (list_empty(&group->cells[class][slot]))
		group->classes[slot] &= ~BIT(class);
	group->nr--;
}

/* A page is found used: into the class of such ones, as young as can be. */
static void adaptive_use(struct adaptive *adaptive, struct swaplab_frame *frame)
{
	unsigned long class = frame->word[CLASS];

	adaptive->classes[class].found[adaptive_age(adaptive, frame)] +=
		ADAPTIVE_PAGE;
	frame->word[CLASS] = class < USED ? USED : min(class + 1, NR_CLASSES - 1UL);
	frame->word[BORN] = adaptive->now;
	adaptive_insert(adaptive, frame);
}

/* Where a page is remembered when it is gone; two may share a place. */
static u32 *adaptive_gone(struct adaptive *adaptive, struct swaplab_frame *frame,
			  u32 *tag)
{
	u64 key = (unsigned long)frame->region / sizeof(void *) +
		  swaplab_frame_index(frame);

	/* The fraction of the golden ratio, in 64 bits: see linux/hash.h. */
	key *= 0x61c8864680b583ebULL;
	*tag = (key >> 8) & GONE_TAG;
	return &adaptive->gone[(key >> 32) & adaptive->mask];
}

static void adaptive_give_up(struct adaptive *adaptive,
			     struct swaplab_frame *frame)
{
	u32 tag, *gone = adaptive_gone(adaptive, frame, &tag);

	*gone = tag | frame->word[CLASS] << GONE_CLASS |
		adaptive_age(adaptive, frame) << GONE_AGE;
	adaptive->classes[frame->word[CLASS]].lost += ADAPTIVE_PAGE;
}

/* What was given up is not lost: false if it is not remembered. */
static bool adaptive_take_back(struct adaptive *adaptive,
			       struct swaplab_frame *frame, u32 *was)
{
	u32 tag, *gone = adaptive_gone(adaptive, frame, &tag);
	unsigned long *lost;

	*was = *gone;
	if (!*was || (*was & GONE_TAG) != tag)
		return false;
	*gone = 0;
	lost = &adaptive->classes[*was >> GONE_CLASS & 15].lost;
	*lost -= min(*lost, ADAPTIVE_PAGE);
	return true;
}

static unsigned long adaptive_span(struct swaplab_policy *policy)
{
	return max(READ_ONCE(policy->nr_frames) / ADAPTIVE_FINE,
		   ADAPTIVE_SPAN + 0UL);
}

/* Learns from a page that came back. Return: the class that it is of now. */
static unsigned long adaptive_return(struct swaplab_policy *policy,
				     struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	unsigned long age, span = adaptive_span(policy);
	u32 was;

	adaptive_group(adaptive, frame)->returns += ADAPTIVE_PAGE;
	if (!adaptive_take_back(adaptive, frame, &was))
		return BACK + 2;
	age = (was >> GONE_AGE) + (adaptive->distance + span / 2) / span;
	if (age < ADAPTIVE_AGES)
		adaptive->classes[was >> GONE_CLASS & 15].used[age] +=
			ADAPTIVE_PAGE;
	else
		adaptive->classes[was >> GONE_CLASS & 15].lost += ADAPTIVE_PAGE;
	return BACK + min(age / ADAPTIVE_FINE, 2UL);
}

static unsigned long adaptive_fade(unsigned long value)
{
	return value - value / ADAPTIVE_FADE;
}

/*
 * Forgets a part of all, and makes the prior of each class of it: an ADAPTIVE_DOUBT
 * of memory, distributed as all pages are. To begin with that is by 1/age, which
 * amounts to LRU.
 */
static void adaptive_make_prior(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	unsigned long weight = READ_ONCE(policy->nr_frames) / ADAPTIVE_DOUBT + 1;
	unsigned long age, sum = 0, *prior = adaptive->prior;
	struct adaptive_class *class;

	for (age = 0; age <= ADAPTIVE_AGES; age++)
		prior[age] = 2 * ADAPTIVE_PAGE / (age % ADAPTIVE_AGES + 1);
	for (class = adaptive->classes;
	     class < adaptive->classes + NR_CLASSES; class++) {
		for (age = 0; age < ADAPTIVE_AGES; age++) {
			class->used[age] = adaptive_fade(class->used[age]);
			prior[age] += class->used[age];
		}
		class->lost = adaptive_fade(class->lost);
		prior[ADAPTIVE_AGES] += class->lost;
	}
	for (age = 0; age <= ADAPTIVE_AGES; age++)
		sum += prior[age];
	for (age = 0; age <= ADAPTIVE_AGES; age++)
		prior[age] = prior[age] * weight / (sum / ADAPTIVE_PAGE) + 1;
}

/* Spreads uses found over the ages at which they may have been. */
static void adaptive_spread(struct adaptive *adaptive,
			    struct adaptive_class *class)
{
	unsigned long age, sum = 0, share = 0, *until = adaptive->uses;

	for (age = 0; age < ADAPTIVE_AGES; age++) {
		sum += class->used[age] + adaptive->prior[age];
		until[age] = sum;
	}
	until[ADAPTIVE_AGES] = sum;
	for (age = ADAPTIVE_AGES + 1; age--; ) {
		share += class->found[age] * ADAPTIVE_UNIT / until[age];
		class->found[age] = 0;
		if (age < ADAPTIVE_AGES)
			class->used[age] += (class->used[age] + adaptive->prior[age]) *
					    share / ADAPTIVE_UNIT;
	}
}

/* Uses that a page will have had at each age, over the time that it took. */
static void adaptive_draw_curve(struct adaptive *adaptive,
				struct adaptive_class *class)
{
	unsigned long *uses = adaptive->uses, *time = adaptive->time;
	unsigned long age, share, sum, left = ADAPTIVE_UNIT;

	sum = class->lost + adaptive->prior[ADAPTIVE_AGES];
	for (age = 0; age < ADAPTIVE_AGES; age++)
		sum += class->used[age] + adaptive->prior[age];
	uses[0] = 0;
	time[0] = 0;
	for (age = 0; age < ADAPTIVE_AGES; age++) {
		share = (class->used[age] + adaptive->prior[age]) *
			ADAPTIVE_UNIT / sum;
		uses[age + 1] = uses[age] + share;
		time[age + 1] = time[age] + left - share / 2;
		left -= share;
	}
}

/* Is the curve no steeper from @from to @via than from there to @to? */
static bool adaptive_sags(struct adaptive *adaptive, unsigned int from,
			  unsigned int via, unsigned int to)
{
	unsigned long *uses = adaptive->uses, *time = adaptive->time;

	return (uses[via] - uses[from]) * (time[to] - time[via]) <=
	       (uses[to] - uses[via]) * (time[via] - time[from]);
}

/* The steepest way from each point to a later one: along the hull, from the end. */
static void adaptive_assess(struct adaptive *adaptive,
			    struct adaptive_class *class)
{
	unsigned long *uses = adaptive->uses, *time = adaptive->time;
	unsigned int hull[ADAPTIVE_AGES + 1], nr = 1, age, to;

	hull[0] = ADAPTIVE_AGES;
	class->worth[ADAPTIVE_AGES] = 0;
	for (age = ADAPTIVE_AGES; age--; ) {
		while (nr > 1 && adaptive_sags(adaptive, age, hull[nr - 1],
					       hull[nr - 2]))
			nr--;
		to = hull[nr - 1];
		class->worth[age] = (uses[to] - uses[age]) * ADAPTIVE_UNIT /
				    (time[to] - time[age]);
		hull[nr++] = age;
	}
}

/* Changes sides only for what is no accident: twice the deviation of counts. */
static void adaptive_judge(struct adaptive *adaptive)
{
	unsigned long *oldest = &adaptive->groups[OLDEST].returns;
	unsigned long *cheapest = &adaptive->groups[CHEAPEST].returns;
	unsigned long more;

	*oldest -= *oldest / ADAPTIVE_MEMORY;
	*cheapest -= *cheapest / ADAPTIVE_MEMORY;
	more = max(*oldest, *cheapest) - min(*oldest, *cheapest);
	if (more / ADAPTIVE_PAGE * more > 4 * (*oldest + *cheapest))
		adaptive->lru = *oldest < *cheapest;
}

/* The cells of a generation that begins are those of one that is too old now. */
static void adaptive_retire(struct adaptive *adaptive,
			    struct adaptive_group *group)
{
	unsigned long slot = adaptive_slot(adaptive, 0), class;

	for (class = 0; class < NR_CLASSES; class++)
		list_splice_tail_init(&group->cells[class][slot],
				      &group->cells[class][ADAPTIVE_AGES]);
	group->classes[ADAPTIVE_AGES] |= group->classes[slot];
	group->classes[slot] = 0;
}

static void adaptive_turn(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	unsigned int i;

	adaptive->now++;
	adaptive->nr_admitted = 0;
	for (i = 0; i < NR_GROUPS; i++)
		adaptive_retire(adaptive, &adaptive->groups[i]);
	adaptive_make_prior(policy);
	for (i = 0; i < NR_CLASSES; i++) {
		adaptive_spread(adaptive, &adaptive->classes[i]);
		adaptive_draw_curve(adaptive, &adaptive->classes[i]);
		adaptive_assess(adaptive, &adaptive->classes[i]);
	}
	adaptive_judge(adaptive);
}

static unsigned long adaptive_choose_group(struct swaplab_policy *policy,
					   struct swaplab_frame *frame)
{
	unsigned long rest = swaplab_frame_index(frame) % ADAPTIVE_SAMPLE;

	if (!adaptive_quota(policy))
		return REST;
	return rest == 0 ? OLDEST : rest == ADAPTIVE_SAMPLE / 2 ? CHEAPEST : REST;
}

static void adaptive_admit(struct swaplab_policy *policy,
			   struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	struct adaptive_group *group;

	if (++adaptive->nr_admitted >= adaptive_span(policy))
		adaptive_turn(policy);
	frame->word[PLACE] = adaptive_choose_group(policy, frame) | PLACE_FRESH |
			     adaptive->nr_listed++ * PLACE_ORDER;
	frame->word[CLASS] = NEW;
	if (adaptive->returned)
		frame->word[CLASS] = adaptive_return(policy, frame);
	adaptive->returned = false;
	frame->word[BORN] = adaptive->now;
	group = adaptive_group(adaptive, frame);
	list_add_tail(&frame->link, &group->fresh);
	group->nr_fresh++;
}

static void adaptive_refault(struct swaplab_policy *policy,
			     struct swaplab_frame *frame, u32 distance)
{
	struct adaptive *adaptive = policy->data;

	adaptive->returned = true;
	adaptive->distance = distance;
}

/*
 * Probation ends. If it took long because nothing was evicted, how long the page was
 * not used is not known, only which came first.
 */
static void adaptive_release(struct adaptive *adaptive,
			     struct swaplab_frame *frame)
{
	if (swaplab_frame_test_clear_referenced(frame)) {
		adaptive_use(adaptive, frame);
		return;
	}
	frame->word[BORN] = max(frame->word[BORN], adaptive->now - 1);
	adaptive_insert(adaptive, frame);
}

/* Found used on the first look, by the use that brought it in; or busy. */
static void adaptive_putback_fresh(struct swaplab_policy *policy,
				   struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	unsigned long oldest = adaptive->now;

	if (!adaptive_takes_oldest(policy, adaptive_group(adaptive, frame)))
		oldest--;
	frame->word[BORN] = max(frame->word[BORN], oldest);
	adaptive_insert(adaptive, frame);
}

static void adaptive_putback(struct swaplab_policy *policy,
			     struct swaplab_frame *frame)
{
	struct adaptive *adaptive = policy->data;
	bool used = swaplab_frame_test_clear_referenced(frame);
	u32 was;

	adaptive_take_back(adaptive, frame, &was);
	if (frame->word[PLACE] & PLACE_FRESH) {
		adaptive_putback_fresh(policy, frame);
	} else if (used) {
		adaptive_use(adaptive, frame);
	} else {
		frame->word[BORN] = adaptive->now;
		adaptive_insert(adaptive, frame);
	}
}

/* The sample that has more than its share, else the rest. */
static struct adaptive_group *adaptive_debtor(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	unsigned long quota = adaptive_quota(policy);
	struct adaptive_group *group = adaptive->groups;

	for (; group < &adaptive->groups[REST]; group++)
		if (group->nr + group->nr_fresh > quota)
			return group;
	if (group->nr + group->nr_fresh)
		return group;
	/* Others can only be had of a sample. */
	group = &adaptive->groups[OLDEST];
	return group->nr + group->nr_fresh ? group : group + 1;
}

/* The older of two, either of which may be absent. */
static struct swaplab_frame *adaptive_older(struct adaptive *adaptive,
					    struct swaplab_frame *a,
					    struct swaplab_frame *b)
{
	unsigned long age_a, age_b;

	if (!a || !b)
		return a ? a : b;
	age_a = adaptive_age(adaptive, a);
	age_b = adaptive_age(adaptive, b);
	if (age_a != age_b)
		return age_a > age_b ? a : b;
	return a->word[PLACE] / PLACE_ORDER < b->word[PLACE] / PLACE_ORDER ? a : b;
}

/* The first of a list, which are in order. */
static struct swaplab_frame *adaptive_first(struct list_head *list)
{
	return list_first_entry_or_null(list, struct swaplab_frame, link);
}

/* The oldest of a group that is not on probation. */
static struct swaplab_frame *adaptive_oldest(struct adaptive *adaptive,
					     struct adaptive_group *group)
{
	struct swaplab_frame *frame = NULL;
	unsigned long age, class, slot;

	for (age = ADAPTIVE_AGES + 1; age-- && !frame; ) {
		slot = adaptive_slot(adaptive, age);
		if (!group->classes[slot])
			continue;
		for (class = 0; class < NR_CLASSES; class++)
			frame = adaptive_older(adaptive, frame,
					       adaptive_first(&group->cells[class][slot]));
	}
	return frame;
}

/* The first of those of an age worth least, if less than @least; else NULL. */
static struct swaplab_frame *adaptive_cheapest_of(struct adaptive *adaptive,
						  struct adaptive_group *group,
						  unsigned long age,
						  unsigned long *least)
{
	unsigned long class, worth, slot = adaptive_slot(adaptive, age);
	struct swaplab_frame *frame = NULL;

	if (!group->classes[slot])
		return NULL;
	for (class = 0; class < NR_CLASSES; class++) {
		worth = adaptive->classes[class].worth[age];
		if (worth >= *least || list_empty(&group->cells[class][slot]))
			continue;
		*least = worth;
		frame = adaptive_first(&group->cells[class][slot]);
	}
	return frame;
}

/* The one worth least; the oldest unless another is worth less than half of it. */
static struct swaplab_frame *adaptive_cheapest(struct adaptive *adaptive,
					       struct adaptive_group *group)
{
	struct swaplab_frame *frame = adaptive_oldest(adaptive, group), *other;
	unsigned long age, least;

	if (!frame || ++adaptive->nr_chosen % ADAPTIVE_EXPLORE == 0)
		return frame;
	age = adaptive_age(adaptive, frame);
	least = adaptive->classes[frame->word[CLASS]].worth[age] / 2;
	for (age++; age-- && least; ) {
		other = adaptive_cheapest_of(adaptive, group, age, &least);
		if (other)
			frame = other;
	}
	return frame;
}

/* Ends probation where it has been long enough, for no longer than to a first look. */
static struct swaplab_frame *adaptive_probe(struct swaplab_policy *policy,
					    struct adaptive_group *group)
{
	struct adaptive *adaptive = policy->data;
	struct swaplab_frame *frame;

	while (group->nr_fresh > (group->nr + group->nr_fresh) / ADAPTIVE_PROBATION) {
		frame = list_first_entry(&group->fresh, struct swaplab_frame, link);
		adaptive_remove(policy, frame);
		if (group->nr && !swaplab_frame_referenced(frame))
			return frame;
		adaptive_release(adaptive, frame);
	}
	return NULL;
}

static struct swaplab_frame *adaptive_victim_cheapest(struct swaplab_policy *policy,
						      struct adaptive_group *group)
{
	struct adaptive *adaptive = policy->data;
	struct swaplab_frame *frame = adaptive_probe(policy, group);
	unsigned long left;

	if (frame)
		return frame;
	for (left = group->nr; left; left--) {
		frame = adaptive_cheapest(adaptive, group);
		adaptive_remove(policy, frame);
		if (left == 1 || !swaplab_frame_test_clear_referenced(frame))
			break;
		adaptive_use(adaptive, frame);
	}
	return frame;
}

/* As LRU would: fresh pages have no probation, and are as old as they are. */
static struct swaplab_frame *adaptive_victim_oldest(struct swaplab_policy *policy,
						    struct adaptive_group *group)
{
	struct adaptive *adaptive = policy->data;
	unsigned long left = group->nr + group->nr_fresh;
	struct swaplab_frame *frame = NULL, *fresh;

	for (; left; left--) {
		fresh = adaptive_first(&group->fresh);
		frame = adaptive_older(adaptive, fresh,
				       adaptive_oldest(adaptive, group));
		adaptive_remove(policy, frame);
		if (left == 1 || !swaplab_frame_test_clear_referenced(frame))
			break;
		if (frame == fresh)
			adaptive_putback_fresh(policy, frame);
		else
			adaptive_use(adaptive, frame);
	}
	return frame;
}

static struct swaplab_frame *adaptive_victim(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	struct adaptive_group *group = adaptive_debtor(policy);
	struct swaplab_frame *frame;

	if (adaptive_takes_oldest(policy, group))
		frame = adaptive_victim_oldest(policy, group);
	else
		frame = adaptive_victim_cheapest(policy, group);
	if (frame)
		adaptive_give_up(adaptive, frame);
	return frame;
}

/* Looks at the first frame of a list; false if the tick has seen it, or none. */
static bool adaptive_look(struct swaplab_policy *policy, struct list_head *list)
{
	struct adaptive *adaptive = policy->data;
	struct swaplab_frame *frame;

	frame = adaptive_first(list);
	if (!frame || frame->word[PLACE] / PLACE_ORDER >= adaptive->nr_at_tick)
		return false;
	adaptive_remove(policy, frame);
	if (frame->word[PLACE] & PLACE_FRESH)
		adaptive_release(adaptive, frame);
	else if (swaplab_frame_test_clear_referenced(frame))
		adaptive_use(adaptive, frame);
	else
		adaptive_insert(adaptive, frame);
	return true;
}

/* The lists that a tick goes through: of each group the cells, then the fresh. */
static struct list_head *adaptive_list(struct adaptive *adaptive, unsigned int nr)
{
	struct adaptive_group *group = &adaptive->groups[nr / (NR_CELLS + 1)];

	nr %= NR_CELLS + 1;
	if (nr == NR_CELLS)
		return &group->fresh;
	return &group->cells[nr / (ADAPTIVE_AGES + 1)][nr % (ADAPTIVE_AGES + 1)];
}

static bool adaptive_tick(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	unsigned int i;

	if (!adaptive->next_list)
		adaptive->nr_at_tick = adaptive->nr_listed;
	for (i = 0; i < ADAPTIVE_STEP; i++) {
		if (adaptive_look(policy,
				  adaptive_list(adaptive, adaptive->next_list)))
			continue;
		adaptive->next_list++;
		adaptive->next_list %= NR_GROUPS * (NR_CELLS + 1);
		if (!adaptive->next_list)
			return false;
	}
	return true;
}

static void adaptive_init_group(struct adaptive_group *group)
{
	unsigned int class, age;

	INIT_LIST_HEAD(&group->fresh);
	for (class = 0; class < NR_CLASSES; class++)
		for (age = 0; age <= ADAPTIVE_AGES; age++)
			INIT_LIST_HEAD(&group->cells[class][age]);
}

static int adaptive_init(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;
	unsigned int i;

	for (i = 0; i < NR_GROUPS; i++)
		adaptive_init_group(&adaptive->groups[i]);
	for (adaptive->mask = 4; adaptive->mask < 4 * policy->nr_frames; )
		adaptive->mask *= 2;
	adaptive->gone = kvcalloc(adaptive->mask, sizeof(*adaptive->gone),
				  GFP_KERNEL);
	if (!adaptive->gone)
		return -ENOMEM;
	adaptive->mask--;
	adaptive->lru = true;
	adaptive_turn(policy);
	return 0;
}

static void adaptive_exit(struct swaplab_policy *policy)
{
	struct adaptive *adaptive = policy->data;

	kvfree(adaptive->gone);
}

static struct swaplab_policy_ops adaptive_ops = {
	.admit = adaptive_admit,
	.victim = adaptive_victim,
	.remove = adaptive_remove,
	.putback = adaptive_putback,
	.refault = adaptive_refault,
	.tick = adaptive_tick,
	.init = adaptive_init,
	.exit = adaptive_exit,
	.needs_references = true,
	.data_size = sizeof(struct adaptive),
	.name = "adaptive",
	.owner = THIS_MODULE,
};
module_swaplab_policy(adaptive_ops, "adaptive");

MODULE_DESCRIPTION("swaplab policy: learned worth by class and age, in a duel with LRU");
MODULE_LICENSE("GPL");
