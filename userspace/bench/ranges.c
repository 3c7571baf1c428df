// SPDX-License-Identifier: GPL-2.0
/*
 * Times requests on whole ranges, and the close of a region, and prints for each the
 * microseconds a page: a line "NAME,US". The pool is prepared by the caller, with twice
 * as many frames as there are pages.
 */

#include <err.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "clock.h"
#include "content.h"

#define FEW_FRAMES	64

static const char *device;
static size_t nr_pages;
static volatile char *map;
static int region;

static void region_open(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", device);
	region = open(path, O_RDWR | O_CLOEXEC);
	if (region < 0)
		err(2, "%s", path);
	map = mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, region, 0);
	if (map == MAP_FAILED)
		err(2, "mmap");
}

static void touch_pages(void)
{
	size_t i;

	for (i = 0; i < nr_pages; i++)
		(void)map[i * PAGE_BYTES];
}

static void dirty_pages(void)
{
	size_t i;

	for (i = 0; i < nr_pages; i++)
		map[i * PAGE_BYTES] = 1;
}

static void set_frames(size_t nr)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/swaplab/%s/nr_frames", device);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%zu", nr) < 0 || fclose(file))
		err(2, "%s", path);
}

static size_t nr_swapped(void)
{
	char path[64], line[128];
	size_t nr = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", region);
	file = fopen(path, "r");
	if (!file)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "swapped: %zu", &nr);
	fclose(file);
	return nr;
}

static void swap_out(void)
{
	dirty_pages();
	set_frames(FEW_FRAMES);
	while (nr_swapped() + FEW_FRAMES < nr_pages)
		usleep(10000);
	set_frames(2 * nr_pages);
}

static void swap_out_and_in(void)
{
	swap_out();
	touch_pages();
}

static void request_range(unsigned long cmd)
{
	struct swaplab_range range = { .length = nr_pages * PAGE_BYTES };

	if (ioctl(region, cmd, &range))
		err(2, "ioctl");
}

static void discard_range(void)
{
	request_range(SWAPLAB_DISCARD);
}

static void lock_range(void)
{
	request_range(SWAPLAB_LOCK);
}

static void unlock_range(void)
{
	request_range(SWAPLAB_UNLOCK);
}

static void region_close(void)
{
	close(region);
}

/* The region is not mapped any more, so the close does all the work of its end. */
static void region_unmap(void)
{
	munmap((void *)map, nr_pages * PAGE_BYTES);
}

static void measure_call(const char *name, void (*what)(void))
{
	double start = now_us();

	what();
	printf("%s,%.3f\n", name, (now_us() - start) / nr_pages);
}

static void measure_discard(const char *name, void (*prepare)(void))
{
	region_open();
	prepare();
	measure_call(name, discard_range);
	region_unmap();
	region_close();
}

static void measure_close(const char *name, void (*prepare)(void))
{
	region_open();
	prepare();
	region_unmap();
	measure_call(name, region_close);
}

static void measure_locks(void)
{
	region_open();
	dirty_pages();
	measure_call("lock of resident pages", lock_range);
	measure_call("unlock", unlock_range);
	region_unmap();
	region_close();
}

int main(int argc, char **argv)
{
	nr_pages = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;
	if (!nr_pages)
		errx(2, "usage: ranges DEVICE PAGES");
	device = argv[1];
	/* Allocates the folios of all frames first: that is no cost of a range. */
	measure_close("", dirty_pages);
	measure_discard("discard of zeros", touch_pages);
	measure_discard("discard of clean pages", swap_out_and_in);
	measure_discard("discard of dirty pages", dirty_pages);
	measure_discard("discard of swapped pages", swap_out);
	measure_close("close with resident pages", dirty_pages);
	measure_close("close with swapped pages", swap_out);
	measure_locks();
	return 0;
}
