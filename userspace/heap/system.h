/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system calls of the functions that this object replaces, and its messages.
 * dlsym(), which would find the C library's functions instead, may allocate memory
 * and so call this object again. And the C library's open() and write() may end a thread
 * that is cancelled, with heap.lock held.
 */
#ifndef _HEAP_SYSTEM_H
#define _HEAP_SYSTEM_H

#include <fcntl.h>
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

static inline void *system_mremap(void *addr, size_t old_bytes,
				  size_t new_bytes, int flags, void *to)
{
	return (void *)syscall(SYS_mremap, addr, old_bytes, new_bytes, flags,
			       to);
}

/* With a protection key, or -1. */
static inline int system_mprotect(void *addr, size_t length, int prot, int pkey)
{
	if (pkey == -1)
		return syscall(SYS_mprotect, addr, length, prot);
	return syscall(SYS_pkey_mprotect, addr, length, prot, pkey);
}

static inline int system_open(const char *path, int flags)
{
	return syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC);
}

static inline int system_close(int fd)
{
	return syscall(SYS_close, fd);
}

static inline void *system_set_aside(void *addr, size_t length, int flags)
{
	void *start = system_mmap(addr, length, PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				  flags, -1, 0);

	return start == MAP_FAILED ? NULL : start;
}

/* Inaccessible addresses, anywhere or at @addr; NULL: none. */
static inline void *system_reserve(void *addr, size_t length)
{
	return system_set_aside(addr, length, addr ? MAP_FIXED : 0);
}

/* Inaccessible addresses at @addr; NULL: something is mapped there. */
static inline void *system_reserve_hole(void *addr, size_t length)
{
	return system_set_aside(addr, length, MAP_FIXED_NOREPLACE);
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
