/* SPDX-License-Identifier: GPL-2.0 */
/* The frames that a policy has, in groups, by class and age of their pages. */
#ifndef _ADAPTIVE_GROUPS_H
#define _ADAPTIVE_GROUPS_H

#include <linux/bitmap.h>
#include "worth.h"

/* Two samples, named for the page that they evict, and the rest. */
enum adaptive_group_id { OLDEST, CHEAPEST, REST, NR_GROUPS };

/**
 * struct adaptive_group - frames among which victims are chosen
 * @fresh: on probation, not looked at yet; oldest first
 * @nr_fresh: of them
 * @cells: the others by class and generation of last use, and those too old
 * @classes: of which there are some, a bit each, by the same
 * @slots: where there are some, a bit each
 * @nr: of them
 * @changed: a list is empty now that was not, or the other way round; or a generation began
 */
struct adaptive_group {
	struct list_head fresh;
	unsigned long nr_fresh;
	struct list_head cells[NR_CLASSES][ADAPTIVE_AGES + 1];
	u8 classes[ADAPTIVE_AGES + 1];
	unsigned long slots;
	unsigned long nr;
	bool changed;
};

/**
 * struct adaptive_groups - all frames
 * @group: each is in one of them
 * @now: the generation
 * @nr_listed: how often a frame was put on a list so far, ...
 * @nr_at_tick: ... and when the last tick began, ...
 * @next_list: ... which has come to this one, ...
 * @is_ticking: ... and is not over
 */
struct adaptive_groups {
	struct adaptive_group group[NR_GROUPS];
	unsigned long now;
	u32 nr_listed;
	u32 nr_at_tick;
	unsigned int next_list;
	bool is_ticking;
};

/* In a frame's words: the following, and how many were put on lists before. */
enum { PLACE, ORDER };

/*
 * In PLACE: the group, whether fresh, the class, and the generation of the last known use.
 * That is a number modulo 2^26: a page that is put on a list has an age of ADAPTIVE_AGES
 * at most, and each tick puts it on one. In ORDER, which wraps too, a tick sees to it that
 * frames are not far apart. If a page is not listed for 2^26 generations, or 2^31 others are
 * listed before it, then it is taken for a younger one: worse for a victim, and no more.
 */
#define PLACE_GROUP	3U
#define PLACE_FRESH	4U
#define PLACE_CLASS	8U
#define PLACE_BORN	64U
#define NR_BORN		BIT(26)

static inline enum adaptive_group_id
adaptive_groups_id(struct swaplab_frame *frame)
{
	return frame->word[PLACE] & PLACE_GROUP;
}

static inline bool adaptive_groups_is_fresh(struct swaplab_frame *frame)
{
	return frame->word[PLACE] & PLACE_FRESH;
}

static inline unsigned long adaptive_groups_class(struct swaplab_frame *frame)
{
	return frame->word[PLACE] % PLACE_BORN / PLACE_CLASS;
}

static inline void adaptive_groups_set_class(struct swaplab_frame *frame,
					     unsigned long class)
{
	frame->word[PLACE] += (class - adaptive_groups_class(frame)) * PLACE_CLASS;
}

/* Frames in a group. */
static inline unsigned long adaptive_groups_nr(struct adaptive_groups *groups,
					       enum adaptive_group_id id)
{
	return groups->group[id].nr + groups->group[id].nr_fresh;
}

/* In generations, ADAPTIVE_AGES at most. */
static inline unsigned long adaptive_groups_age(struct adaptive_groups *groups,
						struct swaplab_frame *frame)
{
	unsigned long age = (groups->now - frame->word[PLACE] / PLACE_BORN) % NR_BORN;

	return min_t(unsigned long, age, ADAPTIVE_AGES);
}

/* For a frame on no list. */
static inline void adaptive_groups_set_age(struct adaptive_groups *groups,
					   struct swaplab_frame *frame,
					   unsigned long age)
{
	frame->word[PLACE] %= PLACE_BORN;
	frame->word[PLACE] += (groups->now - age) % NR_BORN * PLACE_BORN;
}

/* Where frames of an age are among the cells. */
static inline unsigned long adaptive_groups_slot(struct adaptive_groups *groups,
						 unsigned long age)
{
	if (age < ADAPTIVE_AGES)
		return (groups->now - age) % ADAPTIVE_AGES;
	return ADAPTIVE_AGES;
}

/*
 * Of which ages there are frames, a bit each, the oldest first: bit n stands for the age
 * ADAPTIVE_AGES - n.
 */
static inline unsigned long adaptive_groups_ages(struct adaptive_groups *groups,
						 enum adaptive_group_id id)
{
	unsigned long slots = groups->group[id].slots;

	/* The slot after that of now has the oldest that are not too old. */
	return (unsigned long)ror32(slots, (groups->now + 1) % ADAPTIVE_AGES) << 1 |
	       slots >> ADAPTIVE_AGES;
}

/* The oldest of these, not 0. */
static inline unsigned long adaptive_groups_first_age(unsigned long ages)
{
	return ADAPTIVE_AGES - __ffs(ages);
}

/* May other lists have frames than at the last call, or other ages? */
static inline bool adaptive_groups_test_clear_changed(struct adaptive_groups *groups,
						      enum adaptive_group_id id)
{
	bool changed = groups->group[id].changed;

	groups->group[id].changed = false;
	return changed;
}

/* Of which classes there are frames of an age, a bit each. */
static inline unsigned long
adaptive_groups_classes(struct adaptive_groups *groups,
			enum adaptive_group_id id, unsigned long age)
{
	return groups->group[id].classes[adaptive_groups_slot(groups, age)];
}

/* The first of those of a class and an age, of which there are some. */
static inline struct swaplab_frame *
adaptive_groups_first(struct adaptive_groups *groups, enum adaptive_group_id id,
		      unsigned long class, unsigned long age)
{
	unsigned long slot = adaptive_groups_slot(groups, age);

	return list_first_entry(&groups->group[id].cells[class][slot],
				struct swaplab_frame, link);
}

void adaptive_groups_init(struct adaptive_groups *groups);
void adaptive_groups_turn(struct adaptive_groups *groups);
void adaptive_groups_add(struct adaptive_groups *groups,
			 enum adaptive_group_id id, struct swaplab_frame *frame);
void adaptive_groups_add_fresh(struct adaptive_groups *groups,
			       enum adaptive_group_id id,
			       struct swaplab_frame *frame, unsigned long class);
void adaptive_groups_remove(struct adaptive_groups *groups,
			    struct swaplab_frame *frame);
struct swaplab_frame *adaptive_groups_oldest(struct adaptive_groups *groups,
					     enum adaptive_group_id id);
struct swaplab_frame *
adaptive_groups_oldest_or_fresh(struct adaptive_groups *groups,
				enum adaptive_group_id id);
void adaptive_groups_begin_tick(struct adaptive_groups *groups);
struct swaplab_frame *adaptive_groups_unseen(struct adaptive_groups *groups);
bool adaptive_groups_next_list(struct adaptive_groups *groups);

#endif /* _ADAPTIVE_GROUPS_H */
