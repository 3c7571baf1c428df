/* SPDX-License-Identifier: GPL-2.0 */
/* Files and block devices to page to. */
#ifndef SWAPLAB_SWAPFILE_H
#define SWAPLAB_SWAPFILE_H

#include <stdbool.h>
#include "device.h"

/**
 * struct swapfile - a file or block device to page to
 * @path: absolute, and itself no symbolic link
 * @size: in bytes; 0: the present size, or the default for a new file
 * @overwrite: its content may be lost
 * @is_made: it did not exist before
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
