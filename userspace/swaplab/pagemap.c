// SPDX-License-Identifier: GPL-2.0
/*
 * The state of each page of a region, of another process or from a file. A region
 * cannot be opened a second time: each open() makes another. So the process's own
 * file is borrowed, by pidfd_getfd().
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pagemap.h"
#include "region.h"

#define CHUNK		65536UL
/* Pages of a region are read this far beyond the last mapped one. */
#define FAR		16777216UL
#define ALL_STATES	0x3f

/**
 * struct pagemap_source - a region of a process
 * @device: its device
 * @region: the region
 * @fd: a descriptor of it
 */
struct pagemap_source {
	struct device device;
	struct region region;
	int fd;
};

static int borrow_fd(const struct holder *holder)
{
	int fd = process_borrow_fd(holder);

	if (fd < 0 && errno == EPERM)
		errx(1, "process %d lets only root see its files: use sudo",
		     holder->pid);
	if (fd < 0)
		err(1, "process %d, file descriptor %d", holder->pid,
		    holder->fd);
	return fd;
}

/* Unless the request was too long, or the process has ended. */
static void refuse_states(pid_t pid)
{
	if (errno == EPERM)
		errx(1, "process %d lets only root see its pages: use sudo", pid);
	if (errno == EBUSY)
		errx(1, "process %d has no pages there: it has the file of another process", pid);
	if (errno != EINVAL && errno != ESRCH)
		err(1, "SWAPLAB_PROCESS_STATES");
}

/* Returns false beyond the last page that the region may have, and after the process. */
static bool read_chunk(struct pagemap *map, pid_t pid, int fd)
{
	unsigned long nr = CHUNK;

	map->states = realloc(map->states, map->nr + CHUNK);
	if (!map->states)
		err(1, "memory");
	/* max_region_pages may lie within the chunk. */
	while (!region_states(fd, pid, map->nr, nr, map->states + map->nr)) {
		refuse_states(pid);
		nr /= 2;
		if (!nr || errno == ESRCH)
			return false;
	}
	map->nr += nr;
	return true;
}

static size_t nr_present(const struct pagemap *map)
{
	size_t i, nr = 0;

	for (i = 0; i < map->nr; i++)
		nr += map->states[i] != 0;
	return nr;
}

/* Neither the region nor its file has a size: ends behind the last page. */
static void trim_map(struct pagemap *map, size_t min)
{
	while (map->nr > min && !map->states[map->nr - 1])
		map->nr--;
}

/* The region of a child is another one than that of the descriptor which it inherits. */
static void name_map(struct pagemap *map, const struct device *device,
		     const struct region *region)
{
	char number[32] = "";

	if (!region->is_private)
		snprintf(number, sizeof(number), "region %lu of ", region->id);
	snprintf(map->title, sizeof(map->title), "%s, %sprocess %d (%s)",
		 device->path, number, region->holder.pid, region->holder.name);
}

/**
 * pagemap_open() - find a region of a process
 * @pid: the process
 * @fd: its file descriptor of the region; -1: any, if it has one region alone
 *
 * Ends the program with advice if it cannot be had.
 *
 * Return: the region, for pagemap_close(). It lives until then.
 */
struct pagemap_source *pagemap_open(pid_t pid, int fd)
{
	struct pagemap_source *source = calloc(1, sizeof(*source));

	if (!source)
		err(1, "memory");
	source->region = region_of_process(pid, fd, &source->device);
	source->fd = borrow_fd(&source->region.holder);
	return source;
}

/**
 * pagemap_read() - read the pages of a region
 * @source: the region
 * @map: set to the map, with states for free()
 *
 * Return: false if the process has ended.
 */
bool pagemap_read(struct pagemap_source *source, struct pagemap *map)
{
	const struct holder holder = source->region.holder;
	size_t nr_mapped = process_mapped_end(holder.pid, source->device.path) / 4096;
	size_t nr_pages;

	*map = (struct pagemap){};
	if (!region_read(&source->region, &holder))
		return false;
	/* Pages that fork() copies are mapped, or gone. */
	nr_pages = source->region.is_private ? 0 : source->region.values[REGION_PAGES];
	errno = 0;
	while ((map->nr < nr_mapped || nr_present(map) < nr_pages) &&
	       map->nr < nr_mapped + FAR && read_chunk(map, holder.pid, source->fd))
		;
	if (errno == ESRCH) {
		free(map->states);
		return false;
	}
	trim_map(map, nr_mapped);
	name_map(map, &source->device, &source->region);
	return true;
}

/**
 * pagemap_close() - let a region go
 * @source: the region
 */
void pagemap_close(struct pagemap_source *source)
{
	close(source->fd);
	free(source);
}

/**
 * pagemap_of_process() - the pages of a process's region
 * @pid: the process
 * @fd: its file descriptor of the region; -1: any, if it has one region alone
 *
 * Ends the program with advice if they cannot be had.
 *
 * Return: the map, with states for free().
 */
struct pagemap pagemap_of_process(pid_t pid, int fd)
{
	struct pagemap_source *source = pagemap_open(pid, fd);
	struct pagemap map;

	if (!pagemap_read(source, &map))
		errx(1, "process %d has ended", pid);
	pagemap_close(source);
	return map;
}

/**
 * pagemap_load() - a map from a file
 * @path: of pagemap_save(): a byte a page
 *
 * Return: the map, with states for free().
 */
struct pagemap pagemap_load(const char *path)
{
	FILE *file = fopen(path, "re");
	struct pagemap map = {};
	size_t len, i;

	if (!file)
		err(1, "%s", path);
	do {
		map.states = realloc(map.states, map.nr + CHUNK);
		if (!map.states)
			err(1, "memory");
		len = fread(map.states + map.nr, 1, CHUNK, file);
		for (i = map.nr; i < map.nr + len; i++)
			if (map.states[i] & ~ALL_STATES)
				errx(1, "%s: not a page map, as swaplab map --save writes it",
				     path);
		map.nr += len;
	} while (len);
	if (ferror(file) || !map.nr)
		errx(1, "%s: %s", path, map.nr ? "cannot be read" : "is empty");
	fclose(file);
	snprintf(map.title, sizeof(map.title), "%s", path);
	return map;
}

/**
 * pagemap_save() - write a map to a file
 * @map: the map
 * @path: of the file
 */
void pagemap_save(const struct pagemap *map, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(map->states, 1, map->nr, file) != map->nr ||
	    fclose(file))
		err(1, "%s", path);
}
