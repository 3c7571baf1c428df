// SPDX-License-Identifier: GPL-2.0
/* swaplab remove: removes a device. */

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include "device.h"
#include "fatal.h"
#include "option.h"
#include "verb.h"

enum { DEVICE = 'd' };

static void remove_device(const struct device *device)
{
	int error = device_remove(device);

	if (error == -EBUSY)
		fatal_busy(device);
	if (error == -EACCES || error == -EPERM)
		errx(1, "only root may remove a device; use sudo");
	errno = -error;
	if (error)
		err(1, "%s", device->path);
}

static int run_remove(int argc, char **argv)
{
	const char *chosen = NULL;
	struct device device;

	while (option_next(&remove_verb, argc, argv) != -1)
		chosen = optarg;
	if (argc - optind != !chosen)
		option_wrong(&remove_verb, "a device is wanted");
	device = device_named(chosen ? chosen : argv[optind]);
	remove_device(&device);
	return 0;
}

static const struct swaplab_option remove_options[] = {
	{ "device", "DEVICE", DEVICE, "this one; it has to be named" },
	{}
};

const struct swaplab_verb remove_verb = {
	.name = "remove",
	.arguments = "DEVICE",
	.summary = "remove a device",
	.description =
"No process may have the device open or mapped. The file that it pages to is detached,\n"
"and stays. For root.\n",
	.options = remove_options,
	.run = run_remove,
};
