// SPDX-License-Identifier: GPL-2.0
/*
 * A limit for all memory of a program, on the device and beside it: that of its cgroup, to which
 * the frames of the device are charged. The module moves the boundary between them.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "budget.h"
#include "process.h"
#include "setting.h"

/* For a function that atexit() calls. */
static struct device charged_device;

static void end_charge(void)
{
	if (!device_write_unused(&charged_device, "cgroup", "none"))
		return;
	warnx("%s is in use: its frames count against the limit until these end, and you do\n"
	      "swaplab set -d %s cgroup=none:", charged_device.path, charged_device.name);
	process_print_holders(stderr, charged_device.path);
}

static void set_frames(const struct device *device, unsigned long frames)
{
	unsigned long most = device_max_frames();
	char path[64], text[24];

	snprintf(path, sizeof(path), DEVICE_CLASS "/%s/nr_frames", device->name);
	setting_remember(path);
	snprintf(text, sizeof(text), "%lu", frames < most ? frames : most);
	device_set(device, "nr_frames", text);
}

/**
 * budget_begin() - prepare a device for programs whose memory is limited
 * @device: nobody else uses it
 * @bytes: of frames, ordinary memory and page cache together
 *
 * The process that joins the cgroup calls budget_charge(). The device is as before when this
 * program ends, for which setting_put_back_at_exit() has been called. An error ends it.
 */
void budget_begin(const struct device *device, unsigned long long bytes)
{
	char *cgroup = device_value(device, "cgroup");

	if (geteuid())
		errx(1, "cgroups and frames are for root to change: use sudo");
	if (strcmp(cgroup, "none"))
		errx(1, "the frames of %s count against the cgroup %s already; to change that:\n"
		     "swaplab set -d %s cgroup=none", device->path, cgroup, device->name);
	free(cgroup);
	/* Others would lose frames, before the kernel refuses to charge them. */
	if (!device_wait_unused(device))
		errx(1, "%s is in use: its frames have to be the program's alone", device->path);
	charged_device = *device;
	set_frames(device, bytes / sysconf(_SC_PAGESIZE));
	atexit(end_charge);
}

/**
 * budget_charge() - charge the frames of a device to the cgroup of this process
 * @device: the device
 *
 * Return: 0 or -errno.
 */
int budget_charge(const struct device *device)
{
	return device_write_unused(device, "cgroup", "self");
}
