// SPDX-License-Identifier: GPL-2.0
/*
 * SIEVE: a queue with a hand that goes from old to new and sieves in place.
 *
 * Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, "SIEVE is simpler than
 * LRU: an efficient turn-key eviction algorithm for web caches", NSDI 2024. New
 * pages join the young end. The hand takes the first unused page from where it
 * stopped, and clears the bits that it passes; unlike clock it leaves the pages that it
 * passes in place, so new pages without use are evicted soon. A page comes in with its
 * bit clear.
 *
 * Deviations: accessed bits are seen when they are sampled, and when a victim is looked
 * at again; the hand passes a page found used then, and its flag is used up.
 *
 * Memory: the frame's link.
 */
#include <swaplab/policy.h>

struct sieve {
	struct list_head queue;		/* oldest first, with the hand in it */
	struct list_head hand;		/* before the next candidate */
};

/* The hand goes back to the oldest after the youngest. */
static void sieve_wrap(struct sieve *sieve)
{
	if (sieve->hand.next == &sieve->queue)
		list_move(&sieve->hand, &sieve->queue);
}

static void sieve_admit(struct swaplab_policy *policy,
			struct swaplab_frame *frame)
{
	struct sieve *sieve = policy->data;

	/* A page that is to come was not there when the hand passed its place. */
	sieve_wrap(sieve);
	list_add_tail(&frame->link, &sieve->queue);
}

static void sieve_remove(struct swaplab_policy *policy,
			 struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

/* It was under the hand: the hand passes it. */
static void sieve_putback(struct swaplab_policy *policy,
			  struct swaplab_frame *frame)
{
	struct sieve *sieve = policy->data;

	swaplab_frame_test_clear_referenced(frame);
	list_add_tail(&frame->link, &sieve->hand);
}

/* NULL if the queue is empty. */
static struct swaplab_frame *sieve_candidate(struct sieve *sieve)
{
	sieve_wrap(sieve);
	if (sieve->hand.next == &sieve->queue)
		return NULL;
	return list_entry(sieve->hand.next, struct swaplab_frame, link);
}

static struct swaplab_frame *sieve_victim(struct swaplab_policy *policy)
{
	struct sieve *sieve = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = sieve_candidate(sieve);
		if (!frame)
			return NULL;
		if (!swaplab_frame_test_clear_referenced(frame)) {
			list_del(&frame->link);
			return frame;
		}
		list_move(&sieve->hand, &frame->link);
	}
	/* All of them may be used; then it is the first one after a round. */
	return SWAPLAB_VICTIM_AGAIN;
}

static int sieve_init(struct swaplab_policy *policy)
{
	struct sieve *sieve = policy->data;

	INIT_LIST_HEAD(&sieve->queue);
	list_add(&sieve->hand, &sieve->queue);
	return 0;
}

static struct swaplab_policy_ops sieve_ops = {
	.admit = sieve_admit,
	.victim = sieve_victim,
	.remove = sieve_remove,
	.putback = sieve_putback,
	.init = sieve_init,
	.needs_references = true,
	.data_size = sizeof(struct sieve),
	.name = "sieve",
	.owner = THIS_MODULE,
};
module_swaplab_policy(sieve_ops, "sieve");

MODULE_DESCRIPTION("swaplab policy: SIEVE");
MODULE_LICENSE("GPL");
