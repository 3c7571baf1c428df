// SPDX-License-Identifier: GPL-2.0
/*
 * A program that calls the functions for BPF at random, with frames that it has, had or never
 * had, in every callback. Its lists stay in order: each frame that it was given is on one list,
 * once, and no other frame is.
 *
 * Usage: bpf SEED ROUNDS
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "../../../module/bpf/instance.h"
#include "registry.h"

#define NR_FRAMES	40

static struct {
	struct swaplab_frame frame;
	struct folio folio;
	bool admitted;
	unsigned int seen;
} pages[NR_FRAMES];

static unsigned int pick(unsigned int nr)
{
	return (unsigned int)rand() % nr;
}

/* Any frame at all, often the one at hand, and any list, often one that is there. */
static void misuse(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	u32 list = pick(SWAPLAB_BPF_LISTS + 2), nr = pick(6);

	while (nr--) {
		if (!frame || pick(2))
			frame = &pages[pick(NR_FRAMES)].frame;
		switch (pick(7)) {
		case 0:
			swaplab_bpf_add(policy, frame, list);
			break;
		case 1:
			swaplab_bpf_add_tail(policy, frame, list);
			break;
		case 2:
			swaplab_bpf_evict(policy, frame);
			break;
		case 3:
			frame = swaplab_bpf_next(policy, frame);
			break;
		case 4:
			frame = swaplab_bpf_first(policy, list);
			break;
		case 5:
			swaplab_bpf_ghost_add(policy, frame, list, pick(NR_FRAMES));
			break;
		case 6:
			swaplab_bpf_ghost_drop(policy, frame);
			break;
		}
	}
}

SWAPLAB_BPF_OP(void, misuse_frame, struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	misuse(policy, frame);
}

SWAPLAB_BPF_OP(void, misuse_refault, struct swaplab_policy *policy, struct swaplab_frame *frame,
	       u32 distance)
{
	misuse(policy, frame);
}

SWAPLAB_BPF_OP(void, misuse_advise, struct swaplab_policy *policy, struct swaplab_frame *frame,
	       u32 advice)
{
	misuse(policy, frame);
}

SWAPLAB_BPF_OP(int, misuse_readahead, struct swaplab_policy *policy,
	       struct swaplab_readahead *readahead)
{
	misuse(policy, NULL);
	return pick(2);
}

SWAPLAB_BPF_OP(int, misuse_policy, struct swaplab_policy *policy)
{
	misuse(policy, NULL);
	return pick(3);
}

SWAPLAB_BPF_POLICY(rogue,
	.admit = (void *)misuse_frame,
	.victim = (void *)misuse_policy,
	.remove = (void *)misuse_frame,
	.putback = (void *)misuse_frame,
	.refault = (void *)misuse_refault,
	.advise = (void *)misuse_advise,
	.readahead = (void *)misuse_readahead,
	.access = (void *)misuse_frame,
	.tick = (void *)misuse_policy,
	.ghosts_percent = 50,
	.stats = { { "first" }, { "second" } });

static void check_list(struct instance_list *list, unsigned int number)
{
	struct swaplab_frame *frame;
	u64 nr = 0;

	list_for_each_entry(frame, &list->frames, link) {
		unsigned int i = frame->folio->index;

		if (!pages[i].admitted || pages[i].seen++ || frame->link.next->prev != &frame->link)
			errx(1, "list %u is broken at frame %u", number, i);
		nr++;
	}
	if (nr != list->nr)
		errx(1, "list %u: %lu frames, not %lu", number, (unsigned long)nr,
		     (unsigned long)list->nr);
}

static void check(struct swaplab_policy *policy)
{
	struct instance *instance = policy->data;
	unsigned int i;

	for (i = 0; i < NR_FRAMES; i++)
		pages[i].seen = 0;
	for (i = 0; i < SWAPLAB_BPF_LISTS; i++)
		check_list(&instance->lists[i], i);
	for (i = 0; i < NR_FRAMES; i++)
		if (pages[i].seen != pages[i].admitted)
			errx(1, "frame %u is lost", i);
}

/* As the core would do: the frame is there, or not. */
static void call(struct swaplab_policy *policy, unsigned int i)
{
	struct swaplab_frame *frame = &pages[i].frame;

	if (pages[i].admitted && pick(2)) {
		policy->reason = pick(SWAPLAB_NR_REASONS);
		pages[i].admitted = false;
		policy->ops->remove(policy, frame);
	} else if (pages[i].admitted && pick(2)) {
		policy->ops->access(policy, frame);
	} else if (pages[i].admitted) {
		policy->ops->advise(policy, frame, pick(2));
	} else {
		/* Left there by another policy, by chance: on a list of this one. */
		frame->word[INSTANCE_STATE] = instance_state(policy->data, pick(64));
		pages[i].admitted = true;
		if (pick(2))
			policy->ops->refault(policy, frame, 1);
		policy->ops->admit(policy, frame);
	}
}

/* A page that does not come back, as the core tells it. */
static void forget(struct swaplab_policy *policy, unsigned int i)
{
	struct instance *instance = policy->data;

	policy->ops->forget(policy, NULL, i);
	if (swaplab_ghost_find_page(&instance->ghosts, NULL, i))
		errx(1, "page %u has a ghost, and does not come back", i);
}

static void ask(struct swaplab_policy *policy)
{
	struct swaplab_frame *frame = policy->ops->victim(policy);
	unsigned int i;

	if (!frame || frame == SWAPLAB_VICTIM_AGAIN || frame == ERR_PTR(-EINVAL))
		return;
	i = frame->folio->index;
	if (!pages[i].admitted)
		errx(1, "frame %u is given up, and was not there", i);
	pages[i].admitted = false;
	check(policy);
	if (!pick(2))
		return;
	pages[i].admitted = true;
	policy->ops->putback(policy, frame);
}

/* Of those that the program has named; a number of another one changes nothing. */
static void check_stats(struct swaplab_policy *policy)
{
	const struct swaplab_policy_stat *stats = policy->ops->stats;
	u32 i;

	if (strcmp(stats[0].name, "first") || strcmp(stats[1].name, "second") || stats[2].name)
		errx(1, "not the statistics of the program");
	for (i = 0; i < 2; i++) {
		if (swaplab_bpf_count(policy, i, 7) || swaplab_bpf_count(policy, i, -2ULL - i) ||
		    *(unsigned long *)((char *)policy->data + stats[i].offset) != 5 - i)
			errx(1, "statistic %u is not counted", i);
	}
	for (; i < 2 * SWAPLAB_BPF_STATS; i++)
		if (!swaplab_bpf_count(policy, i, 1))
			errx(1, "statistic %u, which has no name, is counted", i);
}

int main(int argc, char **argv)
{
	struct settings none = { };
	struct swaplab_policy *policy;
	unsigned int i, round;

	if (argc != 3)
		errx(2, "seed and rounds");
	srand(atoi(argv[1]));
	for (i = 0; i < NR_FRAMES; i++) {
		pages[i].frame.folio = &pages[i].folio;
		pages[i].folio.index = i;
	}
	policy = registry_create(registry_find("rogue"), NR_FRAMES, &none);
	check_stats(policy);
	for (round = 0; round < (unsigned int)atoi(argv[2]); round++) {
		call(policy, pick(NR_FRAMES));
		check(policy);
		ask(policy);
		check(policy);
		if (!pick(10))
			policy->ops->tick(policy);
		if (!pick(10))
			policy->ops->readahead(policy, &(struct swaplab_readahead){ .max = 8 });
		if (!pick(10))
			forget(policy, pick(NR_FRAMES));
		check(policy);
	}
	for (i = 0; i < NR_FRAMES; i++)
		if (pages[i].admitted)
			policy->ops->remove(policy, &pages[i].frame);
	registry_destroy(policy);
	return 0;
}
