// SPDX-License-Identifier: GPL-2.0
/*
 * template: first in, first out, to begin with. Say here how it works, cite its source,
 * and list the differences.
 */
#include <swaplab/policy.h>

/* One for each device; zeroed before template_init(). */
struct template {
	struct list_head queue;	/* next victim first */
};

/* A page came in: its frame is the policy's until it is a victim or removed. */
static void template_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct template *template = policy->data;

	list_add_tail(&frame->link, &template->queue);
}

static void template_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	list_del(&frame->link);
}

/*
 * Looks at SWAPLAB_POLICY_STEP frames at most. A longer search returns
 * SWAPLAB_VICTIM_AGAIN, and goes on in the next call.
 */
static struct swaplab_frame *template_victim(struct swaplab_policy *policy)
{
	struct template *template = policy->data;
	struct swaplab_frame *frame;

	frame = list_first_entry_or_null(&template->queue, struct swaplab_frame, link);
	if (frame)
		list_del(&frame->link);
	return frame;
}

static int template_init(struct swaplab_policy *policy)
{
	struct template *template = policy->data;

	INIT_LIST_HEAD(&template->queue);
	return 0;
}

static struct swaplab_policy_ops template_ops = {
	.admit = template_admit,
	.victim = template_victim,
	.remove = template_remove,
	.init = template_init,
	.data_size = sizeof(struct template),
	.name = "template",
	.owner = THIS_MODULE,
};
module_swaplab_policy(template_ops, "template");

MODULE_DESCRIPTION("swaplab policy: template");
MODULE_LICENSE("GPL");
