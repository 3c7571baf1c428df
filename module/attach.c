// SPDX-License-Identifier: GPL-2.0
/*
 * A pool is attached to a store, and detached from it. After each attach all slots are
 * free: the content of before is of no use.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sysfs.h>
#include "attach.h"
#include "bad_slots.h"
#include "discard.h"
#include "store.h"
#include "swapfile.h"

static struct swaplab_store *store_open(struct swaplab_pool *pool,
					const char *path)
{
	struct swaplab_store *store;
	int err;

	store = swaplab_swapfile_open(pool, path);
	if (IS_ERR(store))
		return store;
	err = swaplab_store_init(store);
	if (err)
		goto close;
	err = swaplab_bad_slots_create(store);
	if (err)
		goto destroy_store;
	err = swaplab_discard_create(store);
	if (!err)
		return store;

	swaplab_bad_slots_destroy(store);
destroy_store:
	swaplab_store_destroy(store);
close:
	store->ops->close(store);
	return ERR_PTR(err);
}

/* No page refers to a slot, and no transfer is under way. */
static void store_close(struct swaplab_store *store)
{
	swaplab_discard_destroy(store);
	swaplab_bad_slots_destroy(store);
	swaplab_store_destroy(store);
	store->ops->close(store);
}

/**
 * swaplab_attach() - page to a file or a block device from now on
 * @pool: the pool; the caller holds its config mutex
 * @path: absolute; resolved in the caller's mount namespace
 *
 * Writes one line to the log when it refuses.
 *
 * Return: 0, -EBUSY if something is attached, -ENODEV if the device is being removed,
 * or an error as of swaplab_swapfile_open().
 */
int swaplab_attach(struct swaplab_pool *pool, const char *path)
{
	struct swaplab_store *store;

	lockdep_assert_held(&pool->config);
	if (pool->dead)
		return -ENODEV;
	if (pool->store) {
		swaplab_pool_err(pool, "swap_file %s: %s is attached: write none first\n",
				 path, pool->store->path);
		return -EBUSY;
	}
	store = store_open(pool, path);
	if (IS_ERR(store))
		return PTR_ERR(store);
	spin_lock(&pool->lock);
	/* Readers without the lock see a store that is complete. */
	smp_store_release(&pool->store, store);
	pool->complained = false;
	spin_unlock(&pool->lock);
	swaplab_pool_wake_daemon(pool);
	return 0;
}

/**
 * swaplab_detach() - let go of the file or device, if there is one
 * @pool: the pool; the caller holds its config mutex
 *
 * Return: 0, or -EBUSY if the pool has regions.
 */
int swaplab_detach(struct swaplab_pool *pool)
{
	struct swaplab_store *store;

	lockdep_assert_held(&pool->config);
	/* Without a region there is no page, so no slot and no transfer. */
	spin_lock(&pool->lock);
	store = pool->store;
	if (!pool->nr_regions)
		WRITE_ONCE(pool->store, NULL);
	spin_unlock(&pool->lock);
	if (!store)
		return 0;
	if (pool->store)
		return -EBUSY;
	store_close(store);
	return 0;
}

/**
 * swaplab_attach_show() - the path of the swap file, or "none"
 * @pool: the pool
 * @buf: of a sysfs show()
 *
 * Does not wait for an attach or a detach under way: the pool's lock keeps the store.
 *
 * Return: bytes written.
 */
ssize_t swaplab_attach_show(struct swaplab_pool *pool, char *buf)
{
	ssize_t len;

	spin_lock(&pool->lock);
	len = sysfs_emit(buf, "%s\n", pool->store ? pool->store->path : "none");
	spin_unlock(&pool->lock);
	return len;
}
