/* SPDX-License-Identifier: GPL-2.0 */
/* What the samples have in common: a file whose pages a region shows, and its way out. */
#ifndef PAGER_IMAGE_H
#define PAGER_IMAGE_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "swaplab-pager.h"

/**
 * struct image - the file
 * @fd: its descriptor
 * @size: in bytes, not 0
 * @nr_pages: of which the last one may be partly behind the end
 */
struct image {
	int fd;
	uint64_t size;
	uint64_t nr_pages;
};

static inline void image_open(struct image *image, const char *path, int flags)
{
	struct stat stat;

	image->fd = open(path, flags | O_CLOEXEC);
	if (image->fd < 0 || fstat(image->fd, &stat))
		err(1, "%s", path);
	if (!S_ISREG(stat.st_mode) || !stat.st_size)
		errx(1, "%s: not a file with content", path);
	image->size = stat.st_size;
	image->nr_pages = (image->size + PAGER_PAGE - 1) / PAGER_PAGE;
}

/* As pager_ops.fill has it: whole pages, but for the last one of the file. */
static inline long image_read(const struct image *image, uint64_t page, size_t nr, char *to)
{
	size_t size = nr * PAGER_PAGE, done = 0;
	ssize_t len = 1;

	while (done < size && len > 0) {
		len = pread(image->fd, to + done, size - done, page * PAGER_PAGE + done);
		if (len < 0)
			return -errno;
		done += len;
	}
	return (done + PAGER_PAGE - 1) / PAGER_PAGE;
}

/*
 * Writes what the region shows. By memcpy(): a write() from the region would be a fault of the
 * kernel, which an unprivileged pager does not serve.
 */
static inline void image_write(const struct image *image, const char *map)
{
	static char page[PAGER_PAGE];
	uint64_t offset;
	size_t len;

	for (offset = 0; offset < image->size; offset += len) {
		len = image->size - offset < PAGER_PAGE ? image->size - offset : PAGER_PAGE;
		memcpy(page, map + offset, len);
		if (fwrite(page, 1, len, stdout) != len)
			err(1, "stdout");
	}
	if (fflush(stdout))
		err(1, "stdout");
}

/* A failed call of the library ends the program. */
static inline void must(long result, const char *what)
{
	if (result < 0)
		errx(1, "%s: %s", what, strerror((int)-result));
}

#endif /* PAGER_IMAGE_H */
