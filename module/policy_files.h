/* SPDX-License-Identifier: GPL-2.0 */
/* The directories policy_params and policy_stats of the bound policy. */
#ifndef _SWAPLAB_POLICY_FILES_H
#define _SWAPLAB_POLICY_FILES_H

#include <linux/device.h>
#include <swaplab/policy.h>

struct swaplab_policy_files;

struct swaplab_policy_files *
swaplab_policy_files_create(struct device *dev, struct swaplab_policy *policy,
			    spinlock_t *lock /* the pool's */);
void swaplab_policy_files_destroy(struct swaplab_policy_files *files);

#endif /* _SWAPLAB_POLICY_FILES_H */
