/* SPDX-License-Identifier: GPL-2.0 */
/* Regions with private pages, and children that share them. */
#ifndef SWAPLAB_PRIVATE_H
#define SWAPLAB_PRIVATE_H

#include <linux/swaplab.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include "swaplab_test.h"

/* Maps a new region whose pages are private after fork(); NULL if that fails. */
static inline char *private_map(int *fd, size_t nr_pages)
{
	char *map;

	*fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return NULL;
	if (ioctl(*fd, SWAPLAB_FORK_PRIVATE) == 0) {
		map = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE,
			   MAP_SHARED, *fd, 0);
		if (map != MAP_FAILED)
			return map;
	}
	close(*fd);
	return NULL;
}

/* Two processes take turns: each waits until the other one has come as far. */
struct turns {
	int to_child[2], to_parent[2];
};

static inline int turns_begin(struct turns *turns)
{
	return pipe(turns->to_child) || pipe(turns->to_parent);
}

static inline void turns_end(struct turns *turns)
{
	close(turns->to_child[0]);
	close(turns->to_child[1]);
	close(turns->to_parent[0]);
	close(turns->to_parent[1]);
}

static inline void turn_over(int fd[2])
{
	char c = 0;

	if (write(fd[1], &c, 1) != 1)
		_exit(99);
}

static inline void turn_await(int fd[2])
{
	char c;

	if (read(fd[0], &c, 1) != 1)
		_exit(98);
}

/* 0, or how the child has ended. */
static inline int child_result(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/*
 * Fills a new region, of which a child writes one half. Has each of the two all that it has
 * written, and the child the other half of the parent's?
 */
static inline bool private_child_keeps_pages(unsigned int version)
{
	size_t wrong;
	char *map;
	pid_t pid;
	int fd;

	map = private_map(&fd, 32);
	if (!map)
		return false;
	pages_fill(map, 0, 32, version);
	pid = fork();
	if (!pid) {
		pages_fill(map, 0, 16, version + 1);
		_exit(pages_wrong(map, 0, 16, version + 1) ||
		      pages_wrong(map, 16, 16, version));
	}
	wrong = pages_wrong(map, 0, 32, version);
	region_unmap(fd, map, 32);
	return !child_result(pid) && !wrong;
}

#endif /* SWAPLAB_PRIVATE_H */
