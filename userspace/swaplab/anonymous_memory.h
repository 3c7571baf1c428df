/* SPDX-License-Identifier: GPL-2.0 */
/* Ordinary memory of a process and those that it has started. */
#ifndef SWAPLAB_ANONYMOUS_MEMORY_H
#define SWAPLAB_ANONYMOUS_MEMORY_H

#include <sys/types.h>

unsigned long anonymous_memory_pages(pid_t pid);

#endif /* SWAPLAB_ANONYMOUS_MEMORY_H */
