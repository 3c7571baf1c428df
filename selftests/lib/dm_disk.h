/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device of device mapper over a disk of 16 MiB, with the target that a test wants. It
 * uses ioctls, because starting dmsetup takes longer than most of the faults.
 */
#ifndef SWAPLAB_DM_DISK_H
#define SWAPLAB_DM_DISK_H

#include <linux/dm-ioctl.h>
#include <stddef.h>
#include "disk.h"

#define DM_DISK_NAME	"swaplab-test"
#define DM_DISK		"/dev/mapper/" DM_DISK_NAME
#define DM_DISK_SECTORS	32768

struct dm_disk_request {
	struct dm_ioctl head;
	char data[512];
};

/* Returns 0 or -errno. If @request is NULL, the command has no arguments but @flags. */
static inline int dm_disk_call(unsigned long command, unsigned int flags,
			       struct dm_disk_request *request)
{
	struct dm_disk_request empty = {};
	int control, err = 0;

	if (!request)
		request = &empty;
	request->head.version[0] = DM_VERSION_MAJOR;
	request->head.data_size = sizeof(*request);
	request->head.data_start = offsetof(struct dm_disk_request, data);
	request->head.flags = flags;
	strcpy(request->head.name, DM_DISK_NAME);
	control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (control < 0 || ioctl(control, command, request))
		err = -errno;
	if (control >= 0)
		close(control);
	return err;
}

/* Adds a target from a line of a table in the format of dmsetup; NULL if it is invalid. */
static inline char *dm_disk_add(struct dm_disk_request *request, char *at,
				const char *line)
{
	struct dm_target_spec spec = {};
	int params = 0;
	size_t len;

	if (sscanf(line, "%llu %llu %15s %n", &spec.sector_start, &spec.length,
		   spec.target_type, &params) < 3)
		return NULL;
	len = strcspn(line + params, "\n");
	spec.next = (sizeof(spec) + len + 8) & ~7UL;
	if (at + spec.next > request->data + sizeof(request->data))
		return NULL;
	memcpy(at, &spec, sizeof(spec));
	memcpy(at + sizeof(spec), line + params, len);
	request->head.target_count++;
	return at + spec.next;
}

/* Loads a table, line by line; it is used when the device is resumed. */
static inline int dm_disk_load(const char *table)
{
	struct dm_disk_request request = {};
	const char *line = table;
	char *at = request.data;

	while (at && line && *line) {
		at = dm_disk_add(&request, at, line);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return at ? dm_disk_call(DM_TABLE_LOAD, 0, &request) : -EINVAL;
}

/* Holds all transfers back until dm_disk_resume(). */
static inline int dm_disk_stall(void)
{
	return dm_disk_call(DM_DEV_SUSPEND, DM_SUSPEND_FLAG | DM_NOFLUSH_FLAG |
			    DM_SKIP_LOCKFS_FLAG, NULL);
}

static inline int dm_disk_resume(void)
{
	return dm_disk_call(DM_DEV_SUSPEND, 0, NULL);
}

/* Changes the table; after an error the old one stays. */
static inline int dm_disk_set(const char *table)
{
	int err = dm_disk_stall();

	if (err)
		return err;
	err = dm_disk_load(table);
	return dm_disk_resume() ?: err;
}

/* Changes to another target with its parameters. */
static inline int dm_disk_change(const char *target)
{
	char table[256];

	snprintf(table, sizeof(table), "0 %d %s", DM_DISK_SECTORS, target);
	return dm_disk_set(table);
}

static inline void dm_disk_destroy(void)
{
	unlink(DM_DISK);
	dm_disk_call(DM_DEV_REMOVE, 0, NULL);
}

/* Makes the disk that is to lie under the mapped one; NULL if there is no null_blk. */
static inline const char *dm_disk_prepare(void)
{
	dm_disk_resume();
	pool_restore();
	dm_disk_destroy();
	return disk_create("size=16");
}

/*
 * @type is a target, @more has its parameters beside the disk. Makes the node itself,
 * because there is no udev. Returns 0 or an error.
 */
static inline int dm_disk_create(const char *disk, const char *type,
				 const char *more)
{
	struct dm_disk_request request = {};
	char table[256];
	int err;

	run_shell("modprobe -q dm_mod; modprobe -q dm_%s", type);
	err = dm_disk_call(DM_DEV_CREATE, 0, &request);
	if (err)
		return err;
	if (mknod(DM_DISK, S_IFBLK | 0600, request.head.dev) && errno != EEXIST)
		err = -errno;
	snprintf(table, sizeof(table), "0 %d %s %s 0 %s", DM_DISK_SECTORS, type,
		 disk, more);
	err = err ?: dm_disk_load(table) ?: dm_disk_resume();
	if (err)
		dm_disk_destroy();
	return err;
}

/* Sends a message to the target. */
static inline int dm_disk_tell(const char *message)
{
	struct dm_disk_request request = {};
	struct dm_target_msg *tell = (void *)request.data;

	strcpy(tell->message, message);
	return dm_disk_call(DM_TARGET_MSG, 0, &request);
}

#endif /* SWAPLAB_DM_DISK_H */
