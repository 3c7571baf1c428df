// SPDX-License-Identifier: GPL-2.0
/* swaplab detach: releases the swap file of a device. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "option.h"
#include "process.h"
#include "verb.h"

enum { DEVICE = 'd', ALL = 'a', WAIT = 'w' };

#define TRY_US		200000

static bool is_attached(const struct device *device)
{
	char *path = device_value(device, "swap_file");
	bool attached = strcmp(path, "none");

	free(path);
	return attached;
}

/* Tries again until @deadline while the device has users; returns 0 or -errno. */
static int detach_until(const struct device *device, time_t deadline)
{
	int error;

	while ((error = device_write(device, "swap_file", "none")) == -EBUSY) {
		if (time(NULL) >= deadline)
			break;
		usleep(TRY_US);
	}
	return error;
}

/* The others may be detached all the same, unless the user lacks the permission. */
static void warn_attached(const struct device *device, int error)
{
	if (error == EACCES || error == EPERM)
		fatal_write(device, "swap_file", "none", error);
	if (error == EBUSY) {
		warnx("%s is in use; end these first:", device->path);
		process_print_holders(stderr, device->path);
		return;
	}
	errno = error;
	warn("%s: swap_file none", device->path);
}

static int detach_all(time_t deadline)
{
	struct device *devices;
	unsigned int i, nr = device_list(&devices);
	int status = 0;

	for (i = 0; i < nr; i++) {
		int error;

		if (!is_attached(&devices[i]))
			continue;
		error = detach_until(&devices[i], deadline);
		if (!error)
			continue;
		warn_attached(&devices[i], -error);
		status = 1;
	}
	free(devices);
	return status;
}

static void detach_one(const char *name, time_t deadline)
{
	struct device device = device_named(name);
	int error;

	if (!is_attached(&device))
		errx(1, "%s has nothing attached", device.path);
	error = detach_until(&device, deadline);
	if (error)
		fatal_write(&device, "swap_file", "none", -error);
}

static int run_detach(int argc, char **argv)
{
	const char *chosen = NULL;
	time_t deadline = 0;
	bool all = false;
	int key;

	while ((key = option_next(&detach_verb, argc, argv)) != -1) {
		if (key == WAIT)
			deadline = time(NULL) +
				   option_number("--wait", optarg, 0, 86400);
		else if (key == DEVICE)
			chosen = optarg;
		else
			all = true;
	}
	if (all && (chosen || optind < argc))
		option_wrong(&detach_verb, "a device, or --all");
	if (all)
		return detach_all(deadline);
	if (!chosen && optind < argc)
		chosen = argv[optind++];
	if (optind < argc)
		option_wrong(&detach_verb, "%s: one device, or --all", argv[optind]);
	detach_one(chosen ? chosen : "swaplab0", deadline);
	return 0;
}

static const struct swaplab_option detach_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "all", NULL, ALL, "all devices that have a file" },
	{ "wait", "SECONDS", WAIT,
	  "as long as the device has users, try again: 0 seconds unless given" },
	{}
};

const struct swaplab_verb detach_verb = {
	.name = "detach",
	.arguments = "[DEVICE]",
	.summary = "let the file go that a device pages to",
	.description =
"No process may have the device open or mapped. The file stays, and so do the pages\n"
"in it, though nothing can make use of them. For root.\n",
	.options = detach_options,
	.run = run_detach,
};
