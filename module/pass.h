/* SPDX-License-Identifier: GPL-2.0 */
/* A pass of reclaim over a pool. Called by daemons only. */
#ifndef _SWAPLAB_PASS_H
#define _SWAPLAB_PASS_H

#include "pool.h"

/* The result of one batch of victims. */
enum swaplab_pass_result {
	SWAPLAB_PASS_DONE,	/* nothing is wanted any more */
	SWAPLAB_PASS_ENOUGH,	/* as much as is wanted is on its way to the store */
	SWAPLAB_PASS_MORE,	/* go on */
	SWAPLAB_PASS_WRITING,	/* go on when a write is done */
	SWAPLAB_PASS_BUSY,	/* everything is in use just now: wait a little */
	SWAPLAB_PASS_STUCK,	/* nothing can be evicted until something changes */
};

bool swaplab_pass_is_misled(struct swaplab_pool *pool);
bool swaplab_pass_is_lost(struct swaplab_pool *pool);
bool swaplab_pass_is_desperate(struct swaplab_pool *pool);
bool swaplab_pass_is_complete(struct swaplab_pool *pool);

void swaplab_pass_begin(struct swaplab_pool *pool);
enum swaplab_pass_result swaplab_pass_end(struct swaplab_daemon *daemon);
void swaplab_pass_rest(struct swaplab_pool *pool);

#endif /* _SWAPLAB_PASS_H */
