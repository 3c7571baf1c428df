/* SPDX-License-Identifier: GPL-2.0 */
/* The variables of the program and its libraries, on the device. */
#ifndef _HEAP_SEGMENTS_H
#define _HEAP_SEGMENTS_H

#include <stddef.h>

int segments_purge(void *addr, size_t length);

#endif /* _HEAP_SEGMENTS_H */
