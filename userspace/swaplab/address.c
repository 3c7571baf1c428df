// SPDX-License-Identifier: GPL-2.0
/* Virtual addresses of x86-64, and their indices into the page tables. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "address.h"

#define FOUR_LEVELS_BITS	48
#define FIVE_LEVELS_BITS	57

static const char *const level_names[ADDRESS_MAX_LEVELS] = {
	"PGD", "P4D", "PUD", "PMD", "PTE",
};

/* With four levels, the table below the PGD is left out. */
static const char *const four_level_names[] = { "PGD", "PUD", "PMD", "PTE" };

/**
 * address_parse() - read an address
 * @text: hexadecimal behind 0x, or decimal
 * @value: set to the address
 *
 * Return: whether it is one.
 */
bool address_parse(const char *text, unsigned long *value)
{
	bool is_hex = !strncasecmp(text, "0x", 2);
	const char *digits = is_hex ? text + 2 : text;
	const char *valid = is_hex ? "0123456789abcdefABCDEF" : "0123456789";

	if (!*digits || digits[strspn(digits, valid)])
		return false;
	errno = 0;
	*value = strtoul(digits, NULL, is_hex ? 16 : 10);
	return !errno;
}

/**
 * address_has_five_levels() - do the page tables of this machine have five levels?
 *
 * Return: what the flag la57 in /proc/cpuinfo says; the kernel hides the flag if it
 * uses four levels.
 */
bool address_has_five_levels(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool found = false;
	char *line = NULL;
	size_t size = 0;

	while (file && !found && getline(&line, &size, file) > 0)
		found = !strncmp(line, "flags", 5) && strstr(line, " la57");
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* Are the bits from the highest of so many on all the same? */
static bool is_canonical(unsigned long value, int bits)
{
	long high = (long)value >> (bits - 1);

	return !high || high == -1;
}

/**
 * address_split() - split an address into its indices
 * @value: the address
 * @has_five: the page tables have five levels
 * @address: set to its parts; five levels if four do not reach it
 *
 * Return: false if such page tables cannot map it.
 */
bool address_split(unsigned long value, bool has_five, struct address *address)
{
	int level, shift;

	*address = (struct address){
		.value = value,
		.nr_levels = is_canonical(value, FOUR_LEVELS_BITS) ? 4 : 5,
		.offset = value & (ADDRESS_PAGE_SIZE - 1),
	};
	if (address->nr_levels == 5 &&
	    !(has_five && is_canonical(value, FIVE_LEVELS_BITS)))
		return false;
	address->names = address->nr_levels == 4 ? four_level_names : level_names;
	for (level = 0; level < address->nr_levels; level++) {
		shift = ADDRESS_PAGE_BITS + ADDRESS_INDEX_BITS * (address->nr_levels - 1 - level);
		address->indices[level] = value >> shift & ((1U << ADDRESS_INDEX_BITS) - 1);
	}
	return true;
}
