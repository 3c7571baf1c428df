// SPDX-License-Identifier: GPL-2.0
/*
 * Which policies there are, which one a pool is bound to, and what passes
 * between it and the core. Everything a policy says is checked here.
 *
 * A policy is changed live: new pages go to the new one at once, and those that
 * the old one has move over in the order in which it would have evicted them,
 * some at a time, so that the pool's lock is never held for long. A flag that is
 * flipped with each change tells whose a frame is meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kmod.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "params.h"
#include "policy.h"
#include "trace.h"

/* Frames handled under one hold of the pool's lock. */
#define POLICY_BATCH	64

/* Protects: policies, pools. Taken outside of a pool's config mutex. */
static DEFINE_MUTEX(registry_lock);
static LIST_HEAD(policies);
static LIST_HEAD(pools);

static bool is_admitted(struct swaplab_frame *frame)
{
	return atomic_read(&frame->flags) & SWAPLAB_FRAME_ADMITTED;
}

/* Does the outgoing policy have this admitted frame? */
static bool is_old(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	lockdep_assert_held(&pool->lock);
	return (atomic_read(&frame->flags) & SWAPLAB_FRAME_GENERATION) !=
	       pool->generation;
}

/* The policy has the frame from now on. */
static void given_locked(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	atomic_andnot(SWAPLAB_FRAME_GENERATION | SWAPLAB_FRAME_VICTIM,
		      &frame->flags);
	atomic_or(SWAPLAB_FRAME_ADMITTED | pool->generation, &frame->flags);
	pool->nr_admitted++;
}

static void admit_locked(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	struct swaplab_policy *policy = pool->policy;

	lockdep_assert_held(&pool->lock);
	if (policy)
		policy->ops->admit(policy, frame);
	given_locked(pool, frame);
}

/* The policy has given the frame up, or has been told to. */
static void taken_locked(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	atomic_andnot(SWAPLAB_FRAME_ADMITTED, &frame->flags);
	pool->nr_admitted--;
}

static void remove_locked(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	struct swaplab_policy *policy;

	policy = is_old(pool, frame) ? pool->old_policy : pool->policy;
	if (policy)
		policy->ops->remove(policy, frame);
	taken_locked(pool, frame);
}

static void putback_locked(struct swaplab_pool *pool,
			   struct swaplab_frame *frame)
{
	struct swaplab_policy *policy = pool->policy;

	/* What another policy left in the frame's words means nothing to this. */
	if (!policy || !policy->ops->putback || is_old(pool, frame) ||
	    !(atomic_read(&frame->flags) & SWAPLAB_FRAME_VICTIM)) {
		admit_locked(pool, frame);
		return;
	}
	policy->ops->putback(policy, frame);
	given_locked(pool, frame);
}

/**
 * swaplab_policy_admit() - a page is resident that was not before
 * @pool: the pool
 * @frame: in transit by the caller
 */
void swaplab_policy_admit(struct swaplab_pool *pool, struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	admit_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_admit_refault() - a page that was evicted is resident again
 * @pool: the pool
 * @frame: in transit by the caller
 * @evicted: the pool's eviction clock when it went
 */
void swaplab_policy_admit_refault(struct swaplab_pool *pool,
				  struct swaplab_frame *frame, u32 evicted)
{
	struct swaplab_policy *policy;

	spin_lock(&pool->lock);
	policy = pool->policy;
	if (policy && policy->ops->refault)
		policy->ops->refault(policy, frame,
				     (pool->nr_evicted - evicted) & INT_MAX);
	admit_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_putback() - a victim stays
 * @pool: the pool
 * @frame: from swaplab_policy_victim(), still in transit by the caller
 */
void swaplab_policy_putback(struct swaplab_pool *pool,
			    struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	putback_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_policy_forget() - a page goes that the policy did not choose
 * @pool: the pool
 * @frame: in transit by the caller; the policy may have it or not
 */
void swaplab_policy_forget(struct swaplab_pool *pool,
			   struct swaplab_frame *frame)
{
	spin_lock(&pool->lock);
	if (is_admitted(frame))
		remove_locked(pool, frame);
	spin_unlock(&pool->lock);
}

/* The plain scan: the next frame that has a page, by number. */
static struct swaplab_frame *scan_locked(struct swaplab_pool *pool)
{
	unsigned long nr = swaplab_pool_nr_numbers(pool), i;
	struct swaplab_frame *frame;

	if (!pool->nr_admitted)
		return NULL;
	for (i = 0; i < nr; i++) {
		frame = swaplab_pool_frame(pool, pool->hand++ % nr);
		if (is_admitted(frame)) {
			remove_locked(pool, frame);
			return frame;
		}
	}
	return NULL;
}

/* A frame that the policy gave up, checked; NULL if it gave none that can be. */
static struct swaplab_frame *ask_locked(struct swaplab_pool *pool,
					struct swaplab_policy *policy, bool old)
{
	struct swaplab_frame *frame = policy->ops->victim(policy);

	if (!frame)
		return NULL;
	if (swaplab_pool_owns(pool, frame) && is_admitted(frame) &&
	    is_old(pool, frame) == old) {
		taken_locked(pool, frame);
		atomic_or(SWAPLAB_FRAME_VICTIM, &frame->flags);
		return frame;
	}
	/* Not ours, or not the policy's to give. */
	swaplab_stat_inc(&pool->stats, policy_errors);
	return NULL;
}

static struct swaplab_frame *choose_locked(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame = NULL;

	if (!pool->nr_admitted)
		return NULL;
	if (pool->policy)
		frame = ask_locked(pool, pool->policy, false);
	if (!frame && pool->policy && !pool->old_policy)
		swaplab_stat_inc(&pool->stats, policy_fallbacks);
	return frame ? frame : scan_locked(pool);
}

/*
 * Claims the frame that @choose gives. One that is in transit already goes back,
 * and a policy might give it again at once: then the scan finds others.
 */
static struct swaplab_frame *
claim_victim(struct swaplab_pool *pool,
	     struct swaplab_frame *(*choose)(struct swaplab_pool *pool))
{
	struct swaplab_frame *frame;
	unsigned int tries;

	spin_lock(&pool->lock);
	for (tries = 0; tries < POLICY_BATCH; tries++) {
		frame = tries ? scan_locked(pool) : choose(pool);
		/*
		 * Having been admitted, the frame cannot leave its region before
		 * its owner in transit has taken this lock: claiming is safe.
		 */
		if (!frame ||
		    !(atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		      SWAPLAB_FRAME_TRANSIT))
			break;
		putback_locked(pool, frame);
		frame = NULL;
	}
	spin_unlock(&pool->lock);
	return frame;
}

/**
 * swaplab_policy_victim() - the next frame to go
 * @pool: the pool
 *
 * Return: a frame that the policy has given up, in transit by the caller, or
 * NULL if there is none. It may not be evictable: the caller looks, and hands it
 * to swaplab_policy_putback() if so.
 */
struct swaplab_frame *swaplab_policy_victim(struct swaplab_pool *pool)
{
	return claim_victim(pool, choose_locked);
}

/**
 * swaplab_policy_scan() - the next frame to go, by the plain scan
 * @pool: the pool
 *
 * For when the policy keeps giving victims that cannot go.
 *
 * Return: as swaplab_policy_victim().
 */
struct swaplab_frame *swaplab_policy_scan(struct swaplab_pool *pool)
{
	return claim_victim(pool, scan_locked);
}

/**
 * swaplab_policy_claim() - own the state of a page by its frame
 * @pool: the pool
 * @frame: any frame of the pool
 *
 * Return: true, and the frame is in transit by the caller and stays with the
 * policy; false if the policy does not have it or it is in transit already.
 */
bool swaplab_policy_claim(struct swaplab_pool *pool,
			  struct swaplab_frame *frame)
{
	bool claimed;

	spin_lock(&pool->lock);
	claimed = is_admitted(frame) &&
		  !(atomic_fetch_or(SWAPLAB_FRAME_TRANSIT, &frame->flags) &
		    SWAPLAB_FRAME_TRANSIT);
	spin_unlock(&pool->lock);
	return claimed;
}

/**
 * swaplab_policy_needs_references() - does anybody read referenced flags?
 * @pool: the pool
 */
bool swaplab_policy_needs_references(struct swaplab_pool *pool)
{
	bool needs;

	spin_lock(&pool->lock);
	needs = pool->policy && pool->policy->ops->needs_references;
	spin_unlock(&pool->lock);
	return needs;
}

/**
 * swaplab_policy_tick() - tell the policy that a sample is complete
 * @pool: the pool
 */
void swaplab_policy_tick(struct swaplab_pool *pool)
{
	struct swaplab_policy *policy;
	bool more = true;

	while (more) {
		spin_lock(&pool->lock);
		policy = pool->policy;
		more = policy && policy->ops->tick && policy->ops->tick(policy);
		spin_unlock(&pool->lock);
		cond_resched();
	}
}

static struct swaplab_policy_ops *find_locked(const char *name)
{
	struct swaplab_policy_ops *ops;

	lockdep_assert_held(&registry_lock);
	list_for_each_entry(ops, &policies, list)
		if (!strcmp(ops->name, name))
			return ops;
	return NULL;
}

/* The policy with this name and a reference on its module, loaded if need be. */
static struct swaplab_policy_ops *policy_get(const char *name)
{
	struct swaplab_policy_ops *ops;

	mutex_lock(&registry_lock);
	ops = find_locked(name);
	if (!ops) {
		mutex_unlock(&registry_lock);
		request_module("swaplab-policy-%s", name);
		mutex_lock(&registry_lock);
		ops = find_locked(name);
	}
	if (ops && !try_module_get(ops->owner))
		ops = NULL;
	mutex_unlock(&registry_lock);
	return ops;
}

static void policy_destroy(struct swaplab_policy *policy)
{
	struct module *owner;

	if (!policy)
		return;
	owner = policy->ops->owner;
	if (policy->ops->exit)
		policy->ops->exit(policy);
	kvfree(policy->data);
	kfree(policy);
	module_put(owner);
}

/* A policy ready to work; takes over the reference on the module. */
static struct swaplab_policy *policy_create(struct swaplab_policy_ops *ops,
					    unsigned long nr_frames)
{
	const struct swaplab_policy_param *param;
	struct swaplab_policy *policy;
	int err = -ENOMEM;

	policy = kzalloc(sizeof(*policy), GFP_KERNEL);
	if (!policy)
		goto put_module;
	policy->ops = ops;
	policy->nr_frames = nr_frames;
	policy->data = kvzalloc(max_t(size_t, ops->data_size, 1), GFP_KERNEL);
	if (!policy->data)
		goto free_policy;
	for (param = ops->params; param && param->name; param++)
		*(unsigned int *)(policy->data + param->offset) = param->initial;
	err = ops->init ? ops->init(policy) : 0;
	if (!err)
		return policy;

	kvfree(policy->data);
free_policy:
	kfree(policy);
put_module:
	module_put(ops->owner);
	return ERR_PTR(err);
}

/* Moves some frames from the old policy to the new one; false: it has no more. */
static bool move_batch(struct swaplab_pool *pool)
{
	struct swaplab_frame *frame;
	unsigned int i;

	for (i = 0; i < POLICY_BATCH; i++) {
		frame = ask_locked(pool, pool->old_policy, true);
		if (!frame)
			return false;
		admit_locked(pool, frame);
	}
	return true;
}

/*
 * The same for what it should have but does not give, or without one. Victims of
 * before that are still under way are no victims of the new policy.
 */
static void sweep_batch(struct swaplab_pool *pool, unsigned long first,
			unsigned long end)
{
	struct swaplab_frame *frame;

	for (; first < end; first++) {
		frame = swaplab_pool_frame(pool, first);
		if (is_admitted(frame) && is_old(pool, frame)) {
			remove_locked(pool, frame);
			admit_locked(pool, frame);
		} else if (!is_admitted(frame)) {
			atomic_andnot(SWAPLAB_FRAME_VICTIM, &frame->flags);
		}
	}
}

static void move_frames(struct swaplab_pool *pool)
{
	unsigned long i, nr;
	bool more = pool->old_policy;

	while (more) {
		spin_lock(&pool->lock);
		more = move_batch(pool);
		spin_unlock(&pool->lock);
		cond_resched();
	}
	/* New frames get numbers beyond these, but are not old. */
	spin_lock(&pool->lock);
	nr = swaplab_pool_nr_numbers(pool);
	spin_unlock(&pool->lock);
	for (i = 0; i < nr; i += POLICY_BATCH) {
		spin_lock(&pool->lock);
		sweep_batch(pool, i, min(i + POLICY_BATCH, nr));
		spin_unlock(&pool->lock);
		cond_resched();
	}
}

/* Changes to @policy, which may be NULL; frees the one before. */
static void policy_switch(struct swaplab_pool *pool,
			  struct swaplab_policy *policy)
{
	struct swaplab_policy *old = pool->policy;

	lockdep_assert_held(&pool->config);
	trace_policy_switch(pool->id, old ? old->ops->name : "none",
			    policy ? policy->ops->name : "none");
	swaplab_params_destroy(pool->params);
	pool->params = swaplab_params_create(&pool->dev, policy);

	spin_lock(&pool->lock);
	pool->old_policy = old;
	pool->policy = policy;
	pool->generation ^= SWAPLAB_FRAME_GENERATION;
	spin_unlock(&pool->lock);

	move_frames(pool);

	spin_lock(&pool->lock);
	pool->old_policy = NULL;
	spin_unlock(&pool->lock);
	/* No frame is left with it, and callbacks run under the lock only. */
	policy_destroy(old);
	WRITE_ONCE(pool->sampling_idle, false);
	swaplab_pool_wake_daemon(pool);
}

/* Takes over the reference on the policy's module. */
static int bind_ops(struct swaplab_pool *pool, struct swaplab_policy_ops *ops)
{
	struct swaplab_policy *policy;

	lockdep_assert_held(&pool->config);
	if (pool->policy && pool->policy->ops == ops) {
		module_put(ops->owner);
		return 0;
	}
	policy = policy_create(ops, READ_ONCE(pool->nr_frames));
	if (IS_ERR(policy))
		return PTR_ERR(policy);
	policy_switch(pool, policy);
	return 0;
}

/**
 * swaplab_policy_bind() - change a pool's policy, as the administrator wants it
 * @pool: the pool
 * @name: of a policy, whose module is loaded if need be, or "none"
 *
 * Return: 0, -ENOENT if there is no such policy, -ENODEV if the device is being
 * removed, -ENOMEM or what init() said; then nothing has changed.
 */
int swaplab_policy_bind(struct swaplab_pool *pool, const char *name)
{
	struct swaplab_policy_ops *ops = NULL;
	int err = 0;

	if (strcmp(name, "none")) {
		ops = policy_get(name);
		if (!ops)
			return -ENOENT;
	}
	mutex_lock(&pool->config);
	if (ops && pool->dead) {
		err = -ENODEV;
		module_put(ops->owner);
	} else if (ops) {
		err = bind_ops(pool, ops);
	} else if (pool->policy) {
		policy_switch(pool, NULL);
	}
	if (!err)
		pool->policy_chosen = true;
	mutex_unlock(&pool->config);
	return err;
}

static void bind_default_locked(struct swaplab_pool *pool,
				struct swaplab_policy_ops *ops)
{
	mutex_lock(&pool->config);
	if (!pool->policy_chosen && !pool->policy &&
	    try_module_get(ops->owner) && bind_ops(pool, ops))
		swaplab_pool_err(pool, "policy %s does not start\n", ops->name);
	mutex_unlock(&pool->config);
}

/**
 * swaplab_policy_bind_default() - bind the default policy if nobody has chosen
 * @pool: the pool, being opened
 *
 * Asks for its module once; later it is bound when it appears.
 */
void swaplab_policy_bind_default(struct swaplab_pool *pool)
{
	struct swaplab_policy_ops *ops;

	if (READ_ONCE(pool->default_tried))
		return;
	WRITE_ONCE(pool->default_tried, true);
	ops = policy_get(SWAPLAB_DEFAULT_POLICY);
	if (!ops)
		return;
	bind_default_locked(pool, ops);
	module_put(ops->owner);
}

/**
 * swaplab_policy_register() - make a policy available
 * @ops: static; every required callback set
 *
 * Return: 0, -EINVAL if @ops is not complete, -EEXIST if the name is taken.
 */
int swaplab_policy_register(struct swaplab_policy_ops *ops)
{
	struct swaplab_pool *pool;
	int err = 0;

	if (!ops->admit || !ops->victim || !ops->remove || !ops->name ||
	    strlen(ops->name) >= SWAPLAB_POLICY_NAME_LEN ||
	    !strcmp(ops->name, "none")) {
		pr_err("policy %s is not complete\n",
		       ops->name ? ops->name : "?");
		return -EINVAL;
	}
	mutex_lock(&registry_lock);
	if (find_locked(ops->name))
		err = -EEXIST;
	else
		list_add_tail(&ops->list, &policies);
	if (!err && !strcmp(ops->name, SWAPLAB_DEFAULT_POLICY))
		list_for_each_entry(pool, &pools, policies_link)
			bind_default_locked(pool, ops);
	mutex_unlock(&registry_lock);
	return err;
}
EXPORT_SYMBOL_GPL(swaplab_policy_register);

/**
 * swaplab_policy_unregister() - take a policy back
 * @ops: registered; no pool uses it, since that holds its module
 */
void swaplab_policy_unregister(struct swaplab_policy_ops *ops)
{
	mutex_lock(&registry_lock);
	list_del(&ops->list);
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_GPL(swaplab_policy_unregister);

/**
 * swaplab_policy_list() - the policies there are, the bound one in brackets
 * @pool: the pool
 * @buf: of a sysfs show()
 *
 * Return: bytes written.
 */
ssize_t swaplab_policy_list(struct swaplab_pool *pool, char *buf)
{
	const struct swaplab_policy_ops *bound;
	struct swaplab_policy_ops *ops;
	ssize_t len = 0;

	mutex_lock(&registry_lock);
	spin_lock(&pool->lock);
	bound = pool->policy ? pool->policy->ops : NULL;
	spin_unlock(&pool->lock);
	list_for_each_entry(ops, &policies, list)
		len += sysfs_emit_at(buf, len, ops == bound ? "[%s] " : "%s ",
				     ops->name);
	len += sysfs_emit_at(buf, len, bound ? "none\n" : "[none]\n");
	mutex_unlock(&registry_lock);
	return len;
}

/**
 * swaplab_policy_add_pool() - let a pool have policies
 * @pool: new, with its device
 */
void swaplab_policy_add_pool(struct swaplab_pool *pool)
{
	struct swaplab_policy_ops *ops;

	mutex_lock(&registry_lock);
	list_add_tail(&pool->policies_link, &pools);
	ops = find_locked(SWAPLAB_DEFAULT_POLICY);
	if (ops)
		bind_default_locked(pool, ops);
	mutex_unlock(&registry_lock);
}

/**
 * swaplab_policy_del_pool() - take a pool's policy away for good
 * @pool: without regions, its daemon stopped, its files in sysfs still there
 */
void swaplab_policy_del_pool(struct swaplab_pool *pool)
{
	mutex_lock(&registry_lock);
	list_del(&pool->policies_link);
	mutex_unlock(&registry_lock);

	mutex_lock(&pool->config);
	pool->policy_chosen = true;
	policy_switch(pool, NULL);
	mutex_unlock(&pool->config);
}
