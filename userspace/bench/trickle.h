/* SPDX-License-Identifier: GPL-2.0 */
/* Another process that takes a new page now and then. */
#ifndef _BENCH_TRICKLE_H
#define _BENCH_TRICKLE_H

#include <sys/types.h>

pid_t trickle_start(const char *backend);
void trickle_stop(pid_t pid);

#endif /* _BENCH_TRICKLE_H */
