/* SPDX-License-Identifier: GPL-2.0 */
/* The directory policy_params: one file for each tunable of the bound policy. */
#ifndef _SWAPLAB_PARAMS_H
#define _SWAPLAB_PARAMS_H

#include <linux/device.h>
#include <swaplab/policy.h>

struct swaplab_params;

struct swaplab_params *swaplab_params_create(struct device *dev,
					     struct swaplab_policy *policy);
void swaplab_params_destroy(struct swaplab_params *params);

#endif /* _SWAPLAB_PARAMS_H */
