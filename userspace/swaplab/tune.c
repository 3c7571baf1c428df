// SPDX-License-Identifier: GPL-2.0
/* swaplab tune: a part of the simulator, which is a program of its own. */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "libexec.h"
#include "verb.h"

/* Becomes "swaplab-sim tune ARGUMENT...", still named "swaplab tune" in messages. */
static int run_tune(int argc, char **argv)
{
	char word[] = "tune";
	char **all = calloc(argc + 2, sizeof(*all));

	if (!all)
		err(1, "memory");
	all[0] = argv[0];
	all[1] = word;
	memcpy(all + 2, argv + 1, argc * sizeof(*all));
	libexec_exec("swaplab-sim", all);
}

const struct swaplab_verb tune_verb = {
	.name = "tune",
	.arguments = "POLICY --trace FILE",
	.summary = "find the settings of a policy that fit a trace",
	.run = run_tune,
};
