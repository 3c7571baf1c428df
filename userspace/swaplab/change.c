// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of a device's settings. All are checked first, as far as this program knows
 * the ranges; those of a policy's parameters only the kernel knows. Then they are made:
 * the policy first, as it brings its parameters, and the watermarks last. Some are
 * refused until others are made, such as a high watermark above nr_frames; so those that
 * fail are tried again as long as others succeed. If one fails in the end, those that
 * were made are undone, the last one first.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "change.h"
#include "fatal.h"
#include "kmsg.h"
#include "tunable.h"
#include "xstrdup.h"

#define POLICY		"policy"

/* Parameters of the policy in use, with their values. */
struct saved {
	char **files;
	char **values;
	unsigned int nr;
};

static struct change *add_change(struct changes *changes, const char *name,
				 const char *text)
{
	struct change *change;
	unsigned int i;

	for (i = 0; i < changes->nr; i++)
		if (!strcmp(changes->list[i].name, name))
			errx(2, "%s: given twice", name);
	changes->list = realloc(changes->list, (changes->nr + 1) * sizeof(*changes->list));
	if (!changes->list)
		err(1, "memory");
	change = &changes->list[changes->nr++];
	*change = (struct change){ .name = name, .text = text };
	return change;
}

/**
 * changes_add() - add a change
 * @changes: those of this command
 * @name: of a setting, or of a parameter of the policy
 * @text: its value
 *
 * A name that was added before ends the program.
 */
void changes_add(struct changes *changes, const char *name, const char *text)
{
	add_change(changes, name, text);
}

/**
 * changes_add_param() - add a change of a parameter of the policy
 * @changes: those of this command
 * @name: of the parameter
 * @text: its value
 */
void changes_add_param(struct changes *changes, const char *name, const char *text)
{
	add_change(changes, name, text)->is_param = true;
}

static const struct change *find_change(const struct changes *changes, const char *name)
{
	unsigned int i;

	for (i = 0; i < changes->nr; i++)
		if (!changes->list[i].is_param && !strcmp(changes->list[i].name, name))
			return &changes->list[i];
	return NULL;
}

/* A setting, or a parameter of the policy. */
static const char *const setting_directories[] = { "", TUNABLE_PARAMS, NULL };
static const char *const param_directories[] = { TUNABLE_PARAMS, NULL };

static void refuse_name(const struct device *device, const char *name)
{
	errx(1, "%s: there is no setting %s%s\nFor those there are: swaplab get -d %u",
	     device->path, name, tunable_hint(device, setting_directories, name),
	     device->number);
}

static void warn_param(const struct changes *changes, const char *name)
{
	const struct device *device = changes->device;

	warnx("policy %s has no parameter %s%s\nSee: swaplab policy %s",
	      device_policy(device), name, tunable_hint(device, param_directories, name),
	      device->name);
}

static void name_param(const struct changes *changes, struct change *change)
{
	change->is_param = true;
	if (strchr(change->name, '/')) {
		warn_param(changes, change->name);
		exit(1);
	}
	if (asprintf(&change->file, TUNABLE_PARAMS "/%s", change->name) < 0)
		err(1, "memory");
	if (!find_change(changes, POLICY) && !device_read(changes->device, change->file)) {
		warn_param(changes, change->name);
		exit(1);
	}
}

/* With another policy, the parameters are not known yet. */
static void find_file(const struct changes *changes, struct change *change)
{
	bool is_param = change->is_param;

	if (!strcmp(change->name, "swap_file"))
		errx(1, "swap_file is set by swaplab attach, and by swaplab detach");
	if (!is_param)
		change->file = tunable_file(changes->device, change->name);
	if (change->file && !strncmp(change->file, "stats/", 6))
		errx(1, "%s tells what there is, and cannot be set", change->file);
	if (change->file && strncmp(change->file, TUNABLE_PARAMS, strlen(TUNABLE_PARAMS)))
		return;
	if (!change->file && !is_param && !find_change(changes, POLICY))
		refuse_name(changes->device, change->name);
	free(change->file);
	name_param(changes, change);
}

static void check_change(const struct changes *changes, struct change *change)
{
	const struct tunable *tunable = tunable_find(change->name);

	find_file(changes, change);
	if (change->is_param || !tunable) {
		change->value = xstrdup(change->text);
		return;
	}
	change->value = tunable_value(changes->device, tunable, change->text);
	change->is_sticky = tunable->is_sticky;
}

/* 0 is automatic. The kernel compares a mark that is set alone with the other. */
static void check_watermarks(const struct changes *changes)
{
	const struct change *low = find_change(changes, "watermark_low");
	const struct change *high = find_change(changes, "watermark_high");
	unsigned long l = low ? strtoul(low->value, NULL, 10) : 0;
	unsigned long h = high ? strtoul(high->value, NULL, 10) : 0;

	if (l && h && l >= h)
		errx(1, "%s: watermark_low cannot be %s: it is less than watermark_high, %s",
		     changes->device->path, low->text, high->text);
}

/* The kernel has no watermark above nr_frames. */
static void check_frames(const struct changes *changes)
{
	static const char *const marks[] = { "watermark_low", "watermark_high", NULL };
	const struct change *frames = find_change(changes, "nr_frames"), *mark;
	unsigned long nr;
	int i;

	nr = frames ? strtoul(frames->value, NULL, 10) :
		      device_number(changes->device, "nr_frames");
	for (i = 0; marks[i]; i++) {
		mark = find_change(changes, marks[i]);
		if (mark && strtoul(mark->value, NULL, 10) > nr)
			errx(1, "%s: %s cannot be %s: it is a number from 0 to nr_frames, %lu",
			     changes->device->path, mark->name, mark->text, nr);
	}
}

static int rank_of(const struct change *change)
{
	if (!change->is_param && !strcmp(change->name, POLICY))
		return 0;
	return 1 + !change->is_param + change->is_sticky;
}

/* Sorts by insertion, as those of one rank stay in the user's order. */
static void sort_changes(struct changes *changes)
{
	struct change change;
	unsigned int i, j;

	for (i = 1; i < changes->nr; i++) {
		change = changes->list[i];
		for (j = i; j && rank_of(&changes->list[j - 1]) > rank_of(&change); j--)
			changes->list[j] = changes->list[j - 1];
		changes->list[j] = change;
	}
}

static void check_changes(struct changes *changes)
{
	unsigned int i;

	for (i = 0; i < changes->nr; i++)
		check_change(changes, &changes->list[i]);
	check_watermarks(changes);
	check_frames(changes);
	for (i = 0; i < changes->nr; i++)
		if (!changes->list[i].is_param)
			changes->list[i].old = tunable_read(changes->device,
							    changes->list[i].file);
	sort_changes(changes);
}

static struct saved save_params(const struct device *device)
{
	struct saved saved = {};
	unsigned int i;

	saved.nr = device_files(device, TUNABLE_PARAMS, &saved.files);
	saved.values = calloc(saved.nr + 1, sizeof(*saved.values));
	if (!saved.values)
		err(1, "memory");
	for (i = 0; i < saved.nr; i++)
		saved.values[i] = device_value(device, saved.files[i]);
	return saved;
}

static void put_back(const struct device *device, const char *file, const char *value)
{
	int error = device_write(device, file, value);

	if (!error)
		return;
	errno = -error;
	warn("%s: %s cannot be set back to %s", device->path, file, value);
}

/* The parameters are those of the policy before: of one that has begun anew, too. */
static void undo_changes(const struct changes *changes, const struct saved *saved)
{
	const struct change *change;
	unsigned int i;

	for (i = changes->nr; i-- > 0;) {
		change = &changes->list[i];
		/* A policy that was to begin anew may have ended only. */
		if (change->is_param || (!change->is_done && strcmp(change->file, POLICY)))
			continue;
		if (change->is_sticky)
			warnx("%s: %s is %s from now on", changes->device->path,
			      change->name, change->value);
		else
			put_back(changes->device, change->file, change->old);
	}
	for (i = 0; i < saved->nr; i++)
		put_back(changes->device, saved->files[i], saved->values[i]);
}

static int make_change(const struct changes *changes, const struct change *change)
{
	int error = 0;

	if (changes->starts_policy && !strcmp(change->file, POLICY))
		error = device_write(changes->device, POLICY, "none");
	return error ? error : device_write(changes->device, change->file, change->value);
}

/* Returns the first that failed in the end, with its error, or NULL. */
static struct change *try_changes(struct changes *changes, int *error)
{
	struct change *failed, *change;
	bool progress;
	int result;

	do {
		failed = NULL;
		progress = false;
		for (change = changes->list; change < changes->list + changes->nr; change++) {
			if (change->is_done)
				continue;
			result = make_change(changes, change);
			change->is_done = !result;
			progress |= !result;
			if (!result || failed)
				continue;
			failed = change;
			*error = result;
		}
	} while (failed && progress);
	return failed;
}

/* The kernel's log has the range of a parameter, which is the policy's own. */
static void refuse_change(const struct changes *changes, const struct change *change,
			  const char *range, int error)
{
	if (change->is_param && range)
		errx(1, "%s: parameter %s cannot be %s: %s", changes->device->path,
		     change->name, change->text, range);
	fatal_write(changes->device, change->file, change->value, -error);
}

static char *find_range(const struct device *device, const char *file, int kmsg)
{
	char text[192];

	snprintf(text, sizeof(text), "%s: %s: ", device->name, file);
	return kmsg_find(kmsg, text);
}

/**
 * changes_make() - make all changes
 * @changes: those of this command
 *
 * If one cannot be made, the others are undone, and the program ends with its error.
 */
void changes_make(struct changes *changes)
{
	const struct device *device = changes->device;
	struct change *failed;
	struct saved saved;
	int kmsg, error = 0;
	char *range;

	check_changes(changes);
	if (geteuid())
		fatal_write(device, changes->list[0].file, "", EACCES);
	saved = save_params(device);
	kmsg = kmsg_open();
	failed = try_changes(changes, &error);
	if (!failed) {
		close(kmsg);
		return;
	}
	range = find_range(device, failed->file, kmsg);
	if (failed->is_param && error == -ENOENT)
		warn_param(changes, failed->name);
	undo_changes(changes, &saved);
	if (failed->is_param && error == -ENOENT)
		exit(1);
	refuse_change(changes, failed, range, error);
}
