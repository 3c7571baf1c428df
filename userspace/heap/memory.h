/* SPDX-License-Identifier: GPL-2.0 */
/* Calls on memory; the caller holds heap.lock. Errors are in errno. */
#ifndef _HEAP_MEMORY_H
#define _HEAP_MEMORY_H

#include <sys/types.h>
#include "heap.h"

/* mmap.c */
void *map_fixed(void *addr, size_t length, int prot, int flags, int fd,
		off_t offset);
void *map_anywhere(const void *hint, size_t nr, int prot, int flags);
int unmap_range(void *addr, size_t length);
int replace_pages(size_t first, size_t nr, unsigned int attributes);

/* shared.c */
void *map_shared(size_t first, size_t nr, int prot, int flags);

/* advice.c */
int advise_range(void *addr, size_t length, int advice);
int protect_range(void *addr, size_t length, int prot, int pkey);

#endif /* _HEAP_MEMORY_H */
