// SPDX-License-Identifier: GPL-2.0
/* swaplab unlink: takes the name of a region away. */

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "device.h"
#include "fatal.h"
#include "name.h"
#include "option.h"
#include "verb.h"

enum { DEVICE = 'd' };

static void unlink_name(const struct device *device, const char *name)
{
	int error = name_unlink(device, name);

	if (error == -ENOENT)
		errx(1, "%s: there is no region %s%s\nFor the names there are: swaplab status",
		     device->path, name, name_hint(device, name));
	if (error == -EACCES || error == -EPERM)
		errx(1, "%s: %s is another user's region; use sudo", device->path, name);
	errno = -error;
	if (error)
		err(1, "%s: %s", device->path, name);
}

static int run_unlink(int argc, char **argv)
{
	const char *chosen = NULL;
	struct device device;

	while (option_next(&unlink_verb, argc, argv) != -1)
		chosen = optarg;
	if (argc - optind != 1)
		option_wrong(&unlink_verb, "the name of one region is wanted");
	if (!name_is_valid(argv[optind]))
		errx(2, "%s: not the name of a region, of 1 to 255 bytes without a slash",
		     argv[optind]);
	device = device_named(chosen ? chosen : "swaplab0");
	unlink_name(&device, argv[optind]);
	return 0;
}

static const struct swaplab_option unlink_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{}
};

const struct swaplab_verb unlink_verb = {
	.name = "unlink",
	.arguments = "REGION",
	.summary = "take the name of a region away",
	.description =
"REGION is a name that swaplab status shows. A region that no process has open or mapped\n"
"is freed with its pages; another one lives on without a name until the last process\n"
"closes it. For the region's owner and root.\n",
	.options = unlink_options,
	.run = run_unlink,
};
