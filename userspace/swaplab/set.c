// SPDX-License-Identifier: GPL-2.0
/* swaplab set: changes settings of a device, all or none. */

#include <string.h>
#include "change.h"
#include "device.h"
#include "option.h"
#include "verb.h"

enum { DEVICE = 'd' };

static int run_set(int argc, char **argv)
{
	struct changes changes = {};
	const char *chosen = NULL;
	struct device device;
	char *equals;

	while (option_next(&set_verb, argc, argv) != -1)
		chosen = optarg;
	chosen = option_device(chosen, argv);
	if (optind == argc)
		option_wrong(&set_verb, "NAME=VALUE is wanted");
	for (; optind < argc; optind++) {
		equals = strchr(argv[optind], '=');
		if (!equals || equals == argv[optind])
			option_wrong(&set_verb, "%s: not NAME=VALUE", argv[optind]);
		*equals = '\0';
		changes_add(&changes, argv[optind], equals + 1);
	}
	device = device_named(chosen);
	changes.device = &device;
	changes_make(&changes);
	return 0;
}

static const struct swaplab_option set_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{}
};

const struct swaplab_verb set_verb = {
	.name = "set",
	.arguments = "[DEVICE] SETTING=VALUE...",
	.summary = "change settings of a device",
	.description =
"SETTING is a file of the device, as swaplab get lists them, or a parameter of its\n"
"policy. Numbers of pages may be sizes, as in nr_frames=64M. All values are checked\n"
"before any is set; if one is refused later, those that were set are undone, or named.\n"
"A change is made at once, under load, too. For root.\n",
	.options = set_options,
	.run = run_set,
};
