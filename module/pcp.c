// SPDX-License-Identifier: GPL-2.0
/*
 * Free frames set aside for each CPU, so that a fault can take its own without the
 * pool's lock.
 *
 * As with the kernel's own per-CPU lists of pages, the frames in a list are held as far
 * as watermarks are concerned: a frame is counted when it goes into a list, and not again
 * when it is taken out of it. The lists are filled while frames are plenty. All of them
 * are emptied before a task finds that there is no frame, and none is filled while tasks
 * wait for one: so it makes no difference to a fault which CPU had the last frame.
 *
 * When they are filled, all of them together have half of the low watermark at most;
 * with few frames for many CPUs, they have none.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include "frame.h"
#include "node.h"
#include "pcp.h"
#include "watermark.h"

#define PCP_FRAMES	8
/* With fewer, the pool's lock would be taken nearly as often as without them. */
#define PCP_WORTH	4

/**
 * struct swaplab_pcp - free frames of one CPU
 * @lock: a task that takes a frame may be moved to another CPU meanwhile, and any CPU
 *	may empty the list
 * @nr: of @frames; read without the lock as a hint
 * @frames: with a folio each
 */
struct swaplab_pcp {
	spinlock_t lock;		/* all of it */
	unsigned int nr;
	struct swaplab_frame *frames[PCP_FRAMES];
};

/**
 * swaplab_pcp_take() - take a free frame of this CPU
 * @pool: the pool
 *
 * Return: a frame with a folio, counted as held already; NULL if there is none.
 */
struct swaplab_frame *swaplab_pcp_take(struct swaplab_pool *pool)
{
	struct swaplab_pcp *pcp = raw_cpu_ptr(pool->free.pcp);
	struct swaplab_frame *frame = NULL;

	if (!READ_ONCE(pcp->nr))
		return NULL;
	spin_lock(&pcp->lock);
	if (pcp->nr) {
		WRITE_ONCE(pcp->nr, pcp->nr - 1);
		frame = pcp->frames[pcp->nr];
	}
	spin_unlock(&pcp->lock);
	return frame;
}

/**
 * swaplab_pcp_fill() - set frames aside for this CPU
 * @pool: the pool, locked
 *
 * As many as are free above the low watermark: no page is evicted for frames that are
 * set aside.
 */
void swaplab_pcp_fill(struct swaplab_pool *pool)
{
	struct swaplab_pcp *pcp = raw_cpu_ptr(pool->free.pcp);
	long low = swaplab_watermark_low(pool);
	struct swaplab_frame *frame;
	long nr;

	lockdep_assert_held(&pool->lock);
	nr = min3(low / 2 / num_online_cpus(), swaplab_frame_nr_free(pool) - low,
		  (long)pool->free.nr_cached);
	nr = min_t(long, nr, PCP_FRAMES);
	/* Waiters bump waiters.nr before they empty the lists: see swaplab_frame_wait(). */
	if (nr < PCP_WORTH || pool->nr_pressure ||
	    atomic_read(&pool->waiters.nr))
		return;
	spin_lock(&pcp->lock);
	while (pcp->nr < nr) {
		frame = swaplab_node_first_cached(pool);
		list_del(&frame->link);
		pool->free.nr_cached--;
		WRITE_ONCE(pool->nr_held, pool->nr_held + 1);
		pcp->frames[pcp->nr] = frame;
		WRITE_ONCE(pcp->nr, pcp->nr + 1);
	}
	spin_unlock(&pcp->lock);
}

/**
 * swaplab_pcp_empty() - give the frames of all CPUs back to the pool
 * @pool: the pool, locked
 *
 * In one hold of the lock, or a task might be told that there is no frame while some are
 * left. The machine bounds the work, not the size of the pool: a look at a word for each CPU,
 * and PCP_FRAMES of each CPU that has taken frames of this pool lately, half of the low
 * watermark at most in all.
 */
void swaplab_pcp_empty(struct swaplab_pool *pool)
{
	struct swaplab_pcp *pcp;
	struct swaplab_frame *frame;
	unsigned int cpu;

	lockdep_assert_held(&pool->lock);
	for_each_possible_cpu(cpu) {
		pcp = per_cpu_ptr(pool->free.pcp, cpu);
		/* It is filled under the pool's lock only. */
		if (!READ_ONCE(pcp->nr))
			continue;
		spin_lock(&pcp->lock);
		while (pcp->nr) {
			WRITE_ONCE(pcp->nr, pcp->nr - 1);
			frame = pcp->frames[pcp->nr];
			list_add(&frame->link, &pool->free.cached);
			pool->free.nr_cached++;
			WRITE_ONCE(pool->nr_held, pool->nr_held - 1);
		}
		spin_unlock(&pcp->lock);
	}
}

/**
 * swaplab_pcp_nr_frames() - frames set aside for CPUs
 * @pool: the pool
 *
 * Return: a snapshot.
 */
unsigned long swaplab_pcp_nr_frames(struct swaplab_pool *pool)
{
	unsigned long nr = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		nr += READ_ONCE(per_cpu_ptr(pool->free.pcp, cpu)->nr);
	return nr;
}

/**
 * swaplab_pcp_init() - empty per-CPU lists
 * @pool: the pool
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_pcp_init(struct swaplab_pool *pool)
{
	unsigned int cpu;

	pool->free.pcp = alloc_percpu(struct swaplab_pcp);
	if (!pool->free.pcp)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(pool->free.pcp, cpu)->lock);
	return 0;
}

/**
 * swaplab_pcp_destroy() - undo swaplab_pcp_init()
 * @pool: the pool; its per-CPU lists are empty
 */
void swaplab_pcp_destroy(struct swaplab_pool *pool)
{
	free_percpu(pool->free.pcp);
}
