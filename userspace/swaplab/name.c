// SPDX-License-Identifier: GPL-2.0
/*
 * The names of a device's regions. To ask for them takes a region, so a device that has
 * none is left alone.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "name.h"
#include "nearest.h"
#include "xstrdup.h"

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

/**
 * name_is_valid() - can this be the name of a region?
 * @name: as the user wrote it
 *
 * Return: whether it can; there need not be one.
 */
bool name_is_valid(const char *name)
{
	return *name && strlen(name) < SWAPLAB_NAME_SIZE && !strchr(name, '/');
}

/**
 * name_unlink() - take the name of a region away
 * @device: the device
 * @name: the name, a valid one
 *
 * A device that cannot be opened ends the program.
 *
 * Return: 0 or -errno.
 */
int name_unlink(const struct device *device, const char *name)
{
	int fd = device_open(device), error = 0;
	struct swaplab_unlink request = {};

	strcpy(request.name, name);
	if (ioctl(fd, SWAPLAB_UNLINK, &request))
		error = -errno;
	close(fd);
	return error;
}

static bool is_printable(const char *name)
{
	while (isprint((unsigned char)*name))
		name++;
	return !*name;
}

/**
 * name_hint() - the end of an error: the name that was probably meant
 * @device: the device
 * @name: that no region has
 *
 * Names of other users are among those that are tried, so only those are that do
 * nothing to a terminal.
 *
 * Return: "; did you mean NAME?", or nothing; until the next call.
 */
const char *name_hint(const struct device *device, const char *name)
{
	struct nearest nearest = { .text = name };
	struct swaplab_name other = {};
	int fd = open_if_any(device);

	while (fd >= 0 && !ioctl(fd, SWAPLAB_NEXT_NAME, &other))
		if (is_printable(other.name))
			nearest_try(&nearest, xstrdup(other.name));
	if (fd >= 0)
		close(fd);
	return nearest_hint(&nearest);
}
