/* SPDX-License-Identifier: GPL-2.0 */
/* Counts what a policy does in a call, for the program that tests it: tests/steps.c. */
#ifndef SIM_LINUX_COUNT_H
#define SIM_LINUX_COUNT_H

#ifdef COUNT_STEPS
extern unsigned long nr_looks;	/* at referenced flags */
extern unsigned long nr_links;	/* put on lists, or passed in a hash bucket */
#define COUNT(counter)	((void)(counter)++)
#else
#define COUNT(counter)	((void)0)
#endif

#endif /* SIM_LINUX_COUNT_H */
