// SPDX-License-Identifier: GPL-2.0
/* A mapping of a swaplab device. */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "memory.h"
#include "path.h"

/* A device keeps at least so many frames: the fewest that nr_frames accepts. */
#define FEWEST_FRAMES	16

struct device {
	const char *name;
	int fd;
	unsigned long tables_kb;	/* page tables, before the memory was touched */
};

static unsigned long read_attribute(const struct device *device, const char *name)
{
	char path[PATH_BYTES];

	path_format(path, "/sys/class/swaplab/%s/%s", device->name, name);
	return path_read_number(path);
}

static void write_attribute(const struct device *device, const char *name,
			    unsigned long value)
{
	char path[PATH_BYTES], text[24];

	path_format(path, "/sys/class/swaplab/%s/%s", device->name, name);
	snprintf(text, sizeof(text), "%lu", value);
	path_write(path, text);
}

static unsigned long page_tables_kb(void)
{
	return path_read_field("/proc/self/status", "VmPTE:");
}

static void map_device(struct memory *memory)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device || !memory->where)
		errx(2, "device:PATH");
	device->name = strrchr(memory->where, '/');
	if (!device->name++)
		errx(2, "%s: not an absolute path", memory->where);
	device->fd = open(memory->where, O_RDWR | O_CLOEXEC);
	if (device->fd < 0)
		err(2, "%s", memory->where);
	memory->start = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, device->fd, 0);
	if (memory->start == MAP_FAILED)
		err(2, "mmap of %zu bytes", memory->size);
	device->tables_kb = page_tables_kb();
	memory->state = device;
}

static void page_out_device(const struct memory *memory)
{
	const struct device *device = memory->state;
	unsigned long nr_frames = read_attribute(device, "nr_frames");

	write_attribute(device, "nr_frames", FEWEST_FRAMES);
	while (read_attribute(device, "stats/resident") > FEWEST_FRAMES)
		usleep(1000);
	write_attribute(device, "nr_frames", nr_frames);
}

static void count_device(const struct memory *memory, struct paging *paging)
{
	const struct device *device = memory->state;

	paging->misses = read_attribute(device, "stats/refaults");
	paging->swap_ins = read_attribute(device, "stats/swap_ins");
	paging->readahead = read_attribute(device, "stats/readahead");
	paging->readahead_hits = read_attribute(device, "stats/readahead_hits");
}

/* Frames and the structures for them, the region's page tree, and page tables. */
static unsigned long device_bytes(const struct memory *memory)
{
	const struct device *device = memory->state;
	char path[PATH_BYTES];

	path_format(path, "/proc/self/fdinfo/%d", device->fd);
	return read_attribute(device, "nr_frames") * PAGE_BYTES +
	       read_attribute(device, "stats/metadata_bytes") +
	       path_read_field(path, "metadata_bytes:") +
	       (page_tables_kb() - device->tables_kb) * 1024;
}

const struct memory_ops device_memory = {
	.name = "device",
	.map = map_device,
	.page_out = page_out_device,
	.count = count_device,
	.bytes = device_bytes,
};
