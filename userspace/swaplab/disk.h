/* SPDX-License-Identifier: GPL-2.0 */
/* Block devices that are paged to, or that have a swap file. */
#ifndef SWAPLAB_DISK_H
#define SWAPLAB_DISK_H

#include <stdbool.h>

/**
 * struct disk_traffic - requests to a disk since boot, to be subtracted
 * @reads: requests to read
 * @writes: and to write
 * @read_kb: the size of those
 * @written_kb: and of these
 */
struct disk_traffic {
	unsigned long reads;
	unsigned long writes;
	unsigned long read_kb;
	unsigned long written_kb;
};

struct disk_traffic disk_count(const char *path);
struct disk_traffic disk_since(const char *path, struct disk_traffic before);
const char *disk_difference(const char *one, const char *other);

#endif /* SWAPLAB_DISK_H */
