// SPDX-License-Identifier: GPL-2.0
/* swaplab policy: lists the policies, and shows and sets the one in use. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "json.h"
#include "kmsg.h"
#include "option.h"
#include "verb.h"

enum { JSON = 'j' };

#define PARAMS		"policy_params"
#define ALIAS		"alias swaplab-policy-"

/* The policies that modprobe would find, by depmod's file; NULL at the end. */
static char *next_installed(FILE *aliases)
{
	char line[512], *end;

	while (aliases && fgets(line, sizeof(line), aliases)) {
		if (strncmp(line, ALIAS, strlen(ALIAS)))
			continue;
		end = strchr(line + strlen(ALIAS), ' ');
		if (end)
			return strndup(line + strlen(ALIAS),
				       end - line - strlen(ALIAS));
	}
	return NULL;
}

static FILE *open_installed(void)
{
	struct utsname kernel;
	char path[256];

	uname(&kernel);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias",
		 kernel.release);
	return fopen(path, "re");
}

static void print_installed(void)
{
	FILE *aliases = open_installed();
	char *name;
	bool any = false;

	printf("  installed:");
	while ((name = next_installed(aliases))) {
		printf(" %s", name);
		free(name);
		any = true;
	}
	puts(any ? "" : " none; by sudo make install");
	if (aliases)
		fclose(aliases);
}

static void print_device(const struct device *device)
{
	char *list = device_value(device, "policy");
	char **names, *value;
	unsigned int i, nr = device_files(device, PARAMS, &names);

	printf("%s\n  loaded: %s\n", device->path, list);
	for (i = 0; i < nr; i++) {
		value = device_value(device, names[i]);
		printf("  parameter: %s=%s\n", names[i] + sizeof(PARAMS),
		       value);
		free(value);
		free(names[i]);
	}
	free(names);
	free(list);
}

static void write_loaded(struct json *json, const struct device *device)
{
	char *list = device_value(device, "policy"), *rest = list, *name;

	json_array(json, "loaded");
	while ((name = strsep(&rest, "[] ")))
		if (*name)
			json_text(json, NULL, name);
	json_end(json);
	free(list);
}

static void write_device(struct json *json, const struct device *device)
{
	unsigned int i, nr;
	char **names, *policy = device_policy(device);

	json_object(json, NULL);
	json_text(json, "device", device->path);
	json_text(json, "policy", policy);
	write_loaded(json, device);
	json_object(json, "parameters");
	nr = device_files(device, PARAMS, &names);
	for (i = 0; i < nr; i++) {
		json_number(json, names[i] + sizeof(PARAMS),
			    device_number(device, names[i]));
		free(names[i]);
	}
	json_end(json);
	json_end(json);
	free(names);
	free(policy);
}

static void write_all(const struct device *devices, unsigned int nr)
{
	struct json json = { .file = stdout };
	FILE *aliases = open_installed();
	unsigned int i;
	char *name;

	json_object(&json, NULL);
	json_array(&json, "devices");
	for (i = 0; i < nr; i++)
		write_device(&json, &devices[i]);
	json_end(&json);
	json_array(&json, "installed");
	while ((name = next_installed(aliases))) {
		json_text(&json, NULL, name);
		free(name);
	}
	json_end(&json);
	json_end(&json);
	if (aliases)
		fclose(aliases);
}

static void show_devices(const struct device *devices, unsigned int nr, bool is_json)
{
	unsigned int i;

	if (is_json) {
		write_all(devices, nr);
		return;
	}
	for (i = 0; i < nr; i++)
		print_device(&devices[i]);
	print_installed();
}

static int show_all(bool is_json)
{
	struct device *devices;
	unsigned int nr = device_list(&devices);

	if (!nr)
		fatal_no_device("/dev/swaplab0");
	show_devices(devices, nr, is_json);
	free(devices);
	return 0;
}

/* The kernel's log has the range, which is the policy's own. */
static void refuse_param(const struct device *device, const char *file,
			 const char *value, int error, int kmsg)
{
	char text[192], *range;

	snprintf(text, sizeof(text), "%s: %s: ", device->name, file);
	range = kmsg_find(kmsg, text);
	if (range)
		errx(1, "%s: parameter %s cannot be %s: %s", device->path,
		     file + sizeof(PARAMS), value, range);
	fatal_write(device, file, value, -error);
}

static void set_param(const struct device *device, const char *name,
		      const char *value)
{
	char file[128], *policy;
	int kmsg = kmsg_open(), error;

	snprintf(file, sizeof(file), PARAMS "/%s", name);
	error = strchr(name, '/') ? -ENOENT : device_write(device, file, value);
	if (error != -ENOENT && error)
		refuse_param(device, file, value, error, kmsg);
	close(kmsg);
	if (!error)
		return;
	policy = device_policy(device);
	errx(1, "policy %s has no parameter %s; see: swaplab policy %s", policy,
	     name, device->name);
}

/* A name first, if there is one; then parameters, which are the policy's. */
static void change_policy(const struct device *device, char **argv)
{
	char *equals;

	if (*argv && !strchr(*argv, '='))
		device_set(device, "policy", *argv++);
	for (; *argv; argv++) {
		equals = strchr(*argv, '=');
		if (!equals || equals == *argv)
			option_wrong(&policy_verb, "%s: not NAME=VALUE", *argv);
		*equals = '\0';
		set_param(device, *argv, equals + 1);
	}
}

static int run_policy(int argc, char **argv)
{
	struct device device;
	bool is_json = false;

	while (option_next(&policy_verb, argc, argv) != -1)
		is_json = true;
	if (optind == argc)
		return show_all(is_json);
	device = device_named(argv[optind]);
	if (optind + 1 == argc)
		show_devices(&device, 1, is_json);
	else
		change_policy(&device, argv + optind + 1);
	return 0;
}

static const struct swaplab_option policy_options[] = {
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb policy_verb = {
	.name = "policy",
	.arguments = "[DEVICE [NAME] [PARAMETER=VALUE]...]",
	.summary = "show the policies there are, or change a device's",
	.description =
"Without NAME and PARAMETER: which policies are loaded, that of the device in\n"
"brackets, its parameters, and which are installed, so that they can be named. A\n"
"change is made at once, under load, too. For root.\n",
	.options = policy_options,
	.run = run_policy,
};
