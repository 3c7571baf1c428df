// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab reset: gives settings of a device the values that they have when the module
 * is loaded, and parameters of its policy their defaults. Those are known to the policy
 * alone, which has them when it begins anew.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "change.h"
#include "device.h"
#include "option.h"
#include "tunable.h"
#include "verb.h"

enum { DEVICE = 'd' };

static bool is_param(const char *file)
{
	return !strncmp(file, TUNABLE_PARAMS "/", strlen(TUNABLE_PARAMS "/"));
}

static bool is_named(char **names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

/* The policy begins anew; parameters that are not named are set again. */
static void reset_params(struct changes *changes, char **names)
{
	const struct device *device = changes->device;
	char **files;
	unsigned int i, nr = device_files(device, TUNABLE_PARAMS, &files);
	const char *name;

	changes->starts_policy = true;
	changes_add(changes, "policy", device_policy(device));
	for (i = 0; i < nr; i++) {
		name = files[i] + strlen(TUNABLE_PARAMS "/");
		if (!is_named(names, name))
			changes_add_param(changes, name, device_value(device, files[i]));
	}
}

static void reset_named(struct changes *changes, char **names)
{
	bool any_params = false;
	char *file, **name;

	for (name = names; *name; name++) {
		file = tunable_file(changes->device, *name);
		if (!file)
			errx(1, "%s: there is no setting %s%s", changes->device->path, *name,
			     tunable_hint(changes->device, tunable_directories, *name));
		if (is_param(file))
			any_params = true;
		else if (tunable_find(*name))
			changes_add(changes, *name, tunable_preset(tunable_find(*name)));
		else
			errx(1, "%s: there is no default known of %s", changes->device->path,
			     *name);
		free(file);
	}
	/* Another policy has its defaults anyway. */
	if (any_params && !is_named(names, "policy"))
		reset_params(changes, names);
	changes->starts_policy |= is_named(names, "policy");
}

static void reset_all(struct changes *changes)
{
	const struct tunable *tunable;
	char *file;

	for (tunable = tunables; tunable->name; tunable++) {
		file = tunable_file(changes->device, tunable->name);
		if (file)
			changes_add(changes, tunable->name, tunable_preset(tunable));
		free(file);
	}
	changes->starts_policy = true;
}

static int run_reset(int argc, char **argv)
{
	struct changes changes = {};
	const char *chosen = NULL;
	struct device device;

	while (option_next(&reset_verb, argc, argv) != -1)
		chosen = optarg;
	device = device_named(option_device(chosen, argv));
	changes.device = &device;
	if (optind == argc)
		reset_all(&changes);
	else
		reset_named(&changes, argv + optind);
	changes_make(&changes);
	return 0;
}

static const struct swaplab_option reset_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{}
};

const struct swaplab_verb reset_verb = {
	.name = "reset",
	.arguments = "[DEVICE] [SETTING]...",
	.summary = "set settings of a device to their defaults",
	.description =
"The defaults are the values when the module is loaded, with the policy aging, and\n"
"for a parameter of the policy its own default: the policy begins anew then, and does\n"
"not know what it has seen. Without SETTING: all of them. The file that the device\n"
"pages to stays attached. For root.\n",
	.options = reset_options,
	.run = run_reset,
};
