/* SPDX-License-Identifier: GPL-2.0 */
/* Files whose pages a region shows (SWAPLAB_BACK). Page p of file f is word_of(p, f). */
#ifndef SWAPLAB_BACKED_H
#define SWAPLAB_BACKED_H

#include "requests.h"

/* A new empty file, open for reading and writing; or -1. Not each filesystem has O_TMPFILE. */
static inline int backed_open(const char *dir, char path[64])
{
	snprintf(path, 64, "%s/swaplab-XXXXXX", dir);
	return mkostemp(path, O_CLOEXEC);
}

/* The same with so many pages, and without a name. */
static inline int backed_file(const char *dir, size_t nr_pages, unsigned int version)
{
	char page[PAGE] __attribute__((aligned(8)));
	char path[64];
	int fd = backed_open(dir, path);
	size_t i;

	unlink(path);
	for (i = 0; fd >= 0 && i < nr_pages; i++) {
		page_fill(page, i, version);
		if (pwrite(fd, page, PAGE, i * PAGE) != (ssize_t)PAGE) {
			close(fd);
			return -1;
		}
	}
	return fd;
}

/* All in pages; 0 or -errno. */
static inline int back(int fd, size_t first, size_t nr, int file, size_t file_first)
{
	struct swaplab_back request = {
		.offset = first * PAGE,
		.length = nr * PAGE,
		.file_offset = file_first * PAGE,
		.fd = file,
	};

	return request_send(fd, SWAPLAB_BACK, &request);
}

#endif /* SWAPLAB_BACKED_H */
