// SPDX-License-Identifier: GPL-2.0
/*
 * A shared mapping of a file, which the file system's page cache holds. The file has
 * its blocks from the start, as a swap file has, and nothing in them is to be read.
 */

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "memory.h"
#include "path.h"

static void map_file(struct memory *memory)
{
	int *fd = malloc(sizeof(*fd));

	if (!fd || !memory->where)
		errx(2, "%s:PATH", memory->ops->name);
	*fd = open(memory->where, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (*fd < 0 || fallocate(*fd, 0, 0, memory->size))
		err(2, "%s", memory->where);
	memory->start = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, *fd, 0);
	if (memory->start == MAP_FAILED)
		err(2, "mmap of %zu bytes", memory->size);
	memory->state = fd;
}

static void map_random_file(struct memory *memory)
{
	map_file(memory);
	if (madvise(memory->start, memory->size, MADV_RANDOM))
		err(2, "MADV_RANDOM");
}

/* The page cache drops a page that is neither mapped nor dirty. */
static void page_out_file(const struct memory *memory)
{
	const int *fd = memory->state;

	if (msync(memory->start, memory->size, MS_SYNC) || fdatasync(*fd))
		err(2, "%s", memory->where);
	if (madvise(memory->start, memory->size, MADV_DONTNEED))
		err(2, "MADV_DONTNEED");
	if (posix_fadvise(*fd, 0, 0, POSIX_FADV_DONTNEED))
		errx(2, "POSIX_FADV_DONTNEED");
}

/* Pages that were read show in the traffic of the disk alone. */
static void count_file(const struct memory *memory, struct paging *paging)
{
	paging->misses = memory_major_faults();
}

const struct memory_ops file_mapping = {
	.name = "file",
	.map = map_file,
	.page_out = page_out_file,
	.count = count_file,
	.bytes = memory_cgroup_peak,
};

const struct memory_ops random_file_mapping = {
	.name = "random-file",
	.map = map_random_file,
	.page_out = page_out_file,
	.count = count_file,
	.bytes = memory_cgroup_peak,
};
