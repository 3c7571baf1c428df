/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual addresses of x86-64, and their indices into the page tables. */
#ifndef SWAPLAB_ADDRESS_H
#define SWAPLAB_ADDRESS_H

#include <stdbool.h>

#define ADDRESS_PAGE_BITS	12
#define ADDRESS_PAGE_SIZE	4096UL
#define ADDRESS_INDEX_BITS	9
#define ADDRESS_MAX_LEVELS	5

/**
 * struct address - an address as the processor splits it
 * @value: the address
 * @nr_levels: tables on the way to its page, 4 or 5
 * @indices: into them, that of the top table first
 * @names: of the tables, as the kernel calls them
 * @offset: in the page
 */
struct address {
	unsigned long value;
	int nr_levels;
	unsigned int indices[ADDRESS_MAX_LEVELS];
	const char *const *names;
	unsigned int offset;
};

bool address_parse(const char *text, unsigned long *value);
bool address_has_five_levels(void);
bool address_split(unsigned long value, bool has_five, struct address *address);

#endif /* SWAPLAB_ADDRESS_H */
