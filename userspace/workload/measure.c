// SPDX-License-Identifier: GPL-2.0
/* Time, and the pages that the device of this process reads and writes meanwhile. */

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "measure.h"

const char *const measure_names[NR_MEASURES] = { "refaults", "swap_ins", "swap_outs" };

/* "swaplabN"; empty: none. */
static char device_name[16];

static void find_device(void)
{
	static bool is_found;
	char line[512];
	unsigned int number;
	char *name;
	FILE *file;

	if (is_found)
		return;
	is_found = true;
	file = fopen("/proc/self/maps", "re");
	if (!file)
		err(1, "/proc/self/maps");
	while (!*device_name && fgets(line, sizeof(line), file)) {
		name = strstr(line, " /dev/swaplab");
		if (name && sscanf(name, " /dev/swaplab%u", &number) == 1)
			snprintf(device_name, sizeof(device_name), "swaplab%u", number);
	}
	fclose(file);
}

/**
 * measure_device() - the device that has memory of this process
 *
 * Return: its name, or NULL.
 */
const char *measure_device(void)
{
	find_device();
	return *device_name ? device_name : NULL;
}

static unsigned long read_counter(const char *name)
{
	unsigned long value;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/swaplab/%s/stats/%s", device_name, name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%lu", &value) != 1)
		err(1, "%s", path);
	fclose(file);
	return value;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/**
 * measure_begin() - begin a part that is measured
 * @measure: the sums, to which measure_end() adds
 */
void measure_begin(struct measure *measure)
{
	int i;

	for (i = 0; measure_device() && i < NR_MEASURES; i++)
		measure->pages[i] -= read_counter(measure_names[i]);
	measure->seconds -= seconds_now();
}

/**
 * measure_end() - end a part that is measured
 * @measure: the sums
 */
void measure_end(struct measure *measure)
{
	int i;

	measure->seconds += seconds_now();
	for (i = 0; measure_device() && i < NR_MEASURES; i++)
		measure->pages[i] += read_counter(measure_names[i]);
}
