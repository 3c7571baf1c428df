// SPDX-License-Identifier: GPL-2.0
/* Policies in BPF, compiled as C: each registers before main() begins. */

#include <stdio.h>
#include "../../module/bpf/instance.h"
#include "memory.h"

/**
 * swaplab_bpf_register() - make a program a policy
 * @program: its callbacks
 *
 * Ends the program if the module would refuse it.
 */
void swaplab_bpf_register(const struct swaplab_bpf_ops *program)
{
	struct instance_policy *policy = memory_array(1, sizeof(*policy));

	instance_policy_init(policy, program);
	if (instance_program_is_valid(program) && !swaplab_policy_register(&policy->ops))
		return;
	fprintf(stderr, "swaplab-sim: %.*s: no valid policy in BPF\n",
		(int)sizeof(program->name), program->name);
	exit(1);
}
