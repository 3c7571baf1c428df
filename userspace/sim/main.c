// SPDX-License-Identifier: GPL-2.0
/* swaplab-sim: the simulator as a program of its own. */

#include "sim.h"

int main(int argc, char **argv)
{
	return sim_main(argc, argv);
}
