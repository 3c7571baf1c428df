// SPDX-License-Identifier: GPL-2.0
/* Errors with advice. Each function ends the program with status 1. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fatal.h"
#include "process.h"
#include "tunable.h"

static bool is_loaded(void)
{
	return !access(DEVICE_CLASS, F_OK);
}

/* modprobe's text depends on the errno. */
static const struct {
	const char *said;
	const char *advice;
} modprobe_advice[] = {
	{ "Key was rejected",
	  "Secure Boot is on, and no key that the kernel knows has signed the module: see\n"
	  "Documentation/packages.rst on Secure Boot (Debian, with DKMS: enrol its key by\n"
	  "mokutil --import /var/lib/dkms/mok.pub, restart), or switch Secure Boot off" },
	{ "not permitted",
	  "the kernel is locked down and wants signed modules: see\n"
	  "Documentation/packages.rst on Secure Boot" },
	{ "not found",
	  "install it, by sudo make install in the built tree, or load it from there, by\n"
	  "sudo insmod module/swaplab.ko" },
	{ "Exec format",
	  "it was built for another kernel: make clean, make, sudo make install" },
	{ NULL, "the kernel's log may tell more: sudo dmesg" },
};

/**
 * fatal_modprobe() - the module cannot be loaded
 * @said: the first line of modprobe's output
 */
void fatal_modprobe(const char *said)
{
	int i = 0;

	while (modprobe_advice[i].said && !strstr(said, modprobe_advice[i].said))
		i++;
	errx(1, "the module is not loaded, and cannot be: %s\n%s", said,
	     modprobe_advice[i].advice);
}

/**
 * fatal_no_device() - there is no such device
 * @name: the device
 */
void fatal_no_device(const char *name)
{
	if (!is_loaded())
		errx(1, "%s: the module is not loaded; do: sudo modprobe swaplab, or\n"
		     "in the built tree: sudo insmod module/swaplab.ko", name);
	errx(1, "%s: there is no such device; for those there are: swaplab status\n"
	     "For one more: sudo swaplab add", name);
}

/**
 * fatal_open() - a device cannot be opened
 * @device: the device
 * @error: the errno
 */
void fatal_open(const struct device *device, int error)
{
	if (error == EACCES || error == EPERM)
		errx(1, "%s: not permitted; use sudo, or join the group that owns it\n"
		     "(the udev rule of make install has one to switch on)",
		     device->path);
	if (error == ENOENT || error == ENXIO || error == ENODEV)
		fatal_no_device(device->path);
	errno = error;
	err(1, "%s", device->path);
}

/* The kernel's reasons to refuse a swap file, in its log, and advice. */
static const struct {
	const char *why;
	const char *advice;
} swap_file_advice[] = {
	{ "has holes",
	  "remove it, and swaplab attach makes one that serves; or say --overwrite" },
	{ "filesystem other than",
	  "name a file on one of these (see findmnt -t ext2,ext3,ext4,xfs), or a block device" },
	{ "encrypted", "name a file in a directory that is not encrypted" },
	{ "shorter than a page", "remove it, and swaplab attach makes one" },
	{ NULL, "name another file or block device" },
};

/**
 * fatal_swap_file() - a device refused a swap file
 * @device: the device
 * @path: the file
 * @why: the reason in the kernel's log, or NULL
 * @error: the errno
 */
void fatal_swap_file(const struct device *device, const char *path,
		     const char *why, int error)
{
	int i = 0;

	if (!why)
		fatal_write(device, "swap_file", path, error);
	if (error == EBUSY) {
		warnx("%s %s; it has to be free: see swapon, findmnt, swaplab status",
		      path, why);
		process_print_holders(stderr, path);
		exit(1);
	}
	while (swap_file_advice[i].why && !strstr(why, swap_file_advice[i].why))
		i++;
	errx(1, "%s %s:\n%s", path, why, swap_file_advice[i].advice);
}

/**
 * fatal_busy() - a device is open or mapped
 * @device: the device
 */
void fatal_busy(const struct device *device)
{
	warnx("%s is in use; end these first:", device->path);
	process_print_holders(stderr, device->path);
	exit(1);
}

/**
 * fatal_write() - a device refused a value
 * @device: the device
 * @file: below its directory
 * @value: the value that was written
 * @error: the errno
 */
void fatal_write(const struct device *device, const char *file,
		 const char *value, int error)
{
	const struct tunable *tunable = tunable_find(file);

	if (error == EACCES || error == EPERM)
		errx(1, "%s: only root may change %s; use sudo", device->path,
		     file);
	if (error == EBUSY && (!strcmp(file, "swap_file") || !strcmp(file, "cgroup")))
		fatal_busy(device);
	if (error == ENOENT && !strcmp(file, "policy"))
		errx(1, "%s: there is no policy %s, or it cannot be loaded; see: swaplab policy\n"
		     "In the built tree: sudo insmod module/policies/swaplab_%s.ko",
		     device->path, value, value);
	if (!strcmp(file, "nr_frames") && (error == EINVAL || error == ERANGE))
		errx(1, "%s: nr_frames cannot be %s: it is a number from %d to %lu,\n"
		     "and larger than the watermarks that are set by hand", device->path, value,
		     DEVICE_MIN_FRAMES, device_max_frames());
	if (tunable && (error == EINVAL || error == ERANGE))
		errx(1, "%s: %s cannot be %s: it is %s", device->path, file, value,
		     tunable_range(tunable));
	if (error == EINVAL || error == ERANGE)
		errx(1, "%s: %s cannot be %s; for its range see\n"
		     "Documentation/ABI/testing/sysfs-class-swaplab",
		     device->path, file, value);
	if (error == EBUSY && !strcmp(file, "nr_frames"))
		errx(1, "%s: pages that are locked need more than %s frames",
		     device->path, value);
	errno = error;
	err(1, "%s: %s %s", device->path, file, value);
}
