// SPDX-License-Identifier: GPL-2.0
/* swaplab status: the values in sysfs, and the processes that use the device. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>	/* MAX */
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "json.h"
#include "name.h"
#include "option.h"
#include "region.h"
#include "size.h"
#include "tunable.h"
#include "verb.h"
#include "wrap.h"
#include "xstrdup.h"

enum { DEVICE = 'd', HUMAN = 'h', JSON = 'j' };

/* Between two values in a line. */
#define GAP		2
#define INDENT		4

struct request {
	const char *device;
	bool is_human;
	bool is_json;
};

static const char *base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* Beside the settings that count pages, those that tell what there is. */
static const char *const page_counts[] = {
	"stats/resident", "stats/swapped", "stats/room", "stats/free_frames", "stats/cpu_frames",
	"stats/pinned_frames", "stats/bad_slots", "stats/pages_peak", NULL
};

static bool counts_pages(const char *file)
{
	const struct tunable *tunable = tunable_find(file);
	const char *const *count = page_counts;

	while (*count && strcmp(*count, file))
		count++;
	return *count || (tunable && tunable->kind == TUNABLE_PAGES);
}

static char *pages_text(unsigned long pages)
{
	char text[SIZE_TEXT];

	return xstrdup(size_text(text, pages * (unsigned long long)sysconf(_SC_PAGESIZE)));
}

/* Of a list the word that is chosen; NULL if it cannot be read. For free(). */
static char *read_value(const struct device *device, const char *file)
{
	char *value = device_read(device, file);

	if (!value || (!strchr(value, '[') && strcmp(file, "policy")))
		return value;
	free(value);
	return tunable_read(device, file);
}

/* As it is shown: "-" if it cannot be read. */
static char *shown_value(const struct device *device, const char *file, bool is_human)
{
	char *value = read_value(device, file), text[SIZE_TEXT];

	if (!value)
		return xstrdup("-");
	if (!is_human)
		return value;
	if (counts_pages(file))
		return pages_text(strtoul(value, NULL, 10));
	if (!strcmp(file, "stats/metadata_bytes"))
		return xstrdup(size_text(text, strtoull(value, NULL, 10)));
	return value;
}

/* Settings have a line each, as some are long. */
static void print_settings(const struct device *device, bool is_human)
{
	char **names, *value;
	unsigned int i, nr = device_files(device, "", &names);

	for (i = 0; i < nr; i++) {
		value = shown_value(device, names[i], is_human);
		printf("%*s%-16s %s\n", INDENT, "", names[i], value);
		free(value);
		free(names[i]);
	}
	free(names);
}

/* As many values in a line as fit. */
static void print_table(char **names, char **values, unsigned int nr)
{
	int name_width = 0, value_width = 0, columns;
	unsigned int i;
	bool ends;

	for (i = 0; i < nr; i++) {
		name_width = MAX(name_width, (int)strlen(base_name(names[i])));
		value_width = MAX(value_width, (int)strlen(values[i]));
	}
	columns = (WRAP_COLUMNS - INDENT + GAP) / (name_width + 1 + value_width + GAP);
	columns = MAX(columns, 1);
	for (i = 0; i < nr; i++) {
		ends = i % columns == columns - 1U || i == nr - 1;
		printf("%*s%-*s %*s%s", i % columns ? GAP : INDENT, "", name_width,
		       base_name(names[i]), value_width, values[i], ends ? "\n" : "");
	}
}

static void print_values(const struct device *device, const char *directory, bool is_human)
{
	char **names, **values;
	unsigned int i, nr = device_files(device, directory, &names);

	values = calloc(nr + 1, sizeof(*values));
	if (!values)
		err(1, "memory");
	for (i = 0; i < nr; i++)
		values[i] = shown_value(device, names[i], is_human);
	if (nr)
		printf("  %s\n", directory);
	print_table(names, values, nr);
	for (i = 0; i < nr; i++) {
		free(values[i]);
		free(names[i]);
	}
	free(values);
	free(names);
}

/* The first ones of its values are pages, and the others count events. */
static void print_region_values(struct wrap *wrap, const struct region *region, int nr,
				bool is_human)
{
	char text[64], *size;
	int i;

	for (i = 0; i < nr; i++) {
		size = is_human && i < NR_REGION_PAGES ? pages_text(region->values[i]) : NULL;
		if (size)
			snprintf(text, sizeof(text), "%s %s", region_names[i], size);
		else
			snprintf(text, sizeof(text), "%s %lu", region_names[i],
				 region->values[i]);
		wrap_word(wrap, text);
		free(size);
	}
	putchar('\n');
}

static void print_region(const struct region *region, bool is_forked, bool is_human)
{
	struct wrap wrap = { .indent = 6, .has_word = true };

	if (!region->id) {
		puts("    of a file that was closed after it was mapped");
		return;
	}
	if (is_forked) {
		printf("    region %lu: each process has pages of its own\n", region->id);
		return;
	}
	wrap.column = printf("    region %lu:", region->id);
	print_region_values(&wrap, region, NR_REGION_VALUES, is_human);
}

static int print_holder(const struct holder *holder)
{
	int column = printf("      process %d (%s)", holder->pid, holder->name);

	if (holder->fd >= 0)
		column += printf(", file descriptor %d", holder->fd);
	return column;
}

/* Of a private region, once for each process. */
static void print_own_pages(const struct device *device, const struct region *region, int column,
			    bool is_human)
{
	struct wrap wrap = { .indent = 8, .has_word = true, .column = column + 1 };
	struct region own = *region;

	if (!region_count(&own, device)) {
		puts(": no pages of its own are to be seen");
		return;
	}
	putchar(':');
	print_region_values(&wrap, &own, NR_REGION_STATES, is_human);
}

static void print_regions(const struct device *device, bool is_human)
{
	struct region *regions;
	unsigned int i, nr = region_list(device, &regions);
	bool is_forked, is_first;
	int column;

	puts("  regions");
	for (i = 0; i < nr; i++) {
		is_forked = region_is_forked(regions, nr, &regions[i]);
		is_first = !i || regions[i].id != regions[i - 1].id;
		if (is_first)
			print_region(&regions[i], is_forked, is_human);
		column = print_holder(&regions[i].holder);
		if (is_forked && (is_first || regions[i].holder.pid != regions[i - 1].holder.pid))
			print_own_pages(device, &regions[i], column, is_human);
		else
			putchar('\n');
	}
	if (geteuid())
		puts("    (those of other users: by sudo)");
	else if (!nr)
		puts("    none");
	free(regions);
}

static void print_device(const struct device *device, bool is_human)
{
	puts(device->path);
	print_settings(device, is_human);
	print_values(device, TUNABLE_PARAMS, is_human);
	print_values(device, "policy_stats", is_human);
	print_values(device, "stats", is_human);
	print_regions(device, is_human);
	name_print_all(device);
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
		value = read_value(device, names[i]);
		if (value && is_number(value))
			json_number(json, base_name(names[i]), strtoull(value, NULL, 10));
		else
			json_text(json, base_name(names[i]), value);
		free(value);
		free(names[i]);
	}
	free(names);
}

static void write_region_values(struct json *json, const struct region *region, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		json_number(json, region_names[i], region->values[i]);
}

static void write_holder(struct json *json, const struct device *device,
			 const struct region *region, bool has_own)
{
	struct region own = *region;

	json_object(json, NULL);
	json_number(json, "pid", region->holder.pid);
	json_text(json, "name", region->holder.name);
	if (region->holder.fd >= 0)
		json_number(json, "fd", region->holder.fd);
	if (has_own && region_count(&own, device))
		write_region_values(json, &own, NR_REGION_STATES);
	json_end(json);
}

static void begin_region(struct json *json, const struct region *region, bool is_forked)
{
	json_object(json, NULL);
	if (region->id) {
		json_number(json, "id", region->id);
		json_bool(json, "private", region->is_private);
	}
	if (region->id && !is_forked)
		write_region_values(json, region, NR_REGION_VALUES);
	json_array(json, "processes");
}

static void write_regions(struct json *json, const struct device *device)
{
	struct region *regions;
	unsigned int i, nr = region_list(device, &regions);
	bool is_forked, is_first;

	json_array(json, "regions");
	for (i = 0; i < nr; i++) {
		is_forked = region_is_forked(regions, nr, &regions[i]);
		is_first = !i || regions[i].id != regions[i - 1].id;
		if (is_first)
			begin_region(json, &regions[i], is_forked);
		write_holder(json, device, &regions[i], is_forked &&
			     (is_first || regions[i].holder.pid != regions[i - 1].holder.pid));
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
	json_object(json, "policy_stats");
	write_values(json, device, "policy_stats");
	json_end(json);
	json_object(json, "stats");
	write_values(json, device, "stats");
	json_end(json);
	write_regions(json, device);
	name_write_all(json, device);
	json_end(json);
}

static void write_devices(const struct device *devices, unsigned int nr)
{
	struct json json = { .file = stdout };
	unsigned int i;

	json_array(&json, NULL);
	for (i = 0; i < nr; i++)
		write_device(&json, &devices[i]);
	json_end(&json);
}

static void show_devices(const struct device *devices, unsigned int nr,
			 const struct request *request)
{
	unsigned int i;

	if (request->is_json) {
		write_devices(devices, nr);
		return;
	}
	for (i = 0; i < nr; i++)
		print_device(&devices[i], request->is_human);
}

static struct request parse_request(int argc, char **argv)
{
	struct request request = {};
	int key;

	while ((key = option_next(&status_verb, argc, argv)) != -1) {
		if (key == DEVICE)
			request.device = optarg;
		else if (key == HUMAN)
			request.is_human = true;
		else
			request.is_json = true;
	}
	if (!request.device && optind < argc)
		request.device = argv[optind++];
	if (optind < argc)
		option_wrong(&status_verb, "one device, or all of them");
	return request;
}

static int run_status(int argc, char **argv)
{
	struct request request = parse_request(argc, argv);
	struct device *devices, one;
	unsigned int nr;

	if (request.device) {
		one = device_named(request.device);
		show_devices(&one, 1, &request);
		return 0;
	}
	nr = device_list(&devices);
	if (!nr)
		fatal_no_device("/dev/swaplab0");
	show_devices(devices, nr, &request);
	free(devices);
	return 0;
}

static const struct swaplab_option status_options[] = {
	{ "device", "DEVICE", DEVICE, "of this device" },
	{ "human", NULL, HUMAN, "print pages and bytes as sizes, as in 1.5G" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb status_verb = {
	.name = "status",
	.arguments = "[DEVICE]",
	.summary = "show settings, pages, counters and users of devices",
	.description =
"Settings, counters, and the regions with their processes and names, of DEVICE or of\n"
"all.\n"
"Only root sees the processes of all users.\n"
"After a fork() of private pages, as of programs of swaplab run, each process has pages\n"
"of its own, which are shown with it.\n",
	.options = status_options,
	.run = run_status,
};
