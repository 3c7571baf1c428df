/* SPDX-License-Identifier: GPL-2.0 */
/* The walk from an address of a process to its page, for a picture or as JSON. */
#ifndef SWAPLAB_WALK_H
#define SWAPLAB_WALK_H

#include "address.h"
#include "json.h"
#include "mapping.h"
#include "process.h"
#include "pte.h"
#include "region_page.h"

/**
 * struct walk - what is known about an address
 * @process: the process; its fd is that of the region, -1: any
 * @address: the address, split
 * @mapping: that has the address
 * @pte_error: 0, or -errno of pte_read()
 * @pte: the entry
 * @has_flags: the flags of the frame could be read
 * @flags: of the frame
 * @is_region: the mapping is of a device
 * @page: what the device tells
 */
struct walk {
	struct holder process;
	struct address address;
	struct mapping mapping;
	int pte_error;
	struct pte pte;
	bool has_flags;
	uint64_t flags;
	bool is_region;
	struct region_page page;
};

unsigned long walk_page(const struct walk *walk);
void walk_draw(const struct walk *walk);
void walk_json(const struct walk *walk, struct json *json);

#endif /* SWAPLAB_WALK_H */
