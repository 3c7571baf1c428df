// SPDX-License-Identifier: GPL-2.0
/* swaplab add: makes one more device. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include "device.h"
#include "module.h"
#include "option.h"
#include "verb.h"

static int run_add(int argc, char **argv)
{
	struct device device;
	int error;

	while (option_next(&add_verb, argc, argv) != -1)
		;
	if (optind < argc)
		option_wrong(&add_verb, "%s: a device gets the lowest number that is free",
			     argv[optind]);
	module_load();
	error = device_add(&device);
	if (error == -EACCES || error == -EPERM)
		errx(1, "only root may add a device; use sudo");
	if (error == -ENOSPC)
		errx(1, "there are %d devices, which is as many as there can be",
		     DEVICE_MAX_NUMBER + 1);
	errno = -error;
	if (error)
		err(1, DEVICE_CONTROL "/hot_add");
	puts(device.path);
	return 0;
}

const struct swaplab_verb add_verb = {
	.name = "add",
	.arguments = "",
	.summary = "make one more device",
	.description =
"Prints its name. It has frames, a policy and a file to page to of its own, or none\n"
"yet: see swaplab attach. The module is loaded if need be. For root.\n",
	.run = run_add,
};
