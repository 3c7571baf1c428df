/* SPDX-License-Identifier: GPL-2.0 */
/* The directories policy_params and policy_stats of the bound policy. */
#ifndef _SWAPLAB_POLICY_FILES_H
#define _SWAPLAB_POLICY_FILES_H

#include "pool.h"

struct swaplab_policy_files *
swaplab_policy_files_create(struct swaplab_pool *pool);
void swaplab_policy_files_destroy(struct swaplab_policy_files *files);

#endif /* _SWAPLAB_POLICY_FILES_H */
