/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of /proc/PID/maps. */
#ifndef SWAPLAB_MAPPING_H
#define SWAPLAB_MAPPING_H

#include <stdbool.h>

/**
 * struct mapping - a mapping of a process (VMA)
 * @begin: its first address
 * @end: the address behind its last
 * @permissions: as in "rw-p"
 * @offset: of @begin in the file
 * @name: of the file, or as in "[heap]"; empty if it has none; a part of the line
 */
struct mapping {
	unsigned long begin;
	unsigned long end;
	char permissions[8];
	unsigned long long offset;
	const char *name;
};

bool mapping_parse(const char *line, struct mapping *mapping);
bool mapping_find(char *maps, unsigned long address, struct mapping *mapping);

#endif /* SWAPLAB_MAPPING_H */
