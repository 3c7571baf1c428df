// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic of the block device that a path names or lies on, as the block layer
 * counts it; and whether two of them are the same kind of disk.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "disk.h"

static dev_t device_of(const char *path)
{
	struct stat stat_;

	if (stat(path, &stat_))
		err(1, "%s", path);
	return S_ISBLK(stat_.st_mode) ? stat_.st_rdev : stat_.st_dev;
}

static FILE *open_property(const char *path, const char *property)
{
	dev_t device = device_of(path);
	char name[128];

	snprintf(name, sizeof(name), "/sys/dev/block/%u:%u/%s", major(device),
		 minor(device), property);
	return fopen(name, "re");
}

/**
 * disk_count() - read a disk's counters
 * @path: a block device, or a file on one
 *
 * Return: its traffic since boot; a disk that does not count has none.
 */
struct disk_traffic disk_count(const char *path)
{
	unsigned long sectors_read = 0, sectors_written = 0;
	struct disk_traffic traffic = {};
	FILE *file = open_property(path, "stat");

	if (!file)
		return traffic;
	if (fscanf(file, "%lu %*u %lu %*u %lu %*u %lu", &traffic.reads,
		   &sectors_read, &traffic.writes, &sectors_written) != 4)
		errx(1, "%s: its disk's counters are not understood", path);
	fclose(file);
	traffic.read_kb = sectors_read / 2;
	traffic.written_kb = sectors_written / 2;
	return traffic;
}

/**
 * disk_since() - a disk's traffic since some time
 * @path: a block device, or a file on one
 * @before: its counters at that time
 *
 * Return: the difference.
 */
struct disk_traffic disk_since(const char *path, struct disk_traffic before)
{
	struct disk_traffic now = disk_count(path);

	now.reads -= before.reads;
	now.writes -= before.writes;
	now.read_kb -= before.read_kb;
	now.written_kb -= before.written_kb;
	return now;
}

/* A partition's queue is its disk's. */
static void read_property(const char *path, const char *property, char *value,
			  int size)
{
	char name[64];
	FILE *file;

	snprintf(name, sizeof(name), "queue/%s", property);
	file = open_property(path, name);
	if (!file) {
		snprintf(name, sizeof(name), "../queue/%s", property);
		file = open_property(path, name);
	}
	value[0] = '\0';
	if (!file)
		return;
	if (!fgets(value, size, file))
		value[0] = '\0';
	fclose(file);
}

/**
 * disk_difference() - find out why a comparison of two disks would not be fair
 * @one: a block device, or a file on one
 * @other: likewise
 *
 * Return: the property that differs; NULL: they are on one disk, or alike.
 */
const char *disk_difference(const char *one, const char *other)
{
	static const char *const queue_properties[] = {
		"rotational", "max_sectors_kb", "nr_requests",
		"logical_block_size", "write_cache", NULL
	};
	char value[64], other_value[64];
	unsigned int i;

	if (device_of(one) == device_of(other))
		return NULL;
	if (major(device_of(one)) != major(device_of(other)))
		return "driver";
	for (i = 0; queue_properties[i]; i++) {
		read_property(one, queue_properties[i], value, sizeof(value));
		read_property(other, queue_properties[i], other_value,
			      sizeof(other_value));
		if (strcmp(value, other_value))
			return queue_properties[i];
	}
	return NULL;
}
