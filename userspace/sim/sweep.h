/* SPDX-License-Identifier: GPL-2.0 */
/* The parameters of a policy that are swept, and the values that each is tried with. */
#ifndef SIM_SWEEP_H
#define SIM_SWEEP_H

#include "registry.h"

/**
 * struct axis - a parameter
 * @values: that it is tried with, each once
 * @nr: how many; 0: it keeps its default
 */
struct axis {
	unsigned int *values;
	unsigned int nr;
};

/**
 * struct sweep - all parameters of a policy
 * @ops: the policy
 * @axes: in the order of its parameters
 * @nr: how many there are
 */
struct sweep {
	const struct swaplab_policy_ops *ops;
	struct axis *axes;
	unsigned int nr;
};

void sweep_create(struct sweep *sweep, const char *policy);
void sweep_add(struct sweep *sweep, const char *text);
void sweep_fill(struct sweep *sweep);
double sweep_count(const struct sweep *sweep);
void sweep_destroy(struct sweep *sweep);

#endif /* SIM_SWEEP_H */
