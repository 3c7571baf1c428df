// SPDX-License-Identifier: GPL-2.0
/* swaplab-sim: the simulator as a program of its own; "swaplab-sim tune" is swaplab tune. */

#include <string.h>
#include "sim.h"
#include "tune.h"

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "tune"))
		return sim_main(argc, argv);
	argv[1] = argv[0];
	return tune_main(argc - 1, argv + 1);
}
