/* SPDX-License-Identifier: GPL-2.0 */
/* The page daemons kswaplabd/N of a pool. */
#ifndef _SWAPLAB_DAEMON_H
#define _SWAPLAB_DAEMON_H

#include "pool.h"

int swaplab_daemon_start(struct swaplab_pool *pool);
void swaplab_daemon_stop(struct swaplab_pool *pool);
int swaplab_daemon_set_number(struct swaplab_pool *pool, unsigned int nr);

#endif /* _SWAPLAB_DAEMON_H */
