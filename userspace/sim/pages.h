/* SPDX-License-Identifier: GPL-2.0 */
/* Page numbers of a trace, numbered anew from 0 in the order of first use. */
#ifndef SIM_PAGES_H
#define SIM_PAGES_H

#include <stdint.h>

struct pages {
	uint64_t *numbers;	/* by id */
	uint32_t nr;
	uint32_t *buckets;	/* hash table of id + 1, 0 where free */
	uint32_t mask;
};

void pages_create(struct pages *pages);
void pages_destroy(struct pages *pages);
uint32_t pages_add(struct pages *pages, uint64_t number);

#endif /* SIM_PAGES_H */
