// SPDX-License-Identifier: GPL-2.0
/*
 * Which policies there are, and which one each pool is bound to.
 *
 * A policy is a module of its own, held while a pool is bound to it. The default
 * is bound when a device is made or opened, or when the default's module appears,
 * unless the administrator has chosen.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kmod.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "allocation.h"
#include "instance.h"
#include "policy_files.h"
#include "registry.h"
#include "trace.h"

/* Bound if the administrator has not chosen and its module is there. */
#define DEFAULT_POLICY	"aging"

/*
 * Protects: policies, pools. Taken outside of a pool's config mutex, which an attach
 * may hold for as long as its disk takes. So a signal ends waiting for either of them,
 * where the caller can say so.
 */
static DEFINE_MUTEX(registry_lock);
static LIST_HEAD(policies);
static LIST_HEAD(pools);

static struct swaplab_policy_ops *policy_find_locked(const char *name)
{
	struct swaplab_policy_ops *ops;

	lockdep_assert_held(&registry_lock);
	list_for_each_entry(ops, &policies, list)
		if (!strcmp(ops->name, name))
			return ops;
	return NULL;
}

/* The policy with this name and a reference on it, if it is loaded. */
static struct swaplab_policy_ops *policy_get_loaded(const char *name)
{
	struct swaplab_policy_ops *ops;

	if (mutex_lock_interruptible(&registry_lock))
		return ERR_PTR(-ERESTARTSYS);
	ops = policy_find_locked(name);
	if (!ops || !swaplab_instance_get_ops(ops))
		ops = ERR_PTR(-ENOENT);
	mutex_unlock(&registry_lock);
	return ops;
}

/* The same, and it is loaded if need be. */
static struct swaplab_policy_ops *policy_get(const char *name)
{
	struct swaplab_policy_ops *ops = policy_get_loaded(name);

	if (ops != ERR_PTR(-ENOENT))
		return ops;
	request_module("swaplab-policy-%s", name);
	return policy_get_loaded(name);
}

/* Its parameters and statistics; without memory for the files it works with its defaults. */
static struct swaplab_policy_files *create_files(struct swaplab_pool *pool)
{
	struct swaplab_policy_files *files = swaplab_policy_files_create(pool);
	const char *name;

	if (!IS_ERR(files))
		return files;
	name = swaplab_pool_policy_ops(pool)->name;
	swaplab_pool_err(pool, "no policy_params and policy_stats (%ld), and %s works with its defaults: write none to policy, then %s, to try again\n",
			 PTR_ERR(files), name, name);
	return NULL;
}

/* Changes to @ops, which may be NULL; that never fails. After an error all is as before. */
static int policy_switch(struct swaplab_pool *pool, const struct swaplab_policy_ops *ops)
{
	const struct swaplab_policy_ops *old = swaplab_pool_policy_ops(pool);
	struct swaplab_policy *policies[SWAPLAB_INSTANCES];
	int err;

	lockdep_assert_held(&pool->config);
	err = swaplab_allocation_prepare(pool, ops, policies);
	if (err)
		return err;
	trace_policy_switch(pool->id, old ? old->name : "none", ops ? ops->name : "none");
	/* They show values of the policy's data. */
	swaplab_policy_files_destroy(pool->binding.files);
	swaplab_allocation_bind(pool, policies);
	pool->binding.files = create_files(pool);
	WRITE_ONCE(pool->daemons.sampling_idle, false);
	swaplab_pool_wake_daemon(pool);
	return 0;
}

/* Binds a policy, or none; -ENOENT if its module is being unloaded. */
static int pool_bind(struct swaplab_pool *pool, struct swaplab_policy_ops *ops)
{
	lockdep_assert_held(&pool->config);
	if (ops == swaplab_pool_policy_ops(pool))
		return 0;
	return policy_switch(pool, ops);
}

static void note_ejection(struct swaplab_pool *pool, enum swaplab_ejection why,
			  const char *name)
{
	spin_lock(&pool->lock);
	pool->binding.ejected = why;
	strscpy(pool->binding.ejected_name, name, sizeof(pool->binding.ejected_name));
	spin_unlock(&pool->lock);
}

static const char * const ejections[] = {
	[SWAPLAB_EJECTED_NOT] = "none",
	[SWAPLAB_EJECTED_WRONG] = "it gave wrong victims",
	[SWAPLAB_EJECTED_LONG] = "its calls took seconds",
	[SWAPLAB_EJECTED_GONE] = "it was taken back",
};

/* The pool's policy goes for good; the administrator chooses the next one. */
static void eject(struct swaplab_pool *pool, enum swaplab_ejection why)
{
	const char *name = swaplab_pool_policy_ops(pool)->name;

	lockdep_assert_held(&pool->config);
	pool->binding.chosen = true;
	note_ejection(pool, why, name);
	swaplab_pool_err(pool, "policy %s is not used any more: %s; the plain scan goes on, until a policy is written to policy\n",
			 name, ejections[why]);
	policy_switch(pool, NULL);
}

/* Meanwhile another policy may have been bound: the order to eject goes with the old one. */
static void eject_policy(struct work_struct *work)
{
	struct swaplab_pool *pool = container_of(work, struct swaplab_pool, binding.eject);
	struct swaplab_binding *binding = &pool->binding;
	enum swaplab_ejection why;

	mutex_lock(&pool->config);
	spin_lock(&pool->lock);
	why = binding->ejecting;
	spin_unlock(&pool->lock);
	if (why && swaplab_pool_policy_ops(pool))
		eject(pool, why);
	mutex_unlock(&pool->config);
}

/**
 * swaplab_registry_ejected() - which policy the core goes on without, and why
 * @pool: the pool
 * @buf: of a sysfs show()
 *
 * Return: bytes written.
 */
ssize_t swaplab_registry_ejected(struct swaplab_pool *pool, char *buf)
{
	char name[SWAPLAB_POLICY_NAME_LEN];
	enum swaplab_ejection why;

	spin_lock(&pool->lock);
	why = pool->binding.ejected;
	strscpy(name, pool->binding.ejected_name, sizeof(name));
	spin_unlock(&pool->lock);
	if (why)
		return sysfs_emit(buf, "%s: %s\n", name, ejections[why]);
	return sysfs_emit(buf, "%s\n", ejections[why]);
}

/**
 * swaplab_registry_bind() - change a pool's policy, as the administrator wants it
 * @pool: the pool
 * @name: of a policy, whose module is loaded if need be, or "none"
 *
 * Return: 0, -ENOENT if there is no such policy, -ENODEV if the device is being
 * removed, -ERESTARTSYS after a signal, -ENOMEM or an error of the policy's init().
 * After an error nothing has changed.
 */
int swaplab_registry_bind(struct swaplab_pool *pool, const char *name)
{
	struct swaplab_policy_ops *ops = NULL;
	int err;

	if (strcmp(name, "none")) {
		ops = policy_get(name);
		if (IS_ERR(ops))
			return PTR_ERR(ops);
	}
	if (mutex_lock_interruptible(&pool->config)) {
		err = -ERESTARTSYS;
		goto put_ops;
	}
	err = ops && pool->dead ? -ENODEV : pool_bind(pool, ops);
	if (!err) {
		pool->binding.chosen = true;
		note_ejection(pool, SWAPLAB_EJECTED_NOT, "");
	}
	mutex_unlock(&pool->config);
put_ops:
	if (ops)
		swaplab_instance_put_ops(ops);
	return err;
}

/* A task that is killed while it waits gets no policy. */
static void pool_bind_default(struct swaplab_pool *pool,
			      struct swaplab_policy_ops *ops)
{
	int err = 0;

	if (mutex_lock_killable(&pool->config))
		return;
	if (!pool->binding.chosen && !swaplab_pool_policy_ops(pool))
		err = pool_bind(pool, ops);
	if (err && err != -ENOENT)
		swaplab_pool_err(pool, "policy %s does not start\n", ops->name);
	mutex_unlock(&pool->config);
}

/**
 * swaplab_registry_bind_default() - bind the default policy, unless one was chosen
 * @pool: the pool, being opened
 *
 * Asks for its module once; later it is bound when it appears.
 */
void swaplab_registry_bind_default(struct swaplab_pool *pool)
{
	struct swaplab_policy_ops *ops;

	if (READ_ONCE(pool->binding.default_tried))
		return;
	WRITE_ONCE(pool->binding.default_tried, true);
	ops = policy_get(DEFAULT_POLICY);
	if (ops == ERR_PTR(-ERESTARTSYS))
		WRITE_ONCE(pool->binding.default_tried, false);
	if (IS_ERR(ops))
		return;
	pool_bind_default(pool, ops);
	swaplab_instance_put_ops(ops);
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
	if (policy_find_locked(ops->name))
		err = -EEXIST;
	else
		list_add_tail(&ops->list, &policies);
	if (!err && !strcmp(ops->name, DEFAULT_POLICY))
		list_for_each_entry(pool, &pools, binding.link)
			if (device_is_registered(&pool->dev))
				pool_bind_default(pool, ops);
	mutex_unlock(&registry_lock);
	return err;
}
EXPORT_SYMBOL_GPL(swaplab_policy_register);

static void pool_unbind(struct swaplab_pool *pool, const struct swaplab_policy_ops *ops)
{
	mutex_lock(&pool->config);
	if (swaplab_pool_policy_ops(pool) == ops)
		eject(pool, SWAPLAB_EJECTED_GONE);
	mutex_unlock(&pool->config);
}

/**
 * swaplab_policy_unregister() - take a policy back
 * @ops: registered
 *
 * Called when its module goes, no pool uses it, since that holds the module. A policy with
 * get() may be in use: then pools go on without it. Its init() refuses from before this call
 * on, as a task may have a reference and be about to bind it.
 */
void swaplab_policy_unregister(struct swaplab_policy_ops *ops)
{
	struct swaplab_pool *pool;

	mutex_lock(&registry_lock);
	list_del(&ops->list);
	list_for_each_entry(pool, &pools, binding.link)
		pool_unbind(pool, ops);
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_GPL(swaplab_policy_unregister);

/**
 * swaplab_registry_list() - the policies there are, the bound one in brackets
 * @pool: the pool
 * @buf: of a sysfs show()
 *
 * Return: bytes written, or -ERESTARTSYS.
 */
ssize_t swaplab_registry_list(struct swaplab_pool *pool, char *buf)
{
	const struct swaplab_policy_ops *bound;
	struct swaplab_policy_ops *ops;
	ssize_t len = 0;

	if (mutex_lock_interruptible(&registry_lock))
		return -ERESTARTSYS;
	spin_lock(&pool->lock);
	bound = swaplab_pool_policy_ops(pool);
	spin_unlock(&pool->lock);
	list_for_each_entry(ops, &policies, list)
		len += sysfs_emit_at(buf, len, ops == bound ? "[%s] " : "%s ",
				     ops->name);
	len += sysfs_emit_at(buf, len, bound ? "none\n" : "[none]\n");
	mutex_unlock(&registry_lock);
	return len;
}

/**
 * swaplab_registry_add_pool() - let a pool have policies
 * @pool: new, its device initialized and not yet added
 *
 * The administrator may choose one as soon as there is the device, so it comes before that:
 * swaplab_policy_unregister() looks at all pools that may have a policy.
 */
void swaplab_registry_add_pool(struct swaplab_pool *pool)
{
	INIT_WORK(&pool->binding.eject, eject_policy);
	swaplab_allocation_init(pool);
	mutex_lock(&registry_lock);
	list_add_tail(&pool->binding.link, &pools);
	mutex_unlock(&registry_lock);
}

/**
 * swaplab_registry_start_pool() - bind the default policy, if it is loaded
 * @pool: new, with its device
 */
void swaplab_registry_start_pool(struct swaplab_pool *pool)
{
	struct swaplab_policy_ops *ops;

	mutex_lock(&registry_lock);
	ops = policy_find_locked(DEFAULT_POLICY);
	if (ops)
		pool_bind_default(pool, ops);
	mutex_unlock(&registry_lock);
}

/**
 * swaplab_registry_del_pool() - take a pool's policy away for good
 * @pool: without regions, its files in sysfs still there, or never there
 */
void swaplab_registry_del_pool(struct swaplab_pool *pool)
{
	mutex_lock(&pool->config);
	pool->binding.chosen = true;
	policy_switch(pool, NULL);
	mutex_unlock(&pool->config);
	/* There is no policy to eject any more, or to allocate memory. */
	cancel_work_sync(&pool->binding.eject);
	swaplab_allocation_exit(pool);

	/* Not before it has no policy: swaplab_policy_unregister() looks at all that may. */
	mutex_lock(&registry_lock);
	list_del(&pool->binding.link);
	mutex_unlock(&registry_lock);
}
