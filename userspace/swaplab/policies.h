/* SPDX-License-Identifier: GPL-2.0 */
/* The policies that a device can use. */
#ifndef SWAPLAB_POLICIES_H
#define SWAPLAB_POLICIES_H

#include "device.h"

/**
 * struct policies - names of policies
 * @names: by name
 * @nr: how many
 */
struct policies {
	char **names;
	unsigned int nr;
};

struct policies policies_loaded(const struct device *device);
struct policies policies_installed(void);
void policies_free(struct policies *policies);
bool policies_among(const struct policies *policies, const char *name);
bool policies_has(const struct device *device, const char *name);
void policies_refuse(const struct device *device, const char *name)
	__attribute__((noreturn));

#endif /* SWAPLAB_POLICIES_H */
