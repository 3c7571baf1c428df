// SPDX-License-Identifier: GPL-2.0
/*
 * A BPF policy at work: the callbacks of a policy, which call the program's. What the core
 * relies on is done here, whatever the program does: a frame that came is on a list, one that
 * goes is on none before the program hears of it, and a victim is one that the program had.
 * When the policy is let go, its frames are taken away without a call of the program.
 *
 * Callbacks run under the pool's lock, and one at a time for each instance. A program knows
 * frames by what its callback was given and by its own lists: both are this instance's, and
 * stay while the lock is held. It cannot keep a pointer for a later call, as maps take none.
 */
#include <linux/atomic.h>
#include <linux/string.h>
#include "instance.h"

static atomic_t last_id;

static const struct instance_policy *policy_of(const struct swaplab_policy *policy)
{
	return container_of(policy->ops, struct instance_policy, ops);
}

/* Before each call of the program. */
static struct instance *begin(struct swaplab_policy *policy)
{
	struct instance *instance = policy->data;

	instance->nr_steps = 0;
	return instance;
}

/* A frame that the program has put nowhere would never be a victim. */
static void place(struct instance *instance, struct swaplab_frame *frame)
{
	if (instance_has(instance, frame, INSTANCE_ON))
		return;
	list_add_tail(&frame->link, &instance->lists[0].frames);
	instance->lists[0].nr++;
	frame->word[INSTANCE_STATE] = instance_state(instance, INSTANCE_ON);
}

static void instance_admit(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct instance *instance = begin(policy);

	frame->word[INSTANCE_PROGRAM] = 0;
	frame->word[INSTANCE_STATE] = instance_state(instance, INSTANCE_COMING);
	if (instance->program->admit)
		instance->program->admit(policy, frame);
	place(instance, frame);
}

/* The state still tells which list the frame was on. */
static void instance_putback(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct instance *instance = begin(policy);

	frame->word[INSTANCE_STATE] |= INSTANCE_COMING;
	instance->program->putback(policy, frame);
	place(instance, frame);
}

static struct swaplab_frame *instance_victim(struct swaplab_policy *policy)
{
	struct instance *instance = begin(policy);
	bool was_wrong;
	int more;

	instance->victim = NULL;
	instance->may_evict = true;
	more = instance->program->victim(policy);
	instance->may_evict = false;
	was_wrong = instance->is_wrong;
	instance->is_wrong = false;
	if (instance->victim)
		return instance->victim;
	/* No frame of the pool: the core counts an error. */
	if (was_wrong)
		return ERR_PTR(-EINVAL);
	return more == SWAPLAB_BPF_AGAIN ? SWAPLAB_VICTIM_AGAIN : NULL;
}

static void instance_remove(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	struct instance *instance = begin(policy);

	instance_unlink(instance, frame);
	if (instance->program->remove && policy->reason != SWAPLAB_REASON_REBIND)
		instance->program->remove(policy, frame);
}

/* The frame is the program's in admit() only. */
static void instance_refault(struct swaplab_policy *policy, struct swaplab_frame *frame,
			     u32 distance)
{
	struct instance *instance = begin(policy);

	frame->word[INSTANCE_STATE] = instance_state(instance, 0);
	instance->program->refault(policy, frame, distance);
}

static void instance_advise(struct swaplab_policy *policy, struct swaplab_frame *frame,
			    enum swaplab_advice advice)
{
	begin(policy)->program->advise(policy, frame, advice);
}

static bool instance_readahead(struct swaplab_policy *policy, struct swaplab_readahead *readahead)
{
	return begin(policy)->program->readahead(policy, readahead);
}

static void instance_access(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
	begin(policy)->program->access(policy, frame);
}

static bool instance_tick(struct swaplab_policy *policy)
{
	return begin(policy)->program->tick(policy);
}

/* A page that does not come back has no ghost, which the program need not see to. */
static void instance_forget(struct swaplab_policy *policy, const struct swaplab_region *region,
			    pgoff_t index)
{
	struct instance *instance = policy->data;

	swaplab_ghost_forget(&instance->ghosts, region, index);
}

static unsigned long nr_ghosts(struct swaplab_policy *policy, unsigned long nr_frames)
{
	return (u64)nr_frames * policy_of(policy)->program->ghosts_percent / 100 + 1;
}

static int instance_resize(struct swaplab_policy *policy, unsigned long nr_frames)
{
	struct instance *instance = policy->data;

	return swaplab_ghosts_reserve(&instance->ghosts, nr_ghosts(policy, nr_frames));
}

static void free_ghosts(struct swaplab_policy *policy)
{
	struct instance *instance = policy->data;

	swaplab_ghosts_destroy(&instance->ghosts);
}

/**
 * instance_init() - a policy is about to be bound
 * @policy: with ops of instance_policy_init()
 *
 * Return: 0 or -ENOMEM.
 */
int instance_init(struct swaplab_policy *policy)
{
	struct instance *instance = policy->data;
	unsigned int i;

	instance->program = policy_of(policy)->program;
	/* Numbers come again after 16 million policies: two of them are never at work then. */
	instance->id = atomic_inc_return(&last_id) & (~0U >> INSTANCE_STATE_BITS);
	for (i = 0; i < SWAPLAB_BPF_LISTS; i++)
		INIT_LIST_HEAD(&instance->lists[i].frames);
	for (i = 0; i < SWAPLAB_BPF_GHOSTS; i++)
		swaplab_ghost_list_init(&instance->lost[i]);
	if (!instance->program->ghosts_percent)
		return 0;
	return swaplab_ghosts_create(&instance->ghosts, nr_ghosts(policy, policy->nr_frames));
}

static void init_params(struct instance_policy *policy)
{
	const struct swaplab_bpf_param *param = policy->program->params;
	struct swaplab_policy_param *next = policy->params;
	unsigned int i;

	for (i = 0; i < SWAPLAB_BPF_PARAMS && param[i].name[0]; i++)
		*next++ = (struct swaplab_policy_param) {
			.name = param[i].name,
			.offset = offsetof(struct instance, params[i]),
			.min = param[i].min,
			.max = param[i].max,
			.initial = param[i].initial,
		};
	if (i)
		policy->ops.params = policy->params;
}

static void init_stats(struct instance_policy *policy)
{
	const struct swaplab_bpf_stat *stat = policy->program->stats;
	struct swaplab_policy_stat *next = policy->stats;
	unsigned int i;

	for (i = 0; i < SWAPLAB_BPF_STATS && stat[i].name[0]; i++)
		*next++ = (struct swaplab_policy_stat) {
			.name = stat[i].name,
			.offset = offsetof(struct instance, stats[i]),
		};
	if (i)
		policy->ops.stats = policy->stats;
}

/**
 * instance_policy_init() - make a program a policy
 * @policy: zeroed; the caller sets owner, get() and put()
 * @program: valid
 */
void instance_policy_init(struct instance_policy *policy,
			  const struct swaplab_bpf_ops *program)
{
	struct swaplab_policy_ops *ops = &policy->ops;

	policy->program = program;
	ops->admit = instance_admit;
	ops->victim = instance_victim;
	ops->remove = instance_remove;
	ops->putback = program->putback ? instance_putback : NULL;
	ops->refault = program->refault ? instance_refault : NULL;
	ops->advise = program->advise ? instance_advise : NULL;
	ops->readahead = program->readahead ? instance_readahead : NULL;
	ops->access = program->access ? instance_access : NULL;
	ops->tick = program->tick ? instance_tick : NULL;
	ops->init = instance_init;
	if (program->ghosts_percent) {
		ops->forget = instance_forget;
		ops->resize = instance_resize;
		ops->exit = free_ghosts;
	}
	ops->victim_looks = program->victim_looks;
	ops->needs_references = program->needs_references;
	ops->data_size = sizeof(struct instance);
	ops->name = program->name;
	init_params(policy);
	init_stats(policy);
}

/* Letters that a name in sysfs may have here; it ends within @size. */
static bool name_is_valid(const char *name, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size && name[i]; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') &&
		    !(name[i] >= '0' && name[i] <= '9') && name[i] != '_')
			return false;
	return i && i < size;
}

static bool param_is_valid(const struct swaplab_bpf_param *params, unsigned int nr)
{
	const struct swaplab_bpf_param *param = &params[nr];
	unsigned int i;

	if (!name_is_valid(param->name, sizeof(param->name)) ||
	    param->min > param->initial || param->initial > param->max)
		return false;
	for (i = 0; i < nr; i++)
		if (!strcmp(params[i].name, param->name))
			return false;
	return true;
}

static bool stat_is_valid(const struct swaplab_bpf_stat *stats, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(stats[i].name, stats[nr].name))
			return false;
	return name_is_valid(stats[nr].name, sizeof(stats[nr].name));
}

/**
 * instance_program_is_valid() - can a program be a policy?
 * @program: as it was loaded
 */
bool instance_program_is_valid(const struct swaplab_bpf_ops *program)
{
	unsigned int i;

	if (!program->victim || !name_is_valid(program->name, sizeof(program->name)) ||
	    program->ghosts_percent > 1000)
		return false;
	for (i = 0; i < SWAPLAB_BPF_PARAMS && program->params[i].name[0]; i++)
		if (!param_is_valid(program->params, i))
			return false;
	for (i = 0; i < SWAPLAB_BPF_STATS && program->stats[i].name[0]; i++)
		if (!stat_is_valid(program->stats, i))
			return false;
	return true;
}
