/* SPDX-License-Identifier: GPL-2.0 */
/* The page daemon that leads. */
#ifndef _SWAPLAB_LEADER_H
#define _SWAPLAB_LEADER_H

#include "pool.h"

void swaplab_leader_run(struct swaplab_daemon *daemon);

#endif /* _SWAPLAB_LEADER_H */
