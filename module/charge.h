/* SPDX-License-Identifier: GPL-2.0 */
/* The cgroup that a pool's frames are charged to. */
#ifndef _SWAPLAB_CHARGE_H
#define _SWAPLAB_CHARGE_H

#include <linux/gfp.h>
#include "pool.h"

struct shrinker;
struct shrink_control;

int swaplab_charge_init(struct shrinker *shrinker);
void swaplab_charge_exit(void);

int swaplab_charge_begin(struct swaplab_pool *pool);
int swaplab_charge_end(struct swaplab_pool *pool);
ssize_t swaplab_charge_show(struct swaplab_pool *pool, char *buf);

struct page *swaplab_charge_alloc(struct swaplab_pool *pool, gfp_t gfp);
void swaplab_charge_set_room(struct swaplab_pool *pool, unsigned long nr);
bool swaplab_charge_refused(struct swaplab_pool *pool);
void swaplab_charge_gave(struct swaplab_pool *pool, unsigned long nr);
void swaplab_charge_grow(struct swaplab_pool *pool);

bool swaplab_charge_is_asked(struct swaplab_pool *pool, struct shrink_control *sc);
unsigned long swaplab_charge_portion(struct swaplab_pool *pool, unsigned long nr);
bool swaplab_charge_may_wait(struct swaplab_pool *pool);
unsigned long swaplab_charge_wait(struct swaplab_pool *pool);

/* A page for a frame, charged to the pool's cgroup if it has one; NULL if there is none. */
static inline struct page *swaplab_charge_alloc_page(struct swaplab_pool *pool, gfp_t gfp)
{
	return pool->charge.memcg ? swaplab_charge_alloc(pool, gfp) : alloc_page(gfp);
}

#endif /* _SWAPLAB_CHARGE_H */
