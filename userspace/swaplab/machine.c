// SPDX-License-Identifier: GPL-2.0
/*
 * This machine, set up for a measurement: a device that pages to a disk, by a policy. All
 * settings are put back when this program ends, also if a signal ends it.
 */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fatal.h"
#include "interrupt.h"
#include "machine.h"
#include "process.h"
#include "setting.h"
#include "swapfile.h"

#define THP		"/sys/kernel/mm/transparent_hugepage/enabled"
/* No other user can make a file there. */
#define LOCK		"/run/swaplab.lock"
#define ENV_LOCKED	"SWAPLAB_LOCKED"

/* For functions that atexit() calls. */
static struct device used_device;

/* A disk that may be overwritten. A wrong name must not make a file. */
static struct swapfile prepare_disk(const char *path, bool overwrite)
{
	struct swapfile file = { .overwrite = overwrite };

	if (access(path, F_OK))
		err(1, "%s", path);
	swapfile_prepare(&file, path);
	return file;
}

/**
 * machine_disk() - make sure that a disk can be used
 * @path: as the user wrote it
 * @overwrite: it may have content
 *
 * Ends the program with advice if it cannot.
 *
 * Return: its absolute path.
 */
char *machine_disk(const char *path, bool overwrite)
{
	return prepare_disk(path, overwrite).path;
}

/**
 * machine_lock() - have this machine alone until this program ends
 *
 * Of two at once the second one would put back what the first has set. A command that
 * swaplab with runs is a part of its run, and may set the machine up, too. Another run ends
 * the program.
 */
void machine_lock(void)
{
	int fd;

	if (getenv(ENV_LOCKED))
		return;
	fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err(1, LOCK);
	if (flock(fd, LOCK_EX | LOCK_NB))
		errx(1, "another swaplab with, compare or score has set this machine up:\n"
		     "wait for its end");
	setenv(ENV_LOCKED, "1", 1);
}

/* A disk has many names, as in /dev/disk/by-id, and the kernel knows one. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat first, second;

	if (stat(a, &first) || stat(b, &second))
		return !strcmp(a, b);
	if (S_ISBLK(first.st_mode) && S_ISBLK(second.st_mode))
		return first.st_rdev == second.st_rdev;
	return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/**
 * machine_check() - make sure that a device can be set up
 * @machine: @is_attached is filled in, and so is @disk then, by the name that the kernel has
 *
 * Ends the program with advice if it cannot.
 */
void machine_check(struct machine *machine)
{
	const struct device *device = &machine->device;
	char *attached = device_value(device, "swap_file");

	machine->is_attached = strcmp(attached, "none");
	if (!machine->disk && !machine->is_attached)
		errx(1, "%s has nothing to page to: give it --disk", device->path);
	if (machine->is_attached && machine->disk && !is_same_file(attached, machine->disk))
		errx(1, "%s pages to %s already; to change that: swaplab detach %s",
		     device->path, attached, device->name);
	if (machine->is_attached)
		machine->disk = attached;
	if (device_number(device, "stats/resident") +
	    device_number(device, "stats/swapped"))
		errx(1, "%s is in use: its frames have to be the program's alone",
		     device->path);
}

/**
 * machine_begin() - put all settings back when this program ends
 *
 * From now on a signal ends it by interrupt_check() alone. There are no huge pages, as the
 * memory of one would be a matter of chance.
 */
void machine_begin(void)
{
	interrupt_catch();
	setting_put_back_at_exit();
	if (!access(THP, F_OK))
		setting_change(THP, "never");
}

static void unbind_policy(void)
{
	device_write(&used_device, "policy", "none");
}

static void detach_disk(void)
{
	if (!device_write_unused(&used_device, "swap_file", "none"))
		return;
	warnx("%s is in use, and stays attached; end these, then do swaplab detach %s:",
	      used_device.path, used_device.name);
	process_print_holders(stderr, used_device.path);
}

static void attach_disk(const struct machine *machine)
{
	struct swapfile file = prepare_disk(machine->disk, machine->overwrite);

	swapfile_attach(&file, &machine->device);
	atexit(detach_disk);
}

static char *path_of(const struct device *device, const char *file)
{
	char *path;

	if (asprintf(&path, DEVICE_CLASS "/%s/%s", device->name, file) < 0)
		err(1, "memory");
	return path;
}

/* Frames are put back before the policy, which is bound anew, and that before its parameters. */
static void remember_device(const struct device *device)
{
	char **files;
	unsigned int i, nr = device_files(device, "policy_params", &files);

	for (i = 0; i < nr; i++)
		setting_remember(path_of(device, files[i]));
	setting_remember(path_of(device, "policy"));
	setting_remember(path_of(device, "nr_frames"));
}

/**
 * machine_attach() - have a device page to its disk
 * @machine: of machine_check(); after machine_begin()
 */
void machine_attach(const struct machine *machine)
{
	used_device = machine->device;
	if (!machine->is_attached)
		attach_disk(machine);
	remember_device(&machine->device);
	atexit(unbind_policy);
}

/**
 * machine_set() - write to a file of the device
 * @machine: of machine_attach()
 * @file: below its directory
 * @value: the value to write; an error ends the program, with advice
 *
 * Parameters of a policy that is bound here are gone when it is unbound.
 */
void machine_set(const struct machine *machine, const char *file, const char *value)
{
	char *path = path_of(&machine->device, file);

	if (strncmp(file, "policy_params/", strlen("policy_params/")))
		setting_remember(path);
	device_set(&machine->device, file, value);
	free(path);
}

/**
 * machine_set_frames() - set the number of frames
 * @machine: of machine_attach()
 * @frames: how many; an error ends the program
 */
void machine_set_frames(const struct machine *machine, unsigned long frames)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", frames);
	machine_set(machine, "nr_frames", text);
}

/**
 * machine_use_policy() - bind a policy
 * @machine: of machine_attach(), with its frames
 * @name: of the policy; an error ends the program
 *
 * One that is bound already is bound anew: it sizes its ghosts when it is bound.
 */
void machine_use_policy(const struct machine *machine, const char *name)
{
	machine_set(machine, "policy", "none");
	machine_set(machine, "policy", name);
}

/**
 * machine_set_parameter() - set a parameter of the policy, if it has it
 * @machine: of machine_use_policy()
 * @text: NAME=VALUE, without a path in the name; a value that is refused ends the program
 *
 * Return: has the policy this parameter?
 */
bool machine_set_parameter(const struct machine *machine, const char *text)
{
	char file[64], *path;
	bool is_there;

	snprintf(file, sizeof(file), "policy_params/%.*s", (int)strcspn(text, "="), text);
	path = path_of(&machine->device, file);
	is_there = !access(path, F_OK);
	if (is_there)
		machine_set(machine, file, strchr(text, '=') + 1);
	free(path);
	return is_there;
}

/**
 * machine_check_policy() - is a policy still in use?
 * @machine: of machine_use_policy()
 * @name: of the policy; it is an error that ends the program if the device goes on without
 */
void machine_check_policy(const struct machine *machine, const char *name)
{
	char *ejected = device_value(&machine->device, "policy_ejected");

	if (strcmp(ejected, "none"))
		errx(1, "%s did not do its work: policy_ejected of %s has %s", name,
		     machine->device.name, ejected);
	free(ejected);
}
