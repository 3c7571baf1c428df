// SPDX-License-Identifier: GPL-2.0
/*
 * A budget for all memory of a program: the frames of a pool are charged to a cgroup, and
 * so count against its memory.max together with the program's ordinary memory and page
 * cache.
 *
 * nr_frames is then the most that the pool may have, and nr_room what it has room for. Three
 * things move nr_room:
 *
 * - The cgroup refuses a frame. The pool goes on with the frames that it holds, and evicts
 *   one of its own pages. Nothing else is reclaimed for a frame, but see below.
 * - Reclaim of the cgroup asks for memory, as it does before each OOM kill. It asks only
 *   shrinkers that have an object of the cgroup on a list_lru. The pool puts a small one
 *   there, the token.
 * - Now and then, the pool tries to have a few more frames, and reclaims memory of the rest of
 *   the cgroup for one of them. If nothing was refused or asked for since the last try, the
 *   next one comes sooner and is for more frames; else it comes later. So the pool grows fast
 *   at the cost of pages that are not used, and hardly at the cost of others. In between, it
 *   takes a few frames when the cgroup is below its limits.
 *
 * The cgroup changes only while the pool has no region. Faults, and all other work for a region,
 * read it without a lock. The leader and the shrinker have no region: the leader takes the pool's
 * lock, and swaplab_charge_is_asked() says what the shrinker does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cgroup.h>
#include <linux/list_lru.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include "charge.h"
#include "compat.h"
#include "quota.h"

/* Evictions from one try to have more frames to the next. */
#define LEAST_PAUSE	16U
#define MOST_PAUSE	1024U
/* Frames of a try. */
#define MOST_STEP	64U
/*
 * A cgroup that is so many pages below its limits gets nothing from the pool. Reclaim takes as
 * many at a time.
 */
#define MARGIN		SWAP_CLUSTER_MAX
/* Where the cgroup is so many pages below its limits, the pool takes them. */
#define SPARE		4UL
/* Reclaim waits so long for a page to be evicted. */
#define WAIT_MS		20

/**
 * struct swaplab_token - has a cgroup's reclaim ask the module's shrinker
 * @link: on @tokens
 */
struct swaplab_token {
	struct list_head link;
};

static struct list_lru tokens;
static struct kmem_cache *token_cache;

#ifdef CONFIG_MEMCG
static bool is_root(struct mem_cgroup *memcg)
{
	return !memcg || !memcg->css.parent;
}

/* Has it, with all above it, room for so many pages below its limits? */
static bool has_margin(struct mem_cgroup *memcg, unsigned long nr)
{
	unsigned long limit;

	for (; !is_root(memcg); memcg = parent_mem_cgroup(memcg)) {
		limit = min(READ_ONCE(memcg->memory.max), READ_ONCE(memcg->memory.high));
		if (page_counter_read(&memcg->memory) + nr > limit)
			return false;
	}
	return true;
}

static int emit_path(struct mem_cgroup *memcg, char *buf)
{
	int len = cgroup_path(memcg->css.cgroup, buf, PAGE_SIZE - 1);

	if (len < 0 || len >= PAGE_SIZE - 1)
		return -ENAMETOOLONG;
	return len + sysfs_emit_at(buf, len, "\n");
}
#else
static bool is_root(struct mem_cgroup *memcg)
{
	return true;
}

static bool has_margin(struct mem_cgroup *memcg, unsigned long nr)
{
	return true;
}

static int emit_path(struct mem_cgroup *memcg, char *buf)
{
	return 0;
}
#endif

/**
 * swaplab_charge_init() - get ready for cgroups that ask for memory
 * @shrinker: the module's
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_charge_init(struct shrinker *shrinker)
{
	int err;

	token_cache = KMEM_CACHE(swaplab_token, SLAB_ACCOUNT);
	if (!token_cache)
		return -ENOMEM;
	err = list_lru_init_memcg(&tokens, shrinker);
	if (err)
		kmem_cache_destroy(token_cache);
	return err;
}

/**
 * swaplab_charge_exit() - undo swaplab_charge_init()
 *
 * There is no pool any more.
 */
void swaplab_charge_exit(void)
{
	list_lru_destroy(&tokens);
	kmem_cache_destroy(token_cache);
}

static struct swaplab_token *token_add(struct mem_cgroup *memcg)
{
	struct mem_cgroup *old = set_active_memcg(memcg);
	struct swaplab_token *token;

	token = kmem_cache_alloc_lru(token_cache, &tokens, GFP_KERNEL_ACCOUNT);
	set_active_memcg(old);
	if (!token)
		return NULL;
	INIT_LIST_HEAD(&token->link);
	list_lru_add_obj(&tokens, &token->link);
	return token;
}

static void token_remove(struct swaplab_token *token)
{
	if (!token)
		return;
	list_lru_del_obj(&tokens, &token->link);
	kmem_cache_free(token_cache, token);
}

/* Returns -EBUSY if the pool has regions, which may read the cgroup. */
static int replace_charge(struct swaplab_pool *pool, struct mem_cgroup *memcg,
			  struct swaplab_token *token)
{
	struct swaplab_charge old;

	spin_lock(&pool->lock);
	if (pool->nr_regions) {
		spin_unlock(&pool->lock);
		return -EBUSY;
	}
	old = pool->charge;
	pool->charge = (struct swaplab_charge){
		.memcg = memcg,
		.token = token,
		.pause = LEAST_PAUSE,
		.last = atomic_read(&pool->nr_evicted),
		.step = 1,
	};
	swaplab_charge_set_room(pool, pool->nr_frames);
	spin_unlock(&pool->lock);
	token_remove(old.token);
	mem_cgroup_put(old.memcg);
	return 0;
}

/**
 * swaplab_charge_begin() - charge frames to the cgroup of this task
 * @pool: the pool; the caller holds its config mutex
 *
 * The folios of free frames are charged as before.
 *
 * Return: 0; -EBUSY if the pool has regions; -EINVAL in the root cgroup, which has no
 * limit; -EOPNOTSUPP if the kernel does not count memory by cgroup; -ENOMEM.
 */
int swaplab_charge_begin(struct swaplab_pool *pool)
{
	struct swaplab_token *token;
	struct mem_cgroup *memcg;
	int err = -ENOMEM;

	if (!memcg_kmem_online())
		return -EOPNOTSUPP;
	memcg = get_mem_cgroup_from_mm(current->mm);
	if (is_root(memcg)) {
		mem_cgroup_put(memcg);
		return -EINVAL;
	}
	token = token_add(memcg);
	if (token)
		err = replace_charge(pool, memcg, token);
	if (!err)
		return 0;
	token_remove(token);
	mem_cgroup_put(memcg);
	return err;
}

/**
 * swaplab_charge_end() - charge frames to no cgroup
 * @pool: the pool; the caller holds its config mutex, or nobody else knows the pool
 *
 * Return: 0, or -EBUSY if the pool has regions.
 */
int swaplab_charge_end(struct swaplab_pool *pool)
{
	if (!pool->charge.memcg)
		return 0;
	return replace_charge(pool, NULL, NULL);
}

/**
 * swaplab_charge_show() - print the path of the cgroup
 * @pool: the pool; the caller holds its config mutex
 * @buf: a page
 *
 * Return: bytes printed.
 */
ssize_t swaplab_charge_show(struct swaplab_pool *pool, char *buf)
{
	if (!pool->charge.memcg)
		return sysfs_emit(buf, "none\n");
	return emit_path(pool->charge.memcg, buf);
}

/*
 * The least that a cgroup leaves to a pool: frames for those that are mlocked, others to
 * work with, and watermarks that were set by hand.
 */
static unsigned long least_room(struct swaplab_pool *pool)
{
	unsigned long nr_mlocked = pool->nr_mlocked;
	unsigned long nr = max3((unsigned long)SWAPLAB_MIN_FRAMES, nr_mlocked + 8,
				DIV_ROUND_UP(4 * nr_mlocked, 3));

	nr = max3(nr, 2 * pool->watermarks.low, 2 * pool->watermarks.high);
	return min(nr, pool->nr_frames);
}

/**
 * swaplab_charge_set_room() - change how many frames there is room for
 * @pool: the pool, locked
 * @nr: frames; nr_frames at most
 */
void swaplab_charge_set_room(struct swaplab_pool *pool, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->nr_room, nr);
	swaplab_quota_update_locked(pool);
}

static void shrink_room(struct swaplab_pool *pool, unsigned long nr)
{
	unsigned long least = least_room(pool);

	if (nr < pool->nr_room)
		swaplab_charge_set_room(pool, max(nr, min(least, pool->nr_room)));
	WRITE_ONCE(pool->charge.is_least, pool->nr_room <= least);
	pool->charge.refused = true;
}

/* Has a page reclaimed for a frame, at the cost of all in the cgroup but this pool. */
static struct page *alloc_hard(struct swaplab_pool *pool, gfp_t gfp)
{
	struct swaplab_charge *charge = &pool->charge;
	struct page *page;

	if (!READ_ONCE(charge->may_reclaim) || cmpxchg(&charge->prober, NULL, current))
		return NULL;
	WRITE_ONCE(charge->may_reclaim, false);
	page = alloc_page(gfp | __GFP_NORETRY);
	WRITE_ONCE(charge->prober, NULL);
	return page;
}

/**
 * swaplab_charge_alloc() - allocate a page for a frame
 * @pool: the pool; it has a cgroup
 * @gfp: for the page
 *
 * Where evicting a page of the pool helps, nothing else is reclaimed for it; where it does
 * not, as the pool has the least that it can work with, the cgroup may kill by OOM.
 *
 * Return: the page, NULL if the cgroup has no room.
 */
struct page *swaplab_charge_alloc(struct swaplab_pool *pool, gfp_t gfp)
{
	struct mem_cgroup *old = set_active_memcg(pool->charge.memcg);
	struct page *page;

	gfp |= __GFP_ACCOUNT;
	page = alloc_page(gfp & ~__GFP_DIRECT_RECLAIM);
	if (!page && gfpflags_allow_blocking(gfp)) {
		if (READ_ONCE(pool->charge.is_least))
			page = alloc_page(gfp);
		else
			page = alloc_hard(pool, gfp);
	}
	set_active_memcg(old);
	return page;
}

/**
 * swaplab_charge_refused() - a frame got no page
 * @pool: the pool, locked; the frame is not held any more
 *
 * Return: whether the pool can go on with fewer frames, or try harder.
 */
bool swaplab_charge_refused(struct swaplab_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (!pool->charge.memcg || pool->charge.is_least)
		return false;
	shrink_room(pool, pool->nr_held + pool->free.nr_cached);
	return true;
}

/**
 * swaplab_charge_gave() - the folios of some frames have gone back to the machine
 * @pool: the pool, locked
 * @nr: how many
 *
 * If they had a cgroup, the memory is for others in it.
 */
void swaplab_charge_gave(struct swaplab_pool *pool, unsigned long nr)
{
	lockdep_assert_held(&pool->lock);
	if (pool->charge.memcg && nr)
		shrink_room(pool, pool->nr_room - min(nr, pool->nr_room));
}

/* In a pause, a pool evicts all its pages twice at most: a small one loses much by waiting. */
static void set_pace(struct swaplab_charge *charge, unsigned long nr_room)
{
	unsigned int most = min_t(unsigned long, 2 * nr_room, MOST_PAUSE);

	if (charge->refused) {
		charge->pause = min(2 * charge->pause, most);
		charge->step = 1;
	} else {
		charge->pause = max(charge->pause / 2, LEAST_PAUSE);
		charge->step = min(2 * charge->step, MOST_STEP);
	}
}

static void add_room(struct swaplab_pool *pool, unsigned long nr)
{
	WRITE_ONCE(pool->charge.is_least, false);
	swaplab_charge_set_room(pool, min(pool->nr_room + nr, pool->nr_frames));
	wake_up_nr(&pool->waiters.queue, nr);
}

static void grow_room(struct swaplab_pool *pool)
{
	struct swaplab_charge *charge = &pool->charge;
	unsigned int now = atomic_read(&pool->nr_evicted);

	if (now - charge->last >= charge->pause) {
		set_pace(charge, pool->nr_room);
		charge->last = now;
		charge->refused = false;
		WRITE_ONCE(charge->may_reclaim, true);
		add_room(pool, charge->step);
	} else if (has_margin(charge->memcg, SPARE)) {
		add_room(pool, SPARE);
	}
}

/**
 * swaplab_charge_grow() - try to have more frames, if it is time
 * @pool: the pool; the caller is its leader, about to evict
 */
void swaplab_charge_grow(struct swaplab_pool *pool)
{
	if (!READ_ONCE(pool->charge.memcg))
		return;
	/* The lock keeps the cgroup: it changes under this, and is put afterwards. */
	spin_lock(&pool->lock);
	if (pool->charge.memcg && pool->nr_room < pool->nr_frames)
		grow_room(pool);
	spin_unlock(&pool->lock);
}

/**
 * swaplab_charge_is_asked() - is it this pool that reclaim asks for memory?
 * @pool: the pool
 * @sc: the request: of a cgroup with a token, or for memory that has no cgroup
 *
 * A cgroup that asks on behalf of a frame of the pool does not ask the pool. Reclaim of a
 * cgroup does not see what a shrinker gives, and asks for more and more until its own lists
 * have something; the pool gives no more than is needed.
 *
 * The pool's cgroup may change meanwhile, so it is compared, and only that of @sc is looked
 * into, which reclaim keeps.
 */
bool swaplab_charge_is_asked(struct swaplab_pool *pool, struct shrink_control *sc)
{
	struct mem_cgroup *memcg = READ_ONCE(pool->charge.memcg);

	if (is_root(sc->memcg))
		return !memcg;
	return sc->memcg == memcg && READ_ONCE(pool->charge.prober) != current &&
	       (current_is_kswapd() || !has_margin(sc->memcg, MARGIN));
}

/**
 * swaplab_charge_portion() - how many pages does a request of reclaim get?
 * @pool: the pool, which is asked
 * @nr: pages that reclaim asks for
 *
 * Of a small cgroup that has hardly anything else to reclaim, it asks for all pages of the pool
 * at once, but needs some. If these are not enough, it asks again.
 *
 * Return: pages, @nr at most.
 */
unsigned long swaplab_charge_portion(struct swaplab_pool *pool, unsigned long nr)
{
	return READ_ONCE(pool->charge.memcg) ? min(nr, MARGIN) : nr;
}

/**
 * swaplab_charge_may_wait() - may reclaim wait for pages of the pool to be evicted?
 * @pool: the pool; reclaim asks it
 */
bool swaplab_charge_may_wait(struct swaplab_pool *pool)
{
	return READ_ONCE(pool->charge.memcg) && !current_is_kswapd();
}

/**
 * swaplab_charge_wait() - wait a moment for pages to be evicted
 * @pool: the pool; the caller has a reference to its device
 *
 * Called in reclaim of the cgroup, which kills by OOM if it finds nothing often enough. The
 * caller may be in a fault on this pool, and have a page in transit: a daemon takes other
 * pages, and the wait is short in any case.
 *
 * Return: pages that have gone.
 */
unsigned long swaplab_charge_wait(struct swaplab_pool *pool)
{
	unsigned long before = READ_ONCE(pool->nr_pressure);
	unsigned long left;

	if (!before)
		return 0;
	wait_event_timeout(pool->waiters.queue, READ_ONCE(pool->nr_pressure) < before,
			   msecs_to_jiffies(WAIT_MS));
	left = READ_ONCE(pool->nr_pressure);
	return before - min(left, before);
}
