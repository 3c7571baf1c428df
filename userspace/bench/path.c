// SPDX-License-Identifier: GPL-2.0
/* Small files of the kernel's, in sysfs, procfs and cgroups. */

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "path.h"

/**
 * path_format() - make a path
 * @path: room for PATH_BYTES
 * @format: as for printf()
 */
void path_format(char *path, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, PATH_BYTES, format, args);
	va_end(args);
	if (len >= PATH_BYTES)
		errx(2, "name too long: %s", path);
}

/**
 * path_read_field() - read a number of a file that has names and numbers
 * @path: such as /proc/vmstat
 * @field: the whole word before the number
 *
 * Return: the number.
 */
unsigned long path_read_field(const char *path, const char *field)
{
	unsigned long value;
	char line[256], name[64];
	FILE *file = fopen(path, "re");

	if (!file)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu", name, &value) == 2 && !strcmp(name, field)) {
			fclose(file);
			return value;
		}
	}
	errx(2, "%s has no %s", path, field);
}

/**
 * path_read_number() - read a file that has one number
 * @path: its path
 *
 * Return: the number.
 */
unsigned long path_read_number(const char *path)
{
	unsigned long value;
	FILE *file = fopen(path, "re");

	if (!file || fscanf(file, "%lu", &value) != 1)
		err(2, "%s", path);
	fclose(file);
	return value;
}

/**
 * path_write() - write to a file
 * @path: its path
 * @text: to write
 */
void path_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file))
		err(2, "%s", path);
}
