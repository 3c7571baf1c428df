/* SPDX-License-Identifier: GPL-2.0 */
/* Policies at work. */
#ifndef _SWAPLAB_CORE_INSTANCE_H
#define _SWAPLAB_CORE_INSTANCE_H

#include <swaplab/policy.h>

bool swaplab_instance_get_ops(const struct swaplab_policy_ops *ops);
void swaplab_instance_put_ops(const struct swaplab_policy_ops *ops);
struct swaplab_policy *swaplab_instance_create(const struct swaplab_policy_ops *ops,
					       unsigned long nr_frames);
void swaplab_instance_destroy(struct swaplab_policy *policy);
void swaplab_instance_copy_params(struct swaplab_policy *to,
				  const struct swaplab_policy *from);

#endif /* _SWAPLAB_CORE_INSTANCE_H */
