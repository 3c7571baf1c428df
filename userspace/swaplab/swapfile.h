/* SPDX-License-Identifier: GPL-2.0 */
/* Files and block devices to page to. */
#ifndef SWAPLAB_SWAPFILE_H
#define SWAPLAB_SWAPFILE_H

#include <stdbool.h>

/**
 * struct swapfile - a file or block device to page to
 * @path: absolute, without symbolic links
 * @size: in bytes; to be made of this size, or 0: as it is, or the default
 * @overwrite: it may be written over, whatever is in it
 * @is_made: it was not there before
 */
struct swapfile {
	char *path;
	unsigned long long size;
	bool overwrite;
	bool is_made;
};

void swapfile_prepare(struct swapfile *file, const char *path);
void swapfile_undo(struct swapfile *file);

#endif /* SWAPLAB_SWAPFILE_H */
