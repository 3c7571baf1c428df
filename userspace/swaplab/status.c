// SPDX-License-Identifier: GPL-2.0
/* swaplab status: the values in sysfs, and the processes that use the device. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "json.h"
#include "option.h"
#include "region.h"
#include "verb.h"

enum { DEVICE = 'd', JSON = 'j' };

#define COLUMNS		3

static const char *base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static void print_values(const struct device *device, const char *directory,
			 int columns)
{
	char **names, *value;
	unsigned int i, nr = device_files(device, directory, &names);
	bool ends;

	if (nr && *directory)
		printf("  %s\n", directory);
	for (i = 0; i < nr; i++) {
		ends = i % columns == columns - 1U || i == nr - 1;
		value = device_read(device, names[i]);
		printf("%s%-16s %*s%c", i % columns ? "  " : "    ",
		       base_name(names[i]), columns > 1 ? 9 : 0, value ? value : "-",
		       ends ? '\n' : ' ');
		free(value);
		free(names[i]);
	}
	free(names);
}

static void print_region(const struct region *region)
{
	int i;

	if (!region->id) {
		puts("    of a file that was closed after it was mapped");
		return;
	}
	printf("    region %lu:", region->id);
	for (i = 0; i < NR_REGION_VALUES; i++)
		printf(" %s %lu", region_names[i], region->values[i]);
	putchar('\n');
}

static void print_holder(const struct holder *holder)
{
	printf("      process %d (%s)", holder->pid, holder->name);
	if (holder->fd >= 0)
		printf(", file descriptor %d", holder->fd);
	putchar('\n');
}

static void print_regions(const struct device *device)
{
	struct region *regions;
	unsigned int i, nr = region_list(device, &regions);

	puts("  regions");
	for (i = 0; i < nr; i++) {
		if (!i || regions[i].id != regions[i - 1].id)
			print_region(&regions[i]);
		print_holder(&regions[i].holder);
	}
	if (geteuid())
		puts("    (those of other users: by sudo)");
	else if (!nr)
		puts("    none");
	free(regions);
}

static void print_device(const struct device *device)
{
	puts(device->path);
	print_values(device, "", 1);
	print_values(device, "policy_params", COLUMNS);
	print_values(device, "stats", COLUMNS);
	print_regions(device);
}

static bool is_number(const char *value)
{
	return *value && strspn(value, "0123456789") == strlen(value);
}

static void write_values(struct json *json, const struct device *device,
			 const char *directory)
{
	char **names, *value;
	unsigned int i, nr = device_files(device, directory, &names);

	for (i = 0; i < nr; i++) {
		value = strcmp(names[i], "policy") ?
			device_read(device, names[i]) : device_policy(device);
		if (value && is_number(value))
			json_number(json, base_name(names[i]), atoll(value));
		else
			json_text(json, base_name(names[i]), value);
		free(value);
		free(names[i]);
	}
	free(names);
}

static void write_holder(struct json *json, const struct holder *holder)
{
	json_object(json, NULL);
	json_number(json, "pid", holder->pid);
	json_text(json, "name", holder->name);
	if (holder->fd >= 0)
		json_number(json, "fd", holder->fd);
	json_end(json);
}

static void begin_region(struct json *json, const struct region *region)
{
	int i;

	json_object(json, NULL);
	if (region->id)
		json_number(json, "id", region->id);
	for (i = 0; region->id && i < NR_REGION_VALUES; i++)
		json_number(json, region_names[i], region->values[i]);
	json_array(json, "processes");
}

static void write_regions(struct json *json, const struct device *device)
{
	struct region *regions;
	unsigned int i, nr = region_list(device, &regions);

	json_array(json, "regions");
	for (i = 0; i < nr; i++) {
		if (!i || regions[i].id != regions[i - 1].id)
			begin_region(json, &regions[i]);
		write_holder(json, &regions[i].holder);
		if (i == nr - 1 || regions[i].id != regions[i + 1].id) {
			json_end(json);
			json_end(json);
		}
	}
	json_end(json);
	free(regions);
}

static void write_device(struct json *json, const struct device *device)
{
	json_object(json, NULL);
	json_text(json, "device", device->path);
	write_values(json, device, "");
	json_object(json, "policy_params");
	write_values(json, device, "policy_params");
	json_end(json);
	json_object(json, "stats");
	write_values(json, device, "stats");
	json_end(json);
	write_regions(json, device);
	json_end(json);
}

static void show_devices(const struct device *devices, unsigned int nr, bool is_json)
{
	struct json json = { .file = stdout };
	unsigned int i;

	if (is_json)
		json_array(&json, NULL);
	for (i = 0; i < nr; i++) {
		if (is_json)
			write_device(&json, &devices[i]);
		else
			print_device(&devices[i]);
	}
	if (is_json)
		json_end(&json);
}

static int run_status(int argc, char **argv)
{
	struct device *devices, one;
	const char *chosen = NULL;
	bool is_json = false;
	unsigned int nr;
	int key;

	while ((key = option_next(&status_verb, argc, argv)) != -1) {
		if (key == DEVICE)
			chosen = optarg;
		else
			is_json = true;
	}
	if (!chosen && optind < argc)
		chosen = argv[optind++];
	if (optind < argc)
		option_wrong(&status_verb, "one device, or all of them");
	if (chosen) {
		one = device_named(chosen);
		show_devices(&one, 1, is_json);
		return 0;
	}
	nr = device_list(&devices);
	if (!nr)
		fatal_no_device("/dev/swaplab0");
	show_devices(devices, nr, is_json);
	free(devices);
	return 0;
}

static const struct swaplab_option status_options[] = {
	{ "device", "DEVICE", DEVICE, "of this device" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb status_verb = {
	.name = "status",
	.arguments = "[DEVICE]",
	.summary = "show settings, pages, counters and users of devices",
	.description =
"Settings, counters, and the regions with their processes, of DEVICE or of all.\n"
"Only root sees the processes of all users.\n",
	.options = status_options,
	.run = run_status,
};
