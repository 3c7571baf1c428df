// SPDX-License-Identifier: GPL-2.0
/* Devices, and their files in sysfs. */

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "xstrdup.h"

/* A file in sysfs has at most a page. */
#define MAX_VALUE	4096
#define TRIES		20
#define TRY_US		100000

/* "swaplab0", "/dev/swaplab0" or "0"; -1 for anything else. */
static int parse_number(const char *text)
{
	unsigned long number;

	if (!strncmp(text, "/dev/", 5))
		text += 5;
	if (!strncmp(text, "swaplab", 7))
		text += 7;
	if (!*text || strspn(text, "0123456789") != strlen(text))
		return -1;
	number = strtoul(text, NULL, 10);
	return number > DEVICE_MAX_NUMBER ? -1 : (int)number;
}

static struct device make_device(unsigned char number)
{
	struct device device = { .number = number };

	snprintf(device.name, sizeof(device.name), "swaplab%u", number);
	snprintf(device.path, sizeof(device.path), "/dev/swaplab%u", number);
	return device;
}

/**
 * device_is_name() - can this be the name of a device?
 * @text: as the user wrote it
 *
 * Return: whether it can; there need not be one.
 */
bool device_is_name(const char *text)
{
	return parse_number(text) >= 0;
}

/**
 * device_named() - the device of a name
 * @text: "swaplab0", "/dev/swaplab0" or "0"
 *
 * One that does not exist ends the program.
 *
 * Return: the device.
 */
struct device device_named(const char *text)
{
	int number = parse_number(text);
	struct device device;
	char path[64];

	if (number < 0)
		errx(2, "%s: not a device, such as /dev/swaplab0", text);
	device = make_device(number);
	snprintf(path, sizeof(path), DEVICE_CLASS "/%s", device.name);
	if (access(path, F_OK))
		fatal_no_device(device.path);
	return device;
}

static int by_number(const void *a, const void *b)
{
	const struct device *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

/**
 * device_list() - all devices
 * @devices: set to an array of them, by number, for free()
 *
 * Return: how many; 0 also when the module is not loaded.
 */
unsigned int device_list(struct device **devices)
{
	DIR *directory = opendir(DEVICE_CLASS);
	struct device *list;
	struct dirent *entry;
	unsigned int nr = 0;

	list = calloc(DEVICE_MAX_NUMBER + 1, sizeof(*list));
	if (!list)
		err(1, "memory");
	while (directory && nr <= DEVICE_MAX_NUMBER && (entry = readdir(directory))) {
		int number = parse_number(entry->d_name);

		if (number >= 0)
			list[nr++] = make_device(number);
	}
	if (directory)
		closedir(directory);
	qsort(list, nr, sizeof(*list), by_number);
	*devices = list;
	return nr;
}

static int open_file(const struct device *device, const char *file, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), DEVICE_CLASS "/%s/%s", device->name, file);
	return open(path, flags | O_CLOEXEC);
}

/**
 * device_read() - read a file of a device
 * @device: the device
 * @file: below its directory, as in "stats/faults"
 *
 * Return: the value without the newline, for free(); NULL with errno set if it
 * cannot be read.
 */
char *device_read(const struct device *device, const char *file)
{
	char value[MAX_VALUE + 1];
	int fd = open_file(device, file, O_RDONLY), error;
	ssize_t len;

	if (fd < 0)
		return NULL;
	len = read(fd, value, MAX_VALUE);
	error = errno;
	close(fd);
	errno = error;
	if (len < 0)
		return NULL;
	while (len && value[len - 1] == '\n')
		len--;
	value[len] = '\0';
	return xstrdup(value);
}

/**
 * device_value() - read a file of a device that has to be readable
 * @device: the device
 * @file: below its directory
 *
 * A file that cannot be read ends the program.
 *
 * Return: the value, for free().
 */
char *device_value(const struct device *device, const char *file)
{
	char *value = device_read(device, file);

	if (!value)
		err(1, DEVICE_CLASS "/%s/%s", device->name, file);
	return value;
}

/**
 * device_number() - a number of a device
 * @device: the device
 * @file: below its directory
 *
 * Return: the number in the file.
 */
unsigned long device_number(const struct device *device, const char *file)
{
	char *value = device_value(device, file);
	unsigned long number = strtoul(value, NULL, 10);

	free(value);
	return number;
}

/* Those that the module has made, and that can be read. */
static int is_value(const struct dirent *entry)
{
	return entry->d_type == DT_REG && strcmp(entry->d_name, "uevent") &&
	       strcmp(entry->d_name, "dev") && strcmp(entry->d_name, "reset") &&
	       strcmp(entry->d_name, "reclaim");
}

/**
 * device_files() - the values that a device has
 * @device: the device
 * @directory: below its own, or ""
 * @names: set to an array of "directory/file" by name; both for free()
 *
 * Return: how many; 0 if there is no such directory.
 */
unsigned int device_files(const struct device *device, const char *directory,
			  char ***names)
{
	struct dirent **entries = NULL;
	char path[256];
	int i, nr;

	snprintf(path, sizeof(path), DEVICE_CLASS "/%s/%s", device->name,
		 directory);
	nr = scandir(path, &entries, is_value, alphasort);
	*names = calloc(nr > 0 ? nr : 1, sizeof(**names));
	if (!*names)
		err(1, "memory");
	for (i = 0; i < nr; i++) {
		if (asprintf(&(*names)[i], "%s%s%s", directory,
			     *directory ? "/" : "", entries[i]->d_name) < 0)
			err(1, "memory");
		free(entries[i]);
	}
	free(entries);
	return nr > 0 ? nr : 0;
}

/**
 * device_policy() - the policy that a device uses
 * @device: the device
 *
 * Return: its name, for free().
 */
char *device_policy(const struct device *device)
{
	char *list = device_value(device, "policy");
	char *begin = strchr(list, '['), *name;

	name = xstrdup(begin ? strtok(begin + 1, "]") : "none");
	free(list);
	return name;
}

/**
 * device_max_frames() - the most that nr_frames takes
 *
 * Return: the machine's number of pages.
 */
unsigned long device_max_frames(void)
{
	return sysconf(_SC_PHYS_PAGES);
}

/**
 * device_write() - write to a file of a device
 * @device: the device
 * @file: below its directory
 * @value: the value to write
 *
 * Return: 0 or -errno.
 */
int device_write(const struct device *device, const char *file,
		 const char *value)
{
	int fd = open_file(device, file, O_WRONLY);
	size_t len = strlen(value);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, len) != (ssize_t)len)
		error = -errno;
	close(fd);
	return error;
}

/**
 * device_write_unused() - write to a file that cannot be written to while a device is in use
 * @device: the device
 * @file: below its directory
 * @value: the value to write
 *
 * The last user of a device is gone a moment before the device knows, so this tries for two
 * seconds.
 *
 * Return: 0 or -errno.
 */
int device_write_unused(const struct device *device, const char *file,
			const char *value)
{
	int error, tries = TRIES;

	while ((error = device_write(device, file, value)) == -EBUSY && --tries)
		usleep(TRY_US);
	return error;
}

/**
 * device_wait_unused() - wait until a device has no pages
 * @device: the device
 *
 * The last user of a device is gone a moment before the device knows, so this waits for two
 * seconds.
 *
 * Return: whether it has none.
 */
bool device_wait_unused(const struct device *device)
{
	int tries = TRIES;

	while (device_number(device, "stats/resident") + device_number(device, "stats/swapped")) {
		if (!--tries)
			return false;
		usleep(TRY_US);
	}
	return true;
}

/**
 * device_set() - write to a file of a device, and it has to work
 * @device: the device
 * @file: below its directory
 * @value: the value to write
 *
 * Ends the program with advice if it does not.
 */
void device_set(const struct device *device, const char *file,
		const char *value)
{
	int error = device_write(device, file, value);

	if (error)
		fatal_write(device, file, value, -error);
}

/**
 * device_open() - open a device, which makes a region
 * @device: the device
 *
 * Ends the program with advice if it cannot.
 *
 * Return: a file descriptor.
 */
int device_open(const struct device *device)
{
	int fd = open(device->path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		fatal_open(device, errno);
	return fd;
}

/**
 * device_add() - make a device
 * @device: set to it
 *
 * Return: 0 or -errno.
 */
int device_add(struct device *device)
{
	int fd = open(DEVICE_CONTROL "/hot_add", O_RDONLY | O_CLOEXEC), error = 0;
	char text[16] = "";

	if (fd < 0)
		return -errno;
	if (read(fd, text, sizeof(text) - 1) < 0)
		error = -errno;
	close(fd);
	*device = make_device(strtoul(text, NULL, 10));
	return error;
}

/**
 * device_remove() - remove a device
 * @device: the device
 *
 * Return: 0 or -errno.
 */
int device_remove(const struct device *device)
{
	int fd = open(DEVICE_CONTROL "/hot_remove", O_WRONLY | O_CLOEXEC), error = 0;
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", device->number);

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		error = -errno;
	close(fd);
	return error;
}
