// SPDX-License-Identifier: GPL-2.0
/* swaplab detach: lets the file go that a device pages to. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "advice.h"
#include "device.h"
#include "option.h"
#include "verb.h"

enum { ALL = 'a' };

static bool is_attached(const struct device *device)
{
	char *path = device_value(device, "swap_file");
	bool attached = strcmp(path, "none");

	free(path);
	return attached;
}

static int detach_all(void)
{
	struct device *devices;
	unsigned int i, nr = device_list(&devices);
	int status = 0;

	for (i = 0; i < nr; i++) {
		if (!is_attached(&devices[i]) ||
		    !device_write(&devices[i], "swap_file", "none"))
			continue;
		warn("%s", devices[i].path);
		status = 1;
	}
	free(devices);
	return status;
}

static int detach(int argc, char **argv)
{
	struct device device;
	bool all = false;

	while (option_next(&detach_verb, argc, argv) != -1)
		all = true;
	if (argc - optind != !all)
		option_wrong(&detach_verb, "a device is wanted, or --all");
	if (all)
		return detach_all();
	device = device_named(argv[optind]);
	if (!is_attached(&device))
		errx(1, "%s has nothing attached", device.path);
	device_set(&device, "swap_file", "none");
	return 0;
}

static const struct swaplab_option options[] = {
	{ "all", NULL, ALL, "all devices that have a file" },
	{}
};

const struct swaplab_verb detach_verb = {
	.name = "detach",
	.arguments = "DEVICE",
	.summary = "let the file go that a device pages to",
	.description =
"Nobody may have the device open or mapped. The file stays, and so does what was\n"
"paged out to it, though nobody can make use of that. For root.\n",
	.options = options,
	.run = detach,
};
