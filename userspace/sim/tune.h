/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIM_TUNE_H
#define SIM_TUNE_H

int tune_main(int argc, char **argv);

#endif /* SIM_TUNE_H */
