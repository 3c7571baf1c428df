// SPDX-License-Identifier: GPL-2.0
/* The regions of a device, as far as processes have file descriptors of them. */

#include <err.h>
#include <errno.h>
#include <linux/swaplab.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/param.h>	/* MIN */
#include <unistd.h>
#include "region.h"

/* States that are asked for at a time. */
#define STATES	65536UL

const char *const region_names[NR_REGION_VALUES] = {
	"pages", "resident", "swapped", "dirty", "locked", "quota", "working_set", "faults",
	"refaults", "suspended",
};

static unsigned long value_of(const char *fdinfo, const char *name)
{
	size_t len = strlen(name);
	const char *line = fdinfo;

	while (line && (strncmp(line, name, len) || line[len] != ':')) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return line ? strtoul(line + len + 1, NULL, 10) : 0;
}

/**
 * region_read() - read the fdinfo of a region
 * @region: to be filled in
 * @holder: a process and its file descriptor
 *
 * Return: false if it is no region's, or gone.
 */
bool region_read(struct region *region, const struct holder *holder)
{
	char path[32], *fdinfo;
	int i;

	*region = (struct region){ .holder = *holder };
	if (holder->fd < 0)
		return true;
	snprintf(path, sizeof(path), "fdinfo/%d", holder->fd);
	fdinfo = process_file(holder->pid, path);
	if (!fdinfo)
		return false;
	region->id = value_of(fdinfo, "id");
	region->is_private = value_of(fdinfo, "private");
	for (i = 0; i < NR_REGION_VALUES; i++)
		region->values[i] = value_of(fdinfo, region_names[i]);
	free(fdinfo);
	return region->id;
}

static int by_id(const void *a, const void *b)
{
	const struct region *left = a, *right = b;

	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return left->holder.pid - right->holder.pid;
}

/**
 * region_list() - all file descriptors of a device's regions
 * @device: the device
 * @regions: set to an array, by number of the region, for free()
 *
 * Return: how many.
 */
unsigned int region_list(const struct device *device, struct region **regions)
{
	struct holder *holders;
	unsigned int i, nr_holders, nr = 0;

	nr_holders = process_holders(device->path, &holders);
	*regions = calloc(nr_holders + 1, sizeof(**regions));
	if (!*regions)
		err(1, "memory");
	for (i = 0; i < nr_holders; i++)
		if (region_read(*regions + nr, &holders[i]))
			nr++;
	free(holders);
	qsort(*regions, nr, sizeof(**regions), by_id);
	return nr;
}

/**
 * region_is_forked() - tell whether processes have pages of their own of a region
 * @regions: all of the device, from region_list()
 * @nr: how many
 * @region: one of them
 *
 * After a fork() a child has a region of its own, which no file descriptor leads to: the one that
 * it has inherited is that of the process that opened it. The latter may have ended: then
 * its region has no page.
 *
 * Return: whether the region is private, and its values need not be those of the process.
 */
bool region_is_forked(const struct region *regions, unsigned int nr, const struct region *region)
{
	unsigned int i;

	if (!region->is_private)
		return false;
	for (i = 0; i < nr; i++)
		if (regions[i].id == region->id && regions[i].holder.pid != region->holder.pid)
			return true;
	return !region->values[REGION_PAGES];
}

static void count_states(struct region *region, const unsigned char *states, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		region->values[REGION_RESIDENT] += !!(states[i] & SWAPLAB_PAGE_RESIDENT);
		region->values[REGION_SWAPPED] += !!(states[i] & SWAPLAB_PAGE_SWAPPED);
		region->values[REGION_DIRTY] += !!(states[i] & SWAPLAB_PAGE_DIRTY);
		region->values[REGION_LOCKED] += !!(states[i] & SWAPLAB_PAGE_LOCKED);
	}
	region->values[REGION_PAGES] = region->values[REGION_RESIDENT] +
				       region->values[REGION_SWAPPED];
}

/**
 * region_count() - count the pages that a process has of its own
 * @region: a private region; its values of pages are set to those of its holder
 * @device: its device
 *
 * Such pages are mapped, or gone.
 *
 * Return: whether the process could be asked.
 */
bool region_count(struct region *region, const struct device *device)
{
	unsigned long nr = process_mapped_end(region->holder.pid, device->path) / 4096, first;
	static unsigned char states[STATES];
	int fd = process_borrow_fd(&region->holder);
	bool is_told = fd >= 0;

	memset(region->values, 0, sizeof(region->values));
	for (first = 0; is_told && first < nr; first += STATES) {
		is_told = region_states(fd, region->holder.pid, first, MIN(nr - first, STATES),
					states);
		if (is_told)
			count_states(region, states, MIN(nr - first, STATES));
	}
	if (fd >= 0)
		close(fd);
	return is_told;
}

/**
 * region_find() - the region of a process
 * @device: its device
 * @pid: the process
 * @fd: the file descriptor that it has of the region; -1: any
 * @found: set to the last that was found
 *
 * Return: how many regions were found; a duplicate of a descriptor does not count.
 */
unsigned int region_find(const struct device *device, pid_t pid, int fd,
			 struct region *found)
{
	unsigned int i, nr_found = 0, nr;
	struct region *regions;

	nr = region_list(device, &regions);
	for (i = 0; i < nr; i++) {
		if (regions[i].holder.pid != pid ||
		    (fd >= 0 && regions[i].holder.fd != fd) ||
		    (nr_found && regions[i].id == found->id))
			continue;
		*found = regions[i];
		nr_found++;
	}
	free(regions);
	return nr_found;
}

/**
 * region_of_process() - the region of a process, of any device
 * @pid: the process
 * @fd: the file descriptor that it has of the region; -1: any, if it has one region alone
 * @device: set to its device
 *
 * Ends the program with advice if there is none, or more than one.
 *
 * Return: the region, with a file descriptor.
 */
struct region region_of_process(pid_t pid, int fd, struct device *device)
{
	struct region region, found = {};
	unsigned int i, nr, nr_here, nr_found = 0;
	struct device *devices;

	if (kill(pid, 0) && errno == ESRCH)
		errx(1, "there is no process %d", pid);
	nr = device_list(&devices);
	for (i = 0; i < nr; i++) {
		nr_here = region_find(&devices[i], pid, fd, &region);
		if (nr_here) {
			*device = devices[i];
			found = region;
		}
		nr_found += nr_here;
	}
	free(devices);
	if (nr_found > 1)
		errx(1, "process %d has %u regions: say which, by %d:FD;\n"
		     "swaplab status has the file descriptors", pid, nr_found, pid);
	if (!nr_found && geteuid())
		errx(1, "no region of process %d is to be seen; use sudo if it is another user's",
		     pid);
	if (!nr_found)
		errx(1, "process %d has no region%s", pid,
		     fd < 0 ? "" : " with this file descriptor");
	if (found.holder.fd < 0)
		errx(1, "process %d has closed the file that it has mapped,\n"
		     "and only by its file can a region be asked for its pages", pid);
	return found;
}

/**
 * region_states() - ask for the states of a process's pages
 * @fd: of the region, from process_borrow_fd()
 * @pid: the process, which may have inherited the descriptor
 * @first: the first page
 * @nr: how many
 * @states: a byte a page, SWAPLAB_PAGE_*
 *
 * Return: whether they are told; errno says why not.
 */
bool region_states(int fd, pid_t pid, unsigned long first, unsigned long nr,
		   unsigned char *states)
{
	struct swaplab_process_states request = {
		.range = { first * 4096, nr * 4096 },
		.states = (uintptr_t)states,
		.pid = pid,
	};

	return !ioctl(fd, SWAPLAB_PROCESS_STATES, &request);
}
