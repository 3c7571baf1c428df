/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

int sim_main(int argc, char **argv);

#endif /* SIM_SIM_H */
