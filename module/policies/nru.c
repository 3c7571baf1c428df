// SPDX-License-Identifier: GPL-2.0
/*
 * NRU: a page not used in the last tick is evicted first.
 *
 * A. S. Tanenbaum, "Modern Operating Systems", section 3.4.2. There are two classes: pages
 * used since the bits were cleared, and others; each tick sorts all pages anew. Deviations:
 * whether a page is dirty makes no difference, so there are two classes, not four;
 * of a class, the page that has been in it for longest is evicted, not a random one; a
 * page comes in as used; and a victim found used when it is looked at again is
 * used from then on.
 *
 * Memory: the frame's link.
 */
#include <swaplab/policy.h>

/*
 * A tick swaps two pairs of classes: the frames of the former current pair are to be
 * sorted into the new one.
 */
struct nru_classes {
	struct list_head unused, used;	/* longest in it first */
};

struct nru {
	struct nru_classes classes[2];
	unsigned int current_classes;	/* 0 or 1 */
	bool ticking;			/* the others are not empty yet */
};

static struct nru_classes *nru_current(struct nru *nru)
{
	return &nru->classes[nru->current_classes];
}

static struct nru_classes *nru_unsorted(struct nru *nru)
{
	return &nru->classes[!nru->current_classes];
}

static void nru_admit(struct swaplab_policy *policy,
		      struct swaplab_frame *frame)
{
	struct nru *nru = policy->data;

	list_add_tail(&frame->link, &nru_current(nru)->used);
}

static void nru_putback(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct nru *nru = policy->data;

	if (swaplab_frame_test_clear_referenced(frame))
		list_add_tail(&frame->link, &nru_current(nru)->used);
	else
		list_add_tail(&frame->link, &nru_current(nru)->unused);
}

static void nru_remove(struct swaplab_policy *policy,
		       struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static struct swaplab_frame *nru_first(struct nru_classes *classes)
{
	if (!list_empty(&classes->unused))
		return list_first_entry(&classes->unused, struct swaplab_frame,
					link);
	return list_first_entry_or_null(&classes->used, struct swaplab_frame,
					link);
}

/* Passes, for good, those of the unused that have been used since. */
static struct swaplab_frame *nru_victim(struct swaplab_policy *policy)
{
	struct nru *nru = policy->data;
	struct nru_classes *current_classes = nru_current(nru);
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; !list_empty(&current_classes->unused); i++) {
		if (i == SWAPLAB_POLICY_STEP)
			return SWAPLAB_VICTIM_AGAIN;
		frame = nru_first(current_classes);
		list_del(&frame->link);
		if (!swaplab_frame_test_clear_referenced(frame))
			return frame;
		list_add_tail(&frame->link, &current_classes->used);
	}
	frame = nru_first(nru_unsorted(nru));
	if (!frame)
		frame = nru_first(current_classes);
	if (frame)
		list_del(&frame->link);
	return frame;
}

static bool nru_tick(struct swaplab_policy *policy)
{
	struct nru *nru = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	if (!nru->ticking)
		nru->current_classes = !nru->current_classes;
	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = nru_first(nru_unsorted(nru));
		if (!frame)
			break;
		list_del(&frame->link);
		nru_putback(policy, frame);
	}
	nru->ticking = frame;
	return nru->ticking;
}

static int nru_init(struct swaplab_policy *policy)
{
	struct nru *nru = policy->data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nru->classes); i++) {
		INIT_LIST_HEAD(&nru->classes[i].unused);
		INIT_LIST_HEAD(&nru->classes[i].used);
	}
	return 0;
}

static struct swaplab_policy_ops nru_ops = {
	.admit = nru_admit,
	.victim = nru_victim,
	.remove = nru_remove,
	.putback = nru_putback,
	.tick = nru_tick,
	.init = nru_init,
	.needs_references = true,
	.data_size = sizeof(struct nru),
	.name = "nru",
	.owner = THIS_MODULE,
};
module_swaplab_policy(nru_ops, "nru");

MODULE_DESCRIPTION("swaplab policy: not recently used");
MODULE_LICENSE("GPL");
