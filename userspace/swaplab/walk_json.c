// SPDX-License-Identifier: GPL-2.0
/*
 * The walk to a page as JSON. Addresses and numbers of frames are texts in hexadecimal, as
 * numbers of JSON have 53 bits in many readers.
 */

#include <linux/swaplab.h>
#include <stdio.h>
#include <string.h>
#include "frame_flags.h"
#include "walk.h"

static void write_hex(struct json *json, const char *name, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%lx", value);
	json_text(json, name, text);
}

static void write_address(struct json *json, const struct address *address)
{
	int level;

	write_hex(json, "address", address->value);
	json_number(json, "levels", address->nr_levels);
	json_array(json, "indices");
	for (level = 0; level < address->nr_levels; level++) {
		json_object(json, NULL);
		json_text(json, "table", address->names[level]);
		json_number(json, "index", address->indices[level]);
		json_end(json);
	}
	json_end(json);
	json_number(json, "offset", address->offset);
}

static void write_mapping(struct json *json, const struct walk *walk)
{
	const struct mapping *mapping = &walk->mapping;

	json_object(json, "mapping");
	write_hex(json, "begin", mapping->begin);
	write_hex(json, "end", mapping->end);
	json_text(json, "permissions", mapping->permissions);
	write_hex(json, "offset", mapping->offset);
	json_text(json, "name", mapping->name);
	json_number(json, "page", walk_page(walk));
	json_end(json);
}

/* The numbers are null where they do not apply, or are hidden. */
static void write_numbers(struct json *json, const struct pte *pte)
{
	if (pte->is_present && !pte->is_hidden)
		write_hex(json, "frame", pte->frame);
	else
		json_text(json, "frame", NULL);
	if (pte->is_swapped && !pte->is_present && !pte->is_hidden) {
		json_number(json, "swap_type", pte->swap_type);
		write_hex(json, "swap_offset", pte->swap_offset);
	} else {
		json_text(json, "swap_type", NULL);
		json_text(json, "swap_offset", NULL);
	}
}

static void write_pte(struct json *json, const struct walk *walk)
{
	const struct pte *pte = &walk->pte;

	if (walk->pte_error) {
		json_text(json, "pte", NULL);
		return;
	}
	json_object(json, "pte");
	json_bool(json, "present", pte->is_present);
	json_bool(json, "swapped", pte->is_swapped);
	json_bool(json, "exclusive", pte->is_exclusive);
	json_bool(json, "file", pte->is_file);
	json_bool(json, "soft_dirty", pte->is_soft_dirty);
	json_bool(json, "write_protected", pte->is_write_protected);
	json_bool(json, "guard", pte->is_guard);
	json_bool(json, "hidden", pte->is_hidden);
	write_numbers(json, pte);
	json_end(json);
}

static void write_flags(struct json *json, const struct walk *walk)
{
	int bit;

	if (!walk->has_flags) {
		json_text(json, "frame_flags", NULL);
		return;
	}
	json_array(json, "frame_flags");
	for (bit = 0; bit < FRAME_FLAGS_BITS; bit++)
		if (frame_flags_name(bit) && walk->flags >> bit & 1)
			json_text(json, NULL, frame_flags_name(bit));
	json_end(json);
}

static void write_states(struct json *json, unsigned char state)
{
	static const struct {
		unsigned char bit;
		const char *name;
	} names[] = {
		{ SWAPLAB_PAGE_RESIDENT, "resident" },
		{ SWAPLAB_PAGE_SWAPPED, "swapped" },
		{ SWAPLAB_PAGE_DIRTY, "dirty" },
		{ SWAPLAB_PAGE_REFERENCED, "referenced" },
		{ SWAPLAB_PAGE_LOCKED, "mlocked" },
		{ SWAPLAB_PAGE_TRANSIT, "transit" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		json_bool(json, names[i].name, state & names[i].bit);
}

static void write_page(struct json *json, const struct walk *walk)
{
	const struct region_page *page = &walk->page;

	if (!walk->is_region) {
		json_text(json, "region", NULL);
		return;
	}
	json_object(json, "region");
	json_text(json, "device", page->device.path);
	if (page->region)
		json_number(json, "id", page->region);
	else
		json_text(json, "id", NULL);
	json_number(json, "page", page->index);
	if (*page->why)
		json_text(json, "unknown", page->why);
	else
		write_states(json, page->state);
	json_end(json);
}

/**
 * walk_json() - write a walk
 * @walk: the walk
 * @json: the writer
 */
void walk_json(const struct walk *walk, struct json *json)
{
	json_object(json, NULL);
	json_number(json, "pid", walk->process.pid);
	json_text(json, "comm", walk->process.name);
	write_address(json, &walk->address);
	write_mapping(json, walk);
	write_pte(json, walk);
	write_flags(json, walk);
	write_page(json, walk);
	json_end(json);
}
