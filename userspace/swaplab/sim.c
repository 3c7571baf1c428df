// SPDX-License-Identifier: GPL-2.0
/* swaplab sim: the simulator, which is a program of its own. */

#include "libexec.h"
#include "verb.h"

static int run_sim(int argc, char **argv)
{
	(void)argc;
	libexec_exec("swaplab-sim", argv);
}

const struct swaplab_verb sim_verb = {
	.name = "sim",
	.arguments = "--trace FILE --policy NAME --frames N",
	.summary = "replay a trace with policies, beside the optimum",
	.run = run_sim,
};
