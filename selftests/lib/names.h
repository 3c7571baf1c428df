/* SPDX-License-Identifier: GPL-2.0 */
/* Regions by name. A result is -errno after an error. */
#ifndef SWAPLAB_NAMES_H
#define SWAPLAB_NAMES_H

#include "swaplab_test.h"

static inline int name_request(int device, const char *name, int flags, mode_t mode,
			       unsigned int options)
{
	struct swaplab_open request = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.options = options,
	};
	int fd;

	snprintf(request.name, sizeof(request.name), "%s", name);
	fd = ioctl(device, SWAPLAB_OPEN, &request);
	return fd < 0 ? -errno : fd;
}

/* By a descriptor of the device that is closed again. */
static inline int name_open_as(const char *name, int flags, mode_t mode,
			       unsigned int options)
{
	int device, fd;

	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return -errno;
	fd = name_request(device, name, flags, mode, options);
	close(device);
	return fd;
}

static inline int name_create(const char *name, mode_t mode)
{
	return name_open_as(name, O_CREAT | O_EXCL | O_RDWR, mode, 0);
}

static inline int name_create_staying(const char *name, mode_t mode)
{
	return name_open_as(name, O_CREAT | O_EXCL | O_RDWR, mode,
			    SWAPLAB_OPEN_STAYS);
}

static inline int name_open(const char *name, int flags)
{
	return name_open_as(name, flags, 0, 0);
}

static inline int name_unlink(const char *name)
{
	struct swaplab_unlink request = {};
	int device, err;

	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return -errno;
	snprintf(request.name, sizeof(request.name), "%s", name);
	err = ioctl(device, SWAPLAB_UNLINK, &request) ? -errno : 0;
	close(device);
	return err;
}

/* Fills in the next name, and the counts of its region. */
static inline int name_next(int device, struct swaplab_name *name)
{
	return ioctl(device, SWAPLAB_NEXT_NAME, name) ? -errno : 0;
}

/* NULL after an error, with errno. */
static inline char *fd_map(int fd, size_t nr_pages, int prot)
{
	char *map = mmap(NULL, nr_pages * PAGE, prot, MAP_SHARED, fd, 0);

	return map == MAP_FAILED ? NULL : map;
}

#endif /* SWAPLAB_NAMES_H */
