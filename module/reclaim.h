/* SPDX-License-Identifier: GPL-2.0 */
/* Reclaim: from victims of the policy to free frames. Called by the daemon only. */
#ifndef _SWAPLAB_RECLAIM_H
#define _SWAPLAB_RECLAIM_H

#include "pool.h"

/* The result of one call. */
enum swaplab_reclaim_result {
	SWAPLAB_RECLAIM_DONE,	/* nothing is wanted any more */
	SWAPLAB_RECLAIM_ENOUGH,	/* as much as is wanted is on its way to the store */
	SWAPLAB_RECLAIM_MORE,	/* go on */
	SWAPLAB_RECLAIM_WRITING, /* go on when a write is done */
	SWAPLAB_RECLAIM_BUSY,	/* everything is in use just now: wait a little */
	SWAPLAB_RECLAIM_STUCK,	/* nothing can be evicted until something changes */
};

int swaplab_reclaim_create(struct swaplab_pool *pool);
void swaplab_reclaim_destroy(struct swaplab_pool *pool);

enum swaplab_reclaim_result swaplab_reclaim_round(struct swaplab_pool *pool);
void swaplab_reclaim_rest(struct swaplab_pool *pool);

#endif /* _SWAPLAB_RECLAIM_H */
