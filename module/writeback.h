/* SPDX-License-Identifier: GPL-2.0 */
/* Writing dirty pages to the store. Called by daemons only. */
#ifndef _SWAPLAB_WRITEBACK_H
#define _SWAPLAB_WRITEBACK_H

#include "pool.h"

int swaplab_writeback_create(struct swaplab_daemon *daemon);
void swaplab_writeback_destroy(struct swaplab_daemon *daemon);

bool swaplab_writeback_has_slot(struct swaplab_pool *pool,
				struct swaplab_frame *frame);
unsigned int swaplab_writeback_take_back(struct swaplab_pool *pool,
					 unsigned int max);

void swaplab_writeback_begin(struct swaplab_frame *frame);
void swaplab_writeback_submit(struct swaplab_daemon *daemon,
			      struct swaplab_frame **frames, unsigned int nr);
bool swaplab_writeback_finish(struct swaplab_daemon *daemon);
bool swaplab_writeback_has_finished(struct swaplab_daemon *daemon);
bool swaplab_writeback_is_idle(struct swaplab_daemon *daemon);

#endif /* _SWAPLAB_WRITEBACK_H */
