/* SPDX-License-Identifier: GPL-2.0 */
/* Disks in memory behind loop devices, and filesystems on them. */
#ifndef SWAPLAB_LOOP_H
#define SWAPLAB_LOOP_H

#include <linux/loop.h>
#include <sys/mount.h>
#include "swaplab_test.h"

/* A disk in memory until the process ends: its path, and its pages by a fd. */
static inline int loop_create(off_t size, bool read_only, char device[64])
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control, disk, nr;

	run_shell("modprobe -q loop");
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	nr = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	snprintf(device, 64, "/dev/loop%d", nr);
	disk = open(device, O_RDWR | O_CLOEXEC);
	/* Under a name of its own, by which mkfs.btrfs looks for mounted filesystems. */
	config.fd = memfd_create(device, MFD_CLOEXEC);
	if (read_only)
		config.info.lo_flags |= LO_FLAGS_READ_ONLY;
	if (ftruncate(config.fd, size) || ioctl(disk, LOOP_CONFIGURE, &config))
		return -1;
	/* The descriptor stays open: without a user the device would be removed. */
	return config.fd;
}

static inline int mount_fs(const char *mkfs, off_t size, const char *type,
			   const char *dir)
{
	char device[64];

	if (loop_create(size, false, device) < 0)
		return -1;
	return run_shell("%s %s", mkfs, device) ||
	       mount(device, dir, type, 0, NULL);
}

/* A file of zeros. */
static inline int file_make(const char *path, unsigned int nr_pages)
{
	static const char zeros[PAGE];
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (nr_pages-- && !err)
		err = write(fd, zeros, PAGE) != PAGE;
	err |= fsync(fd);
	close(fd);
	return err;
}

static inline bool has_program(const char *name)
{
	return !run_shell("command -v %s", name);
}

#endif /* SWAPLAB_LOOP_H */
