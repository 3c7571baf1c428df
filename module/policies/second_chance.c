// SPDX-License-Identifier: GPL-2.0
/*
 * Second chance: FIFO that gives each used page another round.
 *
 * A. S. Tanenbaum, "Modern Operating Systems", section 3.4.4. Differs from clock in
 * that the use that brings a page in counts, as where the processor sets the bit:
 * new pages get their second chance, too, so with all pages used it is FIFO.
 * Deviations: accessed bits are seen when they are sampled and when a victim is looked
 * at again, not as a page reaches the head of the queue; a victim found used then
 * joins the end, and its flag is used up.
 *
 * Memory: the frame's link and one word.
 */
#include <swaplab/policy.h>

struct second_chance {
	struct list_head queue;		/* next candidate first */
};

/* In a frame's words: does it still have the chance that a new page gets? */
enum { NEW };

static void second_chance_insert(struct second_chance *queue,
				 struct swaplab_frame *frame)
{
	list_add_tail(&frame->link, &queue->queue);
}

static void second_chance_admit(struct swaplab_policy *policy,
				struct swaplab_frame *frame)
{
	frame->word[NEW] = true;
	second_chance_insert(policy->data, frame);
}

static void second_chance_remove(struct swaplab_policy *policy,
				 struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

static void second_chance_putback(struct swaplab_policy *policy,
				  struct swaplab_frame *frame)
{
	swaplab_frame_test_clear_referenced(frame);
	second_chance_insert(policy->data, frame);
}

/* The next victim. */
static void second_chance_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
				 enum swaplab_advice advice)
{
	struct second_chance *queue = policy->data;

	if (advice != SWAPLAB_ADVICE_COLD)
		return;
	frame->word[NEW] = false;
	list_move(&frame->link, &queue->queue);
}

static bool second_chance_is_due(struct swaplab_frame *frame)
{
	bool used = swaplab_frame_test_clear_referenced(frame);
	bool is_due = used || frame->word[NEW];

	frame->word[NEW] = false;
	return is_due;
}

static struct swaplab_frame *second_chance_victim(struct swaplab_policy *policy)
{
	struct second_chance *queue = policy->data;
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < SWAPLAB_POLICY_STEP; i++) {
		frame = list_first_entry_or_null(&queue->queue,
						 struct swaplab_frame, link);
		if (!frame)
			return NULL;
		if (!second_chance_is_due(frame)) {
			list_del(&frame->link);
			return frame;
		}
		list_move_tail(&frame->link, &queue->queue);
	}
	/* All of them may be used; then it is the first one after a round. */
	return SWAPLAB_VICTIM_AGAIN;
}

static int second_chance_init(struct swaplab_policy *policy)
{
	struct second_chance *queue = policy->data;

	INIT_LIST_HEAD(&queue->queue);
	return 0;
}

static struct swaplab_policy_ops second_chance_ops = {
	.admit = second_chance_admit,
	.victim = second_chance_victim,
	.remove = second_chance_remove,
	.putback = second_chance_putback,
	.advise = second_chance_advise,
	.init = second_chance_init,
	.needs_references = true,
	.data_size = sizeof(struct second_chance),
	.name = "second_chance",
	.owner = THIS_MODULE,
};
module_swaplab_policy(second_chance_ops, "second_chance");

MODULE_DESCRIPTION("swaplab policy: second chance");
MODULE_LICENSE("GPL");
