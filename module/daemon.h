/* SPDX-License-Identifier: GPL-2.0 */
/* The page daemon kswaplabd/N. */
#ifndef _SWAPLAB_DAEMON_H
#define _SWAPLAB_DAEMON_H

struct swaplab_pool;

int swaplab_daemon_start(struct swaplab_pool *pool);
void swaplab_daemon_stop(struct swaplab_pool *pool);

#endif /* _SWAPLAB_DAEMON_H */
