/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device of device mapper over a disk of 16 MiB, with the target that a test wants.
 * By ioctls: to start dmsetup takes longer than most faults shall last.
 */
#ifndef SWAPLAB_DM_DISK_H
#define SWAPLAB_DM_DISK_H

#include <linux/dm-ioctl.h>
#include <stddef.h>
#include "swaplab_test.h"

#define MAPPED_NAME	"swaplab-test"
#define MAPPED		"/dev/mapper/" MAPPED_NAME
#define MAPPED_SECTORS	32768

struct mapped_request {
	struct dm_ioctl head;
	char data[512];
};

/* 0 or -errno; where @request is NULL, nothing is asked beside @flags. */
static inline int mapped_call(unsigned long command, unsigned int flags,
			      struct mapped_request *request)
{
	struct mapped_request empty = {};
	int control, err = 0;

	if (!request)
		request = &empty;
	request->head.version[0] = DM_VERSION_MAJOR;
	request->head.data_size = sizeof(*request);
	request->head.data_start = offsetof(struct mapped_request, data);
	request->head.flags = flags;
	strcpy(request->head.name, MAPPED_NAME);
	control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (control < 0 || ioctl(control, command, request))
		err = -errno;
	if (control >= 0)
		close(control);
	return err;
}

/* Adds a target from a line of a table in the format of dmsetup; NULL if it is invalid. */
static inline char *mapped_add(struct mapped_request *request, char *at,
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

/* A table, line by line, for when the device is resumed. */
static inline int mapped_load(const char *table)
{
	struct mapped_request request = {};
	const char *line = table;
	char *at = request.data;

	while (at && line && *line) {
		at = mapped_add(&request, at, line);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return at ? mapped_call(DM_TABLE_LOAD, 0, &request) : -EINVAL;
}

/* Holds all transfers back until mapped_resume(). */
static inline int mapped_stall(void)
{
	return mapped_call(DM_DEV_SUSPEND, DM_SUSPEND_FLAG | DM_NOFLUSH_FLAG |
			   DM_SKIP_LOCKFS_FLAG, NULL);
}

static inline int mapped_resume(void)
{
	return mapped_call(DM_DEV_SUSPEND, 0, NULL);
}

/* Another table from now on; 0 or an error, and then the old one. */
static inline int mapped_set(const char *table)
{
	int err = mapped_stall();

	if (err)
		return err;
	err = mapped_load(table);
	return mapped_resume() ?: err;
}

/* Another target with its parameters from now on. */
static inline int mapped_change(const char *target)
{
	char table[256];

	snprintf(table, sizeof(table), "0 %d %s", MAPPED_SECTORS, target);
	return mapped_set(table);
}

static inline void mapped_destroy(void)
{
	unlink(MAPPED);
	mapped_call(DM_DEV_REMOVE, 0, NULL);
}

/*
 * @type is a target, @more its parameters beside the disk; 0 or an error. It makes the
 * node itself, as no udev does.
 */
static inline int mapped_create(const char *disk, const char *type,
				const char *more)
{
	struct mapped_request request = {};
	char table[256];
	int err;

	sh("modprobe -q dm_mod; modprobe -q dm_%s", type);
	err = mapped_call(DM_DEV_CREATE, 0, &request);
	if (err)
		return err;
	if (mknod(MAPPED, S_IFBLK | 0600, request.head.dev) && errno != EEXIST)
		err = -errno;
	snprintf(table, sizeof(table), "0 %d %s %s 0 %s", MAPPED_SECTORS, type,
		 disk, more);
	err = err ?: mapped_load(table) ?: mapped_resume();
	if (err)
		mapped_destroy();
	return err;
}

/* Tells the target something. */
static inline int mapped_tell(const char *message)
{
	struct mapped_request request = {};
	struct dm_target_msg *tell = (void *)request.data;

	strcpy(tell->message, message);
	return mapped_call(DM_TARGET_MSG, 0, &request);
}

#endif /* SWAPLAB_DM_DISK_H */
