/* SPDX-License-Identifier: GPL-2.0 */
/* Files and block devices to page to. */
#ifndef SWAPLAB_SWAPFILE_H
#define SWAPLAB_SWAPFILE_H

#include <stdbool.h>
#include "device.h"

/**
 * struct swapfile - a file or block device to page to
 * @path: absolute, and itself no symbolic link
 * @size: in bytes; to be made of this size, or 0: as it is, or the default
 * @overwrite: its content may be lost
 * @is_made: it was not there before
 * @fd: of a regular file; -1: it is a block device
 */
struct swapfile {
	char *path;
	unsigned long long size;
	bool overwrite;
	bool is_made;
	int fd;
};

void swapfile_prepare(struct swapfile *file, const char *path);
void swapfile_attach(struct swapfile *file, const struct device *device);
void swapfile_undo(struct swapfile *file);

#endif /* SWAPLAB_SWAPFILE_H */
