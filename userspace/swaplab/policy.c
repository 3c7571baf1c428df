// SPDX-License-Identifier: GPL-2.0
/* swaplab policy: lists the policies, and shows and sets the one in use. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpf.h"
#include "change.h"
#include "device.h"
#include "fatal.h"
#include "json.h"
#include "option.h"
#include "policies.h"
#include "tunable.h"
#include "verb.h"
#include "wrap.h"

enum { BPF = 'b', DEVICE = 'd', JSON = 'j', LIST = 'l' };

#define PARAMS		TUNABLE_PARAMS

static void print_installed(void)
{
	struct policies policies = policies_installed();
	struct wrap wrap = { .indent = 13, .has_word = true };
	unsigned int i;

	wrap.column = printf("  installed:");
	for (i = 0; i < policies.nr; i++)
		wrap_word(&wrap, policies.names[i]);
	if (!policies.nr)
		wrap_text(&wrap, "none; by sudo make install");
	putchar('\n');
	policies_free(&policies);
}

/* The one in use has brackets. */
static void print_loaded(const struct device *device)
{
	struct wrap wrap = { .indent = 10, .has_word = true };
	char *list = device_value(device, "policy");

	wrap.column = printf("  loaded:");
	wrap_text(&wrap, list);
	putchar('\n');
	free(list);
}

static void print_device(const struct device *device)
{
	char **names, *value;
	unsigned int i, nr = device_files(device, PARAMS, &names);

	puts(device->path);
	print_loaded(device);
	value = device_value(device, "policy_ejected");
	if (strcmp(value, "none"))
		printf("  ejected: %s\n", value);
	free(value);
	for (i = 0; i < nr; i++) {
		value = device_value(device, names[i]);
		printf("  parameter: %s=%s\n", names[i] + sizeof(PARAMS),
		       value);
		free(value);
		free(names[i]);
	}
	free(names);
}

/* Those that are loaded and those that are installed, once each. */
static void print_names(const struct device *devices, unsigned int nr)
{
	struct policies installed = policies_installed();
	struct policies loaded = {};
	unsigned int i;

	if (nr)
		loaded = policies_loaded(devices);
	for (i = 0; i < loaded.nr; i++)
		puts(loaded.names[i]);
	for (i = 0; i < installed.nr; i++)
		if (!policies_among(&loaded, installed.names[i]))
			puts(installed.names[i]);
	policies_free(&loaded);
	policies_free(&installed);
}

static void write_names(struct json *json, const char *name, struct policies policies)
{
	unsigned int i;

	json_array(json, name);
	for (i = 0; i < policies.nr; i++)
		json_text(json, NULL, policies.names[i]);
	json_end(json);
	policies_free(&policies);
}

static void write_device(struct json *json, const struct device *device)
{
	unsigned int i, nr;
	char **names, *policy = device_policy(device), *value;

	json_object(json, NULL);
	json_text(json, "device", device->path);
	json_text(json, "policy", policy);
	value = device_value(device, "policy_ejected");
	json_text(json, "ejected", strcmp(value, "none") ? value : NULL);
	free(value);
	write_names(json, "loaded", policies_loaded(device));
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
	unsigned int i;

	json_object(&json, NULL);
	json_array(&json, "devices");
	for (i = 0; i < nr; i++)
		write_device(&json, &devices[i]);
	json_end(&json);
	write_names(&json, "installed", policies_installed());
	json_end(&json);
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

static int show_all(bool is_json, bool is_list)
{
	struct device *devices;
	unsigned int nr = device_list(&devices);

	if (is_list)
		print_names(devices, nr);
	else if (!nr)
		fatal_no_device("/dev/swaplab0");
	else
		show_devices(devices, nr, is_json);
	free(devices);
	return 0;
}

/*
 * A name first, if there is one and no file has the policy; then parameters, which are the
 * policy's.
 */
static void change_policy(const struct device *device, const char *file, char **argv)
{
	struct changes changes = { .device = device };
	char *equals;

	if (file)
		changes_add(&changes, "policy", bpf_load_policy(file));
	else if (!strchr(*argv, '='))
		changes_add(&changes, "policy", *argv++);
	for (; *argv; argv++) {
		equals = strchr(*argv, '=');
		if (!equals || equals == *argv)
			option_wrong(&policy_verb, "%s: not NAME=VALUE", *argv);
		*equals = '\0';
		changes_add_param(&changes, *argv, equals + 1);
	}
	changes_make(&changes);
}

static int run_policy(int argc, char **argv)
{
	const char *chosen = NULL, *file = NULL;
	struct device device;
	bool is_json = false, is_list = false;
	int key;

	while ((key = option_next(&policy_verb, argc, argv)) != -1) {
		if (key == DEVICE)
			chosen = optarg;
		else if (key == BPF)
			file = optarg;
		else if (key == LIST)
			is_list = true;
		else
			is_json = true;
	}
	if (is_list && (chosen || file || is_json || optind < argc))
		option_wrong(&policy_verb, "--list is of all policies, and for nothing else");
	if (is_list || (optind == argc && !chosen && !file))
		return show_all(is_json, is_list);
	device = device_named(option_device(chosen, argv));
	if (optind == argc && !file)
		show_devices(&device, 1, is_json);
	else if (is_json)
		option_wrong(&policy_verb, "--json shows policies, and changes none");
	else
		change_policy(&device, file, argv + optind);
	return 0;
}

static const struct swaplab_option policy_options[] = {
	{ "device", "DEVICE", DEVICE, "of this device" },
	{ "bpf", "FILE", BPF, "load the policy in FILE, an object file for BPF, and use it" },
	{ "list", NULL, LIST, "print the names of the policies there are, one a line" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb policy_verb = {
	.name = "policy",
	.arguments = "[DEVICE] [NAME] [PARAMETER=VALUE]...",
	.summary = "show the policies there are, or change a device's",
	.description =
"Without NAME and PARAMETER: which policies are loaded, that of the device in\n"
"brackets, its parameters, and which are installed, so that they can be named; of all\n"
"devices unless one is given. A change is of /dev/swaplab0 unless another is given,\n"
"and is made at once, under load, too. If a parameter cannot be set, nothing is. For\n"
"root.\n"
"\n"
"A policy in BPF (Linux 6.12 or later) stays loaded as long as a device uses it.\n",
	.options = policy_options,
	.run = run_policy,
};
