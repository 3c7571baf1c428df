// SPDX-License-Identifier: GPL-2.0
/*
 * The two kinds of memory that are compared: a mapping of a swaplab device and
 * anonymous memory, which the kernel itself swaps.
 */

#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "memory.h"

#define PATH_BYTES	256
/* A device keeps at least so many frames: the fewest that nr_frames accepts. */
#define FEWEST_FRAMES	16

static void format_path(char *path, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, PATH_BYTES, format, args);
	va_end(args);
	if (len >= PATH_BYTES)
		errx(2, "name too long: %s", path);
}

static unsigned long read_attribute(const char *device, const char *name)
{
	char path[PATH_BYTES];
	unsigned long value;
	FILE *file;

	format_path(path, "/sys/class/swaplab/%s/%s", device, name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lu", &value) != 1)
		err(2, "%s", path);
	fclose(file);
	return value;
}

static void write_attribute(const char *device, const char *name,
			    unsigned long value)
{
	char path[PATH_BYTES];
	FILE *file;

	format_path(path, "/sys/class/swaplab/%s/%s", device, name);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%lu", value) < 0 || fclose(file))
		err(2, "%s", path);
}

/* One of the kernel's own counters, which nothing else moves during a run. */
static unsigned long read_vmstat(const char *name)
{
	char field[64];
	unsigned long value;
	FILE *file = fopen("/proc/vmstat", "r");

	if (!file)
		err(2, "/proc/vmstat");
	while (fscanf(file, "%63s %lu", field, &value) == 2) {
		if (!strcmp(field, name)) {
			fclose(file);
			return value;
		}
	}
	errx(2, "/proc/vmstat has no %s", name);
}

static unsigned long major_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_majflt;
}

/* Requests and 512-byte sectors, see Documentation/block/stat.rst. */
static void count_disk(const char *disk, struct paging *paging)
{
	unsigned long read_sectors, written_sectors;
	char path[PATH_BYTES];
	FILE *file;

	format_path(path, "/sys/block/%s/stat", disk);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lu %*u %lu %*u %lu %*u %lu", &paging->reads,
			    &read_sectors, &paging->writes, &written_sectors) != 4)
		err(2, "%s", path);
	fclose(file);
	paging->read_kb = read_sectors / 2;
	paging->written_kb = written_sectors / 2;
}

static void wait_for_disk(const char *disk)
{
	char path[PATH_BYTES];
	unsigned long reads, writes;
	FILE *file;

	format_path(path, "/sys/block/%s/inflight", disk);
	do {
		usleep(1000);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%lu %lu", &reads, &writes) != 2)
			err(2, "%s", path);
		fclose(file);
	} while (reads + writes);
}

/**
 * memory_map() - get the memory, empty
 * @memory: filled in, but for @memory->disk
 * @backend: "device:PATH" or "anon"
 * @size: in bytes
 */
void memory_map(struct memory *memory, const char *backend, size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, fd = -1;

	memory->size = size;
	memory->device = NULL;
	if (!strncmp(backend, "device:", 7)) {
		fd = open(backend + 7, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			err(2, "%s", backend + 7);
		memory->device = strrchr(backend, '/');
		if (!memory->device++)
			errx(2, "%s: not an absolute path", backend + 7);
		flags = MAP_SHARED;
	} else if (strcmp(backend, "anon")) {
		errx(2, "no such backend: %s", backend);
	}
	memory->start = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (memory->start == MAP_FAILED)
		err(2, "mmap of %zu bytes", size);
	if (fd >= 0)
		close(fd);
}

/**
 * memory_page_out() - send (nearly) everything to the disk
 * @memory: the memory
 *
 * So that pages that a run left dirty count as written too, on both sides, and
 * so that a check afterwards reads from the disk.
 */
void memory_page_out(const struct memory *memory)
{
	unsigned long nr_frames;

	if (memory->device) {
		nr_frames = read_attribute(memory->device, "nr_frames");
		write_attribute(memory->device, "nr_frames", FEWEST_FRAMES);
		while (read_attribute(memory->device, "stats/resident") > FEWEST_FRAMES)
			usleep(1000);
		write_attribute(memory->device, "nr_frames", nr_frames);
	} else if (madvise(memory->start, memory->size, MADV_PAGEOUT)) {
		err(2, "MADV_PAGEOUT");
	}
	if (memory->disk)
		wait_for_disk(memory->disk);
}

/**
 * memory_count() - read the counters
 * @memory: the memory
 * @paging: filled in
 */
void memory_count(const struct memory *memory, struct paging *paging)
{
	const char *device = memory->device;

	memset(paging, 0, sizeof(*paging));
	if (device) {
		paging->misses = read_attribute(device, "stats/refaults");
		paging->swap_ins = read_attribute(device, "stats/swap_ins");
		paging->readahead = read_attribute(device, "stats/readahead");
		paging->readahead_hits = read_attribute(device, "stats/readahead_hits");
	} else {
		paging->misses = major_faults();
		paging->swap_ins = read_vmstat("pswpin");
		paging->readahead = read_vmstat("swap_ra");
		paging->readahead_hits = read_vmstat("swap_ra_hit");
	}
	if (memory->disk)
		count_disk(memory->disk, paging);
}

/**
 * paging_subtract() - get the difference of two counts
 * @paging: the later counters; the difference afterwards
 * @earlier: the earlier ones
 */
void paging_subtract(struct paging *paging, const struct paging *earlier)
{
	paging->misses -= earlier->misses;
	paging->swap_ins -= earlier->swap_ins;
	paging->readahead -= earlier->readahead;
	paging->readahead_hits -= earlier->readahead_hits;
	paging->reads -= earlier->reads;
	paging->writes -= earlier->writes;
	paging->read_kb -= earlier->read_kb;
	paging->written_kb -= earlier->written_kb;
}
