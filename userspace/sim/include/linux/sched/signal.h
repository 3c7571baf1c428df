/* SPDX-License-Identifier: GPL-2.0 */
/* What may sleep asks for signals, and gives way: neither matters here. */
#ifndef SIM_LINUX_SCHED_SIGNAL_H
#define SIM_LINUX_SCHED_SIGNAL_H

#define current			NULL
#define fatal_signal_pending(task)	((void)(task), 0)
#define cond_resched()		do { } while (0)

#endif /* SIM_LINUX_SCHED_SIGNAL_H */
