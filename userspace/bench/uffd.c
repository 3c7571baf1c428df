// SPDX-License-Identifier: GPL-2.0
/* The calls of userfaultfd on one range of memory. */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "uffd.h"

/**
 * uffd_open() - get the faults of a range of memory
 * @start: of the range, which is private and anonymous
 * @size: in bytes
 *
 * Return: a descriptor, which does not block.
 */
int uffd_open(void *start, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register range = {
		.range = { (uintptr_t)start, size },
		.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		err(2, "userfaultfd");
	return fd;
}

/**
 * uffd_read() - get the faults that have not been read
 * @fd: the descriptor
 * @faults: room for NR_FAULTS
 *
 * Return: how many there are.
 */
int uffd_read(int fd, struct fault *faults)
{
	struct uffd_msg messages[NR_FAULTS];
	ssize_t len = read(fd, messages, sizeof(messages));
	uint64_t flags;
	int i;

	if (len < 0 && errno == EAGAIN)
		return 0;
	if (len < 0)
		err(2, "userfaultfd: read");
	for (i = 0; i < len / (ssize_t)sizeof(*messages); i++) {
		flags = messages[i].arg.pagefault.flags;
		faults[i].address = (char *)(uintptr_t)messages[i].arg.pagefault.address;
		faults[i].is_protected = flags & UFFD_PAGEFAULT_FLAG_WP;
		faults[i].is_write = flags & UFFD_PAGEFAULT_FLAG_WRITE;
	}
	return i;
}

/**
 * uffd_wake() - have threads repeat their accesses
 * @fd: the descriptor
 * @start: of their pages
 * @size: in bytes
 */
void uffd_wake(int fd, void *start, size_t size)
{
	struct uffdio_range range = { (uintptr_t)start, size };

	if (ioctl(fd, UFFDIO_WAKE, &range))
		err(2, "UFFDIO_WAKE");
}

/**
 * uffd_protect() - protect pages against writing, or give them back and wake their threads
 * @fd: the descriptor
 * @start: of the pages
 * @size: in bytes
 * @is_protected: from now on
 */
void uffd_protect(int fd, void *start, size_t size, bool is_protected)
{
	struct uffdio_writeprotect protect = {
		.range = { (uintptr_t)start, size },
		.mode = is_protected ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	if (ioctl(fd, UFFDIO_WRITEPROTECT, &protect))
		err(2, "UFFDIO_WRITEPROTECT");
}

/**
 * uffd_copy() - put pages in place, and wake the threads that wait for them
 * @fd: the descriptor
 * @to: their place
 * @from: their content
 * @size: in bytes
 * @is_protected: against writing
 */
void uffd_copy(int fd, void *to, const void *from, size_t size, bool is_protected)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)to,
		.src = (uintptr_t)from,
		.len = size,
		.mode = is_protected ? UFFDIO_COPY_MODE_WP : 0,
	};
	int64_t done;

	while (ioctl(fd, UFFDIO_COPY, &copy)) {
		if (errno != EAGAIN)
			err(2, "UFFDIO_COPY");
		done = copy.copy > 0 ? copy.copy : 0;
		copy.dst += done;
		copy.src += done;
		copy.len -= done;
	}
}
