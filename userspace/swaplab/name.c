// SPDX-License-Identifier: GPL-2.0
/*
 * The names of a device's regions. To ask for them takes a region, so a device that has
 * none is left alone.
 */

#include <ctype.h>
#include <linux/swaplab.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "name.h"

/* -1: there are no names, or the device is not for this user. */
static int open_if_any(const struct device *device)
{
	if (!device_number(device, "stats/names"))
		return -1;
	return open(device->path, O_RDONLY | O_CLOEXEC);
}

/* A name may have any byte but a slash, those that change a terminal, too. */
static void print_name(const char *name)
{
	for (; *name; name++) {
		if (isprint((unsigned char)*name) && *name != '\\')
			putchar(*name);
		else
			printf("\\%03o", (unsigned char)*name);
	}
}

static void print_one(const struct swaplab_name *name)
{
	fputs("    ", stdout);
	print_name(name->name);
	printf(": region %u, mode %04o, uid %u, gid %u, open files %u", name->region,
	       name->mode, name->uid, name->gid, name->nr_files);
	printf(", resident %llu, swapped %llu%s\n",
	       (unsigned long long)name->resident, (unsigned long long)name->swapped,
	       name->options & SWAPLAB_OPEN_STAYS ? ", stays" : "");
}

/**
 * name_print_all() - print the names of a device's regions, if there are any
 * @device: the device
 */
void name_print_all(const struct device *device)
{
	struct swaplab_name name = {};
	int fd = open_if_any(device);

	if (fd < 0)
		return;
	puts("  names");
	while (!ioctl(fd, SWAPLAB_NEXT_NAME, &name))
		print_one(&name);
	close(fd);
}

static void write_one(struct json *json, const struct swaplab_name *name)
{
	json_object(json, NULL);
	json_text(json, "name", name->name);
	json_number(json, "region", name->region);
	json_number(json, "mode", name->mode);
	json_number(json, "uid", name->uid);
	json_number(json, "gid", name->gid);
	json_number(json, "files", name->nr_files);
	json_number(json, "stays", !!(name->options & SWAPLAB_OPEN_STAYS));
	json_number(json, "resident", name->resident);
	json_number(json, "swapped", name->swapped);
	json_end(json);
}

/**
 * name_write_all() - write the names of a device's regions
 * @json: where to
 * @device: the device
 */
void name_write_all(struct json *json, const struct device *device)
{
	struct swaplab_name name = {};
	int fd = open_if_any(device);

	json_array(json, "names");
	while (fd >= 0 && !ioctl(fd, SWAPLAB_NEXT_NAME, &name))
		write_one(json, &name);
	json_end(json);
	if (fd >= 0)
		close(fd);
}
