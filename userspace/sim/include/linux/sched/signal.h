/* SPDX-License-Identifier: GPL-2.0 */
/* Code that may sleep checks for signals and gives way: neither matters here. */
#ifndef SIM_LINUX_SCHED_SIGNAL_H
#define SIM_LINUX_SCHED_SIGNAL_H

#define current	NULL
#define fatal_signal_pending(task)	((void)(task), 0)
static inline void cond_resched(void)
{
}

#endif /* SIM_LINUX_SCHED_SIGNAL_H */
