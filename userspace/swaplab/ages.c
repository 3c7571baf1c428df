// SPDX-License-Identifier: GPL-2.0
/* swaplab ages: how many samples ago pages were last found used. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include "json.h"
#include "option.h"
#include "process.h"
#include "region.h"
#include "samples.h"
#include "verb.h"

enum { DEVICE = 'd', JSON = 'j', SAMPLES = 'n' };

#define DEFAULT_SAMPLES	16
#define MAX_SAMPLES	1000000
/* 0, 1, 2 to 3, 4 to 7, ..., up to MAX_SAMPLES. */
#define NR_BUCKETS	21
#define BAR		40

/**
 * struct ages - pages by their ages
 * @device: of the pages
 * @pid: the process that has the region; 0: all regions
 * @region: its number
 * @nr_samples: samples that were taken
 * @counts: pages that were found used, by bucket
 * @nr_used: all of these
 * @nr_unused: other pages in memory, in the end
 * @nr_evicted: pages that the device has evicted meanwhile
 */
struct ages {
	struct device device;
	pid_t pid;
	unsigned long region;
	unsigned int nr_samples;
	unsigned long counts[NR_BUCKETS];
	unsigned long nr_used;
	unsigned long nr_unused;
	unsigned long nr_evicted;
};

/* A bucket begins at 0, 1, 2, 4, 8, ... */
static unsigned int bucket_begin(int bucket)
{
	return bucket ? 1U << (bucket - 1) : 0;
}

static unsigned int bucket_end(int bucket)
{
	return bucket_begin(bucket + 1) - 1;
}

static int bucket_of(unsigned int age)
{
	int bucket = 0;

	while (age > bucket_end(bucket))
		bucket++;
	return bucket;
}

/* Only the region of the process that opened the file has a number to see. */
static void refuse_forked(const struct device *device, const struct region *region)
{
	struct region *regions;
	unsigned int nr = region_list(device, &regions);

	if (region_is_forked(regions, nr, region))
		errx(1, "process %d: pages that fork() has copied are not told apart; leave the\n"
		     "process out to see all pages of %s", region->holder.pid, device->path);
	free(regions);
}

static void count_pages(struct ages *ages, const struct samples *samples)
{
	size_t i;

	for (i = 0; i < samples->room; i++) {
		if (!samples->pages[i].page ||
		    (ages->pid && !samples_page_is_of(&samples->pages[i], ages->region)))
			continue;
		ages->counts[bucket_of(samples->nr - 1 - samples->pages[i].last)]++;
		ages->nr_used++;
	}
}

/* The process may have ended. */
static unsigned long count_resident(const struct ages *ages, const struct region *region)
{
	struct region now;

	if (!ages->pid)
		return device_number(&ages->device, "stats/resident");
	return region_read(&now, &region->holder) && now.id == region->id ?
	       now.values[REGION_RESIDENT] : 0;
}

static void find_ages(struct ages *ages, const struct region *region)
{
	unsigned long evictions = device_number(&ages->device, "stats/evictions"), resident;
	struct samples samples = samples_take(&ages->device, ages->nr_samples);

	count_pages(ages, &samples);
	resident = count_resident(ages, region);
	ages->nr_evicted = device_number(&ages->device, "stats/evictions") - evictions;
	ages->nr_unused = resident > ages->nr_used ? resident - ages->nr_used : 0;
	free(samples.pages);
}

static void print_bar(const char *name, unsigned long count, unsigned long most)
{
	int i, length = most ? (count * BAR + most - 1) / most : 0;

	printf("%13s %12lu%s", name, count, length ? "  " : "");
	for (i = 0; i < length; i++)
		putchar('#');
	putchar('\n');
}

static void print_buckets(const struct ages *ages)
{
	unsigned long most = ages->nr_unused;
	int bucket, nr = bucket_of(ages->nr_samples - 1) + 1;
	char name[32];

	for (bucket = 0; bucket < nr; bucket++)
		most = ages->counts[bucket] > most ? ages->counts[bucket] : most;
	printf("%13s %12s\n", "samples ago", "pages");
	for (bucket = 0; bucket < nr; bucket++) {
		if (bucket_begin(bucket) == bucket_end(bucket))
			snprintf(name, sizeof(name), "%u", bucket_begin(bucket));
		else
			snprintf(name, sizeof(name), "%u-%u", bucket_begin(bucket),
				 bucket_end(bucket));
		print_bar(name, ages->counts[bucket], most);
	}
	print_bar("not used", ages->nr_unused, most);
}

static void print_ages(const struct ages *ages)
{
	printf("%s", ages->device.path);
	if (ages->pid)
		printf(", region %lu of process %d", ages->region, ages->pid);
	printf(": %u samples\n", ages->nr_samples);
	print_buckets(ages);
	if (ages->nr_evicted)
		printf("%lu pages were evicted meanwhile; those that were used are counted\n",
		       ages->nr_evicted);
}

static void write_ages(const struct ages *ages)
{
	struct json json = { .file = stdout };
	int bucket, nr = bucket_of(ages->nr_samples - 1) + 1;

	json_object(&json, NULL);
	json_text(&json, "device", ages->device.path);
	if (ages->pid) {
		json_number(&json, "pid", ages->pid);
		json_number(&json, "region", ages->region);
	}
	json_number(&json, "samples", ages->nr_samples);
	json_array(&json, "ages");
	for (bucket = 0; bucket < nr; bucket++) {
		json_object(&json, NULL);
		json_number(&json, "from", bucket_begin(bucket));
		json_number(&json, "to", bucket_end(bucket));
		json_number(&json, "pages", ages->counts[bucket]);
		json_end(&json);
	}
	json_end(&json);
	json_number(&json, "not_used", ages->nr_unused);
	json_number(&json, "evicted", ages->nr_evicted);
	json_end(&json);
}

static struct region find_region(struct ages *ages, const char *text)
{
	struct region region;
	int fd;

	if (!process_parse(text, &ages->pid, &fd))
		errx(2, "%s: not a process, such as 1234 or 1234:3", text);
	region = region_of_process(ages->pid, fd, &ages->device);
	refuse_forked(&ages->device, &region);
	ages->region = region.id;
	return region;
}

static int run_ages(int argc, char **argv)
{
	struct ages ages = { .nr_samples = DEFAULT_SAMPLES };
	const char *device = NULL;
	struct region region = {};
	bool is_json = false;
	int key;

	while ((key = option_next(&ages_verb, argc, argv)) != -1) {
		if (key == DEVICE)
			device = optarg;
		else if (key == SAMPLES)
			ages.nr_samples = option_number("--samples", optarg, 1, MAX_SAMPLES);
		else
			is_json = true;
	}
	if (argc - optind > 1)
		option_wrong(&ages_verb, "one process, or none");
	if (device && optind < argc)
		option_wrong(&ages_verb, "a process or a device");
	if (optind < argc)
		region = find_region(&ages, argv[optind]);
	else
		ages.device = device_named(device ? device : "swaplab0");
	find_ages(&ages, &region);
	if (is_json)
		write_ages(&ages);
	else
		print_ages(&ages);
	return 0;
}

static const struct swaplab_option ages_options[] = {
	{ "device", "DEVICE", DEVICE, "of all pages of this device: /dev/swaplab0 unless given" },
	{ "samples", "N", SAMPLES, "how many to take: 16 unless given" },
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb ages_verb = {
	.name = "ages",
	.arguments = "[PID[:FD]]",
	.summary = "show how many samples ago pages were last found used",
	.description =
"Of the region of process PID, FD being its file descriptor if it has several regions, or of\n"
"all pages of a device. The device's daemon samples the accessed bits of pages each\n"
"scan_interval_ms, or more often where it evicts much. The picture has a line for pages that\n"
"the last sample found used, for those that only the one before did, and so on, and\n"
"one for pages in memory that none did.\n"
"\n"
"The pages of the device are unmapped once, so that each use is seen; so their next uses are\n"
"faults, which find them in memory. The module keeps no ages: they are of this\n"
"time alone, 16 seconds as a rule. A use by a CPU that has the page in its TLB all the time\n"
"may not be seen. For root.\n",
	.options = ages_options,
	.run = run_ages,
};
