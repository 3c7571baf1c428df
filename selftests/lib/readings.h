/* SPDX-License-Identifier: GPL-2.0 */
/* Readings of the machine's memory, to be compared at two times. */
#ifndef SWAPLAB_READINGS_H
#define SWAPLAB_READINGS_H

#include "module_load.h"

/* The sum of column @column in the lines of a file that begin with @start. */
static inline double sum_column(const char *path, const char *start, int column)
{
	char line[512], *rest, *word;
	FILE *file = fopen(path, "r");
	double sum = 0;
	int i;

	while (file && fgets(line, sizeof(line), file)) {
		rest = line + strspn(line, " ");
		if (strncmp(rest, start, strlen(start)))
			continue;
		for (i = 0; i <= column && (word = strsep(&rest, " :\n"));)
			i += *word != '\0';
		if (word)
			sum += strtod(word, NULL);
	}
	if (file)
		fclose(file);
	return sum;
}

static inline void shrink_cache(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", name);
	file_write(path, "1");
}

/*
 * Gives back memory that the kernel keeps for later: caches, free objects, and objects
 * that wait for a grace period of RCU or for a work item.
 */
static inline void memory_settle(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		sync();
		file_write("/proc/sys/vm/drop_caches", "3");
		msleep(500);
	}
	visit_entries("/sys/kernel/slab", shrink_cache);
	file_write("/proc/sys/vm/stat_refresh", "1");
}

/* Each CPU keeps free pages to itself: these count, too. */
static inline double free_pages(void)
{
	return sum_column("/proc/zoneinfo", "nr_free_pages ", 1) +
	       sum_column("/proc/zoneinfo", "count:", 1);
}

/*
 * The objects of kmalloc() from 32 bytes on. Free ones in the slab that a CPU allocates
 * from count as used; a slab of 8-byte objects has 512, which is too many to tell a leak.
 */
static inline double kmalloc_objects(void)
{
	FILE *slabs = fopen("/proc/slabinfo", "r");
	double used, size, sum = 0;
	char line[512];

	while (slabs && fgets(line, sizeof(line), slabs)) {
		if (sscanf(line, "kmalloc-%*s %lf %*f %lf", &used, &size) == 2 && size >= 32)
			sum += used;
	}
	if (slabs)
		fclose(slabs);
	return sum;
}

/* A debug kernel keeps freed memory back, and notes on all memory. */
static inline bool memory_is_watched(void)
{
	return path_exists("/sys/kernel/debug/kmemleak") || path_exists("/sys/kernel/debug/kcsan");
}

#endif /* SWAPLAB_READINGS_H */
