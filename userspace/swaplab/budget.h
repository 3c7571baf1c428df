/* SPDX-License-Identifier: GPL-2.0 */
/* A limit for all memory of a program, on the device and beside it. */
#ifndef SWAPLAB_BUDGET_H
#define SWAPLAB_BUDGET_H

#include "device.h"

void budget_begin(const struct device *device, unsigned long long bytes);
int budget_charge(const struct device *device);

#endif /* SWAPLAB_BUDGET_H */
