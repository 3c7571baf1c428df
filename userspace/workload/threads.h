/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that do the same with parts of the work. */
#ifndef WORKLOAD_THREADS_H
#define WORKLOAD_THREADS_H

#include <stddef.h>

void threads_run(unsigned int nr, void *(*work)(void *part), void *parts, size_t size);

#endif /* WORKLOAD_THREADS_H */
