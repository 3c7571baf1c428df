// SPDX-License-Identifier: GPL-2.0
/*
 * A list for each group, class and generation of last use, in the order of use as far
 * as it is known. There are as many generations as ages told apart: when one begins,
 * it takes over the lists of that which is too old now.
 */
#include "groups.h"

/* Lists of a group, as a tick goes through them: the cells, then the fresh. */
#define NR_SLOTS	(ADAPTIVE_AGES + 1)
#define NR_CELLS	(NR_CLASSES * NR_SLOTS)
#define NR_LISTS	(NR_CELLS + 1)

/* The first of a list, which are in order; NULL if it is empty. */
static struct swaplab_frame *first_of(struct list_head *list)
{
	return list_first_entry_or_null(list, struct swaplab_frame, link);
}

/**
 * adaptive_groups_init() - no frame is there so far
 * @groups: to be set up
 */
void adaptive_groups_init(struct adaptive_groups *groups)
{
	struct adaptive_group *group;
	unsigned int class, age;

	for (group = groups->group; group < groups->group + NR_GROUPS; group++) {
		INIT_LIST_HEAD(&group->fresh);
		for (class = 0; class < NR_CLASSES; class++)
			for (age = 0; age <= ADAPTIVE_AGES; age++)
				INIT_LIST_HEAD(&group->cells[class][age]);
	}
	/* Both wrap soon: a mistake there shows early. */
	groups->now = NR_BORN - ADAPTIVE_AGES;
	groups->nr_listed = -64U;
}

/**
 * adaptive_groups_turn() - a generation begins: all frames are older by one
 * @groups: of the policy
 */
void adaptive_groups_turn(struct adaptive_groups *groups)
{
	unsigned long slot = ++groups->now % ADAPTIVE_AGES, class;
	struct adaptive_group *group;

	for (group = groups->group; group < groups->group + NR_GROUPS; group++) {
		for (class = 0; class < NR_CLASSES; class++)
			list_splice_tail_init(&group->cells[class][slot],
					      &group->cells[class][ADAPTIVE_AGES]);
		group->classes[ADAPTIVE_AGES] |= group->classes[slot];
		group->classes[slot] = 0;
		if (group->slots & BIT(slot))
			group->slots |= BIT(ADAPTIVE_AGES);
		group->slots &= ~BIT(slot);
		group->changed = true;
	}
}

/**
 * adaptive_groups_add() - put a frame where it belongs
 * @groups: of the policy
 * @id: the group that it joins
 * @frame: with its class and generation of last use in its words
 */
void adaptive_groups_add(struct adaptive_groups *groups,
			 enum adaptive_group_id id, struct swaplab_frame *frame)
{
	struct adaptive_group *group = &groups->group[id];
	unsigned long class = adaptive_groups_class(frame);
	unsigned long age = adaptive_groups_age(groups, frame);
	unsigned long slot = adaptive_groups_slot(groups, age);

	frame->word[PLACE] &= ~(PLACE_GROUP | PLACE_FRESH);
	frame->word[PLACE] |= id;
	adaptive_groups_set_age(groups, frame, age);
	frame->word[ORDER] = groups->nr_listed++;
	list_add_tail(&frame->link, &group->cells[class][slot]);
	group->nr++;
	if (group->classes[slot] & BIT(class))
		return;
	group->classes[slot] |= BIT(class);
	group->slots |= BIT(slot);
	group->changed = true;
}

/**
 * adaptive_groups_add_fresh() - put a new frame on probation
 * @groups: of the policy
 * @id: the group that it joins
 * @frame: the frame
 * @class: that it is of
 */
void adaptive_groups_add_fresh(struct adaptive_groups *groups,
			       enum adaptive_group_id id,
			       struct swaplab_frame *frame, unsigned long class)
{
	struct adaptive_group *group = &groups->group[id];

	frame->word[PLACE] = id | PLACE_FRESH | class * PLACE_CLASS;
	adaptive_groups_set_age(groups, frame, 0);
	frame->word[ORDER] = groups->nr_listed++;
	list_add_tail(&frame->link, &group->fresh);
	group->nr_fresh++;
}

/**
 * adaptive_groups_remove() - take a frame off the lists
 * @groups: of the policy
 * @frame: on one of them; its words stay
 */
void adaptive_groups_remove(struct adaptive_groups *groups,
			    struct swaplab_frame *frame)
{
	struct adaptive_group *group = &groups->group[adaptive_groups_id(frame)];
	struct list_head *list = frame->link.prev;
	unsigned long cell;

	list_del(&frame->link);
	if (adaptive_groups_is_fresh(frame)) {
		group->nr_fresh--;
		return;
	}
	group->nr--;
	/* If it was the last one, the head of its list was before it. */
	if (list_empty(list)) {
		cell = list - group->cells[0];
		group->classes[cell % NR_SLOTS] &= ~BIT(cell / NR_SLOTS);
		group->changed = true;
		if (!group->classes[cell % NR_SLOTS])
			group->slots &= ~BIT(cell % NR_SLOTS);
	}
}

static bool was_listed_before(struct swaplab_frame *frame, u32 order)
{
	return (int)(frame->word[ORDER] - order) < 0;
}

/* The older of two, either of which may be absent. */
static struct swaplab_frame *older_of(struct adaptive_groups *groups,
				      struct swaplab_frame *a,
				      struct swaplab_frame *b)
{
	unsigned long age_a, age_b;

	if (!a || !b)
		return a ? a : b;
	age_a = adaptive_groups_age(groups, a);
	age_b = adaptive_groups_age(groups, b);
	if (age_a != age_b)
		return age_a > age_b ? a : b;
	return was_listed_before(a, b->word[ORDER]) ? a : b;
}

/**
 * adaptive_groups_oldest() - the oldest frame that is not on probation
 * @groups: of the policy
 * @id: the group to choose from
 *
 * Return: the frame, NULL if there is none.
 */
struct swaplab_frame *adaptive_groups_oldest(struct adaptive_groups *groups,
					     enum adaptive_group_id id)
{
	unsigned long ages = adaptive_groups_ages(groups, id);
	struct swaplab_frame *frame = NULL;
	unsigned long age, classes;

	if (!ages)
		return NULL;
	age = adaptive_groups_first_age(ages);
	classes = adaptive_groups_classes(groups, id, age);
	for (; classes; classes &= classes - 1)
		frame = older_of(groups, frame,
				 adaptive_groups_first(groups, id, __ffs(classes), age));
	return frame;
}

/**
 * adaptive_groups_oldest_or_fresh() - the oldest frame, on probation or not
 * @groups: of the policy
 * @id: the group to choose from
 *
 * Return: the frame, NULL if there is none.
 */
struct swaplab_frame *
adaptive_groups_oldest_or_fresh(struct adaptive_groups *groups,
				enum adaptive_group_id id)
{
	return older_of(groups, first_of(&groups->group[id].fresh),
			adaptive_groups_oldest(groups, id));
}

/**
 * adaptive_groups_begin_tick() - look at all frames, unless that is under way
 * @groups: of the policy
 */
void adaptive_groups_begin_tick(struct adaptive_groups *groups)
{
	if (groups->is_ticking)
		return;
	groups->is_ticking = true;
	groups->next_list = 0;
	groups->nr_at_tick = groups->nr_listed;
}

/**
 * adaptive_groups_unseen() - the next frame that the tick has not seen
 * @groups: of the policy
 *
 * Return: the frame; NULL if the list that the tick has come to has none.
 */
struct swaplab_frame *adaptive_groups_unseen(struct adaptive_groups *groups)
{
	struct adaptive_group *group = &groups->group[groups->next_list / NR_LISTS];
	unsigned int cell = groups->next_list % NR_LISTS;
	struct swaplab_frame *frame;

	if (cell == NR_CELLS)
		frame = first_of(&group->fresh);
	else
		frame = first_of(&group->cells[cell / NR_SLOTS][cell % NR_SLOTS]);
	if (!frame || !was_listed_before(frame, groups->nr_at_tick))
		return NULL;
	return frame;
}

/**
 * adaptive_groups_next_list() - the tick goes on to the next list
 * @groups: of the policy
 *
 * Return: false if it has seen all.
 */
bool adaptive_groups_next_list(struct adaptive_groups *groups)
{
	groups->is_ticking = ++groups->next_list < NR_GROUPS * NR_LISTS;
	return groups->is_ticking;
}
