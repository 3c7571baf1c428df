/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of userfaultfd on one range of memory; an error ends the program. */
#ifndef _BENCH_UFFD_H
#define _BENCH_UFFD_H

#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stddef.h>

#define NR_FAULTS	24

/**
 * struct fault - what a thread waits for
 * @address: in the page
 * @is_protected: the page is there, and protected against writing
 * @is_write: the thread writes
 */
struct fault {
	char *address;
	bool is_protected;
	bool is_write;
};

int uffd_open(void *start, size_t size);
int uffd_read(int fd, struct fault *faults);
void uffd_wake(int fd, void *start, size_t size);
void uffd_protect(int fd, void *start, size_t size, bool is_protected);
void uffd_copy(int fd, void *to, const void *from, size_t size, bool is_protected);

#endif /* _BENCH_UFFD_H */
