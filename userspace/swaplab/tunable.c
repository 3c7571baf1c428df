// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of a device. The kernel checks each value, too; that is known only when
 * it is written, and after others may have been.
 */

#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "nearest.h"
#include "policies.h"
#include "size.h"
#include "tunable.h"
#include "xstrdup.h"

#define NODES		"/sys/devices/system/node/online"
#define MAX_DAEMONS	16

static const char *const cgroups[] = { "none", "self", NULL };
static const char *const allocations[] = { "global", "equal", "pff", "working-set", NULL };
static const char *const slot_allocations[] = { "dynamic", "static", NULL };
static const char *const false_words[] = { "0", "n", "no", "off", "false", NULL };
static const char *const true_words[] = { "1", "y", "yes", "on", "true", NULL };

/* As Documentation/ABI/testing/sysfs-class-swaplab has them; NULL at the end. */
const struct tunable tunables[] = {
	{ "policy", .kind = TUNABLE_POLICY, .preset = "aging" },
	{ "allocation", TUNABLE_WORD, .words = allocations, .preset = "global" },
	{ "pff_low", TUNABLE_NUMBER, 0, 1000000, .preset = "10" },
	{ "pff_high", TUNABLE_NUMBER, 0, 1000000, .preset = "50" },
	{ "working_set_samples", TUNABLE_NUMBER, 1, 16, .preset = "4" },
	{ "load_turn_ms", TUNABLE_NUMBER, 0, 60000, .preset = "0" },
	{ "max_reserved_percent", TUNABLE_NUMBER, 0, 90, .preset = "50" },
	{ "max_user_reserved_percent", TUNABLE_NUMBER, 0, 90, .preset = "90" },
	{ "nr_frames", TUNABLE_PAGES, DEVICE_MIN_FRAMES, 0, .preset = "1024" },
	{ "daemons", TUNABLE_NUMBER, 1, MAX_DAEMONS, .preset = NULL },
	{ "scan_interval_ms", TUNABLE_NUMBER, 1, 3600000, .preset = "1000" },
	{ "readahead_pages", TUNABLE_PAGES, 0, 64, .preset = "32" },
	{ "readaround_pages", TUNABLE_PAGES, 0, 64, .preset = "64" },
	{ "writeback_pages", TUNABLE_PAGES, 1, 64, .preset = "16" },
	{ "pager_timeout_ms", TUNABLE_NUMBER, 1, 3600000, .preset = "10000" },
	{ "max_region_pages", TUNABLE_PAGES, 0, ULONG_MAX, .preset = "0" },
	{ "max_user_pages", TUNABLE_PAGES, 0, ULONG_MAX, .preset = "0" },
	{ "slot_allocation", TUNABLE_WORD, .words = slot_allocations, .preset = "dynamic" },
	{ "discard_slots", TUNABLE_FLAG, .preset = "0" },
	{ "soft_sampling", TUNABLE_FLAG, .preset = "0" },
	{ "measure_latency", TUNABLE_FLAG, .preset = "0" },
	/* "self" is not what it reads, nor is 0, for automatic, what these do. */
	{ "cgroup", TUNABLE_WORD, .words = cgroups, .preset = "none", .is_sticky = true },
	{ "watermark_low", TUNABLE_PAGES, 0, 0, .preset = "0", .is_sticky = true },
	{ "watermark_high", TUNABLE_PAGES, 0, 0, .preset = "0", .is_sticky = true },
	{}
};

/* Where tunable_file() looks. */
const char *const tunable_directories[] = { "", TUNABLE_PARAMS, "policy_stats", "stats", NULL };

/**
 * tunable_find() - find a setting
 * @name: its name
 *
 * Return: the setting, NULL if this program does not know it.
 */
const struct tunable *tunable_find(const char *name)
{
	const struct tunable *tunable = tunables;

	while (tunable->name && strcmp(tunable->name, name))
		tunable++;
	return tunable->name ? tunable : NULL;
}

/* The mode of a file; 0 if there is none. */
static mode_t file_mode(const struct device *device, const char *file)
{
	struct stat status;
	char path[256];

	snprintf(path, sizeof(path), DEVICE_CLASS "/%s/%s", device->name, file);
	return stat(path, &status) ? 0 : status.st_mode;
}

/**
 * tunable_is_setting() - can a value be set?
 * @device: the device
 * @file: of the value, below the device's directory
 *
 * Return: whether its file can be written to, by root.
 */
bool tunable_is_setting(const struct device *device, const char *file)
{
	return file_mode(device, file) & 0200;
}

/**
 * tunable_file() - find the file of a setting
 * @device: the device
 * @name: of a file of the device, of a parameter of its policy, or of a counter
 *
 * Return: its file, for free(); NULL if there is none.
 */
char *tunable_file(const struct device *device, const char *name)
{
	const char *directory;
	char *file;
	int i;

	if (strstr(name, ".."))
		return NULL;
	for (i = 0; tunable_directories[i]; i++) {
		directory = tunable_directories[i];
		if (asprintf(&file, "%s%s%s", directory, *directory ? "/" : "", name) < 0)
			err(1, "memory");
		if (S_ISREG(file_mode(device, file)))
			return file;
		free(file);
	}
	return NULL;
}

/**
 * tunable_hint() - the end of an error about a name
 * @device: the device
 * @directories: below its own, that have the names, NULL at the end
 * @name: that is none
 *
 * Return: as of nearest_hint().
 */
const char *tunable_hint(const struct device *device, const char *const *directories,
			 const char *name)
{
	struct nearest nearest = { .text = name };
	unsigned int i, nr;
	char **files;

	for (; *directories; directories++) {
		nr = device_files(device, *directories, &files);
		for (i = 0; i < nr; i++)
			nearest_try(&nearest, files[i] + strlen(*directories) + !!**directories);
		/* Not freed: the nearest is one of them, and the program ends. */
	}
	return nearest_hint(&nearest);
}

static bool is_among(const char *const *words, const char *text)
{
	while (*words && strcmp(*words, text))
		words++;
	return *words;
}

static unsigned long max_of(const struct tunable *tunable)
{
	return tunable->max ? tunable->max : device_max_frames();
}

/* As in "a, b or c". */
static char *words_text(const char *const *words)
{
	char *text = xstrdup(words[0]), *longer;
	int len;

	while (*++words) {
		len = asprintf(&longer, "%s%s%s", text, words[1] ? ", " : " or ", *words);
		if (len < 0)
			err(1, "memory");
		free(text);
		text = longer;
	}
	return text;
}

/**
 * tunable_range() - say which values a setting takes
 * @tunable: the setting
 *
 * Return: as in "a number from 1 to 16", for free().
 */
char *tunable_range(const struct tunable *tunable)
{
	const char *what = tunable->kind == TUNABLE_PAGES ?
			   "number of pages, or a size such as 64M," : "number";
	char *text;
	int len;

	if (tunable->kind == TUNABLE_FLAG)
		return xstrdup("0 or 1");
	if (tunable->kind == TUNABLE_POLICY)
		return xstrdup("a policy; see swaplab policy for those there are");
	if (tunable->kind == TUNABLE_WORD)
		return words_text(tunable->words);
	len = asprintf(&text, "a %s from %lu to %lu", what, tunable->min, max_of(tunable));
	if (len < 0)
		err(1, "memory");
	return text;
}

static char *number_text(const struct tunable *tunable, const char *text)
{
	bool is_number;
	unsigned long number;
	char *value;

	is_number = tunable->kind == TUNABLE_PAGES ? size_parse_pages(text, &number) :
						     size_parse_number(text, &number);
	if (!is_number || number < tunable->min || number > max_of(tunable))
		return NULL;
	if (asprintf(&value, "%lu", number) < 0)
		err(1, "memory");
	return value;
}

static char *flag_text(const char *text)
{
	if (is_among(true_words, text))
		return xstrdup("1");
	return is_among(false_words, text) ? xstrdup("0") : NULL;
}

static char *valid_text(const struct device *device, const struct tunable *tunable,
			const char *text)
{
	switch (tunable->kind) {
	case TUNABLE_FLAG:
		return flag_text(text);
	case TUNABLE_WORD:
		return is_among(tunable->words, text) ? xstrdup(text) : NULL;
	case TUNABLE_POLICY:
		return policies_has(device, text) ? xstrdup(text) : NULL;
	default:
		return number_text(tunable, text);
	}
}

/**
 * tunable_value() - check a value
 * @device: the device
 * @tunable: the setting
 * @text: the value, as the user wrote it
 *
 * One that is out of range ends the program, with the range.
 *
 * Return: the value as the kernel takes it, for free().
 */
char *tunable_value(const struct device *device, const struct tunable *tunable,
		    const char *text)
{
	char *value = valid_text(device, tunable, text);

	if (value)
		return value;
	if (tunable->kind == TUNABLE_POLICY)
		policies_refuse(device, text);
	errx(1, "%s: %s cannot be %s: it is %s", device->path, tunable->name, text,
	     tunable_range(tunable));
}

/* "0", or "0-1,3". */
static unsigned int count_nodes(void)
{
	FILE *file = fopen(NODES, "re");
	unsigned int first, last, nr = 0;
	char separator = ',';

	while (file && separator == ',' && fscanf(file, "%u", &first) == 1) {
		last = first;
		if (fscanf(file, "%c", &separator) == 1 && separator == '-' &&
		    fscanf(file, "%u%c", &last, &separator) < 1)
			break;
		nr += last - first + 1;
	}
	if (file)
		fclose(file);
	return nr ? nr : 1;
}

/**
 * tunable_preset() - the value of a setting when the module is loaded
 * @tunable: the setting
 *
 * Return: the value, for free().
 */
char *tunable_preset(const struct tunable *tunable)
{
	unsigned int nr = count_nodes();
	char *text;

	if (tunable->preset)
		return xstrdup(tunable->preset);
	if (asprintf(&text, "%u", nr < MAX_DAEMONS ? nr : MAX_DAEMONS) < 0)
		err(1, "memory");
	return text;
}

/**
 * tunable_read() - read a setting
 * @device: the device
 * @file: below its directory
 *
 * Return: its value, and of a list the word in brackets; for free().
 */
char *tunable_read(const struct device *device, const char *file)
{
	char *value = device_value(device, file), *begin, *end;

	if (strcmp(file, "policy") && strcmp(file, "allocation") &&
	    strcmp(file, "slot_allocation"))
		return value;
	begin = strchr(value, '[');
	end = begin ? strchr(begin, ']') : NULL;
	begin = end ? xstrndup(begin + 1, end - begin - 1) : xstrdup("none");
	free(value);
	return begin;
}
