// SPDX-License-Identifier: GPL-2.0
/* swaplab get: prints settings of a device, as swaplab set takes them. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "device.h"
#include "json.h"
#include "option.h"
#include "tunable.h"
#include "verb.h"

enum { DEVICE = 'd', JSON = 'j', VALUES = 'v' };

struct output {
	const struct device *device;
	struct json *json;
	bool no_names;
};

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

static void print_file(const struct output *output, const char *file)
{
	char *value = tunable_read(output->device, file);

	if (output->json && *value && strspn(value, "0123456789") == strlen(value))
		json_number(output->json, base_name(file), strtoull(value, NULL, 10));
	else if (output->json)
		json_text(output->json, base_name(file), value);
	else if (output->no_names)
		puts(value);
	else
		printf("%s=%s\n", base_name(file), value);
	free(value);
}

/* What can be set, so that the output can be the arguments of swaplab set. */
static void print_directory(const struct output *output, const char *directory)
{
	char **files;
	unsigned int i, nr = device_files(output->device, directory, &files);

	for (i = 0; i < nr; i++) {
		if (tunable_is_setting(output->device, files[i]))
			print_file(output, files[i]);
		free(files[i]);
	}
	free(files);
}

static void print_named(const struct output *output, const char *name)
{
	char *file = tunable_file(output->device, name);

	if (!file)
		errx(1, "%s: there is no setting %s%s", output->device->path, name,
		     tunable_hint(output->device, tunable_directories, name));
	print_file(output, file);
	free(file);
}

static void print_settings(const struct output *output, char **names)
{
	if (output->json)
		json_object(output->json, NULL);
	if (!*names) {
		print_directory(output, "");
		print_directory(output, TUNABLE_PARAMS);
	}
	for (; *names; names++)
		print_named(output, *names);
	if (output->json)
		json_end(output->json);
}

static int run_get(int argc, char **argv)
{
	struct json json = { .file = stdout };
	struct output output = {};
	const char *chosen = NULL;
	struct device device;
	int key;

	while ((key = option_next(&get_verb, argc, argv)) != -1) {
		if (key == DEVICE)
			chosen = optarg;
		else if (key == JSON)
			output.json = &json;
		else
			output.no_names = true;
	}
	device = device_named(option_device(chosen, argv));
	output.device = &device;
	print_settings(&output, argv + optind);
	return 0;
}

static const struct swaplab_option get_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "values", NULL, VALUES, "print the values without their names" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb get_verb = {
	.name = "get",
	.arguments = "[DEVICE] [SETTING]...",
	.summary = "print settings of a device",
	.description =
"Settings, and parameters of the policy, as swaplab set takes them; all of them unless\n"
"some are named. Counters can be named, too: those in stats/.\n",
	.options = get_options,
	.run = run_get,
};
