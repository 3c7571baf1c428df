/* SPDX-License-Identifier: GPL-2.0 */
/* A disk of the test's own, with the size, the delay and the faults it needs. */
#ifndef SWAPLAB_DISK_H
#define SWAPLAB_DISK_H

#include "swaplab_test.h"

#define DISK_CONFIG	"/sys/kernel/config/nullb/swaplab-test"
#define DISK_SECTOR	512

static inline int disk_set(const char *attribute, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DISK_CONFIG "/%s", attribute);
	return file_write(path, value);
}

static inline void disk_destroy(void)
{
	rmdir(DISK_CONFIG);
}

/*
 * Makes a disk that keeps its content in memory. Each attribute is null_blk's
 * and of the form name=value; size= is in MiB. Returns its path, or NULL if
 * there is no null_blk or it does not know an attribute.
 */
static inline char *disk_create(const char *attributes)
{
	static char path[64];
	char copy[256], index[16];
	char *attribute, *value, *rest = copy;

	disk_destroy();
	run_shell("modprobe null_blk nr_devices=0");
	if (mkdir(DISK_CONFIG, 0755))
		return NULL;
	snprintf(copy, sizeof(copy),
		 "memory_backed=1 blocksize=4096 %s power=1", attributes);
	while ((attribute = strsep(&rest, " "))) {
		value = strchr(attribute, '=');
		*value++ = '\0';
		if (disk_set(attribute, value)) {
			disk_destroy();
			return NULL;
		}
	}
	/* Older kernels do not name it as it is told. */
	strcpy(path, "/dev/swaplab-test");
	if (!access(path, F_OK))
		return path;
	if (file_read(DISK_CONFIG "/index", index, sizeof(index)))
		return NULL;
	snprintf(path, sizeof(path), "/dev/nullb%s", index);
	return access(path, F_OK) ? NULL : path;
}

/*
 * In pieces, in ascending order: a range that is longer than one entry of the
 * kernel's table makes it unsorted, and then nothing is found in it.
 */
static inline int disk_mark(char mark, size_t first, size_t nr)
{
	size_t sector = first * PAGE / DISK_SECTOR, len;
	size_t end = (first + nr) * PAGE / DISK_SECTOR;
	char sectors[64];
	int err = 0;

	for (; sector < end && !err; sector += len) {
		len = end - sector < 512 ? end - sector : 512;
		snprintf(sectors, sizeof(sectors), "%c%zu-%zu", mark, sector,
			 sector + len - 1);
		err = disk_set("badblocks", sectors);
	}
	return err;
}

/* Pages of the disk whose transfers fail, until disk_heal(). */
static inline int disk_hurt(size_t first, size_t nr)
{
	return disk_mark('+', first, nr);
}

static inline int disk_heal(size_t first, size_t nr)
{
	return disk_mark('-', first, nr);
}

#endif /* SWAPLAB_DISK_H */
