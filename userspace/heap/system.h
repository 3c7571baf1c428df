/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system calls that this object takes the place of, and what it has to say.
 * To look the C library's functions up instead (dlsym) may allocate memory, and
 * this is what memory is allocated with.
 */
#ifndef _HEAP_SYSTEM_H
#define _HEAP_SYSTEM_H

#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline void *system_mmap(void *addr, size_t length, int prot, int flags,
				int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, addr, length, prot, flags, fd, offset);
}

static inline int system_munmap(void *addr, size_t length)
{
	return syscall(SYS_munmap, addr, length);
}

static inline int system_madvise(void *addr, size_t length, int advice)
{
	return syscall(SYS_madvise, addr, length, advice);
}

static inline int system_close(int fd)
{
	return syscall(SYS_close, fd);
}

/* Inaccessible addresses, anywhere or at @addr; NULL: none. */
static inline void *system_reserve(void *addr, size_t length)
{
	void *start = system_mmap(addr, length, PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				  (addr ? MAP_FIXED : 0), -1, 0);

	return start == MAP_FAILED ? NULL : start;
}

/* Ordinary memory, anywhere or at @addr; NULL: none. */
static inline void *system_anonymous(void *addr, size_t length)
{
	void *start = system_mmap(addr, length, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				  (addr ? MAP_FIXED : 0), -1, 0);

	return start == MAP_FAILED ? NULL : start;
}

void system_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* _HEAP_SYSTEM_H */
