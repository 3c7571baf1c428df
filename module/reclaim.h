/* SPDX-License-Identifier: GPL-2.0 */
/* Reclaim: from victims to free frames. Called by daemons, and tasks that act as one. */
#ifndef _SWAPLAB_RECLAIM_H
#define _SWAPLAB_RECLAIM_H

#include "pass.h"

int swaplab_reclaim_create(struct swaplab_daemon *daemon);
void swaplab_reclaim_destroy(struct swaplab_daemon *daemon);

enum swaplab_pass_result swaplab_reclaim_round(struct swaplab_daemon *daemon);
bool swaplab_reclaim_help(struct swaplab_daemon *daemon);
void swaplab_reclaim_run(struct swaplab_daemon *daemon,
			 struct swaplab_frame **frames, unsigned int nr);

#endif /* _SWAPLAB_RECLAIM_H */
