/* SPDX-License-Identifier: GPL-2.0 */
/* The policies that were compiled in, and Belady's optimum by its name. */
#ifndef SIM_REGISTRY_H
#define SIM_REGISTRY_H

#include <swaplab/policy.h>

/* A parameter of a policy, set by the user: to a list of values where that may be. */
struct setting {
	const char *name;	/* up to the length */
	int name_length;
	unsigned int *values;
	unsigned int nr_values;
};

struct settings {
	struct setting *all;
	unsigned int nr;
};

const struct swaplab_policy_ops *registry_find(const char *name);
void registry_print_policy(const char *name, const struct swaplab_policy_param *params);
void registry_print(void);
bool registry_check_params(const char *policy, const struct swaplab_policy_param *params,
			   const struct setting *setting);
bool registry_check(const struct setting *setting);
unsigned int registry_nr_values(const struct swaplab_policy_param *param,
				const struct settings *settings);
unsigned int registry_value(const struct swaplab_policy_param *param,
			    const struct settings *settings, unsigned int choice);
void registry_list(void (*call)(void *data, const char *name), void *data);

struct swaplab_policy *registry_create(const struct swaplab_policy_ops *ops,
				       unsigned long nr_frames,
				       const struct settings *settings);
void registry_destroy(struct swaplab_policy *policy);

#endif /* SIM_REGISTRY_H */
