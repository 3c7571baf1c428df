/* SPDX-License-Identifier: GPL-2.0 */
/* The state of each page of a region, of another process or from a file. */
#ifndef SWAPLAB_PAGEMAP_H
#define SWAPLAB_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct pagemap - the states of a region's pages
 * @title: the region's name in a picture
 * @states: a byte a page, SWAPLAB_PAGE_*
 * @nr: how many
 */
struct pagemap {
	char title[128];
	unsigned char *states;
	size_t nr;
};

struct pagemap_source;

struct pagemap_source *pagemap_open(pid_t pid, int fd);
bool pagemap_read(struct pagemap_source *source, struct pagemap *map);
void pagemap_close(struct pagemap_source *source);
struct pagemap pagemap_of_process(pid_t pid, int fd);
struct pagemap pagemap_load(const char *path);
void pagemap_save(const struct pagemap *map, const char *path);

#endif /* SWAPLAB_PAGEMAP_H */
