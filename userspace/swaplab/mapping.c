// SPDX-License-Identifier: GPL-2.0
/* The lines of /proc/PID/maps. */

#include <stdio.h>
#include <string.h>
#include "mapping.h"

/**
 * mapping_parse() - read a line: begin-end permissions offset device inode name
 * @line: the line, without its newline
 * @mapping: filled in
 *
 * Return: whether it is such a line.
 */
bool mapping_parse(const char *line, struct mapping *mapping)
{
	int at = 0;

	if (sscanf(line, "%lx-%lx %7s %llx %*s %*s %n", &mapping->begin, &mapping->end,
		   mapping->permissions, &mapping->offset, &at) < 4 || !at)
		return false;
	mapping->name = line + at;
	return true;
}

/**
 * mapping_find() - find the mapping that has an address
 * @maps: the content of /proc/PID/maps; newlines become zero bytes, and it has to stay as
 *	long as the mapping is used
 * @address: the address
 * @mapping: filled in
 *
 * Return: false if no mapping has it.
 */
bool mapping_find(char *maps, unsigned long address, struct mapping *mapping)
{
	char *line;

	while ((line = strsep(&maps, "\n")))
		if (mapping_parse(line, mapping) && mapping->begin <= address &&
		    address < mapping->end)
			return true;
	return false;
}
