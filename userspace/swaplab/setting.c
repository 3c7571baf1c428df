// SPDX-License-Identifier: GPL-2.0
/*
 * Values of the kernel that are set, and set back when this program ends, the last
 * one first. A file that is set twice gets its first value back.
 */

#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "setting.h"
#include "xstrdup.h"

#define MAX_SETTINGS	64
/* The last user of a device is gone a moment before the device knows. */
#define TRIES		20
#define TRY_US		100000

static struct {
	char *path;
	char *value;
} known_settings[MAX_SETTINGS];
static int nr_settings;

/* "[a] b c" means a. */
static void pick_value(char *value)
{
	char *begin = strchr(value, '[');

	value[strcspn(value, "\n")] = '\0';
	if (!begin)
		return;
	begin[strcspn(begin, "]")] = '\0';
	memmove(value, begin + 1, strlen(begin));
}

/**
 * setting_read() - read a file
 * @path: of the file
 *
 * A file that cannot be read ends the program.
 *
 * Return: its line, or the word in brackets there; for free().
 */
char *setting_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file || getline(&line, &size, file) < 0)
		err(1, "%s", path);
	fclose(file);
	pick_value(line);
	return line;
}

static bool write_value(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = strlen(value);
	bool done = fd >= 0 && write(fd, value, length) == length;

	if (fd >= 0)
		close(fd);
	return done;
}

static void put_back_settings(void)
{
	int try;

	while (nr_settings--) {
		for (try = 0; try < TRIES; try++) {
			if (write_value(known_settings[nr_settings].path,
					known_settings[nr_settings].value))
				break;
			usleep(TRY_US);
		}
		if (try == TRIES)
			warn("%s cannot be set back to %s",
			     known_settings[nr_settings].path,
			     known_settings[nr_settings].value);
	}
}

/**
 * setting_put_back_at_exit() - put all values back when this program ends
 *
 * Functions that are registered with atexit() later are called before.
 */
void setting_put_back_at_exit(void)
{
	atexit(put_back_settings);
}

/**
 * setting_remember() - have a value put back, also if others set it
 * @path: of the file
 */
void setting_remember(const char *path)
{
	int i;

	for (i = 0; i < nr_settings; i++)
		if (!strcmp(known_settings[i].path, path))
			return;
	if (nr_settings == MAX_SETTINGS)
		errx(1, "too many settings");
	known_settings[nr_settings].value = setting_read(path);
	known_settings[nr_settings++].path = xstrdup(path);
}

/**
 * setting_change() - set a value
 * @path: of the file
 * @value: to be written; an error ends the program
 */
void setting_change(const char *path, const char *value)
{
	setting_remember(path);
	if (!write_value(path, value))
		err(1, "%s: %s", path, value);
}

/**
 * setting_number() - set a number
 * @path: of the file
 * @value: to be written; an error ends the program
 */
void setting_number(const char *path, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", value);
	setting_change(path, text);
}
